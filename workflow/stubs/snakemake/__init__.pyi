"""Snakemake has no types; of it only what scripts are given is described (``script``)."""

from typing import Any

def __getattr__(name: str) -> Any: ...
