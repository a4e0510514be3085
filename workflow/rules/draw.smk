"""Draw: one figure, one rule, one file of code; which there are: owncontrol/figures/catalogue.py.

Inputs: cleaned tables, scores, analysis results, instruments (labels, range of each scale).
Outputs: results/<study>/figures/<name>.pdf, .svg, .png (600 dpi), and <name>.csv, the numbers
behind the figure. Captions and alternative texts are templates in workflow/report/captions; filled
ones for Snakemake's own report (make snakemake-report) come from the rule that renders the page.
Steps: choose the numbers, draw them in the shared style, save. A figure computes no estimate.
A figure that the study's configuration gives nothing for has no rule.
"""

from owncontrol.figures.catalogue import figures_for
from owncontrol.figures.shown_settings import shown_settings, what_study_has

STYLE = str(WORKFLOW / "report" / "figures.mplstyle")
SHOWN = shown_settings(analysed)
FIGURE_LIST = figures_for(what_study_has(analysed, TABLES, EXAM_CELLS))
FIGURE_NAMES = list(FIGURE_LIST)
CAPTION_FILES = {name: f"{RESULTS}/report/captions/{name}.rst" for name in FIGURE_NAMES}
FIGURE_FILES = {
    name: {
        kind: f"{RESULTS}/figures/{name}.{kind}"
        for kind in ("pdf", "svg", "png", "csv")
    }
    for name in FIGURE_NAMES
}
FIGURES = [path for files in FIGURE_FILES.values() for path in files.values()]


for entry in FIGURE_LIST.values():

    rule:
        name:
            f"draw_{entry.name}"
        input:
            **input_files(entry),
        output:
            **figure_output(entry),
        log:
            f"{LOGS}/draw/{entry.name}.log",
        conda:
            ENVIRONMENT
        params:
            maker=entry.module,
            part=entry.settings.__name__,
            settings=packed(entry.settings.taken_from(SHOWN).plain()),
            code=figure_code(entry),
        script:
            "../scripts/draw_figure.py"
