"""Command line: python -m owncontrol COMMAND."""

import argparse
import os
import sys
import tempfile
import traceback
from pathlib import Path

from owncontrol.errors import InputError

REFUSED = 2
PROGRAM_ERROR, INTERRUPTED = 70, 130  # as sysexits.h (EX_SOFTWARE) and shells have them


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    What a person can mend is one line and a hint, and exit code 1; an error of the program is one
    line that names the file with its traceback, and exit code 70; 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="python -m owncontrol", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a study from its raw files to the report")
    run.add_argument("--study", help="a study; the default one if left out")
    run.add_argument("--cores", default="all", help="how many at most; all if left out")
    wanted = run.add_mutually_exclusive_group()
    wanted.add_argument("--figure", metavar="NAME", help="only this figure")
    wanted.add_argument("--figures", action="store_true", help="only the figures")
    wanted.add_argument("--snakemake-report", action="store_true", help="Snakemake's own report")
    run.add_argument("--profile", help="a profile of Snakemake, by its folder in profiles/")
    run.add_argument("more", nargs="*", help="after --: further arguments of Snakemake")
    study = commands.add_parser("study", help="the name that a study's results go by")
    study.add_argument("name", nargs="?", help="a study; the default one if left out")
    manifest = commands.add_parser("manifest", help="record the files of a raw folder as they are")
    manifest.add_argument("folder")
    manifest.add_argument("--why", default="", help="why listed files changed; is kept")
    manifest.add_argument("--who", default="", help="who changed them; the user if left out")
    score = commands.add_parser("score-isncsci", help="classify a file of ISNCSCI exams")
    score.add_argument("exams", help="a file in any format that is read, one exam a row")
    score.add_argument("-o", "--output", help="CSV to write; the standard output if left out")
    score.add_argument("--sheet", help="sheet of a workbook; the first one if left out")
    score.add_argument("--encoding", help="encoding of a delimited text; found if left out")
    score.add_argument("--delimiter", help="its delimiter (tab: \\t); found if left out")
    look = commands.add_parser("inspect", help="a raw file as it is read, with all findings")
    look.add_argument("file", type=Path, help="a raw export in any format that is read")
    formats = ["auto", "csv", "excel", "sas7bdat", "xport", "spss", "stata"]
    look.add_argument("--format", choices=formats, help="by the suffix if left out")
    look.add_argument("--sheet", help="sheet of a workbook; the first visible one if left out")
    look.add_argument("--dataset", help="dataset of a SAS transport file that has several")
    look.add_argument("--encoding", help="encoding of a text; found if left out")
    look.add_argument("--delimiter", help="its delimiter (tab: \\t); found if left out")
    look.add_argument("--header-rows", type=int, help="rows that make up the header")
    look.add_argument("--dictionary", type=Path, help="the file's REDCap data dictionary")
    look.add_argument("--labelled", action="store_true", help="a REDCap export with labels")
    look.add_argument("--labels", action="store_true", help="value labels of SPSS and Stata")
    look.add_argument("--as", dest="form", choices=["csv", "json"], default="csv")
    suggest = commands.add_parser("suggest-mapping", help="propose the configuration of a raw file")
    suggest.add_argument("file", help="a raw export in any format that is read")
    suggest.add_argument("--dictionary", help="its REDCap data dictionary")
    new = commands.add_parser("new-study", help="configuration and raw folder from exports")
    new.add_argument("name", help="small letters, digits, - and _")
    new.add_argument("--from", dest="exports", type=Path, nargs="+", required=True, metavar="FILE")
    new.add_argument("--dictionary", type=Path, help="REDCap data dictionary of the first export")
    trace = commands.add_parser("trace", help="from a number to its raw cells, or back")
    trace.add_argument("estimate_id", nargs="?", help="follow this number to its raw cells")
    trace.add_argument("--raw", metavar="FILE:ROW[:COLUMN]", help="list the numbers it touches")
    trace.add_argument("--results", metavar="FOLDER", help="results/STUDY; may be left out if one")
    trace.add_argument("--limit", type=int, default=100, help="scores or rows followed; 0: all")
    trace.add_argument("--key", help="key of the keyed codes: name rows as the raw files do")
    trace.add_argument("--json", action="store_true", help="as JSON instead of a tree")
    verify = commands.add_parser("verify", help="hold each result against its recorded hash")
    verify.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    verify.add_argument("--rebuild", action="store_true", help="remove what was altered")
    verify.add_argument("--allowed-signers", type=Path, metavar="FILE", help="one of them signed")
    sign = commands.add_parser("sign", help="sign the last run of a study with a key of your own")
    sign.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    sign.add_argument("--key", type=Path, required=True, help="private SSH key")
    summary = commands.add_parser("summary", help="rows set aside and findings of a run")
    summary.add_argument("results", help="results/STUDY")
    diff = commands.add_parser("diff", help="what differs between two runs, and why")
    diff.add_argument("first", metavar="RUN_A", help="a results folder")
    diff.add_argument("second", metavar="RUN_B", help="another one")
    diff.add_argument("--limit", type=int, default=20, help="lines of each kind; 0: all")
    diff.add_argument("--json", action="store_true", help="as JSON, all of it")
    what_if = commands.add_parser("what-if", help="run a study changed, and show the difference")
    what_if.add_argument("--study", help="a study; the default one if left out")
    what_if.add_argument("--exclude", action="append", default=[], help="a subject, or FILE:ROW")
    what_if.add_argument("--rule", action="append", default=[], metavar="KEY=VALUE")
    what_if.add_argument("--cores", default="all")
    archive = commands.add_parser("archive", help="a study with code and results in one file")
    archive.add_argument("results", help="results/STUDY")
    archive.add_argument("archive", help="the file to write, .tar.gz")
    archive.add_argument("--with-raw", action="store_true", help="the raw files, not only hashes")
    again = commands.add_parser("verify-archive", help="run an archive again, compare all hashes")
    again.add_argument("archive")
    again.add_argument("--raw", type=Path, help="folder of the raw files if it has only hashes")
    again.add_argument("--key", type=Path, help="key file of keyed codes, as the study names it")
    again.add_argument("--allowed-signers", type=Path, metavar="FILE", help="one of them signed it")
    source = again.add_mutually_exclusive_group()
    source.add_argument("--code", metavar="COMMIT", help="run this commit, not the present code")
    source.add_argument(
        "--run-foreign-code", action="store_true", help="run the archive's own code"
    )
    again.add_argument("--cores", default="all")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
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


