"""Identifiers and free text stay in the raw files; study codes can be replaced by keyed ones."""

import random
import unicodedata

import pandas as pd
import pytest
from export_files import ingest
from owncontrol.errors import InputError
from owncontrol.findings.rule import HIDDEN
from owncontrol.ingest.private_columns import mask
from owncontrol.lineage.results import Results
from small_study import (
    CONFIG,
    FILES,
    clean_small,
    write_files,
)


def people(**changes):
    mapping = CONFIG["exports"]["people"]["tables"]["subjects"]
    columns = {**mapping["columns"], **changes}
    del columns["old_enough"]  # a characteristic, which ingest() does not declare
    return {"subjects": {"columns": columns}}


def test_a_mapped_identifier_stops_the_run_in_one_line(tmp_path):
    write_files(tmp_path)
    tables = people(consent_date="born")
    with pytest.raises(
        InputError, match=r"'born' is mapped to subjects\.consent_date, but its name"
    ):
        ingest(tmp_path / "people.csv", tables=tables)
    found = ingest(tmp_path / "people.csv", tables=tables, identifiers_allowed=["born"])
    assert list(found.tables["subjects"]["consent_date"]) == ["1980-01-01", "1990-01-01"]


def test_mapped_free_text_stops_the_run_in_one_line(tmp_path):
    head, *lines = FILES["events.csv"].splitlines()
    text = [
        line.replace(",", f",it was on that day that he said {n} of ", 1)
        for n, line in enumerate(lines * 2)
    ]
    (tmp_path / "events.csv").write_text("\n".join([head, *text]) + "\n")
    tables = {"adverse_events": CONFIG["exports"]["events"]["tables"]["adverse_events"]}
    with pytest.raises(
        InputError, match=r"'what' is mapped to adverse_events\.term, but its cells"
    ):
        ingest(tmp_path / "events.csv", tables=tables)
    assert len(
        ingest(tmp_path / "events.csv", tables=tables, free_text_allowed=["what"]).tables[
            "adverse_events"
        ]
    )


def test_findings_do_not_carry_what_a_permitted_identifier_holds(tmp_path):
    write_files(tmp_path, people=("1980-01-01", "CANARY-1"))
    entry = CONFIG["exports"]["people"]
    subjects = entry["tables"]["subjects"]
    columns = {**subjects["columns"], "consent_date": "born"}
    exports = {
        **CONFIG["exports"],
        "people": {
            **entry,
            "ignored": ["consent"],
            "identifiers_allowed": ["born"],
            "tables": {"subjects": {**subjects, "columns": columns}},
        },
    }
    cleaned = clean_small(tmp_path, exports=exports)
    fault = cleaned.findings.loc[cleaned.findings["column"] == "born"].iloc[0]
    assert fault["value"] == HIDDEN
    assert not cleaned.findings.map(lambda cell: "CANARY-1" in str(cell)).any(axis=None)
    assert not cleaned.findings.map(lambda cell: "1990-01-01" in str(cell)).any(axis=None)


def test_planted_identifiers_do_not_get_past_ingest(tmp_path):
    text = "id,family_name,phone,remark,level,when,day\n" + "".join(
        f"P{n},CANARY-name{n},000-5550-010{n},CANARY-note{n} was here,{n},before,2021-02-01\n"
        for n in (1, 2)
    )
    (tmp_path / "walks.csv").write_text(text + "P3,CANARY-name3,000-5550-0103\n")
    tables = {"wisci2": CONFIG["exports"]["walks"]["tables"]["wisci2"]}
    found = ingest(tmp_path / "walks.csv", tables=tables, ignored=["remark"])
    for table in (*found.tables.values(), found.rows, found.columns, found.findings):
        whole = table.to_csv()
        assert "CANARY" not in whole
        assert "5550" not in whole


def test_mask_hides_a_value_wherever_the_finding_repeats_it():
    columns = ["file", "row", "column", "value", "rule", "severity", "action", "detail"]
    rows = [
        ("a.csv", 2, "dob", " X1 ", "r", "error", "read as X1", "'X1' is no date"),
        ("a.csv", 2, "level", "X1", "r", "error", "none", "'X1'"),
        ("b.csv", 2, "dob", "X1", "r", "error", "none", "'X1'"),
    ]
    masked = mask(pd.DataFrame(rows, columns=columns), [("a.csv", "dob")])
    assert tuple(masked.loc[0, ["value", "action", "detail"]]) == (
        HIDDEN,
        f"read as {HIDDEN}",
        f"'{HIDDEN}' is no date",
    )
    assert list(masked["value"][1:]) == ["X1", "X1"]


CANARIES = [
    "Müller, Hans", "佐藤花子", "Иванов Пётр", "محمد علي", "1961-03-14", "14.03.1961",
    "１９６１−０３−１４", "090-1234-5678", "+81 90 5550 0100", "A123456789", "hans@example.org",
    "MRN 00112233",
    "Er stürzte am Abend zu Hause.", "患者は自宅で転倒した。", "JD19610314",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("canary", CANARIES)
def test_what_a_refused_cell_holds_is_in_no_table_but_the_findings(tmp_path, canary):
    """Planted into columns of each file, drawn again for each text; not where any text may be."""
    drawn = random.Random(canary)
    for name, text in FILES.items():
        sign = ";" if name == "cells.csv" else ","
        head, *lines = text.splitlines()
        names = [*enumerate(head.split(sign))]
        names = [pair for pair in names if pair[1] not in ("what", "class", "note", "born")]
        for place, column in drawn.sample(names, 2):
            write_files(tmp_path)
            number = drawn.randrange(len(lines))
            cells = lines[number].split(sign)
            cells[place] = f'"{canary}"'
            planted = [*lines[:number], sign.join(cells), *lines[number + 1 :]]
            (tmp_path / name).write_text("\n".join([head, *planted]) + "\n", "utf-8")
            try:
                cleaned = clean_small(tmp_path)
            except InputError as error:
                assert canary not in error.message
                continue
            flows = (cleaned.flow, cleaned.flow_cells, cleaned.flow_subjects, cleaned.quarantine)
            for table in (*flows, *cleaned.tables.values()):
                whole = table.to_csv()
                assert canary not in whole, (name, column)
                assert unicodedata.normalize("NFKC", canary) not in whole, (name, column)


def test_the_report_shows_no_text_of_a_refused_cell(tmp_path):
    (tmp_path / "cleaned").mkdir()
    columns = ["file", "row", "column", "value", "rule", "severity", "action", "detail"]
    findings = pd.DataFrame(
        [
            ("a.csv", 3, "day", "CANARY", "not_permitted", "error", "aside", "'CANARY' is no date"),
            ("a.csv", 4, "day", "1", "date_form", "note", "read as 2", "another form"),
        ],
        columns=columns,
    )
    findings.to_csv(tmp_path / "cleaned" / "findings.csv", index=False)
    shown = Results(tmp_path, for_report=True).findings
    assert "CANARY" not in shown.to_csv()
    assert list(shown["value"]) == [HIDDEN, "1"]
    assert "CANARY" in Results(tmp_path).findings.to_csv()
