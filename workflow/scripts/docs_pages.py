"""Pages of the documentation that are made from the project itself; a hook of MkDocs.

A line ``<!-- instruments -->``, ``<!-- tables -->`` or ``<!-- commands -->`` is replaced.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from owncontrol.basics.decimals import plain
from owncontrol.instruments import load_instruments
from owncontrol.tables import TABLE_SCHEMAS, load_schema

PROJECT = Path(__file__).resolve().parents[2]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the made part where its mark stands."""
    for mark, make in (("instruments", instruments), ("tables", tables), ("commands", commands)):
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
