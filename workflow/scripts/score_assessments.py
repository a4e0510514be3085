"""Score all assessments of a study: see workflow/rules/score.smk."""

from pathlib import Path

from owncontrol.explained import explain_discrepancies
from owncontrol.instruments import load_instrument
from owncontrol.scoring import check_endpoints, discrepancies, score_assessments, sort_scores
from owncontrol.step import step
from owncontrol.tables import concat, read_text, write_table

with step(snakemake.log[0]) as log:
    instruments = {Path(path).stem: load_instrument(path) for path in snakemake.input.instruments}
    check_endpoints(snakemake.params.endpoints, instruments)
    cleaned = {Path(path).stem: read_text(path) for path in snakemake.input.tables}
    scores = concat(
        [
            score_assessments(instruments[name], table, recorded=name in snakemake.params.recorded)
            for name, table in cleaned.items()
        ],
        "scores",
    )
    scores = sort_scores(scores, snakemake.params.visits)
    write_table(scores, snakemake.output.scores)
    differing = explain_discrepancies(discrepancies(scores), cleaned, instruments)
    write_table(differing, snakemake.output.discrepancies)
    log.info("%d scores, %d differ from the recorded one", len(scores), len(differing))
