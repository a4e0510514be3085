"""Draw: one figure, one rule, one file of code.

Inputs: cleaned tables, scores, analysis results, instruments (labels, range of each scale).
Outputs: results/<study>/figures/<name>.pdf, .svg, .png (600 dpi), and <name>.csv, the numbers
behind the figure. Captions and alternative texts are templates in workflow/report/captions; filled
ones for Snakemake's own report (make snakemake-report) come from the rule that renders the page.
Steps: choose the numbers, draw them in the shared style, save. A figure computes no estimate.
A figure that the study's configuration gives nothing for has no rule.
"""

from owncontrol.figures.criteria import leading_criteria, shown_criteria

STYLE = str(WORKFLOW / "report" / "figures.mplstyle")
# Of the configuration only what a figure shows, so that it is redrawn for nothing else.
VISIT_DAYS = [
    {key: visit[key] for key in ("name", "clock", "day")} for visit in config["visits"]
]
VISIT_LABELS = [
    {key: visit[key] for key in ("name", "label")} for visit in config["visits"]
]
COMPARED = [
    visit
    for name in (config["baseline"], config["time_point"])
    for visit in VISIT_LABELS
    if visit["name"] == name
]
SHOWN_ENDPOINTS = [
    {key: endpoint[key] for key in ("name", "label", "instrument", "scale")}
    for endpoint in config["endpoints"]
]
GRADES = [item for item in SHOWN_ENDPOINTS if item["scale"] == "asia_impairment_scale"]
SCORES = [item for item in SHOWN_ENDPOINTS if item not in GRADES]
CRITERIA = shown_criteria(SETTINGS)
EXAMINED = [
    {key: endpoint[key] for key in ("name", "label", "lower_is_better")}
    for endpoint in SETTINGS["endpoints"]
    if endpoint["name"] in config["sensitivity"]["endpoints"]
    or not config["sensitivity"]["endpoints"]
]
# The visits of the shift table are those of the endpoint.
SHIFT_VISITS = [
    visit
    for endpoint in SETTINGS["endpoints"]
    if GRADES and endpoint["name"] == GRADES[0]["name"]
    for key in ("baseline", "time_point")
    for visit in VISIT_LABELS
    if visit["name"] == endpoint[key]
]

# Name: category in Snakemake's report, title, and whether the study has anything for it. In the
# order of the report.
# A study that counts no days from the injury has no timeline, one that knows no days at all no
# courses over them, and one whose time point is the baseline no change.
CHANGES = config["time_point"] != config["baseline"]
# Whether the cells of the exams are there, and not only the grades that came of them.
CELLS = "isncsci" in INSTRUMENTS and "isncsci" not in RECORDED
FIGURE_LIST = {
    "subject_flow": ("Data", "Subject flow", True),
    "timeline": ("Patients", "Timeline of each patient", "injury" in CLOCKS),
    "ais_transitions": ("Change", "AIS grades over the visits", GRADES),
    "ais_shift": ("Change", "AIS shift table", GRADES and CHANGES),
    "paired_change": ("Change", "Before and after", CHANGES),
    "trajectories": ("Change", "Course of each patient", SCORES and CLOCKS),
    "change_map": ("Change", "Change map", CELLS and CHANGES),
    "responders": ("Responders", "Responders by domain", CRITERIA),
    "time_to_improvement": (
        "Responders",
        "Time to improvement",
        CRITERIA and "treatment" in CLOCKS,
    ),
    "natural_recovery": (
        "Natural recovery",
        "p over published rates",
        "natural_recovery" in config,
    ),
    "specification_curve": ("Sensitivity", "Specification curve", CHANGES),
    "adverse_events": (
        "Adverse events",
        "Adverse events by class and grade",
        "adverse_events" in TABLES,
    ),
    "recorded_grades": ("Data", "Recorded and computed AIS", GRADES and CELLS),
}
FIGURE_NAMES = [name for name, (_, _, shown) in FIGURE_LIST.items() if shown]
CAPTION_FILES = {name: f"{RESULTS}/report/captions/{name}.rst" for name in FIGURE_NAMES}
FIGURE_FILES = {
    name: {
        kind: f"{RESULTS}/figures/{name}.{kind}"
        for kind in ("pdf", "svg", "png", "csv")
    }
    for name in FIGURE_NAMES
}
FIGURES = [path for files in FIGURE_FILES.values() for path in files.values()]


