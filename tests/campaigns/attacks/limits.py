"""Configurations and records made to hang or to crash: each ends soon, well or in one line."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from owncontrol.analysis.published_rates import read_rates
from owncontrol.cleaning.corrections import COLUMNS, read_corrections
from owncontrol.instruments import load_instrument
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study, study_from
from small_study import CONFIG, FILES, clean_small

from attacks import Attack
from attacks.files import MEGABYTE, command, soon


def _configurations() -> list[Attack]:
    cases: dict[str, str | Callable[[], str]] = {
        "brackets 100,000 deep": "a: " + "[" * 100_000,
        "braces 50,000 deep": "a: " + "{a: " * 50_000,
        "lists 100,000 deep": "- " * 100_000,
        "keys 3,000 deep": "\n".join(" " * n + "a:" for n in range(1_300)),
        "complex keys 50,000 deep": "? " * 50_000,
        "an alias of itself": "a: &a [*a]",
        "a merge of itself": "a: &a {<<: *a}",
        "aliases of aliases": "a0: &a0 [1]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)),
        "merges of merges": "a0: &a0 {x: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}\n" for n in range(1, 20)),
        "a wide merge": "a: &a {" + ",".join(f"k{n}: 1" for n in range(20_000)) + "}\nb: {<<: ["
        + ",".join(["*a"] * 20_000) + "]}",
        "100,000 keys": "\n".join(f"k{n}: 1" for n in range(90_000)),
        "a number of 100,000 digits": "level: " + "9" * 100_000,
        "a number to the base 60": "level: 1" + ":1" * 100_000,
        "a text of 900,000 quotes": "a: '" + "'" * 900_001,
        "a date that is none": "a: 2021-02-30",
        "a tag before what is none": "a: !!int x",
        "a tag of an object": "a: !!python/object/apply:os.system [touch A]",
        "bytes that are no text": "a: \udcff",
    }  # fmt: skip

    def attack(text: str | Callable[[], str], folder: Path) -> str:
        content = (text() if callable(text) else text).encode("utf-8", "surrogateescape")
        (folder / "config.yaml").write_bytes(content)
        said = soon(lambda: analysis_settings(load_study({}, folder)), len(content))
        if said:
            return said
        (folder / "x.yaml").write_bytes(content)
        return soon(lambda: load_instrument(folder / "x.yaml"), len(content))

    found = [
        Attack(f"configuration: {name}", lambda folder, text=text: attack(text, folder))
        for name, text in cases.items()
    ]
    return found + [
        Attack(f"configuration: {name}", lambda folder, change=change: _changed(folder, change))
        for name, change in _changes().items()
    ]


def _changes() -> dict[str, Callable[[dict[str, Any]], None]]:
    visit = CONFIG["visits"][0]
    nested = [
        "(P+)+$",
        "(P|P)*$",
        "(P*)*$",
        "(.*)*$",
        "(P|P[0-9]?)+$",
        "((P+)+)+$",
        "(.*.*.*.*.*.*)x",
    ]
    nested += [r"(\w+\s?)*$", "(?:P+){10,}$", "(?=(P+)+$)P.*", r"^(P+)*\1$", "(?:(?:P?)*)*x"]

    def pattern(text: str) -> Callable[[dict[str, Any]], None]:
        return lambda config: config["subject_id"].update(pattern=text)

    changes = {f"a code's pattern {text}": pattern(text) for text in nested}
    changes["a pattern that is none"] = pattern("(P")
    changes["a pattern of 100,000 brackets"] = pattern("(" * 100_000 + ")" * 100_000)
    changes["a pattern of 1,000 brackets"] = pattern("(" * 499 + ")" * 499)
    changes["a pattern of a million choices"] = pattern("|".join(["P"] * 500_000))
    changes["a pattern that repeats a repetition"] = pattern("((P{0,999}){0,999}){0,999}x")
    changes["a row's pattern"] = lambda config: config["exports"]["people"].update(
        not_data=["(P+)+$"]
    )
    changes["a cell's pattern"] = lambda config: config["exports"]["events"]["tables"][
        "adverse_events"
    ].update(permitted={"term": {"pattern": "(P+)+$"}})
    changes["a column's pattern"] = lambda config: config["exports"]["walks"]["tables"][
        "wisci2"
    ].update(patterns=[{"raw": "(P+)+$", "column": "{1}"}])
    changes["100,000 visits"] = lambda config: config.update(
        visits=[{**visit, "name": f"v{n}"} for n in range(5_000)] + config["visits"]
    )
    changes["3,000 endpoints"] = lambda config: config.update(
        endpoints=[{**config["endpoints"][0], "name": f"e{n}"} for n in range(2_000)]
    )
    changes["a key that nobody knows, of 100,000 letters"] = lambda config: config.update(
        {"tite" * 25_000: 1}
    )
    changes["a date's form of 100,000 signs"] = lambda config: config["exports"]["people"].update(
        dates=["%d" * 50_000]
    )
    changes["dates in forms that are none"] = lambda config: config["exports"]["people"].update(
        dates=["%y%y", "%", "%Q", "(a+)+$", "%d%d%d"]
    )
    return changes


def _changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """A small study with a changed configuration, over codes that a bad pattern hangs on."""
    config = deepcopy(CONFIG)
    change(config)
    bad = "P" * 40 + "!"
    for name, text in FILES.items():
        (folder / name).write_text(text + (f"{bad},1\n" if name == "people.csv" else ""), "utf-8")
        if name == "events.csv":
            (folder / name).write_text(text.replace("Cystitis", bad), "utf-8")
        if name == "walks.csv":
            (folder / name).write_text(text.replace("note", bad), "utf-8")
        if name == "people.csv":
            (folder / name).write_text(text.replace("P2", bad), "utf-8")

    def run() -> None:
        study_from(config, "config.yaml")
        clean_small(folder, **config)

    # Reading a small study takes half a second by itself.
    return soon(run, 2 * MEGABYTE)


def _records() -> list[Attack]:
    row = "people.csv,id=P1,sex,1,2,typed,me,2021-01-01\n"
    head = ",".join(COLUMNS) + "\n"

    def corrections(text: str, folder: Path) -> str:
        (folder / "corrections.csv").write_text(text, "utf-8")
        return soon(lambda: read_corrections(folder / "corrections.csv"), len(text))

    def rates(text: str, folder: Path) -> str:
        (folder / "rates.csv").write_text(text, "utf-8")
        return soon(lambda: read_rates(folder / "rates.csv"), len(text))

    def manifest(text: str, folder: Path) -> str:
        (folder / "MANIFEST").write_text(text, "utf-8")
        (folder / "a.csv").write_text("a\n", "utf-8")
        return soon(lambda: command("manifest", str(folder)), len(text))

    long = "people.csv," + "id=P1;" * 50_000 + ",sex,1,2,typed,me,2021-01-01\n"
    found = [
        Attack(f"corrections: {name}", lambda folder, text=text: corrections(text, folder))
        for name, text in {
            "a million lines of one correction": head + row * 100_000,
            "a row key of 50,000 parts": head + long,
            "quotes that never end": head + 'people.csv,"' + "x\n" * 300_000,
            "a million delimiters": head + "," * 10**6,
            "no column": "\n" * 10**6,
        }.items()
    ]
    found += [
        Attack(f"published rates: {name}", lambda folder, text=text: rates(text, folder))
        for name, text in {
            "a million delimiters": "," * 10**6,
            "a quote that never ends": 'source,n\n"' + "x\n" * 300_000,
            "nothing": "",
            "100,000 empty rows": "source,n\n" + ",\n" * 100_000,
        }.items()
    ]
    return found + [
        Attack(f"MANIFEST: {name}", lambda folder, text=text: manifest(text, folder))
        for name, text in {
            "100,000 files": ("0" * 64 + "  x.csv\n") * 100_000,
            "a name of 900,000 letters": "0" * 64 + "  " + "x" * 900_000 + "\n",
        }.items()
    ]


def attacks() -> list[Attack]:
    """Configurations, and the records beside the data."""
    return [*_configurations(), *_records()]
