"""Pages of the documentation that are made from the project itself; a hook of MkDocs.

A line ``<!-- instruments -->``, ``<!-- tables -->``, ``<!-- findings -->`` or
``<!-- commands -->`` is replaced.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from owncontrol.basics.decimals import plain
from owncontrol.findings.catalogue import STAGES, rules_of
from owncontrol.findings.rule import Rule
from owncontrol.instruments import load_instruments
from owncontrol.tables import TABLE_SCHEMAS, load_schema

PROJECT = Path(__file__).resolve().parents[2]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the made part where its mark stands."""
    for mark, make in MADE.items():
        line = f"<!-- {mark} -->"
        if line in markdown:
            markdown = markdown.replace(line, make())
    return markdown


def instruments() -> str:
    """Every instrument with its source, and its scales."""
    parts = [
        "Scales as data, in `workflow/instruments/`; a new one is "
        "[a file](../how-to/new-instrument.md)."
    ]
    for name, instrument in load_instruments(PROJECT / "workflow" / "instruments").items():
        parts.append(
            f"## {instrument.label} (`{name}`)\n\n{instrument.edition}. {instrument.source}."
        )
        rows = [
            "| scale | label | range | better is | important differences |",
            "|---|---|---|---|---|",
        ]
        for scale in instrument.scales.values():
            differences = "; ".join(
                f"{plain(found.threshold)} ({found.kind}: {found.source})"
                for found in scale.important_differences
            )
            better = "higher" if scale.direction == "higher_is_better" else "lower"
            rows.append(
                f"| `{scale.name}` | {scale.label} | {plain(scale.minimum)} to "
                f"{plain(scale.maximum)} {scale.unit} | {better} | {differences} |"
            )
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def tables() -> str:
    """Every table that a stage writes, with its columns."""
    parts = ["What the stages write and exports are mapped to: `workflow/schemas/tables/`."]
    for path in sorted(TABLE_SCHEMAS.glob("*.yaml")):
        schema = load_schema(path.stem)
        rows = ["| column | holds | type | unit |", "|---|---|---|---|"]
        for field in schema["fields"]:
            about = field["description"].replace("|", "\\|")
            rows.append(
                f"| `{field['name']}` | {about} | {field['type']} | {field.get('unit', '')} |"
            )
        parts.append(f"## {path.stem}\n\n{schema['description']}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def findings() -> str:
    """Every rule that can make a finding, by the stage that looks for it."""
    parts = [
        "What `cleaned/findings.csv` may say, from `workflow/lib/owncontrol/findings/`. An "
        "**error** is a fault that took something out or has to be settled, a **warning** has to "
        "be looked at, a **note** changes no result. In braces stands what was found in the raw "
        "file. Scores that differ from recorded ones are in `scored/discrepancies.csv`."
    ]
    for stage, module in STAGES.items():
        rows = [
            "| rule | found | severity | about a | it says | done | what to do |",
            "|---|---|---|---|---|---|---|",
        ]
        rows += [_rule_row(rule) for rule in rules_of(module)]
        parts.append(f"## {stage}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _rule_row(rule: type[Rule]) -> str:
    found = (rule.__doc__ or "").partition("\n")[0]
    templates = [re.sub(r"{(\w+)[^}]*}", r"{\1}", text) for text in (rule.sentence, rule.action)]
    texts = (found, rule.severity, rule.about, *templates, rule.advice)
    # No sign of a text is one of Markdown.
    cells = [re.sub(r"([|*_`<>\[\]\\])", r"\\\1", text) for text in texts]
    return f"| `{rule.code}` | {' | '.join(cells)} |"


def commands() -> str:
    """The help of ``make`` and of every command."""
    made = _output("make", "--no-print-directory", "help")
    first = _output(sys.executable, "-m", "owncontrol", "--help")
    names = (
        first[first.index("{") + 1 : first.index("}")].replace("\n", "").replace(" ", "").split(",")
    )
    parts = [f"## make\n\n```text\n{made}```", f"## python -m owncontrol\n\n```text\n{first}```"]
    for name in names:
        text = _output(sys.executable, "-m", "owncontrol", name, "--help")
        parts.append(f"### {name}\n\n```text\n{text}```")
    return "\n\n".join(parts)


def _output(*command: str) -> str:
    environment = {"PYTHONPATH": "workflow/lib", "PATH": "/usr/bin:/bin", "COLUMNS": "100"}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


MADE = {"instruments": instruments, "tables": tables, "findings": findings, "commands": commands}
