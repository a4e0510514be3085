"""Report: what the analysis results say, as one HTML page and as a paper.

Inputs: all estimates, what differs from the last data cut and by the frozen plan, the figures with their captions,
discrepancies, provenance of the run; for the page also the data dictionary and, for its cards,
scores, cleaned and ingested tables.
Outputs: results/<study>/report/report.html (one offline file), report.pdf; captions/<name>.rst,
the caption and the alternative text of each figure, for a journal and for Snakemake's own report;
report.docx, the manuscript; tables/<name>.docx and .csv, every table of the report, and all of them
in tables.xlsx; parts/text.html, the page before the pictures and the data dictionary are in it.
Steps: fill the one content template with numbers by their estimate_id, for page and for print;
put the pictures and the dictionary into the page (most of the page is not made again for them).
"""

from owncontrol.reporting.table_names import table_names

TEMPLATES = sorted(map(str, (WORKFLOW / "report").rglob("*.*")))
REPORT_INPUT = dict(
    estimates=rules.gather_estimates.output.estimates,
    discrepancies=rules.score_assessments.output.discrepancies,
    raw_files=f"{RESULTS}/provenance/raw_files.csv",
    environment=f"{RESULTS}/provenance/environment.csv",
    timing=rules.clean_tables.output.timing,
    since_last_cut=SINCE_LAST_CUT,
    as_frozen=AS_FROZEN,
    plan=[*rules.judge_plan.output, *rules.compare_plan.output],
    content=str(WORKFLOW / "report/content.j2"),
    templates=TEMPLATES,
)
PICTURES = [f"{RESULTS}/figures/{name}.svg" for name in FIGURE_NAMES]

REPORT_TABLES = table_names(
    [
        endpoint.name
        for endpoint in analysed.endpoints
        if endpoint.grades or endpoint.kind == "yes_no"
    ],
    "adverse_events" in TABLES,
    analysed.natural_recovery is not None,
    bool(SINCE_LAST_CUT),
    bool(analysed.event_times),
)

# What says how many decimals the recorded values have.
RECORDED_VALUES = [
    SCORE_TABLE,
    *[
        f"{RESULTS}/cleaned/{table}.csv"
        for table in ("subjects", "treatments")
        if table in TABLES
    ],
]

# What is listed one by one.
LISTED = [
    f"{RESULTS}/cleaned/findings.csv",
    *([f"{RESULTS}/cleaned/adverse_events.csv"] if "adverse_events" in TABLES else []),
]


rule render_text:
    input:
        **REPORT_INPUT,
        chain=CHAIN_INPUT + INSTRUMENT_FILES,
        configuration=f"{RESULTS}/provenance/configuration.yaml",
    output:
        text=f"{RESULTS}/report/parts/text.html",
        captions=list(CAPTION_FILES.values()),
    log:
        f"{LOGS}/report/text.log",
    conda:
        ENVIRONMENT
    params:
        settings=analysed.plain(),
        figures=FIGURE_NAMES,
        code=code(script_file("render_text"), *TEMPLATES),
    script:
        "../scripts/render_text.py"


rule render_page:
    input:
        text=rules.render_text.output.text,
        figures=PICTURES,
        dictionary=f"{RESULTS}/provenance/data_dictionary.csv",
    output:
        page=f"{RESULTS}/report/report.html",
    log:
        f"{LOGS}/report/page.log",
    conda:
        ENVIRONMENT
    params:
        code=code(script_file("render_page")),
    script:
        "../scripts/render_page.py"


rule render_paper:
    input:
        **REPORT_INPUT,
        recorded=RECORDED_VALUES,
        listed=LISTED,
        figures=PICTURES,
    output:
        paper=f"{RESULTS}/report/report.pdf",
    log:
        f"{LOGS}/report/paper.log",
    conda:
        ENVIRONMENT
    params:
        settings=analysed.plain(),
        code=code(script_file("render_paper"), *TEMPLATES),
    script:
        "../scripts/render_paper.py"


rule render_manuscript:
    input:
        **REPORT_INPUT,
        recorded=RECORDED_VALUES,
        listed=LISTED,
        figures=[f"{RESULTS}/figures/{name}.png" for name in FIGURE_NAMES],
    output:
        manuscript=f"{RESULTS}/report/report.docx",
        workbook=f"{RESULTS}/report/tables/tables.xlsx",
        tables=[
            f"{RESULTS}/report/tables/{name}.{kind}"
            for name in REPORT_TABLES
            for kind in ("docx", "csv")
        ],
    log:
        f"{LOGS}/report/manuscript.log",
    conda:
        ENVIRONMENT
    params:
        settings=analysed.plain(),
        code=code(script_file("render_manuscript"), *TEMPLATES),
    script:
        "../scripts/render_manuscript.py"


REPORTS = [
    *rules.render_text.output,
    rules.render_page.output.page,
    *rules.render_paper.output,
    *rules.render_manuscript.output,
]
