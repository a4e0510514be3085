"""Write a SYNTHETIC series after infarcts of the brain: simulate_infarcts.py FOLDER."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from owncontrol.simulation.infarcts import write_series


def main() -> None:
    """Read the command line and write the series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder to write the files into")
    parser.add_argument("--subjects", type=int, default=12, help="number of patients (12)")
    parser.add_argument("--seed", type=int, default=2024, help="seed of all random numbers (2024)")
    options = parser.parse_args()
    write_series(options.folder, options.subjects, options.seed)
    print(f"{options.folder}: {options.subjects} SYNTHETIC patients")


if __name__ == "__main__":
    main()
