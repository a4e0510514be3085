"""Analyse: notebooks that each write rows of the analysis results; owncontrol/analysis/catalogue.py.

Inputs: cleaned tables, scores, the notebook itself.
Outputs: results/<study>/statistics/<analysis>.csv and the executed notebook under
results/<study>/notebooks/; all rows together in statistics/estimates.csv, .xlsx and .parquet.
Steps: run each notebook with the study's settings, stack their rows; write them as a workbook too.
"""

from owncontrol.analysis.catalogue import analyses_for

# A key that is empty (no event whose time is followed) asks for nothing.
ANALYSES = analyses_for({*TABLES, *(key for key in config if config[key])})

# Priorities: analyses before figures, for the text of the report waits for them all; of them first
# those that take longest, so that no core waits for one at the end.
LONG, SHORT = 2, 1


for entry in ANALYSES:

    rule:
        name:
            entry.rule
        input:
            **analysis_input(entry),
            notebook=notebook_file(entry.notebook),
            post_hoc=post_hoc_input(entry),
        output:
            estimates=analysis_table(entry),
            executed=f"{RESULTS}/notebooks/{entry.notebook}.ipynb",
        log:
            f"{LOGS}/analyse/{entry.name}.log",
        priority: LONG if entry.long else SHORT
        conda:
            ENVIRONMENT
        params:
            **analysis_params(entry),
        script:
            "../scripts/run_notebook.py"


rule gather_estimates:
    input:
        estimates=[analysis_table(entry) for entry in ANALYSES],
    output:
        estimates=f"{RESULTS}/statistics/estimates.csv",
        parquet=f"{RESULTS}/statistics/estimates.parquet",
    log:
        f"{LOGS}/analyse/gather.log",
    priority: SHORT
    conda:
        ENVIRONMENT
    params:
        code=code(script_file("gather_estimates")),
    script:
        "../scripts/gather_estimates.py"


rule write_workbook:
    input:
        estimates=rules.gather_estimates.output.estimates,
    output:
        workbook=f"{RESULTS}/statistics/estimates.xlsx",
    log:
        f"{LOGS}/analyse/workbook.log",
    conda:
        ENVIRONMENT
    params:
        code=code(script_file("write_workbook")),
    script:
        "../scripts/write_workbook.py"
