"""Prove: what the run was made from, and what it made.

Inputs: the configuration, the MANIFEST, the environment; every output of the run.
Outputs: results/<study>/provenance/: configuration.yaml (as merged and checked), raw_files.csv
(sha256 of each), environment.csv (platform, Python, packages with their hashes), imported.csv (the
files of packages that are loaded, with their hashes), workflow.smk (the rules), outputs.csv (sha256
of every file of the results, with the rule, the script or notebook and the inputs that made it);
ro-crate-metadata.json, the same as a Workflow Run RO-Crate. Nothing in them from clock, host or
user: that is, with the state of git, in provenance/run.yaml, which is never compared; neither is
provenance/history.jsonl, to which each run adds a line that follows from the line before
(owncontrol.provenance.history). datapackage.json (Frictionless) and
provenance/data_dictionary.csv: what each column of each table holds.
Steps: write the first four before the report, which prints them; describe the tables; hash the
outputs last, and hash the raw files once more, so that none was changed during the run.
"""

TABLE_SCHEMAS = sorted(map(str, (WORKFLOW / "schemas/tables").glob("*.yaml")))


rule record_run:
    input:
        verified=[f"{RESULTS}/verified/{name}.sha256" for name in RAW_FILES],
    output:
        configuration=f"{RESULTS}/provenance/configuration.yaml",
        raw_files=f"{RESULTS}/provenance/raw_files.csv",
        environment=f"{RESULTS}/provenance/environment.csv",
        imported=f"{RESULTS}/provenance/imported.csv",
    log:
        f"{LOGS}/prove/run.log",
    conda:
        ENVIRONMENT
    params:
        config=config,
        code=code(script_file("record_run")),
    script:
        "../scripts/record_run.py"


rule describe_tables:
    input:
        tables=[
            output
            for step in recorded_steps()
            for output in step["outputs"]
            if output == SCORE_TABLE
            or (
                output.endswith(".csv") and not output.startswith(f"{RESULTS}/report/")
            )
        ],
        instruments=INSTRUMENT_FILES,
    output:
        package=f"{RESULTS}/datapackage.json",
        dictionary=f"{RESULTS}/provenance/data_dictionary.csv",
    log:
        f"{LOGS}/prove/tables.log",
    conda:
        ENVIRONMENT
    params:
        config=DescribedTables.taken_from(study).plain(),
        later=["provenance/data_dictionary.csv", "provenance/outputs.csv"],
        code=code(script_file("describe_tables"), *LIBRARY_FILES, *TABLE_SCHEMAS),
    script:
        "../scripts/describe_tables.py"


STEPS = recorded_steps()
SNAKEFILE = WORKFLOW / "Snakefile"


rule record_outputs:
    input:
        configuration=rules.record_run.output.configuration,
        outputs=[output for step in STEPS for output in step["outputs"]],
    output:
        outputs=f"{RESULTS}/provenance/outputs.csv",
        workflow=f"{RESULTS}/provenance/workflow.smk",
        run=f"{RESULTS}/provenance/run.yaml",
        crate=f"{RESULTS}/ro-crate-metadata.json",
    log:
        f"{LOGS}/prove/outputs.log",
    conda:
        ENVIRONMENT
    params:
        steps=STEPS,
        own={
            "rule": "record_outputs",
            "script": "workflow/scripts/record_outputs.py",
            "inputs": sorted(output for step in STEPS for output in step["outputs"]),
        },
        config=DescribedRun.taken_from(study).plain(),
        raw={f"{RAW}/{name}": RAW_HASHES[name] for name in RAW_FILES},
        logs=LOGS,
        project=str(WORKFLOW.parent),
        code=code(
            script_file("record_outputs"),
            SNAKEFILE,
            *(WORKFLOW / "rules").glob("*.smk"),
        ),
    script:
        "../scripts/record_outputs.py"


ALL_STEPS = recorded_steps()
# All files, not only the last ones: one that is lost is made again.
PROVENANCE = [*rules.record_outputs.input, *rules.record_outputs.output]
