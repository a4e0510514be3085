"""What the warm process has imported before a script is forked off it (owncontrol.warm).

What most scripts and notebooks need and what takes time; a script may need more, or less.
"""
# ruff: noqa: F401

import gc
import os

# No thread may be at work where a process forks, and a step has one core.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import ipykernel.kernelapp
import jsonschema
import matplotlib.backends.backend_pdf
import matplotlib.backends.backend_svg
import matplotlib.pyplot
import pandas
import papermill
import pyarrow.compute
import scipy.stats
import snakemake.iocontainers
import snakemake.logging
import statsmodels.stats.multitest

# All of this stays: no collection of garbage in a fork need look at it, or write to its pages.
gc.freeze()
