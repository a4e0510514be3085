"""Write config/README.md from the schema of the configuration: FILE."""

import sys
from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import read_program_yaml
from owncontrol.files import write_text
from owncontrol.study.config import SCHEMA

HEAD = """# Configuration

A study is one YAML file: `config.yaml` (the default study) or `config/<study>.yaml`, chosen with
`make STUDY=<study>` or `snakemake --config study=<study>`. A single value can be laid over it:
`snakemake --config level=0.9`. An unknown key, a missing one or a value that is not permitted stops
the run with one line and a hint, before anything is touched.

This page is made from `workflow/schemas/config.schema.yaml` (`make docs`).

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
    kind = words.get(schema.get("type", ""), "")
    unit = f", {schema['unit']}" if "unit" in schema else ""
    bounds = [f"above {schema['exclusiveMinimum']}"] if "exclusiveMinimum" in schema else []
    bounds += [f"below {schema['exclusiveMaximum']}"] if "exclusiveMaximum" in schema else []
    pattern = f" like `{schema['pattern']}`" if "pattern" in schema else ""
    return ", ".join([kind + unit, *bounds]) + pattern.replace("|", "\\|")


if __name__ == "__main__":
    table = "\n".join(rows(read_program_yaml(SCHEMA), "", False))
    write_text(Path(sys.argv[1]), f"{HEAD}{table}\n")
