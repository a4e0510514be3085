"""Rules that are read from a git host are those of the installed library, or one line."""

import pytest
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.errors import InputError
from owncontrol.run.deployed import check_same_workflow

PLACE = "https://git.example.org/workflow"


def text_of(name):
    return (WORKFLOW / name).read_text("utf-8").rstrip("\n")


def test_the_same_rules_and_scripts_are_taken():
    read = []
    check_same_workflow(WORKFLOW, lambda name: read.append(name) or text_of(name), PLACE)
    assert {"Snakefile", "rules/common.smk", "scripts/run_notebook.py"} <= {*read}


@pytest.mark.parametrize("changed", ["Snakefile", "rules/clean.smk", "scripts/clean_tables.py"])
@pytest.mark.parametrize("is_there", [True, False])
def test_another_version_is_refused(changed, is_there):
    def read(name):
        if name == changed and not is_there:
            raise RuntimeError("not found")
        return text_of(name) + ("\n# a line more" if name == changed else "")

    with pytest.raises(InputError, match=rf"{PLACE}: {changed} is not that of the owncontrol"):
        check_same_workflow(WORKFLOW, read, PLACE)
