"""Analyse: notebooks that each write rows of the analysis results.

Inputs: cleaned tables, scores, the notebook itself.
Outputs: results/<study>/statistics/<analysis>.csv and the executed notebook under
results/<study>/notebooks/; all rows together in statistics/estimates.csv.
Steps: run each notebook with the study's settings, stack their rows.
"""

ANALYSES = ["data_quality", "patients", "change"]
if "adverse_events" in TABLES:
    ANALYSES.append("adverse_events")


rule describe_data_quality:
    input:
        notebook=notebook_file("01_data_quality"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        flow=f"{RESULTS}/cleaned/flow.csv",
        findings=f"{RESULTS}/cleaned/findings.csv",
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        estimates=f"{RESULTS}/statistics/data_quality.csv",
        executed=f"{RESULTS}/notebooks/01_data_quality.ipynb",
    log:
        f"{LOGS}/analyse/data_quality.log",
    conda:
        ENVIRONMENT
    params:
        code=code(notebook_file("01_data_quality"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule describe_patients:
    input:
        notebook=notebook_file("02_patients"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        treatments=f"{RESULTS}/cleaned/treatments.csv",
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        estimates=f"{RESULTS}/statistics/patients.csv",
        executed=f"{RESULTS}/notebooks/02_patients.ipynb",
    log:
        f"{LOGS}/analyse/patients.log",
    conda:
        ENVIRONMENT
    params:
        settings=settings("characteristics", "visits"),
        code=code(notebook_file("02_patients"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule estimate_change:
    input:
        notebook=notebook_file("03_change"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        estimates=f"{RESULTS}/statistics/change.csv",
        executed=f"{RESULTS}/notebooks/03_change.ipynb",
    log:
        f"{LOGS}/analyse/change.log",
    conda:
        ENVIRONMENT
    params:
        settings=settings("endpoints", "visits", "baseline", "time_point", "level"),
        code=code(notebook_file("03_change"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule summarise_adverse_events:
    input:
        notebook=notebook_file("04_adverse_events"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        treatments=f"{RESULTS}/cleaned/treatments.csv",
        adverse_events=f"{RESULTS}/cleaned/adverse_events.csv",
    output:
        estimates=f"{RESULTS}/statistics/adverse_events.csv",
        executed=f"{RESULTS}/notebooks/04_adverse_events.ipynb",
    log:
        f"{LOGS}/analyse/adverse_events.log",
    conda:
        ENVIRONMENT
    params:
        settings=settings("characteristics", "level"),
        code=code(notebook_file("04_adverse_events"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule gather_estimates:
    input:
        estimates=[f"{RESULTS}/statistics/{name}.csv" for name in ANALYSES],
    output:
        estimates=f"{RESULTS}/statistics/estimates.csv",
    log:
        f"{LOGS}/analyse/gather.log",
    conda:
        ENVIRONMENT
    params:
        code=code(script_file("gather_estimates")),
    script:
        "../scripts/gather_estimates.py"
