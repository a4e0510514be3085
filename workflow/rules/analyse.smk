"""Analyse: notebooks that each write rows of the analysis results.

Inputs: cleaned tables, scores, the notebook itself.
Outputs: results/<study>/statistics/<analysis>.csv and the executed notebook under
results/<study>/notebooks/; all rows together in statistics/estimates.csv, .xlsx and .parquet.
Steps: run each notebook with the study's settings, stack their rows; write them as a workbook too.
"""

ANALYSES = ["data_quality", "patients", "change", "responders", "sensitivity"]
if "adverse_events" in TABLES:
    ANALYSES.append("adverse_events")
if "natural_recovery" in config:
    ANALYSES.append("natural_recovery")
ESTIMANDS = (
    "endpoints",
    "post_hoc",
    "characteristics",
    "visits",
    "baseline",
    "time_point",
    "level",
)

# Priorities: analyses before figures, for the text of the report waits for them all; of them first
# those that take longest, so that no core waits for one at the end.
LONG, SHORT = 2, 1

SUBJECTS = dict(
    subjects=f"{RESULTS}/cleaned/subjects.csv",
    treatments=f"{RESULTS}/cleaned/treatments.csv",
    scores=SCORE_TABLE,
)


if "natural_recovery" in config:
    RATES = shipped_file(config["natural_recovery"]["table"])


rule describe_data_quality:
    input:
        notebook=notebook_file("01_data_quality"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        flow=f"{RESULTS}/cleaned/flow.csv",
        flow_cells=f"{RESULTS}/cleaned/flow_cells.csv",
        findings=f"{RESULTS}/cleaned/findings.csv",
        scores=SCORE_TABLE,
    output:
        estimates=f"{RESULTS}/statistics/data_quality.csv",
        executed=f"{RESULTS}/notebooks/01_data_quality.ipynb",
    log:
        f"{LOGS}/analyse/data_quality.log",
    priority: LONG
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
        scores=SCORE_TABLE,
    output:
        estimates=f"{RESULTS}/statistics/patients.csv",
        executed=f"{RESULTS}/notebooks/02_patients.ipynb",
    log:
        f"{LOGS}/analyse/patients.log",
    priority: SHORT
    conda:
        ENVIRONMENT
    params:
        settings=settings("characteristics", "visits"),
        code=code(notebook_file("02_patients"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule estimate_change:
    input:
        **SUBJECTS,
        notebook=notebook_file("03_change"),
        exams=(
            f"{RESULTS}/cleaned/isncsci.csv"
            if "isncsci" in INSTRUMENTS and "isncsci" not in RECORDED
            else []
        ),
    output:
        estimates=f"{RESULTS}/statistics/change.csv",
        executed=f"{RESULTS}/notebooks/03_change.ipynb",
    log:
        f"{LOGS}/analyse/change.log",
    priority: LONG
    conda:
        ENVIRONMENT
    params:
        settings=settings(*ESTIMANDS, "undefined"),
        code=code(notebook_file("03_change"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


if "adverse_events" in TABLES:

    rule summarise_adverse_events:
        input:
            notebook=notebook_file("04_adverse_events"),
            subjects=f"{RESULTS}/cleaned/subjects.csv",
            treatments=f"{RESULTS}/cleaned/treatments.csv",
            adverse_events=f"{RESULTS}/cleaned/adverse_events.csv",
            flow=f"{RESULTS}/cleaned/flow.csv",
        output:
            estimates=f"{RESULTS}/statistics/adverse_events.csv",
            executed=f"{RESULTS}/notebooks/04_adverse_events.ipynb",
        log:
            f"{LOGS}/analyse/adverse_events.log",
        priority: SHORT
        conda:
            ENVIRONMENT
        params:
            settings=settings("characteristics", "level"),
            code=code(notebook_file("04_adverse_events"), script_file("run_notebook")),
        script:
            "../scripts/run_notebook.py"


rule estimate_responders:
    input:
        **SUBJECTS,
        notebook=notebook_file("05_responders"),
    output:
        estimates=f"{RESULTS}/statistics/responders.csv",
        executed=f"{RESULTS}/notebooks/05_responders.ipynb",
    log:
        f"{LOGS}/analyse/responders.log",
    priority: LONG
    conda:
        ENVIRONMENT
    params:
        settings=settings(*ESTIMANDS, "responders", "improved_by_weeks"),
        code=code(notebook_file("05_responders"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


if "natural_recovery" in config:

    rule compare_natural_recovery:
        input:
            **SUBJECTS,
            notebook=notebook_file("06_natural_recovery"),
            rates=RATES,
        output:
            estimates=f"{RESULTS}/statistics/natural_recovery.csv",
            executed=f"{RESULTS}/notebooks/06_natural_recovery.ipynb",
        log:
            f"{LOGS}/analyse/natural_recovery.log",
        priority: SHORT
        conda:
            ENVIRONMENT
        params:
            settings=settings(*ESTIMANDS, "natural_recovery"),
            code=code(
                notebook_file("06_natural_recovery"),
                script_file("run_notebook"),
                RATES,
            ),
        script:
            "../scripts/run_notebook.py"


rule examine_sensitivity:
    input:
        **SUBJECTS,
        notebook=notebook_file("07_sensitivity"),
    output:
        estimates=f"{RESULTS}/statistics/sensitivity.csv",
        executed=f"{RESULTS}/notebooks/07_sensitivity.ipynb",
    log:
        f"{LOGS}/analyse/sensitivity.log",
    priority: LONG
    conda:
        ENVIRONMENT
    params:
        settings=settings(*ESTIMANDS, "sensitivity"),
        code=code(notebook_file("07_sensitivity"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule audit_claims:
    input:
        notebook=notebook_file("08_claims"),
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        analyses=[f"{RESULTS}/statistics/{name}.csv" for name in ANALYSES],
    output:
        estimates=f"{RESULTS}/statistics/claims.csv",
        executed=f"{RESULTS}/notebooks/08_claims.ipynb",
    log:
        f"{LOGS}/analyse/claims.log",
    priority: SHORT
    conda:
        ENVIRONMENT
    params:
        settings=settings(
            "level",
            "claims",
            *(["natural_recovery"] if "natural_recovery" in config else []),
        ),
        code=code(notebook_file("08_claims"), script_file("run_notebook")),
    script:
        "../scripts/run_notebook.py"


rule gather_estimates:
    input:
        estimates=[f"{RESULTS}/statistics/{name}.csv" for name in [*ANALYSES, "claims"]],
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
