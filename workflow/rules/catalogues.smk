"""What the rules of each catalogue ask about one of its entries: files, parameters, hash of the code.

Inputs: none. Outputs: none; analyse.smk and draw.smk make a rule of each analysis and figure.
"""


def input_files(entry):
    """The inputs of an entry of a catalogue, by their names."""
    return {
        name: OF_THE_STUDY.get(file, f"{RESULTS}/{file}")
        for name, file in entry.inputs.items()
    }


def shipped_inputs(entry):
    """Those of its inputs that come with the project: what they hold is part of its code."""
    shipped = {"instruments", "rates"} & set(entry.inputs.values())
    files = [file for name in shipped for file in OF_THE_STUDY[name]]
    return [file for file in files if file not in MEASURE_FILES]


def analysis_table(entry):
    """The rows that an analysis writes."""
    return f"{RESULTS}/statistics/{entry.name}.csv"


def analysis_input(entry):
    """What the notebook of an analysis reads."""
    if entry.after_all:
        others = [analysis_table(other) for other in ANALYSES if not other.after_all]
        return {**input_files(entry), "analyses": others}
    return input_files(entry)


def post_hoc_input(entry):
    """What says which of its results no plan fixed beforehand, where it marks any."""
    marks = entry.settings is not None and "post_hoc" in entry.settings.model_fields
    return [f"{RESULTS}/plan/post_hoc.csv"] if marks else []


def analysis_params(entry):
    """Settings of an analysis, if it has any, and the hash of its code."""
    runner = script_file("run_notebook")
    hashed = code(notebook_file(entry.notebook), runner, *shipped_inputs(entry))
    if entry.settings is None:
        return {"code": hashed}
    return {"settings": entry.settings.taken_from(analysed).plain(), "code": hashed}


def figure_output(entry):
    """The files of a figure, its SVG with what Snakemake's own report says of it."""
    files = FIGURE_FILES[entry.name]
    picture = report(
        files["svg"],
        caption=str(Path(CAPTION_FILES[entry.name]).resolve()),
        category=entry.category,
        labels={"figure": entry.called(analysed.design.called)},
    )
    return files | {"svg": picture}


def figure_code(entry):
    """Hash of what draws a figure: no other figure's module is in it."""
    maker = LIBRARY / f"{entry.module.replace('.', '/')}.py"
    modules = [maker, *imported_modules(maker, LIBRARY, FACTS)]
    return code(script_file("draw_figure"), *modules, STYLE, *shipped_inputs(entry))
