"""From raw assessment exports to an audited report, with each patient as their own control."""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable

from owncontrol.basics.told_streams import told_streams
from owncontrol.cli.commands import COMMANDS
from owncontrol.errors import InputError
from owncontrol.run.surroundings import leave_settings_behind

REFUSED = 2
FOR_PROGRAMS = ("inspect", "score-isncsci")  # print tables, cells as they are
PROGRAM_ERROR, INTERRUPTED = 70, 130  # as sysexits.h (EX_SOFTWARE) and shells have them


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    What a person can mend is one line and a hint, and exit code 1; an error of the program is one
    line that names the file with its traceback, and exit code 70; 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="owncontrol", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    acts = {}
    for command in COMMANDS:
        command.declare(commands.add_parser(command.name, help=command.help))
        acts[command.name] = command.act
    options = parser.parse_args(arguments)
    with told_streams(exact=options.command in FOR_PROGRAMS):
        return _run(acts[options.command], options)


def _run(act: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """What one command ends with."""
    try:
        return act(options)
    except InputError as error:
        if options.command == "inspect":  # one line, and a code of its own: the file is refused
            line = " ".join(f"{error.message}; {error.hint}".split())
            print(f"error: {line}", file=sys.stderr)
            return REFUSED
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing else was done", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        damaged = _damage(options, error)
        if damaged is None:
            return _other_error(error)
        print(f"error: {damaged}", file=sys.stderr)
        return 1


def _damage(options: argparse.Namespace, error: Exception) -> InputError | None:
    """What is wrong with the results that a command looks at, if that is why it failed."""
    if options.command not in ("trace", "summary", "diff"):
        return None
    from owncontrol.cli.damage import damage

    pair = options.command == "diff"
    return damage([options.first, options.second] if pair else [options.results], error)


def _other_error(error: Exception) -> int:
    """Say in one line what went wrong: out of the user's hands, or an error of the program."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        hint = "check the path, your permissions and the space that is left"
        print(f"error: {error.filename}: {error.strerror}\n  Hint: {hint}", file=sys.stderr)
        return 1
    if isinstance(error, MemoryError):
        hint = "close other programs, or take a computer with more memory"
        print(f"error: there is not enough memory\n  Hint: {hint}", file=sys.stderr)
        return 1
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    place = _write_traceback(error)
    print(f"internal error: {reason}; see the traceback in {place}", file=sys.stderr)
    return PROGRAM_ERROR


def _write_traceback(error: Exception) -> str:
    """Write a traceback into logs/, or into a temporary file where there is no such folder."""
    text = "".join(traceback.format_exception(error))
    for folder in ("logs", None):
        try:
            handle, name = tempfile.mkstemp(".log", "internal-error-", folder, text=True)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return name
    return "no file, because none could be written"


if __name__ == "__main__":
    leave_settings_behind()
    raise SystemExit(main())
