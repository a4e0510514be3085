"""Analyses add what is declared and nothing else, and every text is read back as it was meant."""

from dataclasses import fields
from math import nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.errors import InputError
from owncontrol.estimates import event_strata, recovery_strata, strata, stratum
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.conventions import Convention, RateConvention, Timing, Untestable
from owncontrol.estimates.declared_statistics import (
    ANALYSES,
    DECLARED,
    Change,
    DataQuality,
    Sensitivity,
    declared,
)
from owncontrol.estimates.estimate import Estimate
from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.event_strata import ClassTerm, EventKind, Onset, OrganClass
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade, ExamDays, PublishedRate
from owncontrol.estimates.strata import ByWeek, Move, Specification
from owncontrol.estimates.stratum import Stratum, Written
from owncontrol.lineage import counts
from owncontrol.lineage.chain import needed_beside_items
from owncontrol.lineage.results import Results

# Words as studies have them: with signs, but not the ones that part the sides of a stratum.
words = st.text("ABCe1é+-.,/%", min_size=1, max_size=6)
whole = st.integers(0, 400)
KINDS = {
    kind: st.builds(kind, *[words] * len(fields(kind)))
    for kind in (
        strata.RawFile, strata.CanonicalTable, strata.OfPlan, strata.OfInstrument, strata.OfSubject,
        strata.PublishedCohort, strata.PredictionRule, strata.HavingValue, strata.ScoreGrade,
        strata.TableInFile,
        strata.RecordedGrade, strata.Move, strata.Specification, recovery_strata.BaselineGrade,
        recovery_strata.PublishedRate, event_strata.Relation, event_strata.OrganClass,
        event_strata.ClassTerm, strata.OfArm,
    )
}  # fmt: skip
KINDS |= {
    stratum.WholeGroup: st.builds(stratum.WholeGroup),
    strata.AssessorOfPair: st.builds(strata.AssessorOfPair, st.booleans()),
    strata.AllFiles: st.builds(strata.AllFiles),
    strata.OfFindings: st.builds(strata.OfFindings, words, st.just("") | words),
    strata.Visits: st.builds(strata.Visits, whole),
    strata.ByWeek: st.builds(strata.ByWeek, whole),
    strata.AtTime: st.builds(strata.AtTime, st.integers(1, 10**6).map(lambda n: n / 1000)),
    strata.CurveStep: st.builds(strata.CurveStep, whole),
    strata.RatingShift: st.builds(
        strata.RatingShift, st.decimals(0, 1000, places=6).map(lambda shift: float(shift))
    ),
    recovery_strata.AllGrades: st.builds(recovery_strata.AllGrades),
    recovery_strata.ExamDays: st.builds(ExamDays, words, whole, st.none() | whole),
    recovery_strata.AtRate: st.builds(recovery_strata.AtRate, words, st.integers(0, 100)),
    recovery_strata.GainedIn: st.builds(recovery_strata.GainedIn, st.booleans(), st.booleans()),
    recovery_strata.Misjudged: st.builds(recovery_strata.Misjudged, whole, whole),
    recovery_strata.NullWorld: st.builds(recovery_strata.NullWorld, words),
    recovery_strata.TrialGrade: st.builds(recovery_strata.TrialGrade, words, st.booleans()),
    event_strata.CtcaeGrade: st.builds(event_strata.CtcaeGrade, st.none() | st.integers(1, 5)),
    event_strata.Severity: st.builds(event_strata.Severity, st.none() | words),
    event_strata.Severity: st.builds(event_strata.Severity, st.none() | words),
    event_strata.ListedEvent: st.builds(event_strata.ListedEvent, words, whole),
    EventKind: st.builds(EventKind, st.sampled_from(EventKind.KINDS), st.booleans()),
    Onset: st.sampled_from(
        [Onset("before treatment"), Onset("after treatment"), Onset("", True), Onset("day", True)]
    ),
}


