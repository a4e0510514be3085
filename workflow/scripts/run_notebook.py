"""Run one analysis notebook: every named input, output and parameter of the rule is passed to it.

``notebook`` (input) and ``executed`` (output) are the notebook itself, ``code`` its content hash.
"""

from typing import TYPE_CHECKING

from owncontrol.run.job import step
from owncontrol.run.notebooks import run_notebook

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    named = [*snakemake.input.items(), *snakemake.output.items(), *snakemake.params.items()]
    run_notebook(
        snakemake.input.notebook,
        snakemake.output.executed,
        {
            name: value if isinstance(value, dict) else str(value)
            for name, value in named
            if name not in ("notebook", "executed", "code")
        },
        snakemake.log[0].removesuffix(".log") + ".failed.ipynb",
    )
