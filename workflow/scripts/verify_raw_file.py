"""Hash one raw file, compare with the MANIFEST, record it: FILE EXPECTED RECORD LOG."""

import sys
from pathlib import Path

from owncontrol.files import sha256, write_text
from owncontrol.run.job import step
from owncontrol.study.manifest import check_file

file, expected, record, log = sys.argv[1:]
with step(log, [record]):
    found = sha256(file)
    check_file(file, expected, found)
    write_text(record, f"{found}  {Path(file).name}\n")
