"""Verify: the raw files are the ones that the MANIFEST lists.

Inputs: each raw file that the configuration names.
Outputs: results/<study>/verified/<file>.sha256, the hash it was found to have; where the study
defines instruments of its own, results/<study>/instruments/<name>.yaml.
Steps: hash the file, compare with the MANIFEST. (The same is checked before a run starts, so that
an altered file touches nothing; here it is done again by the job that vouches for the file.)
"""


rule verify_raw_file:
    input:
        file=f"{RAW}/{{file}}",
        program=script_file("verify_raw_file"),
        # No file: what a run does before its first step (common.smk).
        begun=begin_run,
    output:
        record=f"{RESULTS}/verified/{{file}}.sha256",
    log:
        f"{LOGS}/verify/{{file}}.log",
    conda:
        ENVIRONMENT
    params:
        expected=lambda wildcards: RAW_HASHES[wildcards.file],
        code=code(script_file("verify_raw_file")),
    shell:
        "python {input.program:q} {input.file:q} {params.expected}"
        " {output.record:q} {log:q}"


if MEASURES:

    rule define_instruments:
        input:
            begun=begin_run,
        output:
            MEASURE_FILES,
        log:
            f"{LOGS}/verify/instruments.log",
        conda:
            ENVIRONMENT
        params:
            definitions=[definition(study, name) for name in MEASURES],
            code=code(script_file("define_instruments")),
        script:
            "../scripts/define_instruments.py"
