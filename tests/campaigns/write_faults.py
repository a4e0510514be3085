"""Let the n-th change of the file system fail, for each n, and see what a run makes of it.

    python tests/campaigns/write_faults.py --stride 25  # every 25th change, each kind in turn
    python tests/campaigns/write_faults.py --only ENOSPC:120  # one of them, with what the run says

As SQLite tests itself: a small library (failing_writes.c) counts every opening for writing, every
write, sync, rename, removal and new folder below the project, over all processes of a run, and
lets the n-th fail: once with ENOSPC, EIO or EACCES, from there on as a full disk does, with half
of a write done, or with the process killed before or in the middle of it. A run that meets the
fault ends well, or with one line; and the next one, without a fault, ends with the bytes of an
undisturbed run. Needs Linux and a C compiler. Exits with 1 where a fault was not survived.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from copies import copy_project, finish, hashes, leftovers, start

KINDS = ("ENOSPC", "EIO", "EACCES", "full", "short", "torn", "kill")
STUDY = "case-report"
PAGE = 4096
# A run that meets the fault says what happened in one line and a hint; a program that is killed
# says nothing, and Snakemake speaks for it.
LOUD = ("Traceback (most recent call last)", "internal error")


def failing_writes(place: Path) -> str:
    """Path of the library that lets writes fail; empty where it cannot be made."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        return ""
    library, source = place / "failing_writes.so", Path(__file__).with_name("failing_writes.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return str(library)


@dataclass
class Outcome:
    """What became of one fault. ``place``: what failed; ``faults``: what was not as promised."""

    place: str
    code: int
    said: str
    faults: list[str]


class Campaign:
    """A copy of the project in which writes fail, and what an undisturbed run makes there."""

    def __init__(self, place: Path, library: str, study: str = STUDY) -> None:
        """Run once undisturbed and count the changes; ``place`` is an empty folder."""
        self.study, self.library = study, library
        self.counter = place / "counter"
        self.folder = copy_project(place / "project")
        # A run that compiles modules writes files that the next one has no need to write.
        compiled = [sys.executable, "-m", "compileall", "-q", "workflow/lib"]
        subprocess.run(compiled, cwd=self.folder, check=True)
        code, said = self.run("ENOSPC", 0)
        if code:
            sys.exit(f"an undisturbed run failed:\n{said}")
        self.changes = self.count()[0]
        self.expected = hashes(self.folder, study)
        if self.changes < len(self.expected):
            sys.exit("the library was not loaded: nothing was counted")

    def begin_again(self) -> None:
        """Take away all that runs have made."""
        for name in ("results", "logs", ".snakemake"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def run(self, kind: str, number: int) -> tuple[int, str]:
        """Run the study with a fault; its exit code, and what it said. Number 0 only counts."""
        self.counter.write_bytes(b"\0" * PAGE)
        environment = {
            "LD_PRELOAD": self.library,
            "OWNCONTROL_FAULT_ROOT": str(self.folder.resolve()),
            "OWNCONTROL_FAULT_COUNTER": str(self.counter),
            "OWNCONTROL_FAULT_AT": str(number),
            "OWNCONTROL_FAULT_KIND": kind,
        }
        return finish(start(self.folder, study=self.study, **environment))

    def count(self) -> tuple[int, str]:
        """How many changes the last run made, and which of them failed."""
        page = self.counter.read_bytes()
        return int.from_bytes(page[:8], sys.byteorder), page[8:].split(b"\0")[0].decode()

    def attempt(self, kind: str, number: int) -> Outcome:
        """One fault in a project without results, and the run after it."""
        self.begin_again()
        code, said = self.run(kind, number)
        place, faults = self.count()[1], []
        faults += [f"printed '{words}'" for words in LOUD if words in said]
        if code and not ("error:" in said.lower() or "Hint:" in said or kind in ("kill", "torn")):
            faults.append("failed without a line that says why")
        if code == 0 and hashes(self.folder, self.study) != self.expected:
            faults.append("ended well with other bytes")
        after, told = finish(start(self.folder, study=self.study))
        if after:
            faults.append(f"the next run ended with {after}")
            said += f"\n--- the next run\n{told}"
        else:
            found = hashes(self.folder, self.study)
            names = [
                name
                for name in {*found, *self.expected}
                if found.get(name) != self.expected.get(name)
            ]
            faults += [f"other bytes after the next run: {names[:5]}"] if names else []
            left = leftovers(self.folder)
            faults += [f"left over: {left[:5]}"] if left else []
        return Outcome(place, code, said, faults)


def main() -> int:
    """Run the campaign and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", default=STUDY)
    parser.add_argument("--stride", type=int, default=25, help="every so many changes; 1: all")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument(
        "--every-kind", action="store_true", help="each kind at each n, not in turn"
    )
    parser.add_argument("--only", metavar="KIND:N", help="one fault, with what the run says")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        library = failing_writes(Path(name))
        if not library:
            print("no C compiler, or no Linux: left out")
            return 0
        campaign = Campaign(Path(name), library, options.study)
        if options.only:
            kind, _, number = options.only.partition(":")
            outcome = campaign.attempt(kind, int(number))
            print(outcome.said, outcome.place, outcome.code, *outcome.faults, sep="\n")
            return int(bool(outcome.faults))
        kinds = options.kinds.split(",")
        numbers = list(range(options.first, campaign.changes + 1, options.stride))
        print(f"{campaign.changes} changes in a run; {len(numbers)} of them are tried", flush=True)
        tried = lost = 0
        for place, number in enumerate(numbers):
            for kind in kinds if options.every_kind else [kinds[place % len(kinds)]]:
                outcome = campaign.attempt(kind, number)
                tried += 1
                lost += bool(outcome.faults)
                end = "; ".join(outcome.faults) or "survived"
                print(
                    f"{kind}:{number}  {outcome.place}  ended with {outcome.code}: {end}",
                    flush=True,
                )
        print(f"{tried} faults of writing, {tried - lost} survived")
        return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
