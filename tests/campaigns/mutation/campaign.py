"""The mutations of a study by their number: the same number gives the same mutation."""

import random
from pathlib import Path

from owncontrol.study.loading import load_study
from read_study import ingest_files
from study_run import ROOT, clean_and_score, load_instruments

from mutation.cells import CELLS
from mutation.codebook import Codebook
from mutation.files import RawFile, read_file, text
from mutation.forms import FORMS
from mutation.model import Draw, Mutation
from mutation.outcome import Study
from mutation.tables import TABLES
from mutation.texts import TEXTS

# Files that are corrupted, and how often each is chosen.
FILES = {
    "redcap_export.csv": 4,
    "isncsci_exams.xlsx": 4,
    "cell_processing.csv": 3,
    "adverse_events.csv": 3,
    "corrections.csv": 1,
    "redcap_dictionary.csv": 0.3,
}
OPERATORS = (*CELLS, *TABLES, *TEXTS, *FORMS)


class Campaign:
    """All mutations of a folder of raw files, by seed and number."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.files: dict[str, RawFile] = {name: read_file(folder / name) for name in FILES}
        redcap = self.files["redcap_export.csv"]
        self.codebook = Codebook(folder, {text(row[0]) for row in redcap.rows[1:]})

    def mutation(self, number: int) -> Mutation:
        """The mutation of that number. Operators take turns; file and place are drawn."""
        operator = OPERATORS[number % len(OPERATORS)]
        rng = random.Random(f"{self.seed}:{number}")
        kind = operator.__name__.replace("_", " ")
        while True:
            name = rng.choices(list(FILES), list(FILES.values()))[0]
            mutation = operator(Draw(kind, self.files[name], self.codebook, rng))
            if mutation is not None:
                return mutation


def prepare(folder: Path) -> Study:
    """Run the study as it is."""
    study, instruments = load_study({}, ROOT), load_instruments()
    ingested = ingest_files(folder, study, instruments)
    return Study(folder, clean_and_score(folder, study, instruments, ingested), instruments)
