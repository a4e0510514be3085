"""Names of files from elsewhere: a record has one line for each, and a reader sees the name."""

import os
from pathlib import Path

from owncontrol.engine_texts import shown
from owncontrol.errors import InputError


def check_file_name(path: Path) -> None:
    """Raise InputError for a name that is more than one line, has signs that nobody sees as they
    are, is no UTF-8, or has blanks around it.
    """
    name = path.name
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            f"{str(path)!a}: the file's name is not valid UTF-8", "rename the file"
        ) from None
    if shown(name) != name or name.strip() != name:
        raise InputError(
            f"{str(path)!a}: the file's name has signs that no record can show as they are, or "
            "blanks around it",
            "rename the file: letters, digits, blanks between them, and . - _",
        )


def check_is_file(path: Path) -> None:
    """Raise InputError for what is there and is no file: a folder, a pipe, a link to nothing."""
    if os.path.lexists(path) and not path.is_file():
        raise InputError(f"{path}: is no file that can be read", "name a file")
