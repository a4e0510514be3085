"""The object that Snakemake puts into every script of a rule, as the scripts here use it."""

from collections.abc import ItemsView, Iterator
from typing import Any

class Values:
    """Parameters: anything, by name. Wrong names are seen at run time alone."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, name: str | int) -> Any: ...
    def items(self) -> ItemsView[str, Any]: ...

class Files(Values):
    """Files by name (a path, or a list of paths where the rule has several) or in order."""

    def __iter__(self) -> Iterator[str]: ...

class Snakemake:
    """The job that runs the script."""

    input: Files
    output: Files
    params: Values
    log: list[str]
    threads: int

snakemake: Snakemake

# What else the module has is Snakemake's own.
def __getattr__(name: str) -> Any: ...
