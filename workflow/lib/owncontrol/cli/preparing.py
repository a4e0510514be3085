"""The commands for raw files, and for the configuration of a new study."""

import argparse
import os
import sys
from pathlib import Path

from owncontrol.cli.command import Command, declare_study


def _declare_manifest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder")
    parser.add_argument("--why", default="", help="why listed files changed; is kept")
    parser.add_argument("--who", default="", help="who changed them; the user if left out")


def _manifest(options: argparse.Namespace) -> int:
    from owncontrol.study.manifest import record_files

    path, changed = record_files(options.folder, options.why, options.who)
    said = f" (changed since it was last written: {changed}; see {path}.history)"
    print(f"wrote {path}{said if changed else ''}")
    return 0


def _declare_score_isncsci(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exams", help="a file in any format that is read, one exam per row")
    parser.add_argument("-o", "--output", help="CSV to write; the standard output if left out")
    parser.add_argument("--sheet", help="sheet of a workbook; the first one if left out")
    parser.add_argument("--encoding", help="encoding of a delimited text; found if left out")
    parser.add_argument("--delimiter", help="its delimiter (tab: \\t); found if left out")


def _score_isncsci(options: argparse.Namespace) -> int:
    from owncontrol.cli.score_isncsci import score_file

    count = score_file(
        options.exams, options.output, options.sheet, options.encoding, options.delimiter
    )
    print(f"{count} exams classified", file=sys.stderr)
    return 0


def _declare_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a raw export in any format that is read")
    formats = ["auto", "csv", "excel", "sas7bdat", "xport", "spss", "stata"]
    formats += ["redcap_xml", "odm", "dataset_json"]
    parser.add_argument("--format", choices=formats, help="by the suffix if left out")
    parser.add_argument("--sheet", help="sheet of a workbook; the first visible one if left out")
    parser.add_argument("--dataset", help="dataset of a SAS transport file that has several")
    parser.add_argument("--encoding", help="encoding of a text; found if left out")
    parser.add_argument("--delimiter", help="its delimiter (tab: \\t); found if left out")
    parser.add_argument("--title-rows", type=int, help="rows above the header")
    parser.add_argument("--header-rows", type=int, help="rows that make up the header")
    parser.add_argument("--dictionary", type=Path, help="the file's REDCap data dictionary")
    parser.add_argument("--labelled", action="store_true", help="a REDCap export with labels")
    parser.add_argument("--labels", action="store_true", help="value labels of SPSS and Stata")
    parser.add_argument("--as", dest="form", choices=["csv", "json"], default="csv")


def _inspect(options: argparse.Namespace) -> int:
    from owncontrol.cli.inspect_file import inspect_file, reading_options

    inspect_file(options.file, reading_options(options), options.form)
    return 0


def _declare_suggest_mapping(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="a raw export in any format that is read")
    parser.add_argument("--dictionary", help="its REDCap data dictionary")


def _suggest_mapping(options: argparse.Namespace) -> int:
    from owncontrol.cli.suggest_mapping import suggest_mapping

    print(suggest_mapping(options.file, options.dictionary), end="")
    return 0


def _declare_new_study(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", help="small letters, digits, - and _")
    add("--from", dest="exports", type=Path, nargs="+", required=True, metavar="FILE")
    add("--dictionary", type=Path, help="REDCap data dictionary of the first export")
    add("--subject", default="", metavar="COLUMN", help="study codes; several: centre,id")
    _declare_visits(parser)
    _declare_measures(parser)
    add("--date", default="", metavar="COLUMN", help="date of the assessment")
    add("--start", default="", metavar="COLUMN", help="date on which the treatment began")
    add("--treatment", default="", help="what was given, as it is inside a sentence")
    add("--title", default="", help="title of the report")
    add("--question", default="", help="what was studied")
    add("--describe", default="", metavar="COLUMN,COLUMN", help="columns for the table of subjects")
    add("--arms", default="", metavar="COLUMN", help="arm of a subject; described side by side")
    add("--called", default="", metavar="ONE,MANY", help="the subjects (rat,rats); else patients")
    add("--synthetic", action="store_true", help="the data are made up")
    add("--replace", action="store_true", help="in place of an unfinished study of the name")


def _declare_visits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--visit", default="", metavar="COLUMN", help="visits, where each has rows of its own")
    add("--visits", default="", metavar="A,B", help="the visits in order, as they are written")
    add(
        "--windows",
        default="",
        metavar="VISIT=0,VISIT=80..100",
        help="visits made of the numbers of --visit, or of days since each subject's first --date",
    )
    add("--baseline", default="", metavar="VISIT", help="the visit that changes count from")
    add("--time-point", default="", metavar="VISIT", help="the visit of the main result")
    add(
        "--baseline-column",
        default="",
        metavar="[MEASURE=]COLUMN",
        help="column that repeats the baseline in every row of a follow-up",
    )


def _declare_measures(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--measure",
        action="append",
        default=[],
        metavar="NAME:higher|lower:UNIT[=COLUMN,COLUMN]",
        help="what was measured; the first is the primary endpoint; a+b adds columns up",
    )
    add(
        "--event",
        action="append",
        default=[],
        metavar="NAME:UNIT[:AT,AT]=TIME,EVENT[=VALUE]",
        help="time to an event, described: columns of the time and of whether it was seen",
    )
    add(
        "--words",
        action="append",
        default=[],
        metavar="MEASURE=WORD,WORD",
        help="words that are in place of numbers, the lowest first",
    )
    add(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="rows that are part of the study (an arm, a centre)",
    )
    add("--missing", default="", metavar="NA,-9", help="what stands for a missing value")
    add(
        "--important-difference",
        action="append",
        default=[],
        metavar="MEASURE=NUMBER[:SOURCE]",
        help="the least change that counts",
    )


def _new_study(options: argparse.Namespace) -> int:
    from owncontrol.cli.new_study import new_study
    from owncontrol.suggest import dialogue, questions, request

    asked = request.request_of(options)
    if not asked.measures and dialogue.can_ask():
        asked = questions.asked(asked)
    made = new_study(asked, Path(), lambda path: options.replace or dialogue.may_replace(path))
    print(f"wrote {made.path} and data/raw/{asked.name}")
    print("\n".join(f"  {line}" for line in made.left))
    return 0


def _declare_pull(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``pull``. The token is none of them: arguments are seen by everybody."""
    declare_study(parser)
    parser.add_argument("--url", default="", help="address of the REDCap API; else REDCAP_API_URL")
    parser.add_argument("--export", default="", help="which entry under exports; if there are two")
    parser.add_argument("--who", default="", metavar="NAME", help="who pulls; the user if left out")
    parser.add_argument("--batch", type=int, default=200, help="records asked for at once")


def _pull(options: argparse.Namespace) -> int:
    """Make a data cut."""
    from owncontrol.pull.pulling import ADDRESS, Request, pull_study
    from owncontrol.pull.token import find_token

    request = Request(options.study, options.url, options.export, options.who, options.batch)
    print("\n".join(pull_study(request, Path(), find_token, address=os.environ.get(ADDRESS, ""))))
    return 0


COMMANDS = (
    Command(
        "manifest", "record the files of a raw folder as they are", _declare_manifest, _manifest
    ),
    Command(
        "score-isncsci", "classify a file of ISNCSCI exams", _declare_score_isncsci, _score_isncsci
    ),
    Command("inspect", "a raw file as it is read, with all findings", _declare_inspect, _inspect),
    Command(
        "suggest-mapping",
        "propose the configuration of a raw file",
        _declare_suggest_mapping,
        _suggest_mapping,
    ),
    Command(
        "new-study", "configuration and raw folder from exports", _declare_new_study, _new_study
    ),
    Command("pull", "a data cut from a REDCap server", _declare_pull, _pull),
)