@given(st.one_of(*KINDS.values()))
def test_a_stratum_is_read_back_as_it_was_written(part):
    assert type(part).parse(str(part)) == part


def test_every_kind_of_stratum_is_tried():
    declared_kinds = {kind for statistic in DECLARED.values() for kind in statistic.strata}
    assert declared_kinds == set(KINDS)


@given(st.sampled_from(list(DECLARED.values())), st.data())
def test_a_statistic_reads_back_the_text_of_each_of_its_strata(statistic, data):
    kind = data.draw(st.sampled_from(statistic.strata))
    part = data.draw(KINDS[kind])
    assert str(statistic.stratum(str(part))) == str(part)


conventions = st.builds(
    Convention, st.text("abc; :", max_size=9), st.just(""), st.booleans()
) | st.builds(Convention, st.just(""), st.text("abc; :", min_size=1), st.booleans())


@given(conventions)
def test_a_convention_is_read_back_as_it_was_written(convention):
    assert Convention.parse(str(convention)) == convention


@given(st.text("abc; :", max_size=9), st.sampled_from(Timing))
def test_words_beside_published_rates_and_claims_are_read_back(text, timing):
    said = RateConvention(text, timing)
    assert RateConvention.parse(str(said)) == said
    assert Untestable.parse(str(Untestable(text))) == Untestable(text)
    for kind in (RateConvention, Untestable):
        with pytest.raises(ValueError, match="is no"):
            kind.parse(text)


def test_a_part_that_could_not_be_told_apart_is_refused():
    for make in (
        lambda: Move("0 to 5", "6"),
        lambda: PublishedRate("A, B", "Burns 2003"),
        lambda: Specification("sign test", "a; b", "treated"),
        lambda: Move("0 to", "6"),
    ):
        with pytest.raises(InputError, match="told apart"):
            make()


# Texts that look like the words between the parts of a stratum.
tricky = st.lists(
    st.sampled_from(["A", " to ", "to", " ", "; ", ", ", " (", ")", ": ", "class ", "2 visits"])
)


@given(st.data())
def test_whatever_the_parts_of_a_stratum_are_it_is_read_back_or_refused(data):
    kind = data.draw(st.sampled_from([kind for kind in KINDS if issubclass(kind, Written)]))
    draw = {int: whole, str: tricky.map("".join)}
    parts = [data.draw(draw[part.type]) for part in fields(kind)]
    try:
        made = kind(*parts)
    except InputError:
        return
    assert kind.parse(str(made)) == made


def test_an_undeclared_statistic_is_refused_at_once():
    results = Estimates("change", "all", ["P1"])
    for statistic in ("shifted", "shift", Sensitivity.SPECIFICATION):
        with pytest.raises(ValueError, match="is no statistic of Change") as caught:
            results.add(statistic, 1.0)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="analysis 'new' declares no statistics"):
        Estimates("new", "all", ["P1"])
    with pytest.raises(ValueError, match="statistic 'shifted' of Change is not declared"):
        declared("change", "shifted")


def test_a_stratum_of_an_undeclared_kind_is_refused_at_once():
    results = Estimates("change", "all", ["P1"])

    class Unknown(Stratum):
        def __str__(self):
            return "A to B"

        @classmethod
        def read(cls, text):
            return cls()

    for part in (Unknown(), ByWeek(4), "A to B"):
        with pytest.raises(ValueError, match="declared are Move"):
            results.add(Change.SHIFT, 1.0, stratum=part)
    results.add(Change.SHIFT, 1.0, stratum=Move("A", "B"))
    assert results.table()["stratum"].tolist() == ["A to B"]


def written(folder, **changed):
    """Results of one estimate, with columns of its row changed afterwards."""
    results = Estimates("change", "all", ["P1"])
    results.add(Change.SHIFT, 1.0, stratum=Move("A", "B"))
    (folder / "statistics").mkdir()
    table = results.table().astype({"stratum": "object", "statistic": "object"}).assign(**changed)
    table.to_csv(folder / "statistics/estimates.csv", index=False)
    return Results(folder)


