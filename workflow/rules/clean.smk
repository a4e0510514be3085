"""Clean: typed tables, with every change, doubt and loss on record.

Inputs: all ingested tables with their records, corrections.csv.
Outputs: results/<study>/cleaned/<table>.csv; findings.csv (one row a fault), quarantine.csv (one
row a raw row set aside), flow.csv (rows in = kept + quarantined + merged).
Steps: apply corrections, read cells, check subjects, settle duplicates, apply rules, replace dates
by study days, count.
"""


rule clean_tables:
    input:
        **{
            f"ingested_{table}": [
                f"{RESULTS}/ingested/{name}/{table}.csv" for name in names
            ]
            for table, names in TABLES.items()
        },
        rows=[f"{RESULTS}/ingested/{name}/rows.csv" for name in config["exports"]],
        columns=[f"{RESULTS}/ingested/{name}/columns.csv" for name in config["exports"]],
        findings=[
            f"{RESULTS}/ingested/{name}/findings.csv" for name in config["exports"]
        ],
        corrections=[f"{RAW}/{config['corrections']}"] if config["corrections"] else [],
        verified=[
            f"{RESULTS}/verified/{name}.sha256"
            for name in [config["corrections"]]
            if name
        ],
        instruments=INSTRUMENT_FILES,
    output:
        tables=[f"{RESULTS}/cleaned/{table}.csv" for table in TABLES],
        findings=f"{RESULTS}/cleaned/findings.csv",
        quarantine=f"{RESULTS}/cleaned/quarantine.csv",
        flow=f"{RESULTS}/cleaned/flow.csv",
    log:
        f"{LOGS}/clean/tables.log",
    conda:
        ENVIRONMENT
    params:
        config={
            key: config[key]
            for key in (
                "exports",
                "subject_id",
                "visits",
                "characteristics",
                "corrections",
            )
        },
        hashes=[RAW_HASHES[name] for name in [config["corrections"]] if name],
        code=code(script_file("clean_tables"), *INSTRUMENT_FILES),
    script:
        "../scripts/clean_tables.py"