rule draw_subject_flow:
    input:
        flow_subjects=f"{RESULTS}/cleaned/flow_subjects.csv",
        flow=f"{RESULTS}/cleaned/flow.csv",
        flow_cells=f"{RESULTS}/cleaned/flow_cells.csv",
        instruments=INSTRUMENT_FILES,
    output:
        **figure_output("subject_flow"),
    log:
        f"{LOGS}/draw/subject_flow.log",
    conda:
        ENVIRONMENT
    params:
        visits=packed(VISIT_LABELS),
        synthetic=config["synthetic"],
        code=figure_code("subject_flow", *INSTRUMENT_FILES),
    script:
        "../scripts/draw_subject_flow.py"


if "timeline" in FIGURE_NAMES:

    rule draw_timeline:
        input:
            subjects=f"{RESULTS}/cleaned/subjects.csv",
            treatments=f"{RESULTS}/cleaned/treatments.csv",
            adverse_events=(
                [f"{RESULTS}/cleaned/adverse_events.csv"]
                if "adverse_events" in TABLES
                else []
            ),
            scores=SCORE_TABLE,
        output:
            **figure_output("timeline"),
        log:
            f"{LOGS}/draw/timeline.log",
        conda:
            ENVIRONMENT
        params:
            visits=VISIT_DAYS,
            onset=packed(config["onset"]),
            synthetic=config["synthetic"],
            code=figure_code("timeline"),
        script:
            "../scripts/draw_timeline.py"


if "ais_transitions" in FIGURE_NAMES:

    rule draw_ais_transitions:
        input:
            estimates=f"{RESULTS}/statistics/change.csv",
        output:
            **figure_output("ais_transitions"),
        log:
            f"{LOGS}/draw/ais_transitions.log",
        conda:
            ENVIRONMENT
        params:
            endpoint=GRADES[0]["name"],
            visits=packed(VISIT_LABELS),
            synthetic=config["synthetic"],
            code=figure_code("ais_transitions"),
        script:
            "../scripts/draw_ais_transitions.py"


if "ais_shift" in FIGURE_NAMES:

    rule draw_ais_shift:
        input:
            estimates=f"{RESULTS}/statistics/change.csv",
        output:
            **figure_output("ais_shift"),
        log:
            f"{LOGS}/draw/ais_shift.log",
        conda:
            ENVIRONMENT
        params:
            endpoint=GRADES[0]["name"],
            visits=packed(SHIFT_VISITS),
            synthetic=config["synthetic"],
            code=figure_code("ais_shift"),
        script:
            "../scripts/draw_ais_shift.py"


if "paired_change" in FIGURE_NAMES:

    rule draw_paired_change:
        input:
            scores=SCORE_TABLE,
            estimates=f"{RESULTS}/statistics/change.csv",
            instruments=INSTRUMENT_FILES,
        output:
            **figure_output("paired_change"),
        log:
            f"{LOGS}/draw/paired_change.log",
        conda:
            ENVIRONMENT
        params:
            endpoints=packed(GRADES + SCORES),
            visits=packed(COMPARED),
            synthetic=config["synthetic"],
            code=figure_code("paired_change", *INSTRUMENT_FILES),
        script:
            "../scripts/draw_paired_change.py"


