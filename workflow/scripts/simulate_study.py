"""Write a SYNTHETIC study as sites would export it: simulate_study.py FOLDER [--registry]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from owncontrol.simulation.registry import write_registry
from owncontrol.simulation.simulated_study import write_study


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
    options = parser.parse_args()
    try:
        if options.registry:
            faults = write_registry(options.folder, options.subjects, options.seed)
            print(f"{options.folder}: {options.subjects} SYNTHETIC patients, {faults} faults")
            return 0
        planted = write_study(options.folder, options.subjects, options.seed, options.clean)
    except (ValueError, OSError) as error:
        print(f"simulate_study.py: {error}", file=sys.stderr)
        return 1
    print(f"{options.folder}: {options.subjects} SYNTHETIC patients, {len(planted)} listed faults")
    return 0


if __name__ == "__main__":
    sys.exit(main())
