"""owncontrol: from raw assessment exports to an audited report, one command.

The workflow itself is workflow/Snakefile; the default study is config.yaml, a further one is
chosen by --config study=<name> (config/<name>.yaml).
"""


include: "workflow/Snakefile"


# A Snakefile that only includes another has no target of its own and would plan nothing.
workflow.default_target = "all"
