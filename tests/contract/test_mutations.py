"""A small seeded sample of ``make mutate``: no corruption of the exports goes through unseen."""

from dataclasses import replace

import pytest
from mutate_exports import seen_before
from mutation.campaign import OPERATORS, Campaign, prepare
from mutation.files import read_file
from mutation.outcome import FORBIDDEN
from simulated_files import EXAMPLE

SEED = 20210613
# One of each of these kinds; the whole campaign has 2,400 of all.
SAMPLE = (
    "digit_changed",
    "row_dropped",
    "row_of_another_patient",
    "sides_exchanged",
    "column_names_swapped",
    "nul_byte",
    "line_cut",
    "megabyte",
)


@pytest.fixture(scope="module")
def study():
    return prepare(EXAMPLE)


@pytest.fixture(scope="module")
def campaign():
    return Campaign(EXAMPLE, SEED)


@pytest.mark.parametrize("kind", SAMPLE)
def test_a_corruption_is_found_harmless_or_a_plausible_value(campaign, study, kind):
    number = [operator.__name__ for operator in OPERATORS].index(kind)
    mutation = campaign.mutation(number)
    outcome = study.judge(mutation)
    assert outcome.outcome not in FORBIDDEN, (mutation.what, outcome)


def test_a_text_file_that_is_not_corrupted_keeps_its_bytes():
    for path in EXAMPLE.glob("*.csv"):
        if path.name not in ("codebook.csv", "planted_faults.csv"):
            file = read_file(path)
            assert file.content(file.rows) == path.read_bytes()


def test_the_same_number_is_the_same_mutation(campaign):
    for number in (0, 9, 19, 40):
        one, other = campaign.mutation(number), Campaign(EXAMPLE, SEED).mutation(number)
        assert (one.kind, one.file, one.what) == (other.kind, other.file, other.what)


def one_cell(campaign, column, was, becomes):
    """The first cell of a column of the REDCap export with another value; its row as counted."""
    file = campaign.files["redcap_export.csv"]
    place = file.header.index(column)
    row = next(n for n, cells in enumerate(file.rows) if n and cells[place] == was)
    rows = [list(cells) for cells in file.rows]
    rows[row][place] = becomes
    content, places = file.content(rows), frozenset({(row + 1, column)})
    mutation = replace(campaign.mutation(0), file=file.name, content=content, places=places)
    return row + 1, mutation


def test_a_change_without_a_finding_is_told_from_a_plausible_value(campaign, study):
    """The judge itself: a plausible grade where no sum is written, and one that breaks a rule."""
    row, mutation = one_cell(campaign, "wisci_level", "9", "10")
    mutation = replace(mutation, breaks=False, looks_like="another permitted grade")
    assert study.judge(mutation).outcome == "undetectable"
    assert study.judge(replace(mutation, breaks=True)).outcome == "CHANGED"
    elsewhere = replace(mutation, places=frozenset({(row, "scim_feeding")}))
    assert study.judge(elsewhere).outcome == "CHANGED"


def test_an_event_that_is_not_in_the_schedule_is_found_at_its_cell(campaign, study):
    _, mutation = one_cell(campaign, "redcap_event_name", "day_90_arm_1", "day_99_arm_1")
    outcome = study.judge(mutation)
    assert (outcome.outcome, outcome.by) == ("found", "not_permitted")


@pytest.mark.parametrize("minutes", ["0.38", "38.5", "0"])
def test_a_duration_that_is_no_whole_number_of_minutes_is_found(campaign, study, minutes):
    file = campaign.files["cell_processing.csv"]
    column = file.header.index("infusion_minutes")
    rows = [list(cells) for cells in file.rows]
    rows[3][column] = minutes
    mutation = replace(
        campaign.mutation(0),
        file=file.name,
        content=file.content(rows),
        places=frozenset({(4, "infusion_minutes")}),
    )
    outcome = study.judge(mutation)
    assert (outcome.outcome, outcome.by) == ("found", "not_permitted")


@pytest.mark.parametrize(
    "unfinished", ["[2, ", '[2, "kind", "file", "what", true, ["found", "", ""]]']
)
def test_a_campaign_that_was_stopped_in_a_line_goes_on_before_it(tmp_path, unfinished):
    record = tmp_path / "mutations.jsonl"
    line = '[1, "kind", "file", "what", true, ["found", "rule", ""]]\n'
    record.write_text(line + unfinished, "utf-8")
    assert list(seen_before(record)) == [1]
    assert record.read_text("utf-8") == line
    record.write_text(unfinished, "utf-8")
    assert seen_before(record) == {}
    assert record.read_text("utf-8") == ""
