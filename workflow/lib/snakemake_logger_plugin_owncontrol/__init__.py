"""The name under which Snakemake finds what a run says (its interface of logger plugins)."""

from owncontrol.run.calm_log import CalmHandler as LogHandler

__all__ = ["LogHandler"]
