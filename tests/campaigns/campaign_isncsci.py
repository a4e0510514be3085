"""The long check of the ISNCSCI classification against plain Python, run by `make check-isncsci`.

    python tests/campaign_isncsci.py [--seed 1] [--tested 20000] [--untested 4000] [--tagged 4000]

Exams with every cell tested are compared in all outputs with the plain per-exam classification of
tests/isncsci_reference.py; exams with one to five cells not testable, and exams with one to four
tagged cells, with the union over all completions. Cells are opened and tagged where they decide:
in the sacral segments, in the anal examination, and beside the levels of the exam.

It also checks what holds for any rule of stars: a result of an exam without a tag has none, and a
total never has one.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

import isncsci_exams  # noqa: E402
import isncsci_reference  # noqa: E402
import numpy as np  # noqa: E402
from owncontrol.isncsci import cells, classify  # noqa: E402

Codes = isncsci_exams.Codes
Change = Callable[[np.random.Generator, Codes], Codes]
AT_ONCE = 500
SHOWN = 5


def beside_the_levels(codes: Codes) -> list[int]:
    """Rows of the cells at, above and below the first cell of each column that is not normal."""
    found = []
    columns = [
        *((rows, 2) for rows in (*cells.LIGHT_TOUCH_ROWS, *cells.PIN_PRICK_ROWS)),
        *((rows, 5) for rows in cells.MOTOR_ROWS),
    ]
    for rows, normal in columns:
        impaired = np.flatnonzero(codes[rows] < normal)
        first = int(impaired[0]) if impaired.size else rows.stop - rows.start - 1
        felt = np.flatnonzero(codes[rows] > 0)
        last = int(felt[-1]) if felt.size else 0
        near = {place + step for place in (first, last) for step in (-1, 0, 1)}
        found += [rows.start + place for place in near if 0 <= place < rows.stop - rows.start]
    return found


def decisive(rng: np.random.Generator, codes: Codes, count: int, anal: bool) -> list[int]:
    """Some cells, most of them where they decide."""
    near, anywhere = beside_the_levels(codes), [*isncsci_exams.POINTS, *isncsci_exams.MUSCLES]
    pools = [near, near, isncsci_exams.SACRAL, isncsci_exams.MUSCLES, anywhere]
    pools += [isncsci_exams.ANAL] if anal else []
    return list({int(rng.choice(pools[rng.integers(len(pools))])) for _ in range(count)})


def leave(rng: np.random.Generator, codes: Codes) -> Codes:
    """The exam as it is."""
    return codes


def open_cells(rng: np.random.Generator, codes: Codes) -> Codes:
    """The exam with one to five cells not testable."""
    opened = codes.copy()
    opened[decisive(rng, codes, int(rng.integers(1, 6)), anal=True)] = cells.NT
    return opened


def tag_cells(rng: np.random.Generator, codes: Codes) -> Codes:
    """The exam with one to four cells tagged (some NT with it), and at times one cell NT."""
    tagged = codes.copy()
    for row in decisive(rng, codes, int(rng.integers(1, 5)), anal=False):
        normal = 5 if row in isncsci_exams.MUSCLES else 2
        rated = codes[row] if codes[row] < normal else rng.integers(0, normal)
        rating = -cells.NT if rng.random() < 0.2 else rated
        tagged[row] = rng.choice([cells.SINGLE, cells.DOUBLE]) - rating
    if rng.random() < 0.2:
        tagged[rng.choice(isncsci_exams.ANAL)] = cells.NT
    return tagged


def exams(seed: int, count: int, change: Change) -> Iterator[list[Codes]]:
    """Seeded exams, some hundred at a time."""
    rng = np.random.default_rng(seed)
    for start in range(0, count, AT_ONCE):
        size = min(AT_ONCE, count - start)
        yield [change(rng, isncsci_exams.make_exam(rng)) for _ in range(size)]


def compare(seed: int, count: int, change: Change) -> int:
    """How many exams differ in any output, stars apart; the first few are printed."""
    different = 0
    for chunk in exams(seed, count, change):
        results = classify(isncsci_exams.frame(chunk)).to_dict("records")
        for codes, result in zip(chunk, results, strict=True):
            written = isncsci_exams.texts(codes)
            expected = isncsci_reference.classify(written)
            found = {name: value.replace("*", "") for name, value in result.items()}
            faults = [name for name in found if found[name] != expected[name]]
            faults += star_faults(written, result)
            different += bool(faults)
            if faults and different <= SHOWN:
                print({name: (result.get(name), expected.get(name)) for name in faults}, written)
    return different


def star_faults(written: dict[str, str], result: dict[str, str]) -> list[str]:
    """Outputs with a star that none can have."""
    if not any("*" in text for text in written.values()):
        return [name for name, value in result.items() if "*" in value]
    return [name for name in cells.TOTAL_OUTPUTS if "*" in result[name]]


def main() -> None:
    """Run the campaign; exit 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tested", type=int, default=20_000)
    parser.add_argument("--untested", type=int, default=4_000)
    parser.add_argument("--tagged", type=int, default=4_000)
    options = parser.parse_args()
    failed = 0
    for name, count, change in (
        ("every cell tested", options.tested, leave),
        ("1 to 5 cells not testable", options.untested, open_cells),
        ("1 to 4 cells tagged, stars apart", options.tagged, tag_cells),
    ):
        different = compare(options.seed, count, change)
        failed += different
        print(f"{name}: {count - different} of {count} exams agree in all outputs", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
