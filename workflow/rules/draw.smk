"""Draw: one figure, one rule, one file of code.

Inputs: cleaned tables, scores, the estimates of the change, instruments (range of each scale).
Outputs: results/<study>/figures/<name>.pdf, .svg, .png (600 dpi), and <name>.csv, the numbers
behind the figure. Captions and alternative texts are templates in workflow/report/captions.
Steps: choose the numbers, draw them in the shared style, save. A figure computes no estimate.
"""

STYLE = str(WORKFLOW / "report" / "figures.mplstyle")
FIGURE_FILES = {
    name: {
        kind: f"{RESULTS}/figures/{name}.{kind}"
        for kind in ("pdf", "svg", "png", "csv")
    }
    for name in ("timeline", "ais_transitions", "trajectories", "paired_change")
}
# Of the configuration only what a figure shows, so that it is redrawn for nothing else.
VISIT_DAYS = [
    {key: visit[key] for key in ("name", "clock", "day")} for visit in config["visits"]
]
VISIT_LABELS = [
    {key: visit[key] for key in ("name", "label")} for visit in config["visits"]
]
SHOWN_ENDPOINTS = [
    {key: endpoint[key] for key in ("name", "label", "instrument", "scale")}
    for endpoint in config["endpoints"]
]
GRADES = [item for item in SHOWN_ENDPOINTS if item["scale"] == "asia_impairment_scale"]
SCORES = [item for item in SHOWN_ENDPOINTS if item not in GRADES]


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
        **FIGURE_FILES["timeline"],
    log:
        f"{LOGS}/draw/timeline.log",
    conda:
        ENVIRONMENT
    params:
        visits=VISIT_DAYS,
        onset=config["onset"],
        synthetic=config["synthetic"],
        code=code(script_file("draw_timeline"), STYLE),
    script:
        "../scripts/draw_timeline.py"


rule draw_ais_transitions:
    input:
        treatments=f"{RESULTS}/cleaned/treatments.csv",
        scores=f"{RESULTS}/scored/scores.csv",
    output:
        **FIGURE_FILES["ais_transitions"],
    log:
        f"{LOGS}/draw/ais_transitions.log",
    conda:
        ENVIRONMENT
    params:
        endpoint=GRADES[:1],
        visits=VISIT_LABELS,
        synthetic=config["synthetic"],
        code=code(script_file("draw_ais_transitions"), STYLE),
    script:
        "../scripts/draw_ais_transitions.py"


rule draw_trajectories:
    input:
        scores=f"{RESULTS}/scored/scores.csv",
        instruments=INSTRUMENT_FILES,
    output:
        **FIGURE_FILES["trajectories"],
    log:
        f"{LOGS}/draw/trajectories.log",
    conda:
        ENVIRONMENT
    params:
        endpoints=SCORES,
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
        **FIGURE_FILES["paired_change"],
    log:
        f"{LOGS}/draw/paired_change.log",
    conda:
        ENVIRONMENT
    params:
        endpoints=GRADES + SCORES,
        visits=[
            visit
            for name in (config["baseline"], config["time_point"])
            for visit in VISIT_LABELS
            if visit["name"] == name
        ],
        synthetic=config["synthetic"],
        code=code(script_file("draw_paired_change"), STYLE, *INSTRUMENT_FILES),
    script:
        "../scripts/draw_paired_change.py"


# A study that counts no days from the injury has no timeline, one that knows no days at all no
# courses over them; one without AIS grades has no transitions between them, and one whose time
# point is the baseline no change.
FIGURE_NAMES = ["timeline"] if "injury" in CLOCKS else []
if GRADES:
    FIGURE_NAMES.append("ais_transitions")
if SCORES and CLOCKS:
    FIGURE_NAMES.append("trajectories")
if config["time_point"] != config["baseline"]:
    FIGURE_NAMES.append("paired_change")
FIGURES = [path for name in FIGURE_NAMES for path in FIGURE_FILES[name].values()]
