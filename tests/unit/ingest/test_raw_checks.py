"""What is amiss in the rows of a file as a whole: running numbers, content that is not taken."""

from export_files import ingest


def found(folder, text, rule, **given):
    """Row, value and detail of the findings of one rule."""
    (folder / "x.csv").write_text(text)
    findings = ingest(folder / "x.csv", **given).findings
    told = findings.loc[findings["rule"] == rule, ["row", "value", "detail"]]
    return [tuple(line) for line in told.itertuples(index=False)]


SUBJECTS = {"columns": {"subject_id": "id", "sex": "sex"}}


def test_a_number_of_two_rows_is_named_with_the_other_row(tmp_path):
    text = "id,sex,no\nP1,m,3\nP2,f,1\nP3,m,2\nP4,f,2\n"
    given = {"tables": {"subjects": SUBJECTS}, "numbered": [{"column": "no"}]}
    ((row, value, detail),) = found(tmp_path, text, "number_twice", **given)
    assert (row, value) == (5, "2")
    assert "row 4" in detail


def test_rows_that_are_equal_throughout_are_no_number_given_twice(tmp_path):
    text = "id,sex,no\nP1,m,1\nP1,m,1\nP2,f,2\n"
    given = {"tables": {"subjects": SUBJECTS}, "numbered": [{"column": "no"}]}
    assert found(tmp_path, text, "number_twice", **given) == []


def test_content_that_no_condition_lets_in_is_told_beside_a_wide_table(tmp_path):
    text = "id,arm,sex,level_v1,level_v2\nP1,a,m,3,4\nP2,b,f,5,6\n"
    columns = {"subject_id": "id", "visit": "{visit}", "wisci_level": "level_{visit}"}
    tables = {
        "wisci2": {"wide": "v[12]", "columns": columns, "undated": True},
        "subjects": {**SUBJECTS, "rows": {"arm": "a"}},
    }
    told = found(tmp_path, text, "content_not_taken", tables=tables)
    assert [(row, value) for row, value, _ in told] == [(3, "b")]
