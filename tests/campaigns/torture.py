"""Runs of a study killed, on a full disk, on a read-only folder, and two at once.

The study is the published cohort: of all with every kind of step it takes the least time.

After each fault every file that is there has to be whole (equal to that of an undisturbed run), and
the next run has to end with the same bytes. The moments are drawn from a seed. Full disk and
read-only folder are small file systems in memory; without the right to mount them they are left
out, and that is said. Prints how many faults were survived; exits with 1 if one was not.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from copies import copy_project, finish, hashes, leftovers, must_finish, start

STUDY = "honmou2021"
CHAIN = 10  # kills before a run is let end
REFUSED = "another run (process"


class Campaign:
    """One folder in which faults happen, and what an undisturbed run makes there."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Run once undisturbed; its length is the span of the moments."""
        self.folder, self.seed = copy_project(folder), seed
        self.random = random.Random(seed)
        began = time.monotonic()
        must_finish(self.start())
        self.span = time.monotonic() - began
        self.expected = self.hashes()
        self.faults: list[str] = []

    def start(self) -> "subprocess.Popen[str]":
        """Start a run of the study."""
        return start(self.folder, study=STUDY)

    def hashes(self) -> dict[str, str]:
        """Hash of each result that is there."""
        return hashes(self.folder, STUDY)

    def begin_anew(self) -> None:
        """Take away all that runs have made, but the environment."""
        for name in ("results", "logs", ".snakemake"):
            # The folder may be a mount: only what is inside goes.
            subprocess.run(
                f"rm -rf {name}/* {name}/.[!.]*", shell=True, cwd=self.folder, check=True
            )

    def whole(self, what: str) -> bool:
        """Whether each file that is there is that of an undisturbed run."""
        half = [path for path, digest in self.hashes().items() if self.expected.get(path) != digest]
        if half:
            self.faults.append(f"{what}: not whole: {half}")
        return not half

    def recovers(self, what: str) -> bool:
        """Whether the next run ends with the same bytes and without leftovers."""
        code, said = finish(self.start())
        if code or self.hashes() != self.expected or leftovers(self.folder):
            self.faults.append(f"{what}: the next run ended with {code}: {said[-2000:]}")
            return False
        return True

    def kills(self, first: int, count: int) -> int:
        """Kill the whole process group at random moments; how many of these were survived.

        ``first``: how many were killed by an earlier campaign of the same seed.
        """
        survived = done = 0
        for begin in range(first, first + count, CHAIN):
            self.begin_anew()
            self.random = random.Random(f"{self.seed}:{begin}")
            chain = min(CHAIN, count - done)
            done += chain
            whole = [self.killed(f"kill {begin + number + 1}") for number in range(chain)]
            if self.recovers(f"kills {begin + 1} to {begin + chain}"):
                survived += sum(whole)
            print(
                f"kills {begin + 1} to {begin + chain}: {survived} of {done} survived", flush=True
            )
        return survived

    def killed(self, what: str) -> bool:
        """Kill a run that is at work; whether each file that is there afterwards is whole."""
        while True:
            run = self.start()
            # A start takes some seconds, and what was made before a kill is not made again.
            time.sleep(self.random.uniform(0.02, 0.3) * self.span)
            if run.poll() is None:
                break
            self.begin_anew()  # it had ended by itself
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        return self.whole(what)

    def disturbed(self, what: str, harm: Callable[[], None], heal: Callable[[], None]) -> bool:
        """Do harm at a random moment of a run, heal when it has ended, and run again."""
        self.begin_anew()
        run = self.start()
        time.sleep(self.random.uniform(0.1, 0.9) * self.span)
        harm()
        code, said = finish(run)
        heal()
        told = code == 0 or "Hint:" in said or "No space left" in said or "Read-only" in said
        if not told:
            self.faults.append(f"{what}: ended without a clear line: {said[-2000:]}")
        return self.whole(what) and self.recovers(what) and told

    def fill_disk(self) -> None:
        """Fill the file system to its last byte."""
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 2**16):
                    pass
            except OSError:
                return  # full, as intended

    def two_at_once(self) -> bool:
        """Start a second run beside the first: it leaves with a line, the first ends well."""
        self.begin_anew()
        first = self.start()
        time.sleep(self.span / 3)
        code, said = finish(self.start())
        must_finish(first)
        if code == 0 or REFUSED not in said or self.hashes() != self.expected:
            self.faults.append(f"two at once: the second ended with {code}: {said[-2000:]}")
            return False
        return True


def mounted(folder: Path, size: str) -> bool:
    """Mount a small file system in memory; False where that is not allowed."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


def remount(folder: Path, mode: str) -> None:
    """Make a mount read-only or writable; a file that is being written is waited for."""
    for _ in range(3000):
        done = subprocess.run(
            ["mount", "-o", f"remount,bind,{mode}", str(folder)], check=False, capture_output=True
        )
        if done.returncode == 0:
            return
        time.sleep(0.02)
    sys.exit(f"cannot remount {folder} {mode}")


def main() -> int:
    """Run the campaign and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="kills that were done before")
    parser.add_argument("--disturbed", type=int, default=5, help="full disks; read-only folders")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines, failed = [], False
    with tempfile.TemporaryDirectory() as name:
        disk = Path(name) / "disk"
        can_mount = mounted(disk, "400m")
        try:
            campaign = Campaign(disk / "project", options.seed)
            counts = [("kills", campaign.kills(options.first, options.kills), options.kills)]
            counts.append(("two at once", int(campaign.two_at_once()), 1))
            if can_mount:
                full = [
                    campaign.disturbed(
                        "full disk", campaign.fill_disk, (campaign.folder / "ballast").unlink
                    )
                    for _ in range(options.disturbed)
                ]
                counts.append(("full disk", sum(full), len(full)))
                results = campaign.folder / "results"
                subprocess.run(["mount", "--bind", str(results), str(results)], check=True)
                closed = [
                    campaign.disturbed(
                        "read-only folder",
                        lambda: remount(results, "ro"),
                        lambda: remount(results, "rw"),
                    )
                    for _ in range(options.disturbed)
                ]
                subprocess.run(["umount", "--lazy", str(results)], check=True)
                counts.append(("read-only folder", sum(closed), len(closed)))
            else:
                lines.append("full disk, read-only folder: left out, no file system can be mounted")
        finally:
            if can_mount:
                subprocess.run(["umount", "--lazy", str(disk)], check=True)
    for what, survived, count in counts:
        lines.append(f"{what}: {survived} of {count} survived")
        failed |= survived < count
    print("\n".join([*lines, *campaign.faults]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
