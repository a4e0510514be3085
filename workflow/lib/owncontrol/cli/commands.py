"""The commands: what each is called, is given, and calls.

A command imports what it needs when it is called, and nothing else: it answers at once.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from owncontrol.cli import exchange


@dataclass(frozen=True)
class Command:
    """One command. ``declare`` adds its arguments; ``act`` does it, and says how it ended."""

    name: str
    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    act: Callable[[argparse.Namespace], int]


def _declare_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help="a study; the default one if left out")
    parser.add_argument("--cores", default="all", help="how many at most; all if left out")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--figure", metavar="NAME", help="only this figure")
    wanted.add_argument("--figures", action="store_true", help="only the figures")
    wanted.add_argument("--snakemake-report", action="store_true", help="Snakemake's own report")
    parser.add_argument("--configfile", help="a configuration laid over that of the study")
    parser.add_argument("--profile", help="a profile of Snakemake, by its folder in profiles/")
    parser.add_argument("--verbose", action="store_true", help="show Snakemake's own log")
    parser.add_argument("more", nargs="*", help="after --: further arguments of Snakemake")


def _run(options: argparse.Namespace) -> int:
    from owncontrol.cli.run_workflow import Wanted, run

    return run(
        Wanted(
            study=options.study,
            cores=options.cores,
            figure=options.figure,
            figures=options.figures,
            snakemake_report=options.snakemake_report,
            configuration=options.configfile,
            profile=options.profile,
            verbose=options.verbose,
            more=options.more,
        )
    )


def _declare_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="a study; the default one if left out")


def _study(options: argparse.Namespace) -> int:
    from owncontrol.study.loading import study_name

    print(study_name(options.name))
    return 0


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
    add("--date", default="", metavar="COLUMN", help="date of the assessment")
    add("--start", default="", metavar="COLUMN", help="date on which the treatment began")
    add("--treatment", default="", help="what was given, as it is inside a sentence")
    add("--title", default="", help="title of the report")
    add("--question", default="", help="what was studied")
    add("--describe", default="", metavar="COLUMN,COLUMN", help="columns for the patients' table")
    add("--arms", default="", metavar="COLUMN", help="arm of a patient; described side by side")
    add("--synthetic", action="store_true", help="the data are made up")
    add("--replace", action="store_true", help="in place of an unfinished study of the name")


def _new_study(options: argparse.Namespace) -> int:
    from owncontrol.cli.new_study import new_study
    from owncontrol.suggest import questions, request

    asked = request.request_of(options)
    if not asked.measures and questions.can_ask():
        asked = questions.asked(asked)
    made = new_study(asked, Path(), lambda path: options.replace or questions.may_replace(path))
    print(f"wrote {made.path} and data/raw/{asked.name}")
    print("\n".join(f"  {line}" for line in made.left))
    return 0


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", nargs="?", help="a study; the default one if left out")


def _check(options: argparse.Namespace) -> int:
    from owncontrol.cli.check_study import check_study

    faults = check_study(options.study, Path())
    for line in faults:
        print(f"error: {line}", file=sys.stderr)
    if not faults:
        print("no faults found: the study can be run")
    return 1 if faults else 0


def _declare_freeze(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("study", nargs="?", help="a study; the default one if left out")
    add("--who", default="", metavar="NAME", help="who freezes the plan; the user if left out")
    add("--registry", default="", metavar="NUMBER", help="its number in a public registry")
    add("--sign", type=Path, metavar="KEYFILE", help="private SSH key to sign it with")
    add("--amend", action="store_true", help="add an amendment to a frozen plan")
    add("--why", default="", metavar="TEXT", help="why the plan is amended; is kept")
    add("--allowed-signers", type=Path, metavar="FILE", help="only say who signed the plan")


def _freeze(options: argparse.Namespace) -> int:
    from owncontrol.cli.freeze import Request, freeze, signed_versions
    from owncontrol.study.loading import study_name

    if options.allowed_signers:
        name = study_name(options.study)
        print("\n".join(signed_versions(name, Path(), options.allowed_signers)))
        return 0
    request = Request(
        options.study, options.who, options.registry, options.sign, options.amend, options.why
    )
    print(f"wrote {freeze(request, Path())}")
    return 0


def _declare_trace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("estimate_id", nargs="?", help="follow this number to its raw cells")
    parser.add_argument("--raw", metavar="FILE:ROW[:COLUMN]", help="list the numbers it touches")
    parser.add_argument("--results", metavar="FOLDER", help="results/STUDY; may be left out if one")
    parser.add_argument("--limit", type=int, default=100, help="scores or rows followed; 0: all")
    parser.add_argument("--key", help="key of the keyed codes: name rows as the raw files do")
    parser.add_argument("--json", action="store_true", help="as JSON instead of a tree")


def _trace(options: argparse.Namespace) -> int:
    from owncontrol.cli.trace import print_trace

    print_trace(
        options.estimate_id,
        options.raw,
        options.results,
        options.limit,
        options.json,
        options.key,
    )
    return 0


def _declare_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    parser.add_argument("--rebuild", action="store_true", help="remove what was altered")
    parser.add_argument("--allowed-signers", type=Path, metavar="FILE", help="one of them signed")


def _verify(options: argparse.Namespace) -> int:
    from owncontrol.cli.verify import verify

    signers = options.allowed_signers
    return 0 if verify(options.results, options.rebuild, signers) else 1


def _declare_sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    parser.add_argument("--key", type=Path, required=True, help="private SSH key")


def _sign(options: argparse.Namespace) -> int:
    from owncontrol.cli.verify import sign_results

    return 0 if sign_results(options.results, options.key) else 1


def _declare_summary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", help="results/STUDY")


def _summary(options: argparse.Namespace) -> int:
    from owncontrol.cli.summary import summary

    print("\n".join(summary(options.results)))
    return 0


def _declare_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN_A", help="a results folder")
    parser.add_argument("second", metavar="RUN_B", help="another one")
    parser.add_argument("--limit", type=int, default=20, help="lines of each kind; 0: all")
    parser.add_argument("--json", action="store_true", help="as JSON, all of it")


def _diff(options: argparse.Namespace) -> int:
    from owncontrol.cli.diff import print_differences

    print_differences(options.first, options.second, options.limit, options.json)
    return 0


def _declare_what_if(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help="a study; the default one if left out")
    parser.add_argument("--exclude", action="append", default=[], help="a subject, or FILE:ROW")
    parser.add_argument("--rule", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--cores", default="all")


def _what_if(options: argparse.Namespace) -> int:
    from owncontrol.cli.what_if import what_if

    what_if(options.study, options.exclude, options.rule, options.cores)
    return 0


def _declare_design(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", nargs="?", help="a study; the default one if left out")
    parser.add_argument("--n", required=True, metavar="GRADE=N,...", help="patients by grade")


def _design(options: argparse.Namespace) -> int:
    from owncontrol.cli.design_study import design_lines

    print("\n".join(design_lines(options.study, options.n)))
    return 0


def _declare_natural_course(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--scale", required=True, help="TMS, UEMS, LEMS, LT, PP, SCIM, WISCI, or another name")
    add("--grade", default="", help="grade soon after onset: A, B, C or D")
    add("--level", default="", help="tetraplegia or paraplegia")
    add("--from-day", type=float, required=True, metavar="DAY", help="days from onset")
    add("--to-day", type=float, required=True, metavar="DAY", help="a later day")
    add("--sex", default="", help="where the table has female and male apart; both if left out")
    add("--cohort", default="", help="one cohort; all if left out")
    add("--table", type=Path, metavar="FILE", help="courses of another disease, in the same form")
    add("--json", action="store_true", help="as JSON instead of lines")


def _natural_course(options: argparse.Namespace) -> int:
    from owncontrol.cli.natural_course import SHIPPED, Question, print_answer

    asked = Question(
        options.scale,
        options.grade,
        options.level,
        options.from_day,
        options.to_day,
        options.sex,
        options.cohort,
        options.table or SHIPPED,
    )
    print_answer(asked, options.json)
    return 0


def _declare_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", help="results/STUDY")
    parser.add_argument("archive", help="the file to write, .tar.gz")
    parser.add_argument("--with-raw", action="store_true", help="the raw files, not only hashes")


def _archive(options: argparse.Namespace) -> int:
    from owncontrol.cli.archive import archive_study

    archive_study(Path(options.results), Path(options.archive), options.with_raw)
    return 0


def _declare_verify_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive")
    parser.add_argument("--raw", type=Path, help="folder of the raw files if it has only hashes")
    parser.add_argument("--key", type=Path, help="key file of keyed codes, as the study names it")
    parser.add_argument(
        "--allowed-signers", type=Path, metavar="FILE", help="one of them signed it"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--code", metavar="COMMIT", help="run this commit, not the present code")
    source.add_argument(
        "--run-foreign-code", action="store_true", help="run the archive's own code"
    )
    parser.add_argument("--cores", default="all")


def _verify_archive(options: argparse.Namespace) -> int:
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


COMMANDS = (
    Command("run", "run a study from its raw files to the report", _declare_run, _run),
    Command("study", "the name that a study's results go by", _declare_study, _study),
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
    Command("pull", "a data cut from a REDCap server", exchange.declare_pull, exchange.pull),
    Command("check", "everything that a run would refuse, all at once", _declare_check, _check),
    Command("design", "what so many patients could show", _declare_design, _design),
    Command("freeze", "write down the plan before the data are seen", _declare_freeze, _freeze),
    Command("trace", "from a number to its raw cells, or back", _declare_trace, _trace),
    Command("verify", "check each result against its recorded hash", _declare_verify, _verify),
    Command("sign", "sign the last run of a study with a key of your own", _declare_sign, _sign),
    Command("summary", "rows set aside and findings of a run", _declare_summary, _summary),
    Command("diff", "what differs between two runs, and why", _declare_diff, _diff),
    Command("what-if", "run a study changed, and show the difference", _declare_what_if, _what_if),
    Command(
        "natural-course",
        "expected change of a score without the treatment",
        _declare_natural_course,
        _natural_course,
    ),
    Command("export", "datasets like ADaM's, for others", exchange.declare_export, exchange.export),
    Command("publish", "a folder to deposit, unsent", exchange.declare_publish, exchange.publish),
    Command("archive", "a study with code and results in one file", _declare_archive, _archive),
    Command(
        "verify-archive",
        "run an archive again, compare all hashes",
        _declare_verify_archive,
        _verify_archive,
    ),
)
