"""Draw: one figure, one rule, one file of code.

Inputs: cleaned tables, scores, the estimates of the change, instruments (range of each scale).
Outputs: results/<study>/figures/<name>.pdf, .svg, .png (600 dpi), and <name>.csv, the numbers
behind the figure. Captions and alternative texts are templates in workflow/report/captions.
Steps: choose the numbers, draw them in the shared style, save. A figure computes no estimate.
"""

STYLE = str(WORKFLOW / "report" / "figures.mplstyle")


def drawn(name):
    """The files of a figure, by their formats."""
    return {
        kind: f"{RESULTS}/figures/{name}.{kind}"
        for kind in ("pdf", "svg", "png", "csv")
    }


def visits(*keys):
    """The schedule, with the keys that a figure depends on."""
    return [{key: visit[key] for key in keys} for visit in config["visits"]]


def endpoints(grades):
    """The endpoints that are AIS grades, or those that are not, as figures need them."""
    return [
        {key: endpoint[key] for key in ("name", "label", "instrument", "scale")}
        for endpoint in config["endpoints"]
        if (endpoint["scale"] == "asia_impairment_scale") == grades
    ]


rule draw_timeline:
    input:
        subjects=f"{RESULTS}/cleaned/subjects.csv",
        treatments=f"{RESULTS}/cleaned/treatments.csv",
        adverse_events=(
            [f"{RESULTS}/cleaned/adverse_events.csv"]
            if "adverse_events" in TABLES
            else []
        ),
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        **drawn("timeline"),
    log:
        f"{LOGS}/draw/timeline.log",
    conda:
        ENVIRONMENT
    params:
        visits=visits("name", "clock", "day"),
        synthetic=config["synthetic"],
        code=code(script_file("draw_timeline"), STYLE),
    script:
        "../scripts/draw_timeline.py"


rule draw_ais_transitions:
    input:
        treatments=f"{RESULTS}/cleaned/treatments.csv",
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        **drawn("ais_transitions"),
    log:
        f"{LOGS}/draw/ais_transitions.log",
    conda:
        ENVIRONMENT
    params:
        endpoint=endpoints(grades=True)[:1],
        visits=visits("name", "label"),
        synthetic=config["synthetic"],
        code=code(script_file("draw_ais_transitions"), STYLE),
    script:
        "../scripts/draw_ais_transitions.py"


rule draw_trajectories:
    input:
        scores=f"{RESULTS}/scored/scores.csv",
        instruments=INSTRUMENT_FILES,
    output:
        **drawn("trajectories"),
    log:
        f"{LOGS}/draw/trajectories.log",
    conda:
        ENVIRONMENT
    params:
        endpoints=endpoints(grades=False),
        visits=[visit["name"] for visit in config["visits"]],
        baseline=config["baseline"],
        synthetic=config["synthetic"],
        code=code(script_file("draw_trajectories"), STYLE, *INSTRUMENT_FILES),
    script:
        "../scripts/draw_trajectories.py"


rule draw_paired_change:
    input:
        scores=f"{RESULTS}/scored/scores.csv",
        estimates=f"{RESULTS}/statistics/change.csv",
        instruments=INSTRUMENT_FILES,
    output:
        **drawn("paired_change"),
    log:
        f"{LOGS}/draw/paired_change.log",
    conda:
        ENVIRONMENT
    params:
        endpoints=endpoints(grades=True) + endpoints(grades=False),
        visits=[
            visit
            for name in (config["baseline"], config["time_point"])
            for visit in visits("name", "label")
            if visit["name"] == name
        ],
        synthetic=config["synthetic"],
        code=code(script_file("draw_paired_change"), STYLE, *INSTRUMENT_FILES),
    script:
        "../scripts/draw_paired_change.py"


FIGURE_NAMES = ["timeline"]
# A study without AIS grades has no transitions between them; one with nothing else, no courses.
if endpoints(grades=True):
    FIGURE_NAMES.append("ais_transitions")
if endpoints(grades=False):
    FIGURE_NAMES.append("trajectories")
FIGURE_NAMES.append("paired_change")
FIGURES = [path for name in FIGURE_NAMES for path in drawn(name).values()]
