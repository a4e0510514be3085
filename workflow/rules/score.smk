"""Score: item-level assessments become one long table of scores.

Inputs: the cleaned table of each instrument, the instruments; who was treated (all, where the
study has no treatments), and the findings.
Outputs: results/<study>/scored/scores.csv, discrepancies.csv (scores that differ from what the
examiner wrote).
Steps: sums by the instrument's rules, ISNCSCI classification, comparison with what was recorded;
of an instrument that the study has no items of, the recorded scores. Stop where nobody has a
primary endpoint at both its visits.
"""


rule score_assessments:
    input:
        tables=[f"{RESULTS}/cleaned/{name}.csv" for name in INSTRUMENTS],
        instruments=INSTRUMENT_FILES,
        people=f"{RESULTS}/cleaned/{'treatments' if 'treatments' in TABLES else 'subjects'}.csv",
        findings=f"{RESULTS}/cleaned/findings.csv",
    output:
        scores=SCORE_TABLE,
        discrepancies=f"{RESULTS}/scored/discrepancies.csv",
    log:
        f"{LOGS}/score/assessments.log",
    conda:
        ENVIRONMENT
    params:
        recorded=RECORDED,
        visits=[visit.name for visit in study.visits],
        endpoints=[
            ScoredEndpoint.taken_from(endpoint).plain()
            for endpoint in analysed.endpoints
        ],
        may_be_empty=list(study.may_be_empty),
        files={
            name: [study.file_names[export] for export in TABLES[name]]
            for name in INSTRUMENTS
        },
        code=code(script_file("score_assessments"), *LIBRARY_FILES),
    script:
        "../scripts/score_assessments.py"
