"""The example study in other folders, locales, time zones and hash seeds: the same bytes.

Prints how many files are the same in each; exits with 1 where one differs. The clock is not moved:
notebook kernels do not return under faketime(1).
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from copies import copy_project, hashes, must_finish, start

VARIANTS = (
    ("two cores again", "again", 2, {}),
    (
        "one core, Kiritimati, locale C, hash seed 1",
        "another place é",
        1,
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    ),
    (
        "two cores, St. John's, locale C.UTF-8, hash seed 4242",
        "third",
        2,
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242"},
    ),
)


def main() -> int:
    """Run the study once plainly and once in each variant."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        plain = copy_project(place / "plain")
        must_finish(start(plain))
        expected = hashes(plain)
        differing = 0
        for words, folder, cores, changed in VARIANTS:
            copy = copy_project(place / folder)
            must_finish(start(copy, cores, **changed))
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
