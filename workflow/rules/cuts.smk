"""Cuts: what differs from the last data cut of a running series (owncontrol.study.data_cuts).

Inputs: the raw files of the cut before; of this run estimates, scores, cleaned and ingested tables.
Outputs: results/<study>/provenance/since_last_cut.csv; none where there is no earlier cut.
Steps: run the earlier cut with the same settings and code in a scratch folder, as far as the
estimates; compare both, and count what differs.
"""

from owncontrol.study.data_cuts import earlier_cut

try:
    EARLIER = earlier_cut(study, Path(RAW), MANIFEST)
    CUT_FILES = dict(EARLIER.files) if EARLIER else {}
    for name in CUT_FILES.values():
        check_inside("cuts", f"{RAW}/{name}")
        check_file(f"{RAW}/{name}", MANIFEST[name], FACTS.sha256(f"{RAW}/{name}"))
except InputError as error:
    sys.exit(f"error: {one_line(error)}")

# Where the way from a number to its raw cells is read.
CHAIN_INPUT = [
    SCORE_TABLE,
    f"{RESULTS}/cleaned/findings.csv",
    f"{RESULTS}/cleaned/quarantine.csv",
    *[f"{RESULTS}/cleaned/{table}.csv" for table in TABLES],
    *[f"{RESULTS}/ingested/{name}/rows.csv" for name in study.exports],
    *[f"{RESULTS}/ingested/{name}/columns.csv" for name in study.exports],
    *[
        f"{RESULTS}/ingested/{name}/{table}.csv"
        for table, names in TABLES.items()
        for name in names
    ],
]


SINCE_LAST_CUT = [f"{RESULTS}/provenance/since_last_cut.csv"] if EARLIER else []

if EARLIER:

    rule compare_cuts:
        input:
            estimates=rules.gather_estimates.output.estimates,
            chain=CHAIN_INPUT + INSTRUMENT_FILES,
            configuration=f"{RESULTS}/provenance/configuration.yaml",
            shipped=[
                *OF_THE_STUDY["courses"],
                *OF_THE_STUDY["rates"],
                *[str(path) for path in study.instrument_files.values()],
            ],
            cut=[f"{RAW}/{name}" for name in CUT_FILES.values()],
            raw=[f"{RAW}/{name}" for name in RAW_FILES],
        output:
            table=SINCE_LAST_CUT[0],
        log:
            f"{LOGS}/analyse/cuts.log",
        conda:
            ENVIRONMENT
        threads: workflow.cores
        params:
            cut={
                "name": EARLIER.name,
                "current": EARLIER.current,
                "look": EARLIER.look,
                "hashes": {name: MANIFEST[name] for name in CUT_FILES.values()},
            },
            files={name: CUT_FILES.get(name, name) for name in RAW_FILES},
            config=config,
            code=code(
                script_file("compare_cuts"),
                WORKFLOW / "Snakefile",
                *(WORKFLOW / "rules").glob("*.smk"),
                *(WORKFLOW / "scripts").glob("*.py"),
                *[notebook_file(entry.notebook) for entry in ANALYSES],
            ),
        script:
            "../scripts/compare_cuts.py"
