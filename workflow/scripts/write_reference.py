"""Write the pages of docs/reference/ from the project itself: DOCS.

They are kept in the repository, so that they can be read where they lie; a test holds them to what
they are made from.
"""

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from owncontrol.basics.decimals import plain
from owncontrol.cli.command import Command
from owncontrol.cli.commands import COMMANDS
from owncontrol.files import write_text
from owncontrol.findings.catalogue import STAGES, rules_of
from owncontrol.findings.rule import Rule
from owncontrol.instruments import load_instruments
from owncontrol.tables import TABLE_SCHEMAS, load_schema

PROJECT = Path(__file__).resolve().parents[2]
LIBRARY = PROJECT / "workflow" / "lib"
# What a reader of the library begins with.
MODULES = (
    "owncontrol.statistics.signed_rank",
    "owncontrol.statistics.hodges_lehmann",
    "owncontrol.statistics.proportions",
    "owncontrol.statistics.multiplicity",
    "owncontrol.statistics.external_rates",
    "owncontrol.statistics.meta_analysis",
    "owncontrol.statistics.score_course",
    "owncontrol.instruments.definition",
    "owncontrol.scoring.instrument_scores",
    "owncontrol.scoring.score_table",
    "owncontrol.ingest.export",
    "owncontrol.cleaning.clean",
    "owncontrol.estimates.selections",
    "owncontrol.study.model",
    "owncontrol.study.loading",
)


def page(name: str) -> str:
    """One page of docs/reference/, whole."""
    title, make = PAGES[name]
    return f"# {title}\n\n{make().strip()}\n"


def config() -> str:
    """The reference of the configuration, as it lies beside the configurations."""
    return (PROJECT / "config" / "README.md").read_text("utf-8").partition("\n")[2]


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
    """The targets of ``make`` and every command with its arguments."""
    made = subprocess.run(
        ["make", "--no-print-directory", "help-all"],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    about = (
        "`make shell` opens a shell in which `owncontrol` is a command; elsewhere it is "
        "`.venv/bin/owncontrol`. `owncontrol COMMAND --help` says the same as this page."
    )
    parts = [f"## make\n\n```text\n{made}```", f"## owncontrol\n\n{about}"]
    return "\n\n".join([*parts, *map(_command, COMMANDS)])


def _command(command: Command) -> str:
    parser = argparse.ArgumentParser(prog=command.name, add_help=False)
    command.declare(parser)
    rows = ["| argument | means |", "|---|---|"]
    for action in parser._actions:
        value = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
        names = ", ".join(action.option_strings) or action.dest
        shown = f"{names} {value}" if action.option_strings and value else names
        choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
        rows.append(f"| `{shown}` | {_cell((action.help or '') + choices)} |")
    head = f"### {command.name}\n\n{command.help[:1].upper()}{command.help[1:]}."
    return head if len(rows) == 2 else f"{head}\n\n" + "\n".join(rows)


def library() -> str:
    """The functions behind the steps: their signatures and docstrings."""
    parts = ["The functions behind the steps, from their docstrings."]
    for module in MODULES:
        path = LIBRARY / f"{module.replace('.', '/')}.py"
        tree = ast.parse(path.read_text("utf-8"))
        parts.append(f"## {module}\n\n{_prose(tree)}")
        parts += _documented(tree)
    return "\n\n".join(parts)


def _documented(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield f"### {node.name}\n\n```python\n{_signature(node)}\n```\n\n{_prose(node)}"


def _signature(node: ast.ClassDef | ast.FunctionDef) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    arguments = ast.unparse(node.args).split(", ")
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    whole = f"def {node.name}({', '.join(arguments)}){returned}"
    return whole if len(whole) <= 100 else whole.replace("(", "(\n    ", 1)


def _prose(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """A docstring as Markdown: no angle bracket is a tag; arguments and errors are lists."""
    text = re.sub(r"<(?=[a-zA-Z/])", "&lt;", ast.get_docstring(node) or "").replace("``", "`")
    text = re.sub(r":(?:func|class|mod):`", "`", text)
    text = re.sub(r"^(Args|Returns|Raises|Yields):\n", r"**\1**\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    return re.sub(r"^ {5,}(?=\S)", "  ", text, flags=re.MULTILINE)


def _cell(text: str) -> str:
    return re.sub(r"([|*_<>\[\]])", r"\\\1", text)


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "commands": ("Command line", commands),
    "config": ("Configuration", config),
    "findings": ("Findings", findings),
    "instruments": ("Instruments", instruments),
    "library": ("Library", library),
    "tables": ("Tables", tables),
}

if __name__ == "__main__":
    for name in PAGES:
        write_text(Path(sys.argv[1]) / "reference" / f"{name}.md", page(name))
