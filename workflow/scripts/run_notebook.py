"""Run one analysis notebook: every named input, output and parameter of the rule is passed to it.

``notebook`` (input) and ``executed`` (output) are the notebook itself, ``code`` its content hash.
``post_hoc`` (input, may be none): what no plan fixed beforehand, which its settings then say.
"""

from typing import TYPE_CHECKING

from owncontrol.run.job import step
from owncontrol.run.notebooks import run_notebook
from owncontrol.study.plan_timing import marked_post_hoc
from owncontrol.tables import read_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    named = [*snakemake.input.items(), *snakemake.output.items(), *snakemake.params.items()]
    parameters = {
        name: value if isinstance(value, dict) else str(value)
        for name, value in named
        if name not in ("notebook", "executed", "code", "post_hoc")
    }
    for path in snakemake.input.post_hoc:
        names = read_table(path, "post_hoc")["name"].tolist()
        parameters["settings"] = marked_post_hoc(dict(snakemake.params.settings), names)
    run_notebook(
        snakemake.input.notebook,
        snakemake.output.executed,
        parameters,
        snakemake.log[0].removesuffix(".log") + ".failed.ipynb",
    )
