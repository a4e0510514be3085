"""Ingest: one export and its mapping become canonical tables of text.

Inputs: a verified raw file, its data dictionary, the instruments.
Outputs: results/<study>/ingested/<export>/<table>.csv for each table that the export feeds;
rows.csv (what took each raw row), columns.csv (raw column of each canonical one), findings.csv.
Steps: read as text, set unusable rows aside, map columns, choose rows.
"""

# A file that several threads read and write; smaller ones are rather read side by side.
LARGE_FILE = 50_000_000  # bytes

for name, export in study.exports.items():

    rule:
        name:
            f"ingest_{name}"
        input:
            file=f"{RAW}/{export.file}",
            dictionary=[f"{RAW}/{export.dictionary}"] if export.dictionary else [],
            verified=[
                f"{RESULTS}/verified/{file}.sha256"
                for file in (export.file, export.dictionary)
                if file
            ],
            instruments=INSTRUMENT_FILES,
        output:
            tables=[f"{RESULTS}/ingested/{name}/{table}.csv" for table in export.tables],
            rows=f"{RESULTS}/ingested/{name}/rows.csv",
            columns=f"{RESULTS}/ingested/{name}/columns.csv",
            findings=f"{RESULTS}/ingested/{name}/findings.csv",
        log:
            f"{LOGS}/ingest/{name}.log",
        conda:
            ENVIRONMENT
        threads: 4 if Path(RAW, export.file).stat().st_size > LARGE_FILE else 1
        params:
            export=export.plain(),
            shown=packed(study.file_names[name]),
            characteristics=[item.plain() for item in study.characteristics],
            subjects=CodeRules.taken_from(study).plain() if KEY_FILE else None,
            is_selected=study.is_selected,
            key=KEY_FINGERPRINT,
            hashes=[
                RAW_HASHES[file] for file in (export.file, export.dictionary) if file
            ],
            code=code(
                script_file("ingest_export"),
                *LIBRARY_FILES,
                WORKFLOW / "schemas/identifiers.yaml",
            ),
        script:
            "../scripts/ingest_export.py"
