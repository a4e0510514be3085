"""publish: a finished study as a folder that can be deposited; nothing is sent anywhere."""

import shutil
from pathlib import Path

from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.archive import CONFIGURATION, write_archive
from owncontrol.errors import InputError
from owncontrol.files import whole_file, write_text
from owncontrol.publication.checklists import CHECKLISTS, checklist_text
from owncontrol.publication.evidence import REPORT, read_evidence
from owncontrol.publication.metadata import (
    Terms,
    citation_text,
    crate_text,
    gaps,
    readme_text,
    zenodo_text,
)
from owncontrol.study.loading import load_study, study_name

REPEATING = ("ingested/", "cleaned/findings.csv", REPORT, "report/parts/")
# Of the results, by the name in the deposit: where they are, and what they are.
COPIED = {
    "report.pdf": ("report/report.pdf", "the report"),
    "estimates.csv": ("statistics/estimates.csv", "every number of the report"),
    "data_dictionary.csv": (
        "provenance/data_dictionary.csv",
        "each column of each table of the results",
    ),
}


def publish(name: str | None, terms: Terms) -> str:
    """Write ``publication/<study>`` in this folder; what is in it and what is missing, in a line.

    Raises InputError where the study was not run to its end, or its results were changed.
    """
    results = Path("results", study_name(name))
    for path in (REPORT, *(source for source, _ in COPIED.values())):
        if not (results / path).is_file():
            raise InputError(f"{results / path}: no finished run", f"make STUDY={results.name}")
    study = load_study(read_yaml(results / CONFIGURATION))
    folder = Path("publication", study.study)
    archive = f"{study.study}.tar.gz"
    folder.mkdir(parents=True, exist_ok=True)
    write_archive(results, folder / archive, with_raw=False, withheld=repeats_raw_cells)
    for target, (source, _) in COPIED.items():
        with whole_file(folder / target) as partial:
            shutil.copyfile(results / source, partial)
    evidence = read_evidence(study, results)
    missing = gaps(evidence, terms)
    texts = {
        f"checklist-{one.name.lower()}.md": checklist_text(one, evidence) for one in CHECKLISTS
    }
    texts |= {
        "CITATION.cff": citation_text(study, terms),
        ".zenodo.json": zenodo_text(study, terms),
    }
    files = {
        archive: "code, configuration and results; of the raw files the hashes",
        "README.md": "this text",
        "CITATION.cff": "how to cite the study",
        ".zenodo.json": "metadata for Zenodo",
    }
    files |= {target: text for target, (_, text) in COPIED.items()}
    files |= {
        f"checklist-{one.name.lower()}.md": f"{one.name}: where each item is answered, with gaps"
        for one in CHECKLISTS
    }
    texts["README.md"] = readme_text(study, files, missing)
    for target, text in texts.items():
        write_text(folder / target, text)
    write_text(folder / "ro-crate-metadata.json", crate_text(folder, study, files, terms))
    lacking = (
        f"missing: {', '.join(missing)}" if missing else "nothing that is asked for is missing"
    )
    return f"{folder}: {len(files) + 1} files, without raw data; {lacking}; nothing was sent"


def repeats_raw_cells(path: str) -> bool:
    """Whether a result repeats cells as they were typed, dates among them.

    ``path``: in the results folder. The tables as read, what was found in them, and the page, whose
    cards show the cells behind each number.
    """
    return path.startswith(REPEATING)
