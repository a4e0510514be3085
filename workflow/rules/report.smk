"""Report: what the analysis results say, as one HTML page and as a paper.

Inputs: all estimates, the figures with their captions, discrepancies, provenance of the run.
Outputs: results/<study>/report/report.html (one offline file), report.pdf.
Steps: fill the one content template with numbers by their estimate_id, for page and for print.
"""

TEMPLATES = sorted(map(str, (WORKFLOW / "report").rglob("*.*")))
REPORT_INPUT = dict(
    estimates=rules.gather_estimates.output.estimates,
    discrepancies=rules.score_assessments.output.discrepancies,
    raw_files=f"{RESULTS}/provenance/raw_files.csv",
    environment=f"{RESULTS}/provenance/environment.csv",
    figures=[f"{RESULTS}/figures/{name}.svg" for name in FIGURE_NAMES],
    content=str(WORKFLOW / "report/content.j2"),
    templates=TEMPLATES,
)


rule render_page:
    input:
        **REPORT_INPUT,
    output:
        page=f"{RESULTS}/report/report.html",
    log:
        f"{LOGS}/report/page.log",
    conda:
        ENVIRONMENT
    params:
        config=config,
        code=code(script_file("render_page"), *TEMPLATES),
    script:
        "../scripts/render_page.py"


rule render_paper:
    input:
        **REPORT_INPUT,
    output:
        paper=f"{RESULTS}/report/report.pdf",
    log:
        f"{LOGS}/report/paper.log",
    conda:
        ENVIRONMENT
    params:
        config=config,
        code=code(script_file("render_paper"), *TEMPLATES),
    script:
        "../scripts/render_paper.py"


REPORTS = [rules.render_page.output.page, rules.render_paper.output.paper]
