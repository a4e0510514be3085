"""The example study on other days, in other folders, locales, time zones, hash seeds: same bytes.

Prints how many files are the same in each; exits with 1 where one differs. The day is turned for
every program of a run, Typst as well as Python, by a small library (turned_clock.c), where a C
compiler is there to make it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copies import copy_project, hashes, must_finish, start

DAY = 86400
# What changes, the folder, the cores, days ahead, and the environment.
VARIANTS = (
    ("two cores again", "again", 2, 0, {}),
    (
        "one core, 400 days later, Kiritimati, locale C, hash seed 1",
        "another place é",
        1,
        400,
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    ),
    (
        "two cores, 4000 days earlier, St. John's, locale C.UTF-8, hash seed 4242",
        "third",
        2,
        -4000,
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242"},
    ),
)


def turned_clock(place: Path) -> str:
    """Path of the library that turns the clock; empty where it cannot be made."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        print("no C compiler, or no Linux: the day is not turned")
        return ""
    library, source = place / "turned_clock.so", Path(__file__).with_name("turned_clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


def other_day(library: str, days: int) -> dict[str, str]:
    """The environment in which it is so many days later; SystemExit where it is not."""
    if not library or not days:
        return {}
    turned = {"LD_PRELOAD": library, "OWNCONTROL_TURNED_CLOCK": str(days * DAY)}
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=os.environ | turned,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if abs(float(told) - time.time() - days * DAY) > DAY:
        sys.exit("the clock could not be turned")
    return turned


def main() -> int:
    """Run the study once plainly and once in each variant."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        library = turned_clock(place)
        plain = copy_project(place / "plain")
        must_finish(start(plain))
        expected = hashes(plain)
        differing = 0
        for words, folder, cores, days, changed in VARIANTS:
            copy = copy_project(place / folder)
            must_finish(start(copy, cores, **changed, **other_day(library, days)))
            found = hashes(copy)
            different = [
                path
                for path in sorted({*expected, *found})
                if expected.get(path) != found.get(path)
            ]
            print(f"{words}: {len(expected) - len(different)} of {len(expected)} files the same")
            for path in different:
                print(f"  differs: {path}")
            differing += len(different)
            subprocess.run(["rm", "-rf", str(copy)], check=True)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
