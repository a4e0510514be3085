"""Clean: typed tables, with every change, doubt and loss on record.

Inputs: all ingested tables with their records, corrections.csv.
Outputs: results/<study>/cleaned/<table>.csv; findings.csv (one row per fault), quarantine.csv (one
row a raw row set aside), flow.csv (rows in = kept + quarantined + merged), flow_cells.csv and
flow_subjects.csv (the same for cells and subjects); corrected_cells.csv; plan_timing.csv (how many
follow-ups came before each date of the plan).
Steps: apply corrections, read cells, check subjects and dates, settle duplicates, apply rules,
replace dates by study days, count; with strict: true stop at the first error.
"""


rule clean_tables:
    input:
        **{
            f"ingested_{table}": [
                f"{RESULTS}/ingested/{name}/{table}.csv" for name in names
            ]
            for table, names in TABLES.items()
        },
        rows=[f"{RESULTS}/ingested/{name}/rows.csv" for name in study.exports],
        columns=[f"{RESULTS}/ingested/{name}/columns.csv" for name in study.exports],
        findings=[f"{RESULTS}/ingested/{name}/findings.csv" for name in study.exports],
        corrections=[f"{RAW}/{study.corrections}"] if study.corrections else [],
        verified=[
            f"{RESULTS}/verified/{name}.sha256" for name in [study.corrections] if name
        ],
        instruments=INSTRUMENT_FILES,
    output:
        tables=[f"{RESULTS}/cleaned/{table}.csv" for table in TABLES],
        findings=f"{RESULTS}/cleaned/findings.csv",
        quarantine=f"{RESULTS}/cleaned/quarantine.csv",
        flow=f"{RESULTS}/cleaned/flow.csv",
        flow_cells=f"{RESULTS}/cleaned/flow_cells.csv",
        flow_subjects=f"{RESULTS}/cleaned/flow_subjects.csv",
        timing=f"{RESULTS}/cleaned/plan_timing.csv",
        corrected=f"{RESULTS}/cleaned/corrected_cells.csv",
    log:
        f"{LOGS}/clean/tables.log",
    conda:
        ENVIRONMENT
    threads: THREADS
    params:
        config=CleaningSettings.taken_from(study).plain(),
        plan_dates=plan_dates(study, PLAN_LOCK),
        hashes=[RAW_HASHES[name] for name in [study.corrections] if name],
        code=code(script_file("clean_tables"), *LIBRARY_FILES),
    script:
        "../scripts/clean_tables.py"
