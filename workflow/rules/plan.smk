"""Plan: what was fixed beforehand, and what differs from it.

Inputs: config/<study>.plan.lock where the plan was frozen (owncontrol freeze); of the cleaned data
how many follow-ups came before each date of the plan, the findings, the corrected cells; scores.
Outputs: results/<study>/plan/plan_versions.csv (when, by whom, before or after the first follow-up)
and post_hoc.csv (what no plan fixed before it); departures.csv (what differs from the frozen plan),
disclosures.csv (exclusions, corrections, gaps, scores that are no endpoint, patients lost). The
counts of both are an analysis (notebooks/09_plan.ipynb).
Steps: judge when the plan was written; compare the study with it.
"""

PARTS = frozen_parts(study, Path("."))
LOCK_FILES = [str(lock_path(STUDY))] if PLAN_LOCK else []


rule judge_plan:
    input:
        timing=rules.clean_tables.output.timing,
        lock=LOCK_FILES,
    output:
        versions=f"{RESULTS}/plan/plan_versions.csv",
        post_hoc=f"{RESULTS}/plan/post_hoc.csv",
    log:
        f"{LOGS}/plan/judge.log",
    conda:
        ENVIRONMENT
    params:
        lock=PLAN_LOCK.given() if PLAN_LOCK else {},
        raw_files=RAW_HASHES,
        assessment_files=list(assessment_files(study)),
        named=names_of_results(study),
        declared=list(study.plan.endpoints),
        code=code(script_file("judge_plan")),
    script:
        "../scripts/judge_plan.py"


rule compare_plan:
    input:
        versions=rules.judge_plan.output.versions,
        lock=LOCK_FILES,
        corrected=rules.clean_tables.output.corrected,
        findings=rules.clean_tables.output.findings,
        # Whom the results are about: everybody registered in a study without treatments.
        people=f"{RESULTS}/cleaned/{'treatments' if 'treatments' in TABLES else 'subjects'}.csv",
        scores=SCORE_TABLE,
        instruments=INSTRUMENT_FILES,
    output:
        departures=f"{RESULTS}/plan/departures.csv",
        disclosures=f"{RESULTS}/plan/disclosures.csv",
    log:
        f"{LOGS}/plan/compare.log",
    conda:
        ENVIRONMENT
    params:
        lock=PLAN_LOCK.given() if PLAN_LOCK else {},
        now=PARTS.plain(),
        raw_files=RAW_HASHES,
        raw_changes=RAW_CHANGES,
        raw_gone=RAW_GONE,
        settings=analysed.plain(),
        code=code(
            script_file("compare_plan"),
            *LIBRARY_FILES,
            WORKFLOW / "schemas/reference_tables.sha256",
        ),
    script:
        "../scripts/compare_plan.py"
