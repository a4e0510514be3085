"""A study of two subjects in three small files, for tests that break it in one place."""

import copy
from pathlib import Path
from typing import Any

import pandas as pd
from owncontrol.cleaning.clean import Cleaned
from owncontrol.instruments import load_instrument
from owncontrol.study.endpoints import Endpoint
from owncontrol.study.estimands import complete_endpoint
from owncontrol.study.model import Study
from read_study import clean_ingested, ingest_files, write_corrections

INSTRUMENTS = Path(__file__).parents[2] / "workflow" / "instruments"
FILES = {
    "people.csv": """id,sex,born,hurt,consent,registered,old enough
P1,1,1980-01-01,2021-01-01,2021-01-05,2021-01-06,1
P2,2,1990-01-01,2021-02-01,2021-02-04,2021-02-05,1
""",
    "walks.csv": """id,when,day,level,note
P1,before,2021-02-01,3,x
P1,after,2021-08-01,9,x
P2,before,2021-03-01,0,x
P2,after,2021-09-01,UNK,x
""",
    "cells.csv": """for;from;taken;cultured;days;ok;out;given;dose
P1;P1;2021-01-07;2021-01-07;20;passed;2021-01-30;2021-02-02 10:30;1.2
P2;P2;2021-02-07;2021-02-07;20;passed;2021-02-28;2021-03-02 09:00;0.8
""",
    "events.csv": """id,what,class,grade,serious,relation,from,to
P1,Cystitis,Infections,2,N,unrelated,2021-03-01,2021-03-08
P2,Fever,General,1,N,possible,2021-03-03,
""",
}
CONFIG: dict[str, Any] = {
    "study": "small",
    "title": "Small",
    "question": "?",
    "treatment": "treatment",
    "synthetic": True,
    "raw": "raw",
    "baseline": "before",
    "time_point": "after",
    "subject_id": {"pattern": "P[0-9]"},
    "visits": [
        {"name": "before", "label": "Before", "clock": "treatment", "day": 0, "window": [-7, 0]},
        {"name": "after", "label": "After", "clock": "treatment", "day": 180, "window": [166, 194]},
    ],
    "characteristics": [
        {"name": "old_enough", "label": "Old enough", "type": "boolean", "eligibility": True},
    ],
    "exports": {
        "people": {
            "file": "people.csv",
            "format": "csv",
            "ignored": ["born"],
            "tables": {
                "subjects": {
                    "columns": {
                        "subject_id": "id",
                        "sex": "sex",
                        "injury_date": "hurt",
                        "consent_date": "consent",
                        "registration_date": "registered",
                        "old_enough": "old enough",
                    },
                    "recode": {"sex": {"1": "male", "2": "female"}},
                }
            },
        },
        "walks": {
            "file": "walks.csv",
            "format": "csv",
            "missing": ["UNK"],
            "ignored": ["note"],
            "tables": {
                "wisci2": {
                    "columns": {
                        "subject_id": "id",
                        "visit": "when",
                        "date": "day",
                        "wisci_level": "level",
                    }
                }
            },
        },
        "cells": {
            "file": "cells.csv",
            "format": "csv",
            "delimiter": ";",
            "tables": {
                "treatments": {
                    "columns": {
                        "subject_id": "for",
                        "source_subject_id": "from",
                        "collection_date": "taken",
                        "culture_start": "cultured",
                        "culture_days": "days",
                        "release": "ok",
                        "release_date": "out",
                        "treatment_start": "given",
                        "dose": "dose",
                    }
                }
            },
        },
        "events": {
            "file": "events.csv",
            "format": "csv",
            "tables": {
                "adverse_events": {
                    "columns": {
                        "subject_id": "id",
                        "term": "what",
                        "system_organ_class": "class",
                        "grade": "grade",
                        "serious": "serious",
                        "relation": "relation",
                        "onset_date": "from",
                        "end_date": "to",
                    }
                }
            },
        },
    },
    "endpoints": [
        {
            "name": "wisci",
            "label": "WISCI II",
            "instrument": "wisci2",
            "scale": "level",
            "family": "primary",
        }
    ],
}


def write_files(folder: Path, **changes: tuple[str, str]) -> None:
    """Write the files; ``changes`` by file stem: text to replace, and by what (it must occur)."""
    for name, text in FILES.items():
        old, new = changes.get(Path(name).stem, ("", ""))
        assert old in text, f"{old!r} is not in {name}"
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def small_study(**changes: Any) -> Study:
    """The study, with changes."""
    return Study.model_validate({**CONFIG, **changes})


def small_config(**changes: Any) -> dict[str, Any]:
    """The same as plain values, with defaults."""
    return small_study(**changes).plain()


def completed(endpoint: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An endpoint as analyses are given it; ``changes``: of the study that it belongs to."""
    declared = Endpoint.model_validate(endpoint)
    return complete_endpoint(declared, small_study(**changes)).plain()


def clean_small(
    folder: Path, corrections: list[tuple[str, ...]] | None = None, **config: Any
) -> Cleaned:
    """Ingest and clean the files in ``folder``."""
    if corrections is not None:
        config["corrections"] = "corrections.csv"
        write_corrections(folder, corrections)
    study = small_study(**config)
    instruments = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    return clean_ingested(folder, study, instruments, ingest_files(folder, study, instruments))


def found(cleaned: Cleaned) -> list[tuple[Any, ...]]:
    """Findings as (file, row, column, rule, severity)."""
    columns = ["file", "row", "column", "rule", "severity"]
    rows = cleaned.findings[columns].astype(object).to_numpy()
    return [tuple(None if cell is pd.NA else cell for cell in row) for row in rows]


def exports(name: str, table: str | None = None, **changes: Any) -> dict[str, Any]:
    """The small study's exports with changes to one of them, or to one of its tables."""
    changed = copy.deepcopy(CONFIG["exports"])
    place = changed[name] if table is None else changed[name]["tables"][table]
    place |= changes
    return {"exports": changed}
