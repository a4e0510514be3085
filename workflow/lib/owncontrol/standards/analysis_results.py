"""The results as CDISC's Analysis Results Standard describes them (ARS 1.0): a reporting event.

After the model of ARS 1.0 (https://www.cdisc.org/standards/foundational/analysis-results-standard).
An analysis is one statistic of one endpoint, visit and population by one method; its operations are
the columns of ``estimates.csv``, and each of its rows is a group of results by stratum.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from owncontrol.files import write_text

Row = dict[str, str]
Entity = dict[str, Any]
KEY = ("analysis", "population", "endpoint", "visit", "statistic", "method", "unit", "cell")
# The operations of every method: a column of the results, and what it holds.
OPERATIONS = {
    "estimate_id": "Name of the number in estimates.csv",
    "value": "Value",
    "lower": "Lower bound of the interval",
    "upper": "Upper bound of the interval",
    "level": "Confidence level of the interval",
    "p": "p-value",
    "p_adjusted": "p-value adjusted inside its family",
    "n": "How many it is computed from",
    "events": "Of these, those with the event",
    "convention": "Convention of the method, or why the value is not estimable",
}
PRINTED = ("value", "lower", "upper", "p", "p_adjusted")
STRATUM = "GF.stratum"
NOT_IN_PLAN, CSV = "TERM.not_in_plan", "TERM.csv"
PURPOSES = {"primary": "PRIMARY OUTCOME MEASURE", "secondary": "SECONDARY OUTCOME MEASURE"}
EXPLORATORY = "EXPLORATORY OUTCOME MEASURE"
LISTS = (
    *("analysisSets", "analysisGroupings", "methods", "analyses", "outputs"),
    *("referenceDocuments", "terminologyExtensions"),
)


@dataclass(frozen=True)
class Event:
    """What a study says of its results. ``declared``: names that a plan fixed beforehand;
    ``post_hoc``: those that none did; ``families``: of each endpoint its family of tests.
    """

    study: str
    title: str
    description: str
    declared: frozenset[str]
    post_hoc: frozenset[str]
    families: dict[str, str]


@dataclass
class _Ids:
    """Entities of one kind by what they stand for, each made once."""

    prefix: str
    made: dict[str, Entity] = field(default_factory=dict)

    def of(self, name: str, **more: Any) -> str:
        if name not in self.made:
            number = len(self.made) + 1
            self.made[name] = {"id": f"{self.prefix}.{number}", "name": name, **more}
        return str(self.made[name]["id"])


def reporting_event(
    event: Event, rows: Sequence[Row], printed: Mapping[str, Sequence[str]]
) -> Entity:
    """The reporting event of a study.

    ``rows``: of the results table, as the texts that it has; ``printed``: by column the numbers of
    the rows as the report has them.
    """
    sets, methods, documents = _Ids("AS"), _Ids("MT"), _Ids("DOC")
    analyses: dict[tuple[str, ...], Entity] = {}
    listed: dict[str, list[Entity]] = {}
    for place, row in enumerate(rows):
        key = tuple(row[name] for name in KEY)
        if key not in analyses:
            method = methods.of(f"{row['statistic']}: {row['method'] or 'no method'}")
            analyses[key] = {
                "id": f"AN.{row['estimate_id']}",
                "name": _name(row),
                **_why(event, row["endpoint"]),
                "methodId": method,
                **({"analysisSetId": sets.of(row["population"])} if row["population"] else {}),
                **({"description": f"Unit: {row['unit']}"} if row["unit"] else {}),
                **_program(row["cell"], documents),
                "orderedGroupings": [{"order": 1, "groupingId": STRATUM, "resultsByGroup": True}],
                "results": [],
            }
            listed.setdefault(row["analysis"], []).append(analyses[key])
        shown = {name: printed[name][place] for name in PRINTED}
        analyses[key]["results"] += _results(row, analyses[key]["methodId"], shown)
    for place, entity in enumerate(sets.made.values(), start=1):
        entity |= {"level": 1, "order": place}
    for entity in methods.made.values():
        entity["operations"] = list(_operations(entity["id"]))
    return {
        "id": f"RE.{event.study}",
        "name": event.title,
        "description": event.description,
        "version": 1,
        "mainListOfContents": _contents(listed),
        "analysisSets": list(sets.made.values()),
        "analysisGroupings": [{"id": STRATUM, "name": "Stratum", "dataDriven": True}],
        "methods": list(methods.made.values()),
        "analyses": list(analyses.values()),
        "outputs": [_output(name) for name in listed],
        "referenceDocuments": [
            {**entity, "location": f"notebooks/{name}"} for name, entity in documents.made.items()
        ],
        "terminologyExtensions": list(_own_terms()),
    }


def write_reporting_event(path: Path, event: Entity) -> None:
    """Write a reporting event as JSON, an entity a line."""
    parts = []
    for name, value in event.items():
        lines = [json.dumps(item, ensure_ascii=False) for item in value] if name in LISTS else []
        text = "[\n" + ",\n".join(lines) + "\n]" if lines else json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(name)}: {text}")
    write_text(path, "{\n" + ",\n".join(parts) + "\n}\n")


def _name(row: Row) -> str:
    about = " ".join(filter(None, (row["endpoint"], row["visit"])))
    return f"{row['statistic']}{f' of {about}' if about else ''} ({row['analysis']})"


def _why(event: Event, endpoint: str) -> Entity:
    """Reason and purpose of an analysis."""
    if endpoint in event.declared:
        reason = {"controlledTerm": "SPECIFIED IN SAP"}
    elif endpoint in event.post_hoc:
        reason = {"controlledTerm": "DATA DRIVEN"}
    else:
        reason = {"sponsorTermId": NOT_IN_PLAN}
    purpose = PURPOSES.get(event.families.get(endpoint, ""), EXPLORATORY)
    return {"reason": reason, "purpose": {"controlledTerm": purpose}}


def _program(cell: str, documents: _Ids) -> Entity:
    """The notebook and its cell."""
    notebook, _, name = cell.partition("#")
    if not notebook:
        return {}
    pages = [{"refType": "NamedDestination", "pageNames": [name]}] if name else []
    reference = {"referenceDocumentId": documents.of(notebook), "pageRefs": pages}
    return {"programmingCode": {"context": "Python (Jupyter notebook)", "documentRef": reference}}


def _results(row: Row, method: str, shown: Row) -> Iterator[Entity]:
    """A result for each column that the row has something in."""
    group = {"groupingId": STRATUM, "groupValue": row["stratum"] or "all"}
    for name in OPERATIONS:
        if row[name]:
            yield {
                "operationId": f"{method}.{name}",
                "resultGroups": [group],
                "rawValue": row[name],
                "formattedValue": shown.get(name) or row[name],
            }


def _operations(method: str) -> Iterator[Entity]:
    for place, (name, label) in enumerate(OPERATIONS.items(), start=1):
        yield {"id": f"{method}.{name}", "name": name, "label": label, "order": place}


def _contents(listed: dict[str, list[Entity]]) -> Entity:
    items = []
    for place, (name, analyses) in enumerate(listed.items(), start=1):
        below = [
            {"name": item["name"], "level": 2, "order": order, "analysisId": item["id"]}
            for order, item in enumerate(analyses, start=1)
        ]
        items.append(
            {
                "name": name,
                "level": 1,
                "order": place,
                "outputId": f"OUT.{name}",
                "sublist": {"listItems": below},
            }
        )
    return {"name": "All analyses", "contentsList": {"listItems": items}}


def _output(name: str) -> Entity:
    file = {
        "name": f"{name}.csv",
        "fileType": {"sponsorTermId": CSV},
        "location": f"statistics/{name}.csv",
    }
    shown = {"id": f"DISP.{name}", "name": name, "version": 1}
    return {
        "id": f"OUT.{name}",
        "name": name,
        "version": 1,
        "displays": [{"order": 1, "display": shown}],
        "fileSpecifications": [file],
    }


def _own_terms() -> Iterable[Entity]:
    for enumeration, term, value in (
        ("AnalysisReasonEnum", NOT_IN_PLAN, "ABOUT NO RESULT THAT A PLAN COULD NAME"),
        ("OutputFileTypeEnum", CSV, "csv"),
    ):
        yield {
            "id": f"EXT.{enumeration}",
            "enumeration": enumeration,
            "sponsorTerms": [{"id": term, "submissionValue": value}],
        }
