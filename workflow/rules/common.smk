"""What every stage uses: the study's configuration, its folders, and what a step depends on.

Inputs: config.yaml or config/<study>.yaml, laid over by --config; the raw folder's MANIFEST.
Outputs: none. A fault in either is one line and a hint, before anything is touched.
"""

import gc
import re
import sys
from functools import partial
from pathlib import Path

# workflow.current_basedir is workflow/rules, wherever the workflow is used from. Relative where it
# can be, so that a project that is moved as a whole has nothing to do again.
BASE = workflow.current_basedir


def installed_workflow():
    """The workflow of the installed package, where the rules are read from a git host."""
    try:
        from owncontrol.basics.program_files import WORKFLOW as installed
        from owncontrol.errors import InputError
        from owncontrol.run.deployed import check_same_workflow
    except ImportError:
        sys.exit(
            "error: the rules are read from a git host, and owncontrol is not installed here"
            "\n  Hint: install the wheel of the same version"
        )

    def read(name):
        with workflow.sourcecache.open(BASE.join(f"../{name}"), "r") as file:
            return file.read()

    try:
        place = BASE.join("..").get_path_or_uri(secret_free=True)
        check_same_workflow(installed, read, place)
    except InputError as error:
        sys.exit(f"error: {error.message}\n  Hint: {error.hint}")
    return installed


WORKFLOW = Path(str(BASE)).parent if Path(str(BASE)).is_dir() else installed_workflow()
if WORKFLOW.is_relative_to(Path.cwd()):
    WORKFLOW = WORKFLOW.relative_to(Path.cwd())
LIBRARY = WORKFLOW / "lib"
LOCK = WORKFLOW.parent / "envs" / "analysis.lock"
# Snakemake takes what is in braces in its whole path for a name, unless they are doubled.
ENVIRONMENT = "../../envs/analysis.yaml"
if "{" in f"{WORKFLOW.resolve()}" or "}" in f"{WORKFLOW.resolve()}":
    ENVIRONMENT = str(WORKFLOW.resolve().parent / "envs/analysis.yaml")
    ENVIRONMENT = ENVIRONMENT.replace("{", "{{").replace("}", "}}")
# Scripts, notebook kernels and conda environments find the library by this one path.
SEARCH_PATH = str(LIBRARY.resolve())
# Snakemake lets a Snakefile import from its own folder, which may hold anything.
PROJECT_FOLDERS = (WORKFLOW.resolve(), WORKFLOW.resolve().parent)
sys.path[:] = [
    SEARCH_PATH,
    *[path for path in sys.path if Path(path).resolve() not in PROJECT_FOLDERS],
]

from snakemake.io import is_callable, regex_from_filepattern
from snakemake.logging import logger

from owncontrol.basics.yaml_text import read_yaml
from owncontrol.study.checks import check_inside
from owncontrol.study.loading import load_study
from owncontrol.run.code_hash import FileFacts, content_hash, imported_modules
from owncontrol.errors import InputError
from owncontrol.study.estimands import analysis_settings, names_of_results
from owncontrol.study.instruments import (
    definition,
    has_exam_cells,
    instrument_names,
    is_own,
)
from owncontrol.run.locks import hold_run, hold_step
from owncontrol.run.output_hashes import (
    check_untouched,
    forget_unvouched,
    made_from,
    records,
)
from owncontrol.study.parts import (
    CleaningSettings,
    DescribedRun,
    DescribedTables,
    ScoredEndpoint,
)
from owncontrol.study.subjects import CodeRules
from owncontrol.study.manifest import (
    check_file,
    listed_hash,
    read_manifest,
    gone,
    recorded_changes,
)
from owncontrol.study.plan_lock import lock_path, read_lock
from owncontrol.study.plan_parts import frozen_parts
from owncontrol.study.plan_timing import assessment_files, plan_dates
from owncontrol.run.rule_texts import packed
from owncontrol.run.installed import check_environment, check_loaded
from owncontrol.run.interrupt import end_on_interrupt
from owncontrol.run.own_places import check_own_places, forget_settings
from owncontrol.run.surroundings import PRIVATE, enter
from owncontrol.run.error_lines import say_errors_in_one_line
from owncontrol.run.job import check_writable, failures, one_line
from owncontrol.privacy.keyed_codes import key_fingerprint
from owncontrol.run.speed.forked_scripts import jobs_to_do, warm_scripts
from owncontrol.run.speed.shortcuts import take_shortcuts

