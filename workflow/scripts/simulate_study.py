"""Write a SYNTHETIC study as sites would export it: simulate_study.py FOLDER [--registry].

With --freeze STUDY also the lock of its plan, of the date that the plan has: SYNTHETIC, too.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from owncontrol.cli.freeze import Request, write_lock
from owncontrol.errors import InputError
from owncontrol.simulation.registry import write_registry
from owncontrol.simulation.simulated_study import write_study
from owncontrol.study.loading import load_study


def synthetic_lock(study: str) -> Path:
    """Write the lock of a made-up study as if its plan had been frozen on its date."""
    made = load_study({"study": study})
    if not (made.synthetic and made.plan.date):
        raise InputError(
            f"{study}: is no SYNTHETIC study with a plan", "the plan of a study: owncontrol freeze"
        )
    path = Path("config") / f"{study}.plan.lock"
    path.unlink(missing_ok=True)
    request = Request(study, who="SYNTHETIC: the program that makes this study")
    return write_lock(made, request, f"{made.plan.date}T00:00:00+00:00", Path(), {})


def main() -> int:
    """Read the command line and write the study; exit code 1 with one line if it cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder to write the files into")
    parser.add_argument("--subjects", type=int, default=13, help="number of patients (13)")
    parser.add_argument("--seed", type=int, default=2021, help="seed of all random numbers (2021)")
    parser.add_argument("--clean", action="store_true", help="the same patients without faults")
    parser.add_argument(
        "--registry", action="store_true", help="a registry: many patients with eight visits"
    )
    parser.add_argument("--sites", type=int, default=1, help="a registry's sites, a file each (1)")
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="processes that make a registry, with the same bytes (one a processor)",
    )
    parser.add_argument("--freeze", metavar="STUDY", help="write the lock of this study's plan")
    options = parser.parse_args()
    try:
        if options.registry:
            faults = write_registry(
                options.folder, options.subjects, options.seed, options.sites, options.processes
            )
            print(f"{options.folder}: {options.subjects} SYNTHETIC patients, {faults} faults")
            return 0
        planted = write_study(options.folder, options.subjects, options.seed, options.clean)
        if options.freeze:
            print(f"{synthetic_lock(options.freeze)}: SYNTHETIC")
    except (ValueError, OSError, InputError) as error:
        print(f"simulate_study.py: {error}", file=sys.stderr)
        return 1
    print(f"{options.folder}: {options.subjects} SYNTHETIC patients, {len(planted)} listed faults")
    return 0


if __name__ == "__main__":
    sys.exit(main())
