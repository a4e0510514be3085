"""A real Slurm of one node on this machine, from Debian's packages, in a folder of its own.

Its own munge key, ports, state and configuration: nothing of the machine's is used or changed.
Processes are told apart without cgroups and finished jobs are asked of the controller, so neither
a service manager nor a database is needed.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

PACKAGES = ("slurm-wlm", "munge")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol")
NODE_LOST_SECONDS = 10  # without an answer for so long, the node is down
# Where Debian keeps what is for administrators.
PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])

CONFIGURATION = """\
ClusterName=owncontrol
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=86400
SlurmdTimeout={lost}
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """Why no Slurm can be brought up here; empty if one can. Installs Debian's packages as root."""
    if os.name != "posix" or not Path("/proc").is_dir():
        return "this is no Linux"
    if os.geteuid() != 0:
        return "Slurm's daemons need root"
    try:
        socket.gethostbyname(socket.gethostname())
    except OSError:
        return f"the host's name ({socket.gethostname()}) has no address"
    if missing := _missing():
        if shutil.which("apt-get") is None:
            return f"{', '.join(missing)}: not installed, and this is no Debian"
        print(f"installing {' and '.join(PACKAGES)}", flush=True)
        done = subprocess.run(
            ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            check=False,
            capture_output=True,
            text=True,
        )
        if _missing():
            return f"apt-get cannot install {' '.join(PACKAGES)}: {done.stderr.strip()[-200:]}"
    return ""


def _missing() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


class SlurmNode:
    """The controller and its node; ``environment`` is what a run needs to submit to them."""

    def __init__(self, folder: Path, cores: int) -> None:
        """Write key and configuration to ``folder`` (an empty one) and start the daemons."""
        self.folder = folder
        for name in ("state", "spool", "bin"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(1024))
        configuration = folder / "slurm.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=folder,
                host=socket.gethostname().split(".")[0],
                ports=_free_ports(2),
                lost=NODE_LOST_SECONDS,
                cores=cores,
                memory=psutil.virtual_memory().total // 2**20 - 512,
            ),
            "utf-8",
        )
        # The executor takes Slurm's variables away from the steps of a job: srun is told again.
        srun = folder / "bin/srun"
        srun.write_text(
            f'#!/bin/sh\nSLURM_CONF={configuration} exec {shutil.which("srun")} "$@"\n', "utf-8"
        )
        srun.chmod(0o755)
        self.environment = {
            "SLURM_CONF": str(configuration),
            "PATH": f"{folder / 'bin'}{os.pathsep}{PATH}",
        }
        self._call(
            "munged",
            *(
                f"--{name}={folder / file}"
                for name, file in (
                    ("key-file", key.name),
                    ("socket", "munge.socket"),
                    ("pid-file", "munged.pid"),
                    ("log-file", "munged.log"),
                    ("seed-file", "munge.seed"),
                )
            ),
        )
        self._call("slurmctld")
        self.start_node()

    def start_node(self) -> None:
        """Start the node and wait until it takes jobs (an asterisk: it does not answer)."""
        self._call("slurmd")
        self._wait_for_state("idle", "mixed", "allocated")

    def lose_node(self) -> None:
        """Kill the node as a power cut does, with all it runs; wait until that is noticed."""
        daemon = psutil.Process(int((self.folder / "slurmd.pid").read_text()))
        lost = [daemon, *self._steps()]
        lost += [child for process in lost[1:] for child in process.children(recursive=True)]
        for process in lost:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self._wait_for_state("down", "down*")

    def jobs(self, state: str = "all") -> list[tuple[str, str, int]]:
        """Number, state and seconds of running of each job in one state, or in any."""
        listed = self._call("squeue", f"--states={state}", "--noheader", "--format=%i|%T|%M")
        rows = [line.strip().split("|") for line in listed.splitlines() if line.strip()]
        return [(number, word, _seconds(length)) for number, word, length in rows]

    def restarts(self, number: str) -> int:
        """How often a job was started again."""
        told = self._call("scontrol", "--oneliner", "show", "job", number)
        return int(told.split("Restarts=")[1].split()[0])

    def stop(self) -> None:
        """End the daemons and what they still run."""
        for process in self._steps():
            process.kill()
        for name in ("slurmd", "slurmctld", "munged"):
            file = self.folder / f"{name}.pid"
            if file.is_file():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(file.read_text()), signal.SIGKILL)

    def _steps(self) -> list[psutil.Process]:
        """What runs a job's steps on this node, and on no other Slurm of the machine."""
        mine = []
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error):
                # They work where the node's log is, and hide their variables.
                here = Path(process.cwd()) == self.folder.resolve()
                if here and process.info["name"] == "slurmstepd":
                    mine.append(process)
        return mine

    def _wait_for_state(self, *states: str) -> None:
        end = time.monotonic() + 120
        while self._call("sinfo", "--noheader", "--format=%T").strip() not in states:
            if time.monotonic() > end:
                raise RuntimeError(f"the node is not {states[0]}; see {self.folder}/slurmd.log")
            time.sleep(0.5)

    def _call(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments],
            env={**os.environ, **self.environment},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")
        return done.stdout


@contextlib.contextmanager
def slurm_node(folder: Path, cores: int) -> Iterator[SlurmNode]:
    """A node that is stopped at the end."""
    folder.mkdir()
    node = SlurmNode(folder, cores)
    try:
        yield node
    finally:
        node.stop()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for entry in sockets:
            entry.bind(("127.0.0.1", 0))
        return [entry.getsockname()[1] for entry in sockets]


def _seconds(length: str) -> int:
    """Seconds of ``[[hours:]minutes:]seconds`` (squeue's %M)."""
    parts = [int(part) for part in length.replace("-", ":").split(":")]
    return sum(
        part * unit for part, unit in zip(reversed(parts), (1, 60, 3600, 86400), strict=False)
    )