say_errors_in_one_line(logger)
try:
    enter(SEARCH_PATH, Path.cwd(), workflow.envvars)
    check_loaded()
    # Snakemake has read what it was given, and lets the last of two equal keys win.
    for file in workflow.configfiles:
        if Path(file).suffix != ".json":
            read_yaml(file)
    study = load_study(config, folder=".")
    analysed = analysis_settings(study)
    # The same as plain values: what a rule has for a parameter, Snakemake writes down and compares.
    config = study.plain()
    STUDY = study.study
    RESULTS = f"results/{STUDY}"
    LOGS = f"logs/{STUDY}"
    RAW = study.raw
    RAW_FILES = study.raw_files
    for name in [RAW, *(f"{RAW}/{file}" for file in RAW_FILES)]:
        check_inside("raw", name)
    MANIFEST = read_manifest(RAW)
    RAW_HASHES = {name: listed_hash(RAW, MANIFEST, name) for name in RAW_FILES}
    PLAN_LOCK = read_lock(STUDY)
    RAW_CHANGES = recorded_changes(RAW, RAW_FILES)
    RAW_GONE = gone(RAW, MANIFEST)
    FACTS = FileFacts(".snakemake/owncontrol_files.json")
    for name in RAW_FILES:
        check_file(f"{RAW}/{name}", RAW_HASHES[name], FACTS.sha256(f"{RAW}/{name}"))
    KEY_FILE = study.subject_code.key_file
    KEY_FINGERPRINT = key_fingerprint(KEY_FILE) if KEY_FILE else ""
    if workflow.is_main_process:
        check_own_places([RESULTS, LOGS, ".snakemake"])
        check_untouched(RESULTS, LOGS, FACTS.sha256)
        HELD = []  # the lock of a run, see begin_run
    else:
        HELD = [hold_step(".snakemake")]
    take_shortcuts(logger.info)
except InputError as error:
    sys.exit(f"error: {one_line(error)}")

TABLES = {
    table: [name for name, export in study.exports.items() if table in export.tables]
    for table in sorted({table for _, table, _ in study.mappings})
}
INSTRUMENTS = [table for table in TABLES if table in instrument_names(study)]
# Instruments that the study has recorded scores of, and no items.
RECORDED = [
    table
    for table in INSTRUMENTS
    if study.exports[TABLES[table][0]].tables[table].scores == "recorded"
]
# Whether the cells of the exams are there, and not only the grades that came of them.
EXAM_CELLS = has_exam_cells(study)
# Scores of a large study are columnar: as text they would be the most of what a run reads.
LARGE = 20_000_000  # bytes of raw files
RAW_BYTES = sum(Path(RAW, name).stat().st_size for name in RAW_FILES)
SCORE_TABLE = f"{RESULTS}/scored/scores.{'parquet' if RAW_BYTES > LARGE else 'csv'}"
# Large tables are read and written by several threads; small steps side by side instead.
THREADS = 4 if RAW_BYTES > LARGE else 1
# Those of the library, and those that the study defines itself (verify.smk).
LIBRARY_FILES = [
    str(WORKFLOW / f"instruments/{name}.yaml")
    for name in INSTRUMENTS
    if not is_own(study, name)
]
MEASURES = [name for name in INSTRUMENTS if is_own(study, name)]
MEASURE_FILES = [f"{RESULTS}/instruments/{name}.yaml" for name in MEASURES]
INSTRUMENT_FILES = LIBRARY_FILES + MEASURE_FILES


def script_file(name):
    """Path of a script of the workflow."""
    return str(WORKFLOW / "scripts" / f"{name}.py")


def code(source, *others):
    """Hash of a script or notebook, all library modules it imports, other files, and the lock.

    A parameter of every rule: an edit of any of them reruns the rule, whatever its time says.
    """
    modules = imported_modules(source, LIBRARY, FACTS)
    return content_hash([source, *modules, *sorted(map(str, others)), LOCK], FACTS)


def shipped_file(name):
    """A file with a MANIFEST beside it, of the working folder or else of the project; checked."""
    path = Path(name) if Path(name).is_file() else WORKFLOW.parent / name
    try:
        if not path.is_file():
            raise InputError(
                f"{name}: missing, here and in the project",
                "correct the path in the configuration",
            )
        expected = listed_hash(path.parent, read_manifest(path.parent), path.name)
        check_file(path, expected, FACTS.sha256(path))
    except InputError as error:
        sys.exit(f"error: {one_line(error)}")
    return str(path)


def notebook_file(name):
    """Path of a notebook of the workflow."""
    return str(WORKFLOW.parent / "notebooks" / f"{name}.ipynb")


