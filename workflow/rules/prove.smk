"""Prove: what the run was made from, and what it made.

Inputs: the configuration, the MANIFEST, the environment; every output of the run.
Outputs: results/<study>/provenance/: configuration.yaml (as merged and checked), raw_files.csv
(sha256 of each), environment.csv (Python and packages), outputs.csv (sha256 of every file of the
results, with the rule, the script and the inputs that made it). Nothing in them from clock, host
or user.
Steps: write the first three before the report, which prints them; hash the outputs last.
"""


rule record_run:
    input:
        verified=[f"{RESULTS}/verified/{name}.sha256" for name in RAW_FILES],
    output:
        configuration=f"{RESULTS}/provenance/configuration.yaml",
        raw_files=f"{RESULTS}/provenance/raw_files.csv",
        environment=f"{RESULTS}/provenance/environment.csv",
    log:
        f"{LOGS}/prove/run.log",
    conda:
        ENVIRONMENT
    params:
        config=config,
        code=code(script_file("record_run")),
    script:
        "../scripts/record_run.py"


# By rule: what it runs, what it reads and what it writes. This file is included last.
STEPS = [
    {
        "rule": step.name,
        "script": Path(step.script).name,
        "inputs": sorted(map(str, step.input)),
        "outputs": sorted(map(str, step.output)),
    }
    for step in workflow.rules
    if step.script and not step.has_wildcards()
]


rule record_outputs:
    input:
        outputs=[output for step in STEPS for output in step["outputs"]],
    output:
        outputs=f"{RESULTS}/provenance/outputs.csv",
    log:
        f"{LOGS}/prove/outputs.log",
    conda:
        ENVIRONMENT
    params:
        steps=STEPS,
        code=code(script_file("record_outputs")),
    script:
        "../scripts/record_outputs.py"


PROVENANCE = [*rules.record_run.output, *rules.record_outputs.output]
