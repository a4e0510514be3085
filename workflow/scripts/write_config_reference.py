"""Write config/README.md, and the schema, from the types of a study: README [SCHEMA]."""

import sys
from pathlib import Path
from typing import Any

from owncontrol.files import write_text
from owncontrol.study.schema import schema_text, study_schema

HEAD = """# Configuration

A study is one YAML file: `config.yaml` (the default study) or `config/<study>.yaml`, chosen with
`make STUDY=<study>` or `snakemake --config study=<study>`. A single value can be laid over it:
`snakemake --config level=0.9`. An unknown key, a missing one or a value that is not permitted stops
the run with one line and a hint, before anything is touched.

This page and `workflow/schemas/config.schema.yaml` are made from the types in
`workflow/lib/owncontrol/study` (`make docs`). An editor with a YAML language server completes and
explains keys in a file under `config/` whose first line is
`# yaml-language-server: $schema=../workflow/schemas/config.schema.yaml`.

| key | meaning | permitted | default |
|---|---|---|---|
"""


def rows(schema: dict[str, Any], path: str, required: bool) -> list[str]:
    """One line of the table for a key, followed by those of the keys below it."""
    lines = []
    if path:
        default = "not set"
        if required:
            default = "required"
        elif "default" in schema:
            default = f"`{schema['default']!r}`"
        meaning = schema.get("description", "").replace("|", "\\|")
        lines.append(f"| `{path}` | {meaning} | {permitted(schema)} | {default} |")
    for name, part in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        lines += rows(part, below, name in schema.get("required", []))
    if isinstance(schema.get("additionalProperties"), dict):
        lines += [
            line
            for line in rows(schema["additionalProperties"], f"{path}.<name>", False)
            if "<name>` |" not in line
        ]
    if "items" in schema and "properties" in schema["items"]:
        item = f"{path}[]"
        below = rows(schema["items"], item, False)
        lines += [line for line in below if not line.startswith(f"| `{item}` |")]
    return lines


def permitted(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    words = {
        "object": "keys and values",
        "array": "list",
        "string": "text",
        "boolean": "true or false",
        "integer": "whole number",
        "number": "number",
    }
    kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
    kind = " or ".join(dict.fromkeys(filter(None, (words.get(kind, "") for kind in kinds))))
    unit = f", {schema['unit']}" if "unit" in schema else ""
    bounds = [f"above {schema['exclusiveMinimum']}"] if "exclusiveMinimum" in schema else []
    bounds += [f"below {schema['exclusiveMaximum']}"] if "exclusiveMaximum" in schema else []
    pattern = f" like `{schema['pattern']}`" if "pattern" in schema else ""
    return ", ".join([kind + unit, *bounds]) + pattern.replace("|", "\\|")


if __name__ == "__main__":
    table = "\n".join(rows(study_schema(), "", False))
    write_text(Path(sys.argv[1]), f"{HEAD}{table}\n")
    if len(sys.argv) > 2:
        write_text(Path(sys.argv[2]), schema_text())
