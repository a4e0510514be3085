"""The plain script beside the workflow's own functions: the same numbers of a small registry."""

from pathlib import Path

import bench_registry
import pandas as pd
import pytest
import registry as plain
from owncontrol.analysis import change, grades, patients, quality, responders
from owncontrol.analysis.populations import scores_by_population
from owncontrol.analysis.settings import RespondersSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.simulation.registry import write_registry
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from owncontrol.tables import concat, read_cleaned, write_table
from read_study import ingest_files
from study_run import ROOT, clean_and_score, load_instruments

pytestmark = pytest.mark.slow

PATIENTS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("registry")
    write_registry(place / "raw", PATIENTS, 7)
    return place


def by_the_workflow(folder: Path) -> pd.DataFrame:
    study = load_study({"study": "registry"}, ROOT)
    settings = RespondersSettings.taken_from(analysis_settings(study))
    raw, instruments = folder / "raw", load_instruments(("isncsci", "scim3"))
    run = clean_and_score(raw, study, instruments, ingest_files(raw, study, instruments))
    cleaned, scores = run.cleaned, run.scores
    for name in ("subjects", "treatments"):
        write_table(cleaned.tables[name], folder / f"{name}.csv")
    subjects, treated = (
        read_cleaned(folder / f"{name}.csv", name) for name in ("subjects", "treatments")
    )
    populations = scores_by_population(scores, subjects, treated, settings)
    codes = sorted(subjects["subject_id"])
    found = []
    results = Estimates("data_quality", "all", codes)
    quality.count_rows(results, cleaned.flow)
    found.append(results.table())
    results = Estimates("patients", "all", codes)
    patients.describe_number(results, "subjects", subjects, "age", "years")
    patients.count_attendance(results, scores, "isncsci", settings, len(subjects))
    found.append(results.table())
    results = Estimates("change", "all", codes)
    for endpoint in settings.endpoints:
        change.change_from_baseline(results, populations["treated"], endpoint, settings)
    ais = settings.endpoints[0]
    grades.distribution(results, populations["treated"], ais, settings)
    grades.shift(results, populations["treated"], ais)
    found.append(results.table())
    results = Estimates("responders", "all", codes)
    for criterion in responders.criteria(settings):
        looks = responders.looks(populations, criterion, settings)
        responders.at_visits(results, looks, criterion, settings.level)
    found.append(results.table())
    return concat(found, "estimates")


@pytest.mark.filterwarnings("ignore")  # of scipy, about few pairs
def test_the_plain_script_has_the_same_numbers(folder: Path) -> None:
    plain.main(folder / "raw", folder / "numbers.csv")
    numbers = pd.read_csv(folder / "numbers.csv")
    cells = numbers["estimate_id"].str.contains(r"\.cell_|^sensitivity\.", regex=True)
    estimates = by_the_workflow(folder)
    held = bench_registry.compare(numbers.loc[~cells], estimates)
    assert not len(held.loc[~held["same"]]), held.loc[~held["same"]].to_string()
    assert len(held) > 900
    # One that is not the same is seen.
    estimates.loc[estimates["estimate_id"] == "patients.age.median", "value"] += 1e-6
    held = bench_registry.compare(numbers.loc[~cells], estimates)
    assert held.loc[~held["same"], "estimate_id"].tolist() == ["patients.age.median"]


def test_what_the_plain_script_skips_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plain, "MOST_PAIRS", 45)
    frame = pd.DataFrame.from_dict(
        {
            f"change.ais.{n}": plain.hodges_lehmann(pd.Series(range(n)).to_numpy())
            for n in (40, 45, 46, 50)
        },
        orient="index",
    )
    assert frame["value"].notna().tolist() == [True, True, False, False]
    assert frame["n"].tolist() == [40, 45, 46, 50]
    said = bench_registry._skipped(frame)
    assert said == "; skipped: Walsh averages of more than 45 pairs (memory), 2 estimates"
    plain.say_skipped(frame)
    assert "more than 45 pairs (memory): 2 estimates" in capsys.readouterr().out
    assert bench_registry._skipped(frame.drop(columns="skipped")) == ""


def test_growth_is_the_slope_from_a_thousand_patients_on() -> None:
    table = pd.DataFrame(
        {
            "patients": [13, 1000, 10_000],
            "part": "score",
            "processor_s": [5.0, 2.0, 2.0 * 10**0.9],
        }
    )
    found = bench_registry.with_exponents(table)["exponent"]
    assert found.isna().tolist() == [True, False, False]
    assert found.iloc[-1] == pytest.approx(0.9)
