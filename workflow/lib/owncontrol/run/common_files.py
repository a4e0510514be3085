"""The files of packages that the steps of a run have in common, for the record of the run."""

import json
import subprocess
import sys
from importlib.metadata import packages_distributions

import pandas as pd

from owncontrol.run.installed import loaded_packages
from owncontrol.run.speed.forked_scripts import knows_warm_process

PRELOAD = "owncontrol.run.speed.preload"
LOADED = f"""
import json
from {PRELOAD} import LOADED
print(json.dumps(LOADED))
"""


def imported() -> pd.DataFrame:
    """Each file of a package that the steps have in common, sorted: package, file, sha256.

    Those that the warm process has loaded, and nothing else: what this one has loaded depends on
    whether it is a fork of it (owncontrol.run.speed.forked_scripts). Where it is none, a process of
    its own loads the same. Raises RuntimeError where that fails.
    """
    if knows_warm_process():
        files = sys.modules[PRELOAD].LOADED
    else:
        done = subprocess.run([sys.executable, "-c", LOADED], check=False, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace"))
        files = json.loads(done.stdout)
    rows = loaded_packages(packages_distributions(), files)
    return pd.DataFrame(rows, columns=["package", "file", "sha256"])