# Inputs of figures and analyses (their catalogues) that are not a fixed file of the results.
OF_THE_STUDY = {
    "scores": SCORE_TABLE,
    "instruments": INSTRUMENT_FILES,
    "exams": [f"{RESULTS}/cleaned/isncsci.csv"] if EXAM_CELLS else [],
    "treatments": (
        [f"{RESULTS}/cleaned/treatments.csv"] if "treatments" in TABLES else []
    ),
    "adverse_events": (
        [f"{RESULTS}/cleaned/adverse_events.csv"] if "adverse_events" in TABLES else []
    ),
    "courses": (
        [shipped_file(study.natural_course.table)] if study.natural_course else []
    ),
    "rates": (
        [shipped_file(study.natural_recovery.table)] if study.natural_recovery else []
    ),
}


def recorded_steps():
    """What each rule that is defined so far runs, reads and writes.

    A rule with wildcards is there once for each of its files that another rule reads.
    """
    read = sorted({str(path) for step in workflow.rules for path in step.input})
    steps = []
    for step in workflow.rules:
        if step.has_wildcards():
            pattern = re.compile(regex_from_filepattern(str(step.output[0])))
            for match in filter(None, map(pattern.fullmatch, read)):
                steps.append(recorded_step(step, match.groupdict()))
        elif step.output:
            steps.append(recorded_step(step, {}))
    return steps


def recorded_step(step, wildcards):
    """One rule, its wildcards filled in: name, script or notebook, inputs, outputs, and the hash of
    its parameters as owncontrol.run.output_hashes has it (none where one is a function).
    """
    files = [path for path in step.input if not is_callable(path)]
    inputs = [str(path).format(**wildcards) for path in files]
    programs = [path for path in inputs if Path(path).suffix in (".ipynb", ".py")]
    if step.script and not programs:
        programs = [str(WORKFLOW / "scripts" / Path(step.script).name)]
    params = dict(step.params.items())
    known = not any(map(callable, params.values()))
    return {
        "rule": step.name,
        "script": project_path(programs[0]),
        "inputs": sorted(map(project_path, inputs)),
        "outputs": sorted(str(path).format(**wildcards) for path in step.output),
        "made_from": made_from(params) if known else "",
    }


def begin_run(wildcards=None):
    """Take the folder for a run, and remove what no record vouches for; [], no input files.

    An input function (verify.smk): Snakemake calls it when it works out what is to be done. That is
    the first moment at which it knows whether it is going to run anything at all: with -n, --list,
    --summary, --dag and whatever else only looks, nothing is locked, made or removed. It is the
    last one before it looks at the results, which must be those of the records by then; `onstart:`
    comes after that, not where there is nothing to do, and not in a module of another workflow.
    """
    runs = workflow.executor_plugin is not None and not workflow.dryrun
    if HELD or not runs:
        return []
    gc.freeze()
    gc.enable()
    try:
        HELD.append(hold_run(".snakemake"))
        check_writable([RESULTS, LOGS])
        forget_settings(PRIVATE)
        forget(ALL_STEPS)
    except InputError as error:
        sys.exit(f"error: {one_line(error)}")
    warm_scripts(
        WORKFLOW / "scripts", ".snakemake", partial(jobs_to_do, workflow), logger.info
    )
    FACTS.save()
    return []


def forget(steps):
    """Make again what no record vouches for, or what is stale by the records of its step."""
    known = records(RESULTS, LOGS)
    for name in RAW_FILES:
        # Its parameter is a function of the file; what it holds says the same.
        verified = Path(f"{RESULTS}/verified/{name}.sha256")
        if verified.is_file() and RAW_HASHES[name] not in verified.read_text():
            known.pop(str(verified), None)
    removed = forget_unvouched(steps, known)
    if removed:
        what = "1 result is" if removed == 1 else f"{removed} results are"
        print(f"{what} made again, because no record vouches for what is there")


def project_path(path):
    """The path of a file of the workflow as it is in the project, wherever that is."""
    home = WORKFLOW.parent
    path = Path(path)
    return (path.relative_to(home) if path.is_relative_to(home) else path).as_posix()


onstart:
    begin_run()
    # Jobs of a cluster are for Snakemake to end.
    if workflow.local_exec:
        end_on_interrupt()
    # Nothing is made by packages that somebody has edited.
    try:
        check_environment()
    except InputError as error:
        sys.exit(f"error: {one_line(error)}")


onerror:
    for line in failures(LOGS):
        print(line, file=sys.stderr)