def test_results_without_a_declared_lineage_are_not_traced_in_silence(tmp_path):
    name = "change.a_to_b.shift"
    assert written(tmp_path).about(name).statistic is Change.SHIFT
    for place, changed in enumerate(({"statistic": "shifted"}, {"stratum": "week 4"})):
        folder = tmp_path / str(place)
        folder.mkdir()
        with pytest.raises(InputError, match=rf"estimates.csv, {name}: .*(declared|no stratum)"):
            written(folder, **changed).about(name)


def test_every_count_of_rows_and_cells_says_which_it_counts():
    counted = {*counts.ROW_STATES, *counts.CELL_ROWS, *counts.TABLE_ROWS}
    others = {
        DataQuality.FINDINGS,
        DataQuality.RECORDED_SCORES_DIFFERING,
        DataQuality.RECORDED_GRADES,
    }
    assert counted | others == set(DataQuality)


def about(statistic, part=stratum.WHOLE):
    row = {"analysis": next(key for key, kind in ANALYSES.items() if isinstance(statistic, kind))}
    row |= dict.fromkeys((field.name for field in fields(Estimate)), None) | row
    numbers = ("value", "lower", "upper", "level", "p", "p_adjusted")
    row |= dict.fromkeys(numbers, nan) | {"statistic": statistic.value, "stratum": str(part)}
    return Estimate.of(row)


@pytest.mark.parametrize(
    ("statistic", "part", "columns"),
    [
        (Change.MEDIAN_DAY, stratum.WHOLE, ("date",)),
        (Change.MEDIAN_BASELINE, stratum.WHOLE, ()),
        (NaturalRecovery.IMPROVED, BaselineGrade("A"), ()),
        (NaturalRecovery.IMPROVED, ExamDays("A", 15, 28), ("date",)),
        (DataQuality.RECORDED_SCORES_DIFFERING, strata.OfInstrument("scim3"),
         ("recorded_{scale}",)),
        (DataQuality.RECORDED_GRADES, strata.RecordedGrade("A", "week 3"), ("recorded_{scale}",)),
    ],
)  # fmt: skip
def test_dates_are_read_where_time_counts_and_not_where_a_text_names_it(statistic, part, columns):
    assert needed_beside_items(about(statistic, part)) == columns
    if not columns:
        assert needed_beside_items(about(statistic, part), {"in_window"}) == ("date",)


def test_a_class_with_a_colon_keeps_its_terms():
    terms = [ClassTerm.parse(text) for text in ("class A: B: c", "class A: d", "class A: B")]
    classes = ["A", "A: B"]
    assert [term.among(classes) for term in terms] == [
        ClassTerm("A: B", "c"), ClassTerm("A", "d"), None,
    ]  # fmt: skip
    assert AdverseEvents.EVENTS_GRADE_1.stratum("class A: B") == OrganClass("A: B")


def test_a_report_that_asks_for_an_undeclared_statistic_fails():
    results = Estimates("change", "all", ["P1"])
    results.add(Change.SHIFT, 1.0, stratum=Move("A", "B"), visit="late")
    results.add(Change.SHIFT, 1.0, stratum=Move("A", "B"), visit="later")
    numbers = Numbers(pd.DataFrame(results.table()), lambda shown: shown.text)
    assert len(numbers.find(statistic="shift")) == 2
    assert not numbers.find(statistic="bowker")
    with pytest.raises(ValueError, match="no analysis declares the statistic 'shfit'"):
        numbers.find(statistic="shfit")
    with pytest.raises(ValueError, match="several estimates are about one stratum"):
        numbers.by_stratum(Move, statistic="shift")
    assert len(numbers.in_strata(Move, statistic="shift")) == 2
