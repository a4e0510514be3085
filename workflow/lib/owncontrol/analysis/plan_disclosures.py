"""What a reader has to know of how patients, values and scores came into the results or did not.

None of it needs a frozen plan: exclusions, corrections of the primary endpoint, numbers that are
left out, raw files that were changed, scores that are no endpoint, patients who were lost.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.basics.natural_order import natural_key
from owncontrol.findings.mapping_rules import NumberLeftOut
from owncontrol.findings.plan_rules import CodesLeftOut
from owncontrol.instruments import Instrument, recorded_parts
from owncontrol.study.exclusions import NO_REASON, is_row
from owncontrol.study.plan_departures import AREAS, not_held
from owncontrol.study.plan_parts import Frozen, own_definitions
from owncontrol.study.reference_tables import is_shipped
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint
from owncontrol.study.visits import Visit
from owncontrol.tables import conform
from owncontrol.tables.categories import as_categories, by_value, codes, texts

# Columns of an assessment that decide whose it is and at which visit.
KEYS = ("subject_id", "visit", "date", "day_from_injury", "day_from_treatment")
RECORDED = "recorded_"
PERSONS = ("subjects", "treatments")


class Kind(StrEnum):
    """What a disclosure is about."""

    EXCLUDED_PATIENT = "excluded subject"
    EXCLUDED_ROW = "excluded raw row"
    UNPLANNED_PATIENT = "excluded subject, not in the frozen plan"
    UNPLANNED_ROW = "excluded raw row, not in the frozen plan"
    CORRECTION = "corrected cell of the primary endpoint"
    PERSON_CORRECTION = "corrected cell of a subject or a treatment"
    OTHER_CORRECTION = "other corrected cell"
    KEYED = "codes keyed"
    CODES = "codes left out"
    NUMBER = "number left out"
    RAW_CHANGE = "raw file changed"
    RAW_GONE = "listed raw file not there"
    UNTREATED = "examined at the time point, not treated"
    NOT_ANALYSED = "score without endpoint"
    NO_BASELINE = "treated, without the primary endpoint at baseline"
    LOST = "lost before the time point"
    OTHER_RATES = "published rates not those of the project"
    OTHER_COURSE = "published course not that of the project"
    OTHER_INSTRUMENT = "instrument not as the project defines it"
    NOT_HELD = "not held by the frozen plan"
    RAW_SINCE = "raw file not as it was when the plan was frozen"


@dataclass(frozen=True)
class Disclosure:
    """One of them: ``name`` is what it is about, ``detail`` the reason, or what else there is.

    ``file`` and ``row``: the place in a raw file, where it has one.
    """

    kind: Kind
    name: str
    detail: str = ""
    file: str = ""
    row: int | None = None


@dataclass(frozen=True)
class RawChange:
    """A listed raw file that was changed, as ``MANIFEST.history`` records it; ``when``: a day."""

    file: str
    when: str
    why: str


def disclosures_table(found: Iterable[Disclosure]) -> pd.DataFrame:
    """The table ``disclosures``."""
    rows = [{**vars(item), "kind": item.kind.value} for item in found]
    return conform(pd.DataFrame(rows), "disclosures")


def exclusions(excluded: Mapping[str, str], planned: Collection[str] | None) -> list[Disclosure]:
    """Patients and raw rows that the configuration leaves out.

    ``excluded``: by entry the reason. ``planned``: entries of the frozen plan; None without one.
    """
    kinds = {
        (False, True): Kind.EXCLUDED_PATIENT,
        (True, True): Kind.EXCLUDED_ROW,
        (False, False): Kind.UNPLANNED_PATIENT,
        (True, False): Kind.UNPLANNED_ROW,
    }
    return [
        Disclosure(
            kinds[is_row(entry), planned is None or entry in planned], entry, why or NO_REASON
        )
        for entry, why in excluded.items()
    ]


def corrections(
    corrected: pd.DataFrame,
    endpoint: CompleteEndpoint,
    instrument: Instrument,
    labels: Mapping[str, str],
) -> list[Disclosure]:
    """All corrected cells: those that an endpoint's scores are made of, then the others.

    Of an endpoint are also the cells that decide whose its scores are. Cells of patients and
    treatments have a kind of their own: by their dates all days are counted. ``corrected``: table
    ``corrected_cells``. ``labels``: of the visits.
    """
    here = corrected["table"] == endpoint.instrument
    columns = corrected.loc[here, "column"]
    recorded = {name.removeprefix(RECORDED) for name in columns if name.startswith(RECORDED)}
    parts = recorded_parts(instrument, recorded).get(endpoint.scale, ())
    own = {
        *KEYS,
        *instrument.scales[endpoint.scale].items,
        *(RECORDED + part for part in parts),
    }
    of_endpoint = here & corrected["column"].isin(own)
    of_person = corrected["table"].isin(PERSONS)
    return [
        Disclosure(
            kind,
            str(cell.subject_id),
            _place(cell, labels),
            str(cell.file),
            int(cell.row),
        )
        for kind, chosen in (
            (Kind.CORRECTION, of_endpoint),
            (Kind.PERSON_CORRECTION, of_person),
            (Kind.OTHER_CORRECTION, ~of_endpoint & ~of_person),
        )
        for cell in corrected.loc[chosen].itertuples()
    ]


def _place(cell: Any, labels: Mapping[str, str]) -> str:
    """The visit of a corrected cell, where it has one, and its raw column."""
    visit = "" if pd.isna(cell.visit) else str(cell.visit)
    return f"{labels.get(visit, visit)}: {cell.raw_column}" if visit else str(cell.raw_column)


def gaps(findings: pd.DataFrame) -> list[Disclosure]:
    """Codes and numbers of rows that are left out, as the findings say."""
    found = []
    for entry in findings.loc[findings["rule"] == CodesLeftOut.code].itertuples():
        found.append(Disclosure(Kind.CODES, str(entry.column), str(entry.detail), str(entry.file)))
    for entry in findings.loc[findings["rule"] == NumberLeftOut.code].itertuples():
        place = str(entry.file), int(entry.row)
        found.append(Disclosure(Kind.NUMBER, str(entry.column), str(entry.detail), *place))
    return found


def raw_changes(changes: Iterable[RawChange]) -> list[Disclosure]:
    """Raw files that were changed after they had been listed."""
    return [Disclosure(Kind.RAW_CHANGE, item.when, item.why, item.file) for item in changes]


def raw_gone(names: Iterable[str]) -> list[Disclosure]:
    """Raw files that the manifest lists and the folder does not hold."""
    return [Disclosure(Kind.RAW_GONE, name, file=name) for name in names]


def untreated(
    assessed: pd.DataFrame, treated: Iterable[str], endpoint: CompleteEndpoint
) -> list[Disclosure]:
    """Subjects with an exam of an endpoint's instrument at its time point who are not treated.

    ``assessed``: as for lost.
    """
    here = assessed.loc[(assessed["instrument"] == endpoint.instrument).to_numpy(bool)]
    here = here.loc[(here["visit"] == endpoint.time_point).to_numpy(bool)]
    examined = set(here["subject_id"].astype("str"))
    return [
        Disclosure(Kind.UNTREATED, subject)
        for subject in sorted(examined - {*treated}, key=natural_key)
    ]


def other_references(now: Frozen) -> list[Disclosure]:
    """Tables of rates and courses, and instruments, that are not those of the project.

    ``detail``: the SHA-256 of what is used.
    """
    recovery, course = now.parts.natural_recovery, now.parts.natural_course
    used = [
        (Kind.OTHER_RATES, recovery.table if recovery else "", now.rates),
        (Kind.OTHER_COURSE, course.table if course else "", now.courses),
    ]
    found = [
        Disclosure(kind, table, digest)
        for kind, table, digest in used
        if table and not is_shipped(digest)
    ]
    return [
        *found,
        *(
            Disclosure(Kind.OTHER_INSTRUMENT, name, now.instruments[name])
            for name in own_definitions(now)
        ),
    ]


def keyed_codes(now: Frozen) -> list[Disclosure]:
    """That the codes of patients are keyed, so that no gap in their numbers can be seen."""
    code = now.parts.subject_code
    return [Disclosure(Kind.KEYED, code.prefix)] if code.key_file else []


def parts_not_held(plan: Frozen | None, now: Frozen) -> list[Disclosure]:
    """What a frozen plan says nothing of; ``name``: the area, ``detail``: the keys."""
    by_area: dict[str, dict[str, None]] = {}
    for first, *rest in not_held(plan, now) if plan else ():
        by_area.setdefault(AREAS[first].value, {})[rest[-1] if rest else first] = None
    return [Disclosure(Kind.NOT_HELD, area, ", ".join(keys)) for area, keys in by_area.items()]


def changed_since(plan: Mapping[str, str], now: Mapping[str, str]) -> list[Disclosure]:
    """Raw files that are not as they were when the plan was frozen; both: SHA-256 by name."""
    return [
        Disclosure(Kind.RAW_SINCE, name, "changed" if name in now else "gone", name)
        for name, digest in sorted(plan.items())
        if now.get(name) != digest
    ]


def scores_at_both(scores: pd.DataFrame, before: str, after: str) -> set[tuple[str, str]]:
    """Instrument and scale of each score that at least one subject has at both visits.

    ``scores``: instrument, scale, visit, subject_id of determinate values.
    """
    columns = [as_categories(scores[name]) for name in ("instrument", "scale", "subject_id")]
    instruments, scales, subjects = (texts(column) for column in columns)
    of_score = codes(columns[0]).astype(np.int64) * len(scales) + codes(columns[1])
    subject, visits = codes(columns[2]), as_categories(scores["visit"])
    score, names = pd.factorize(of_score)
    # A mark per score and subject: ten million rows are not sorted to see who is there twice.
    is_there = []
    for visit in (before, after):
        here = by_value(visits, visit.__eq__)
        is_there.append(np.zeros((len(names), len(subjects)), bool))
        is_there[-1][score[here], subject[here]] = True
    at_both = names[(is_there[0] & is_there[1]).any(axis=1)]
    return {(instruments[name // len(scales)], scales[name % len(scales)]) for name in at_both}


def not_analysed(
    recorded: Collection[tuple[str, str]],
    settings: AnalysisSettings,
    instruments: Mapping[str, Instrument],
) -> list[Disclosure]:
    """The scores that are there at both visits and are no endpoint."""
    analysed = {(endpoint.instrument, endpoint.scale) for endpoint in settings.endpoints}
    return [
        Disclosure(
            Kind.NOT_ANALYSED,
            f"{instrument}.{scale}",
            f"{instruments[instrument].label}: {instruments[instrument].scales[scale].label}",
        )
        for instrument, scale in sorted(set(recorded) - analysed)
    ]


def without_baseline(
    known: pd.DataFrame, treated: Iterable[str], endpoint: CompleteEndpoint
) -> list[Disclosure]:
    """Treated subjects without a value of an endpoint at its baseline; ``known``: as for lost."""
    have = set(known.loc[known["visit"] == endpoint.baseline, "subject_id"].astype("str"))
    return [
        Disclosure(Kind.NO_BASELINE, subject)
        for subject in sorted({*treated} - have, key=natural_key)
    ]


def lost(
    known: pd.DataFrame, assessed: pd.DataFrame, endpoint: CompleteEndpoint, visits: Sequence[Visit]
) -> list[Disclosure]:
    """Subjects with a value of an endpoint at baseline and none at its time point.

    ``known``: determinate values of the endpoint of treated subjects (subject_id, visit).
    ``assessed``: who was assessed when, by any instrument. ``detail``: the last visit of each.
    """
    whose, when = known["subject_id"].astype("str"), known["visit"].astype("str")
    gone = set(whose[when == endpoint.baseline]) - set(whose[when == endpoint.time_point])
    place = {visit.name: number for number, visit in enumerate(visits)}
    here = assessed.loc[assessed["subject_id"].astype("str").isin(gone)]
    places = here["visit"].astype("str").map(place)
    last = places.groupby(here["subject_id"].astype("str")).max()
    return [
        Disclosure(Kind.LOST, subject, visits[int(last[subject])].label)
        for subject in sorted(gone, key=natural_key)
    ]
