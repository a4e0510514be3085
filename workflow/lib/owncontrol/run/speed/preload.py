"""What the warm process has imported before a script is forked off it (run.speed.forked_scripts).

What most scripts and notebooks need and what takes time; a script may need more, or less.
"""
# ruff: noqa: E402, F401

import contextlib
import gc
import importlib
import os
import sys

# All that is loaded here stays, and is looked through for garbage once too often by each search.
gc.disable()

# No thread may be at work where a process forks, and a step has one core.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# Nobody debugs a notebook in a run; the debugger takes as long to start as the rest of a kernel.
sys.modules["debugpy"] = None  # type: ignore[assignment]

# One that is missing, or has another name in another version, is left to the steps that need it.
for name in (
    "sqlite3", "ipykernel.debugger", "ipykernel.kernelapp", "IPython.core.debugger",
    "IPython.extensions.storemagic", "jsonschema", "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg", "matplotlib.pyplot", "pandas",
    "pandas.core.reshape.reshape", "pandas.io.formats.html", "papermill", "PIL.Image",
    "pyarrow.compute", "pyarrow.pandas_compat", "scipy.stats", "seaborn",
    "snakemake.iocontainers",
    "snakemake.logging", "statsmodels.stats.multitest", "tornado.platform.asyncio",
):  # fmt: skip
    with contextlib.suppress(ImportError):
        importlib.import_module(name)

import PIL.Image

import owncontrol.estimates.collect
import owncontrol.figures.style
import owncontrol.ingest.export
import owncontrol.run.job
import owncontrol.run.notebooks
import owncontrol.statistics
import owncontrol.study.estimands
import owncontrol.study.model
from owncontrol.errors import InputError
from owncontrol.privacy.headings import kind_of_heading
from owncontrol.run.installed import check_loaded, loaded_files

PIL.Image.preinit()
# Its lists of words are read once: a registry has hundreds of files, and a step for each.
kind_of_heading("")

# Once for all forks. One that is not what was installed is found again, and told, by each of them.
with contextlib.suppress(InputError):
    check_loaded()

# What all forks have in common, whatever they load themselves: for the record of a run.
LOADED = sorted({path for _, path in loaded_files()})

# All of this stays: no collection of garbage in a fork need look at it, or write to its pages.
gc.freeze()
gc.enable()