def _run(options: argparse.Namespace) -> int:
    """Import what the command needs, and nothing else: a command answers at once."""
    if options.command == "run":
        from owncontrol.cli.run_workflow import run

        return run(
            options.study,
            options.cores,
            options.figure,
            options.figures,
            options.snakemake_report,
            options.profile,
            options.more,
        )
    elif options.command == "study":
        from owncontrol.study.loading import study_name

        print(study_name(options.name))
    elif options.command == "manifest":
        from owncontrol.study.manifest import record_files

        path, changed = record_files(options.folder, options.why, options.who)
        said = f" (changed since it was last written: {changed}; see {path}.history)"
        print(f"wrote {path}{said if changed else ''}")
    elif options.command == "inspect":
        from owncontrol.cli.inspect_file import inspect_file, reading_options

        inspect_file(options.file, reading_options(options), options.form)
    elif options.command == "suggest-mapping":
        from owncontrol.cli.suggest_mapping import suggest_mapping

        print(suggest_mapping(options.file, options.dictionary), end="")
    elif options.command == "new-study":
        from owncontrol.cli.new_study import new_study

        made, left = new_study(options.name, options.exports, options.dictionary, Path())
        print(f"wrote {made} and data/raw/{options.name}: {left}")
    elif options.command == "trace":
        from owncontrol.cli.trace import print_trace

        print_trace(
            options.estimate_id,
            options.raw,
            options.results,
            options.limit,
            options.json,
            options.key,
        )
    elif options.command == "verify":
        from owncontrol.cli.verify import verify

        signers = options.allowed_signers
        return 0 if verify(options.results, options.rebuild, signers) else 1
    elif options.command == "sign":
        from owncontrol.cli.verify import sign_results

        return 0 if sign_results(options.results, options.key) else 1
    elif options.command == "summary":
        from owncontrol.cli.summary import summary

        print("\n".join(summary(options.results)))
    elif options.command == "diff":
        from owncontrol.cli.diff import print_differences

        print_differences(options.first, options.second, options.limit, options.json)
    elif options.command == "archive":
        from owncontrol.cli.archive import archive_study

        archive_study(Path(options.results), Path(options.archive), options.with_raw)
    elif options.command == "verify-archive":
        from owncontrol.cli.verify_archive import Request, verify_archive

        request = Request(
            Path(options.archive),
            options.raw,
            options.cores,
            options.code,
            options.run_foreign_code,
            options.key,
            options.allowed_signers,
        )
        return 0 if verify_archive(request) else 1
    elif options.command == "what-if":
        from owncontrol.cli.what_if import what_if

        what_if(options.study, options.exclude, options.rule, options.cores)
    else:
        from owncontrol.cli.score_isncsci import score_file

        count = score_file(
            options.exams, options.output, options.sheet, options.encoding, options.delimiter
        )
        print(f"{count} exams classified", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
