"""The example study in other folders, days, locales, time zones and hash seeds: the same bytes.

Prints how many files are the same in each; exits with 1 where one differs. The day is moved by
faketime(1) where it is installed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from copies import copy_project, hashes, must_finish, start

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


def other_day(days: int) -> tuple[str, ...]:
    """The command that moves the clock; the monotonic clock goes on as it is."""
    if not days:
        return ()
    if shutil.which("faketime") is None:
        print("faketime is not installed: the day is not moved")
        return ()
    return ("faketime", "-f", f"{days:+d}d")


def main() -> int:
    """Run the study once plainly and once in each variant."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        plain = copy_project(place / "plain")
        must_finish(start(plain))
        expected = hashes(plain)
        differing = 0
        for words, folder, cores, days, changed in VARIANTS:
            copy = copy_project(place / folder)
            must_finish(start(copy, cores, other_day(days), **changed))
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
