"""what-if: a study without a patient or a raw row, or with another rule, and what that changes."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

from owncontrol.basics.yaml_text import parse_yaml
from owncontrol.cli.diff import print_differences
from owncontrol.errors import InputError
from owncontrol.files import write_text
from owncontrol.study.dotted_keys import replace_value
from owncontrol.study.loading import load_study, study_from
from owncontrol.study.model import Study

LONGEST_NAME = 60


def what_if(study: str | None, excluded: list[str], rules: list[str], cores: str) -> None:
    """Run the changed study into results/what-if/<name> and print the difference to its own run.

    ``excluded``: subjects' codes and raw rows (FILE:ROW). ``rules``: KEY=VALUE, the key dotted as
    in the configuration. Raises InputError for a change that names nothing, and where the run
    fails.
    """
    if not (excluded or rules):
        raise InputError(
            "name a subject, a raw row or a rule to change",
            "make what-if SUBJECT=CODE, or EXCLUDE=FILE:ROW, or RULE=key=value",
        )
    known = load_study({"study": study} if study else {})
    changed = changed_study(known, excluded, rules)
    source = Path(".snakemake") / f"{changed.study.replace('/', '_')}.yaml"
    write_text(source, yaml.safe_dump(changed.plain(), allow_unicode=True, sort_keys=False))
    folder = f"results/{changed.study}"
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-m", "owncontrol", "run", "--cores", cores),
            *("--configfile", str(source)),
        ],
        check=False,
    )
    if done.returncode:
        raise InputError(f"{folder}: the run did not end", "its own line above says why")
    print_differences(f"results/{known.study}", folder, 20, as_json=False)


def changed_study(study: Study, excluded: list[str], rules: list[str]) -> Study:
    """The study with the changes made, named after them, and checked.

    Raises InputError for a change that names nothing, or is not permitted.
    """
    changed = study.plain()
    changed["excluded"] = [*changed["excluded"], *excluded]
    for rule in rules:
        key, separator, value = rule.partition("=")
        if not separator:
            raise InputError(f"RULE={rule}: is not key=value", "for example RULE=level=0.9")
        replace_value(changed, key, parse_yaml(value, f"RULE={key}"))
    words = [*(f"without_{name}" for name in excluded), *rules]
    changed["study"] = f"what-if/{_name([study.study, *words])}"
    return study_from(changed, "what-if")


def _name(words: Iterable[str]) -> str:
    """A folder's name of small letters, digits, - and _ that says what was changed."""
    text = "_".join(words)
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower())
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return name
