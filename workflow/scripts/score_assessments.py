"""Score all assessments of a study: see workflow/rules/score.smk."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from owncontrol.cleaning.complete_pairs import check_pairs, primary_endpoints
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.run.job import step
from owncontrol.scoring.discrepancies import explain_discrepancies
from owncontrol.scoring.score_table import (
    check_endpoints,
    discrepancies,
    in_order,
    score_assessments,
    score_scales,
)
from owncontrol.study.parts import ScoredEndpoint
from owncontrol.tables import (
    concat,
    conform,
    read_coded,
    read_table,
    read_text,
    write_parts,
    write_table,
)

if TYPE_CHECKING:
    from snakemake.script import snakemake

DAYS = ("day_from_injury", "day_from_treatment", "study_day")


def scored(
    instruments: dict[str, Instrument], cleaned: dict[str, pd.DataFrame], recorded: Collection[str]
) -> Iterator[pd.DataFrame]:
    """The rows of each scale, by instrument and scale; keeps what differs from the recorded."""
    for name, table in sorted(cleaned.items()):
        instrument, scales = instruments[name], sorted(instruments[name].scales)
        if name in recorded:
            rows = score_assessments(instrument, table, recorded=True)
            by_scale = rows.sort_values("scale", kind="stable").groupby("scale", sort=True)
            parts: Iterator[pd.DataFrame] = (
                conform(part, "scores", coded=True) for _, part in by_scale
            )
        else:
            parts = score_scales(instrument, table, scales, coded=True)
        for part in parts:
            differing.append(discrepancies(part))
            if (name, str(part["scale"].iloc[0]) if len(part) else "") in watched:
                watched_scores.append(part)
            counts.append(len(part))
            yield part


endpoints = [ScoredEndpoint.model_validate(item) for item in snakemake.params.endpoints]

with step(snakemake.log[0]) as log:
    instruments = {Path(path).stem: load_instrument(path) for path in snakemake.input.instruments}
    check_endpoints(endpoints, instruments)
    cleaned = {
        Path(path).stem: in_order(read_coded(path, DAYS, plain=["row_id"]), snakemake.params.visits)
        for path in snakemake.input.tables
    }
    primary = primary_endpoints(endpoints, snakemake.params.may_be_empty)
    watched = {(endpoint.instrument, endpoint.scale) for endpoint in primary}
    differing: list[pd.DataFrame] = []
    watched_scores: list[pd.DataFrame] = []
    counts: list[int] = []
    write_parts(scored(instruments, cleaned, snakemake.params.recorded), snakemake.output.scores)
    findings = read_table(snakemake.input.findings, "findings")
    files = [file for endpoint in primary for file in snakemake.params.files[endpoint.instrument]]
    check_pairs(
        primary,
        concat(watched_scores, "scores"),
        read_text(snakemake.input.people)["subject_id"].tolist(),
        findings.loc[findings["file"].isin(files)],
    )
    explained = explain_discrepancies(concat(differing, "scores"), cleaned, instruments)
    write_table(explained, snakemake.output.discrepancies)
    log.info("%d scores, %d differ from the recorded one", sum(counts), len(explained))