if "trajectories" in FIGURE_NAMES:

    rule draw_trajectories:
        input:
            scores=SCORE_TABLE,
            estimates=f"{RESULTS}/statistics/change.csv",
            instruments=INSTRUMENT_FILES,
        output:
            **figure_output("trajectories"),
        log:
            f"{LOGS}/draw/trajectories.log",
        conda:
            ENVIRONMENT
        params:
            endpoints=packed(SCORES),
            visits=[visit["name"] for visit in config["visits"]],
            baseline=config["baseline"],
            synthetic=config["synthetic"],
            code=figure_code("trajectories", *INSTRUMENT_FILES),
        script:
            "../scripts/draw_trajectories.py"


if "change_map" in FIGURE_NAMES:

    rule draw_change_map:
        input:
            estimates=f"{RESULTS}/statistics/change.csv",
        output:
            **figure_output("change_map"),
        log:
            f"{LOGS}/draw/change_map.log",
        conda:
            ENVIRONMENT
        params:
            visit=config["time_point"],
            synthetic=config["synthetic"],
            code=figure_code("change_map"),
        script:
            "../scripts/draw_change_map.py"


if "responders" in FIGURE_NAMES:

    rule draw_responders:
        input:
            estimates=f"{RESULTS}/statistics/responders.csv",
        output:
            **figure_output("responders"),
        log:
            f"{LOGS}/draw/responders.log",
        conda:
            ENVIRONMENT
        params:
            criteria=packed(CRITERIA),
            synthetic=config["synthetic"],
            code=figure_code("responders"),
        script:
            "../scripts/draw_responders.py"


if "time_to_improvement" in FIGURE_NAMES:

    rule draw_time_to_improvement:
        input:
            estimates=f"{RESULTS}/statistics/responders.csv",
        output:
            **figure_output("time_to_improvement"),
        log:
            f"{LOGS}/draw/time_to_improvement.log",
        conda:
            ENVIRONMENT
        params:
            criteria=packed(leading_criteria(CRITERIA)),
            weeks=config["improved_by_weeks"],
            synthetic=config["synthetic"],
            code=figure_code("time_to_improvement"),
        script:
            "../scripts/draw_time_to_improvement.py"


if "natural_recovery" in FIGURE_NAMES:

    rule draw_natural_recovery:
        input:
            estimates=f"{RESULTS}/statistics/natural_recovery.csv",
        output:
            **figure_output("natural_recovery"),
        log:
            f"{LOGS}/draw/natural_recovery.log",
        conda:
            ENVIRONMENT
        params:
            comparison=config["natural_recovery"]["comparisons"][0]["name"],
            level=config["level"],
            synthetic=config["synthetic"],
            code=figure_code("natural_recovery"),
        script:
            "../scripts/draw_natural_recovery.py"


if "specification_curve" in FIGURE_NAMES:

    rule draw_specification_curve:
        input:
            estimates=f"{RESULTS}/statistics/sensitivity.csv",
        output:
            **figure_output("specification_curve"),
        log:
            f"{LOGS}/draw/specification_curve.log",
        conda:
            ENVIRONMENT
        params:
            endpoints=packed(EXAMINED),
            visits=packed(VISIT_LABELS),
            level=config["level"],
            synthetic=config["synthetic"],
            code=figure_code("specification_curve"),
        script:
            "../scripts/draw_specification_curve.py"


if "adverse_events" in FIGURE_NAMES:

    rule draw_adverse_events:
        input:
            estimates=f"{RESULTS}/statistics/adverse_events.csv",
        output:
            **figure_output("adverse_events"),
        log:
            f"{LOGS}/draw/adverse_events.log",
        conda:
            ENVIRONMENT
        params:
            synthetic=config["synthetic"],
            code=figure_code("adverse_events"),
        script:
            "../scripts/draw_adverse_events.py"


if "recorded_grades" in FIGURE_NAMES:

    rule draw_recorded_grades:
        input:
            estimates=f"{RESULTS}/statistics/data_quality.csv",
        output:
            **figure_output("recorded_grades"),
        log:
            f"{LOGS}/draw/recorded_grades.log",
        conda:
            ENVIRONMENT
        params:
            synthetic=config["synthetic"],
            code=figure_code("recorded_grades"),
        script:
            "../scripts/draw_recorded_grades.py"
