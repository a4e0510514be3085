"""Corrupt the example exports in thousands of ways and see what becomes of each.

    python tests/campaigns/mutate_exports.py  # 2,400 mutations, docs/mutations.md
    python tests/campaigns/mutate_exports.py --only 137  # one of them, in full

Every mutation goes through ingest, cleaning and scoring. Exit code 1 where one of them ends as it
must not (a stack trace, a silent loss, a changed result without a finding), or where less than 99 %
of those that break a rule are found. What was seen is in
benchmarks/results/, under the hash of all that it depends on: a run that was stopped goes on there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

from mutation.campaign import OPERATORS, Campaign, prepare  # noqa: E402
from mutation.outcome import FORBIDDEN, OUTCOMES, Outcome, Study  # noqa: E402
from owncontrol.run.code_hash import content_hash, imported_modules  # noqa: E402

EXAMPLE = ROOT / "data" / "raw" / "example"
LEAST_FOUND = 0.99
PAGE = ROOT / "docs" / "mutations.md"
Ended = tuple[int, str, str, str, bool, Outcome]  # number, kind, file, what, breaks a rule
_state: list[tuple[Campaign, Study]] = []


def start(seed: int) -> None:
    """Prepare a process."""
    _state[:] = [(Campaign(EXAMPLE, seed), prepare(EXAMPLE))]


def end_of(number: int) -> Ended:
    """What becomes of one mutation."""
    campaign, study = _state[0]
    mutation = campaign.mutation(number)
    outcome = study.judge(mutation)
    return number, mutation.kind, mutation.file, mutation.what, mutation.breaks, outcome


def record_of(seed: int) -> Path:
    """The file with what was seen of this code, these exports and this seed."""
    library = ROOT / "workflow" / "lib"
    modules = {
        module
        for name in ("ingest_export", "clean_tables", "score_assessments")
        for module in imported_modules(ROOT / "workflow" / "scripts" / f"{name}.py", library)
    }
    files = [
        *modules,
        *ROOT.glob("tests/campaigns/mutation/*.py"),
        *ROOT.glob("workflow/instruments/*"),
    ]
    files += [*ROOT.glob("workflow/schemas/**/*.yaml"), *EXAMPLE.iterdir(), ROOT / "config.yaml"]
    digest = content_hash(sorted(map(str, files)))
    return ROOT / "benchmarks" / "results" / f"mutations-{seed}-{digest[:12]}.jsonl"


def seen_before(record: Path) -> dict[int, Ended]:
    """By number, the mutations on record; cuts off a last line that a stopped run left."""
    if not record.is_file():
        return {}
    content = record.read_bytes()
    finished = content[: content.rfind(b"\n") + 1]
    if finished != content:
        os.truncate(record, len(finished))
    entries = [json.loads(line) for line in finished.splitlines()]
    return {entry[0]: (*entry[:5], Outcome(*entry[5])) for entry in entries}


def run(numbers: list[int], seed: int, processes: int, record: Path) -> Iterator[Ended]:
    """Each mutation of these numbers as it ends, put on record."""
    record.parent.mkdir(parents=True, exist_ok=True)
    with (
        ProcessPoolExecutor(processes, initializer=start, initargs=(seed,)) as pool,
        record.open("a", encoding="utf-8") as file,
    ):
        running = pool.map(end_of, numbers, chunksize=4)
        for entry in tqdm(running, total=len(numbers), unit="mutation", mininterval=2):
            file.write(json.dumps([*entry[:5], astuple(entry[5])]) + "\n")
            file.flush()
            yield entry


def rule_breaking(ended: list[Ended]) -> tuple[int, int, int]:
    """How many break a rule; how many of them are harmless; how many are found or refused."""
    counts = Counter(entry[-1].outcome for entry in ended if entry[4])
    found = counts["found"] + counts["found elsewhere"] + counts["refused"]
    return sum(counts.values()), counts["harmless"], found


def write_page(ended: list[Ended], seed: int) -> None:
    """The table of classes as a page of the documentation."""
    counts = Counter(entry[-1].outcome for entry in ended)
    breaking, harmless, found = rule_breaking(ended)
    shown = [name for name in OUTCOMES if counts[name] or name in FORBIDDEN]
    lines = [
        "# What becomes of corrupted exports",
        "",
        f"Made by `make mutate`: {len(ended):,} seeded corruptions (seed {seed}) of the exports of "
        "the SYNTHETIC example study, each taken through ingest, cleaning and scoring. Of the "
        f"{breaking:,} that break a rule of the codebook, a recorded sum or the form of the "
        f"file, {harmless:,} change nothing: the configuration does not read these cells, or a "
        f"fault is undone. Of the others {found:,} were found or refused "
        f"({found / max(1, breaking - harmless):.1%}).",
        "",
        "| outcome | mutations | means |",
        "|---|--:|---|",
        *(f"| {name} | {counts[name]} | {OUTCOMES[name]} |" for name in shown),
        "",
        "Outcomes in capitals must not be; the run fails where one of them is there.",
        "",
        "## Undetectable from the data alone",
        "",
        "A value is replaced by another that is as good; only the original document can tell.",
        "",
        "| what the file says instead | mutations |",
        "|---|--:|",
        *_classes(ended, "undetectable"),
        "",
        "## By kind of corruption",
        "",
        f"| kind | {' | '.join(shown)} |",
        f"|---|{'--:|' * len(shown)}",
    ]
    for operator in OPERATORS:
        kind = operator.__name__.replace("_", " ")
        of_kind = Counter(e[-1].outcome for e in ended if e[1] == kind)
        lines.append(f"| {kind} | {' | '.join(str(of_kind[name] or '') for name in shown)} |")
    lines += ["", "## By rule that found it", "", "| rule or message | mutations |", "|---|--:|"]
    lines += _classes(ended, "found", "found elsewhere", "refused")
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


def _classes(ended: list[Ended], *outcomes: str) -> list[str]:
    counts = Counter(e[-1].by for e in ended if e[-1].outcome in outcomes)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"| {by.replace('|', '/')} | {count} |" for by, count in ordered]


def main() -> int:
    """Run the campaign; 0 where every mutation ended as it may."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2400)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20210613)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--only", type=int, help="number of one mutation, shown in full")
    parser.add_argument("--no-page", action="store_true", help="leave docs/mutations.md as it is")
    arguments = parser.parse_args()
    if arguments.only is not None:
        start(arguments.seed)
        for part in end_of(arguments.only):
            print(part)
        return 0
    record = record_of(arguments.seed)
    known = seen_before(record)
    numbers = range(arguments.first, arguments.first + arguments.count)
    left = [number for number in numbers if number not in known]
    for entry in run(left, arguments.seed, arguments.processes, record):
        known[entry[0]] = entry
    ended = [known[number] for number in numbers]
    for number, kind, file, what, _, outcome in ended:
        if outcome.outcome in FORBIDDEN:
            said = outcome.detail.strip().splitlines()[-1:] or [outcome.by]
            line = (outcome.outcome, f"--only {number}", kind, file, what, outcome.by, *said)
            print("  ".join(line))
    bad = [entry for entry in ended if entry[-1].outcome in FORBIDDEN]
    print(dict(Counter(entry[-1].outcome for entry in ended)))
    if not arguments.no_page:
        write_page(ended, arguments.seed)
        print(f"table: {PAGE.relative_to(ROOT)}")
    breaking, harmless, found = rule_breaking(ended)
    return 1 if bad or found < LEAST_FOUND * (breaking - harmless) else 0


if __name__ == "__main__":
    raise SystemExit(main())
