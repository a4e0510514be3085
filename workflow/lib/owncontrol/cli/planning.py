"""The commands before a run: what it would refuse, what it can show, and its frozen plan."""

import argparse
import sys
from pathlib import Path

from owncontrol.cli.command import Command, declare_study


def _check(options: argparse.Namespace) -> int:
    from owncontrol.cli.check_study import check_study

    faults = check_study(options.study, Path())
    for line in faults:
        print(f"error: {line}", file=sys.stderr)
    if not faults:
        print("no faults found: the study can be run")
    return 1 if faults else 0


def _declare_design(parser: argparse.ArgumentParser) -> None:
    declare_study(parser)
    parser.add_argument("--n", required=True, metavar="GRADE=N,...", help="subjects by grade")


def _design(options: argparse.Namespace) -> int:
    from owncontrol.cli.design_study import design_lines

    print("\n".join(design_lines(options.study, options.n)))
    return 0


def _declare_freeze(parser: argparse.ArgumentParser) -> None:
    declare_study(parser)
    add = parser.add_argument
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


COMMANDS = (
    Command("check", "everything that a run would refuse, all at once", declare_study, _check),
    Command("design", "what so many subjects could show", _declare_design, _design),
    Command("freeze", "write down the plan before the data are seen", _declare_freeze, _freeze),
    Command(
        "natural-course",
        "expected change of a score without the treatment",
        _declare_natural_course,
        _natural_course,
    ),
)
