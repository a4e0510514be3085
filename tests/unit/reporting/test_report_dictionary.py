"""The data dictionary on the page: every column is on a line, like ones together."""

import re

import pandas as pd
from owncontrol.reporting.dictionary import dictionary_pages, folded

CELLS = [f"right_motor_{level}" for level in ("c5", "c6", "c7", "c8", "t1")]


def described(file, names, source="made by the workflow", **more):
    """Lines of the dictionary for columns of a table that differ in their names alone."""
    return pd.DataFrame(
        [
            {
                "file": file,
                "column": name,
                "type": "string",
                "unit": "",
                "permitted": "0 | 1",
                "meaning": f"Meaning of {name}",
                "source": source.format(name),
                **more,
            }
            for name in names
        ]
    )


def test_like_columns_in_a_row_are_one_line_with_its_first_and_last():
    table = pd.concat(
        [
            described("a.csv", ["subject_id"]),
            described("a.csv", CELLS, "exams.xlsx: {}"),
            described("a.csv", ["right_motor_x"], "exams.xlsx: {}", permitted="2"),
        ]
    )
    subject, cells, other = folded(table)
    assert (subject.column, other.column) == ("subject_id", "right_motor_x")
    assert cells.column == "right_motor_c5 \u2026 right_motor_t1 (5)"
    assert cells.meaning == "Meaning of right_motor_c5 \u2026 Meaning of right_motor_t1"
    assert cells.source == "exams.xlsx: right_motor_c5 \u2026 right_motor_t1"
    assert len(folded(described("a.csv", CELLS[:3]))) == 3


def test_tables_of_the_same_columns_are_one_and_what_says_nothing_is_left_out():
    table = pd.concat(
        [
            described("a.csv", ["x", "y"], permitted=""),
            described("b.csv", ["x", "y"], permitted=""),
            described("c.csv", ["x"], "raw.csv: {}"),
        ]
    )
    page = str(dictionary_pages(table))
    summaries = re.findall(r"<summary>(.*?)</summary>", page)
    both = "a.csv, b.csv: 2 columns, made by the workflow"
    assert summaries == [both, "c.csv: 1 column"]
    first, second = page.split("</details>")[:2]
    assert "Permitted" not in first and "Source" not in first
    assert "Permitted" in second and "raw.csv: x" in second


def test_what_stands_in_the_dictionary_is_text():
    page = str(dictionary_pages(described("<b>.csv", ["<i>"], meaning="<script>")))
    assert "<b>" not in page and "<i>" not in page and "<script>" not in page
