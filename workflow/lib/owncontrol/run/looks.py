"""Whether a call of Snakemake runs anything, or only looks: -n, --list, --summary, --dag, ..."""

from collections.abc import Sequence

# What Snakemake calls the options with which it makes nothing.
LOOKS = (
    "dryrun", "lint", "list_rules", "list_target_rules", "list_changes", "list_input_changes",
    "list_params_changes", "list_untracked", "list_conda_envs", "summary", "detailed_summary",
    "dag", "rulegraph", "filegraph", "d3dag", "report", "containerize", "export_cwl",
    "print_compilation", "generate_unit_tests", "unlock", "cleanup_metadata", "archive",
)  # fmt: skip


def only_looks(arguments: Sequence[str]) -> bool:
    """Whether these arguments of Snakemake's command line make it run no step.

    Those of another program (Snakemake used as a library) are taken for a run.
    """
    from snakemake.cli import get_argument_parser

    parser = get_argument_parser()
    try:
        options, _ = parser.parse_known_args(list(arguments))
    except SystemExit:
        return False
    # An option that is left out has its default, one that is given without a value another one.
    return any(getattr(options, name, None) != parser.get_default(name) for name in LOOKS)
