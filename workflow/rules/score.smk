"""Score: item-level assessments become one long table of scores.

Inputs: the cleaned table of each instrument, the instruments.
Outputs: results/<study>/scored/scores.csv, discrepancies.csv (scores that differ from what the
examiner wrote).
Steps: sums by the instrument's rules, ISNCSCI classification, comparison with what was recorded;
of an instrument that the study has no items of, the recorded scores.
"""


rule score_assessments:
    input:
        tables=[f"{RESULTS}/cleaned/{name}.csv" for name in INSTRUMENTS],
        instruments=INSTRUMENT_FILES,
    output:
        scores=SCORE_TABLE,
        discrepancies=f"{RESULTS}/scored/discrepancies.csv",
    log:
        f"{LOGS}/score/assessments.log",
    conda:
        ENVIRONMENT
    params:
        recorded=RECORDED,
        visits=[visit["name"] for visit in config["visits"]],
        endpoints=[
            {key: endpoint[key] for key in ("name", "instrument", "scale")}
            for endpoint in config["endpoints"]
        ],
        code=code(script_file("score_assessments"), *INSTRUMENT_FILES),
    script:
        "../scripts/score_assessments.py"
