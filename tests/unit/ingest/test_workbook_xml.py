"""Odd but valid XML of a workbook: every cell at its address, every text as it is meant."""

import pytest
from owncontrol.errors import InputError
from owncontrol.ingest.readers.workbook import read_sheet
from workbook_files import (
    MAIN,
    STRICT_MAIN,
    STRICT_OFFICE,
    found_in,
    handmade,
    read_book,
    rows_of,
    sheet,
    styles,
)

HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
FORMULA = "formula_without_value"


def rows(tmp_path, xml, **given):
    return rows_of(read_book(handmade(tmp_path / "x.xlsx", xml, **given)))


@pytest.mark.parametrize(
    "body",
    [
        '<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>',
        "<row><c><v>1</v></c><c><v>2</v></c></row>",
        '<row r=""><c r="" s="" t=""><v>1</v></c><c r="" s=""><v>2</v></c></row>',
        '<row><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>',
        "<row r='2'><c r='A2'><v>1</v></c><c ><v>2</v></c ></row>",
        '<row r="3"><c r="A2"><v>1</v></c><c><v>2</v></c></row>',
        '<row r="1"><c r="B2"><v>2</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row\nr="2"\n><c\n r="A2"\n>\n<v>1</v>\n</c><!-- --><c r="B2"><v>2<!-- --></v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v><![CDATA[2]]></v></c></row>',
        '<row r="2"><c r="A2"><v>&#49;</v></c><c r="B2"><v>&#x32;</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v> 2 </v></c></row>',
        '<row r="2"><c r="A2"><v>1.0</v></c><c r="B2"><v>2E0</v></c></row>',
        '<row r="2"><c r="a2"><v>1</v></c><c r="$B$2"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"/><c r="C2"/></row>'
        '<row r="2"><c r="B2"><v>2</v></c></row><row r="9"/>',
    ],
)
def test_every_cell_stands_at_its_address(tmp_path, body):
    assert rows(tmp_path, sheet(HEAD + body)) == {2: ("1", "2")}


def test_rows_in_any_order(tmp_path):
    last = '<row r="3"><c r="A3"><v>3</v></c></row>'
    second = '<row r="2"><c r="A2"><v>2</v></c></row>'
    assert rows(tmp_path, sheet(last + second + HEAD)) == {2: ("2", ""), 3: ("3", "")}


def test_rows_without_a_number_follow_the_one_before(tmp_path):
    body = '<row r="4"><c><v>4</v></c></row><row><c><v>5</v></c></row>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body)))
    assert rows_of(raw) == {4: ("4", ""), 5: ("5", "")}
    assert list(raw.set_aside) == [2, 3]


def test_one_address_with_two_contents_is_refused(tmp_path):
    body = '<row r="2"><c r="A2"><v>1</v></c></row>' + '<row r="2"><c r="A2"><v>2</v></c></row>'
    path = handmade(tmp_path / "x.xlsx", sheet(HEAD + body))
    with pytest.raises(InputError, match="the cell A2 is there twice, as '1' and '2'"):
        read_book(path)
    # A row that is repeated without addresses begins at its first column again.
    body = '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>'
    with pytest.raises(InputError, match="the cell A2 is there twice"):
        read_book(handmade(tmp_path / "y.xlsx", sheet(HEAD + body)))


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ('<row r="2"><c r="XFE2"><v>1</v></c></row>', "address 'XFE2'"),
        ('<row r="2"><c r="A1048577"><v>1</v></c></row>', "address 'A1048577'"),
        ('<row r="1048577"><c><v>1</v></c></row>', "number '1048577'"),
        ('<row r="0"><c><v>1</v></c></row>', "number '0'"),
        ('<row r="-3"><c><v>1</v></c></row>', "number '-3'"),
        ('<row r="2"><c r="2A"><v>1</v></c></row>', "address '2A'"),
        ('<row r="2"><c r="AAAAA2"><v>1</v></c></row>', "address 'AAAAA2'"),
        ('<row r="2"><c r="A0"><v>1</v></c></row>', "address 'A0'"),
        (f'<row r="2"><c r="{"A" * 60}2"><v>1</v></c></row>', f"address '{'A' * 40}'"),
        ('<row r="2"><c r="XFD2"/><c><v>1</v></c></row>', "address 'row 2, column 16385'"),
    ],
)
def test_an_address_that_no_workbook_has_is_one_line(tmp_path, element, place):
    path = handmade(tmp_path / "x.xlsx", sheet(HEAD + element))
    with pytest.raises(InputError, match=place):
        read_book(path)


@pytest.mark.slow
def test_the_last_column_is_read(tmp_path):
    body = '<row r="2"><c r="XFD2"><v>7</v></c></row>'
    grid = read_sheet(handmade(tmp_path / "x.xlsx", sheet(HEAD + body)), "")
    assert grid.cells.shape == (1, 16384)
    assert list(grid.cells.iloc[0, [0, 16383]]) == ["", "7"]


def test_prefixes_and_default_namespaces_mean_the_same(tmp_path):
    plain = sheet(HEAD + '<row r="2"><c r="A2" s="1"><v>0.5</v></c><c r="B2"><f>1</f></c></row>')
    expected = rows(tmp_path, plain, style=styles("0%"))
    for prefix in ("x", "ss", "ns0", "_"):
        page = plain.replace("</", f"</{prefix}:").replace("<", f"<{prefix}:")
        page = page.replace(f"<{prefix}:/{prefix}:", f"</{prefix}:")
        page = page.replace(f'xmlns="{MAIN}"', f'xmlns:{prefix}="{MAIN}"')
        path = handmade(tmp_path / "y.xlsx", page, style=styles("0%"))
        raw = read_book(path)
        assert rows_of(raw) == expected == {2: ("50", "")}, prefix
        assert {rule for _, _, _, rule, _ in found_in(raw)} == {FORMULA, "percent_cell"}


def test_elements_of_other_namespaces_hold_no_cells(tmp_path):
    other = '<x:c xmlns:x="urn:x" r="A2"><x:v>9</x:v></x:c>'
    body = f'<row r="2">{other}<c r="A2"><v>1</v><x:v xmlns:x="urn:x">9</x:v></c></row>'
    after = '<extLst><ext uri="u"><x:f xmlns:x="urn:x">A1</x:f></ext></extLst>'
    assert rows(tmp_path, sheet(HEAD + body, after)) == {2: ("1", "")}


def test_a_strict_workbook_is_read_like_any_other(tmp_path):
    body = '<row r="2"><c r="A2" t="d"><v>2023-04-30T09:30:15</v></c>'
    body += '<c r="B2" t="s"><v>0</v></c></row>'
    texts = f'<sst xmlns="{STRICT_MAIN}"><si><t>x</t></si></sst>'
    page = sheet(HEAD + body, main=STRICT_MAIN)
    given = {"texts": texts, "main": STRICT_MAIN, "office": STRICT_OFFICE}
    assert rows(tmp_path, page, **given) == {2: ("2023-04-30 09:30:15", "x")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_parts_in_other_encodings(tmp_path, encoding):
    body = '<row r="2"><c r="A2" t="str"><v>Müller ½</v></c></row>'
    name = encoding.removesuffix("-sig")
    page = f'<?xml version="1.0" encoding="{name}"?>{sheet(HEAD + body)}'
    assert rows(tmp_path, page.encode(encoding)) == {2: ("Müller ½", "")}


TEXTS = {
    "<si><t>plain</t></si>": "plain",
    "<si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r></si>": "rich",
    '<si><t>歩行</t><rPh sb="0" eb="2"><t>ホコウ</t></rPh><phoneticPr fontId="1"/></si>': "歩行",
    '<si><r><t>歩</t></r><rPh sb="0" eb="1"><t>ホ</t></rPh><r><t>行</t></r></si>': "歩行",
    '<si><t xml:space="preserve"> spaces  </t></si>': " spaces  ",
    "<si><t>a &amp; b &lt; &#228;</t></si>": "a & b < ä",
    "<si><t>line_x000D_\nbreak</t></si>": "line\r\nbreak",
    "<si><t>_x005F_x000D_</t></si>": "_x000D_",
    "<si><t>_x00e4__X00E4_ _x0041</t></si>": "ä_X00E4_ _x0041",
    "<si><t>_xD83D__xDE00_</t></si>": "😀",
    "<si><t>_xD83D_ alone</t></si>": "_xD83D_ alone",
    "<si><r><t>_x00</t></r><r><t>41_</t></r></si>": "A",
    "<si><t>0012</t></si>": "0012",
}


def test_shared_texts(tmp_path):
    body = "".join(
        f'<row><c t="str"><v>row</v></c><c t="s"><v>{place}</v></c></row>'
        for place in range(len(TEXTS))
    )
    texts = f'<sst xmlns="{MAIN}">{"".join(TEXTS)}</sst>'
    read = rows(tmp_path, sheet(HEAD + body), texts=texts)
    assert [second for _, second in read.values()] == list(TEXTS.values())


def test_texts_in_the_cell_itself(tmp_path):
    body = "".join(
        '<row><c t="str"><v>row</v></c><c t="inlineStr">'
        f"{text.replace('<si>', '<is>').replace('</si>', '</is>')}</c></row>"
        for text in TEXTS
    )
    read = rows(tmp_path, sheet(HEAD + body))
    assert [second for _, second in read.values()] == list(TEXTS.values())


def test_a_text_longer_than_the_parsers_buffer_is_whole(tmp_path):
    long = "0123456789ä" * 20_000
    body = f'<row r="2"><c r="A2" t="str"><v>{long}</v></c></row>'
    assert rows(tmp_path, sheet(HEAD + body)) == {2: (long, "")}


@pytest.mark.parametrize(
    ("cell", "text", "found"),
    [
        ('t="str"><f>IF(1,"","x")</f><v></v>', "", None),
        ('t="str"><f>IF(1,"","x")</f><v/>', "", None),
        ('t="str"><f>x</f><v>y</v>', "y", None),
        ('t="inlineStr"><f>x</f><is><t/></is>', "", None),
        ('t="str"><f>x</f>', "", FORMULA),
        ("><f>1+1</f><v></v>", "", FORMULA),
        ("><f>1+1</f><v/>", "", FORMULA),
        ("><f>1+1</f>", "", FORMULA),
        ("><f/>", "", FORMULA),
        ('><f t="shared" si="0"/>', "", FORMULA),
        ('><f t="shared" si="0"/><v>3</v>', "3", None),
        ('><f t="array" ref="A2">SUM(1)</f><v>0</v>', "0", None),
        ('t="n"><f>1</f><v>0</v>', "0", None),
        ('t="b"><f>1=1</f><v/>', "", FORMULA),
        ('t="b"><f>1=1</f><v>1</v>', "True", None),
        ('t="b"><v>0</v>', "False", None),
        ('t="b"><v>true</v>', "True", None),
        ('t="b"><v>2</v>', "2", "not_a_boolean"),
        ('t="e"><f>1/0</f><v>#DIV/0!</v>', "#DIV/0!", "error_value"),
        ('t="e"><v>#N/A</v>', "#N/A", "error_value"),
        ('t="str"><v>#N/A</v>', "#N/A", None),
        ("><v>abc</v>", "abc", "not_a_number"),
        ("><v>NaN</v>", "NaN", "not_a_number"),
        ("><v>1_000</v>", "1_000", "not_a_number"),
        ("><v>1e999</v>", "1e999", "not_a_number"),
        ("><v/>", "", None),
        ("/>", "", None),
        ('t="d"><v>2023-04-30</v>', "2023-04-30", None),
        ('t="d"><v>2023-04-30T09:30:00Z</v>', "2023-04-30 09:30", None),
        ('t="d"><v>2023-04-30T09:30:00.250</v>', "2023-04-30 09:30:00.250", None),
        ('t="d"><v>09:30:00</v>', "09:30:00", None),
        ('t="d"><v>2023-04-31</v>', "2023-04-31", "impossible_date"),
        ('t="d"><v>2023-04-30T09:30+02:00</v>', "2023-04-30T09:30+02:00", "impossible_date"),
    ],
)
def test_types_of_cells(tmp_path, cell, text, found):
    end = "" if cell.endswith("/>") and ">" not in cell[:-2] else "</c>"
    body = f'<row r="2"><c r="A2" {cell}{end}<c r="B2" t="str"><v>x</v></c></row>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body)))
    assert rows_of(raw) == {2: (text, "x")}
    assert [(row, name, rule) for row, name, _, rule, _ in found_in(raw)] == (
        [(2, "a", found)] if found else []
    )
    assert {severity for *_, severity in found_in(raw)} <= {"error"}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('t="s"><v>7</v>', "shared text 7, of 0"),
        ('t="s"><v>x</v>', "shared text x"),
        ('s="9"><v>1</v>', "style 9, and its styles are 1"),
        ('t="odd"><v>1</v>', "type 'odd'"),
    ],
)
def test_a_cell_that_names_what_is_not_there_is_one_line(tmp_path, cell, reason):
    body = f'<row r="2"><c r="A2" {cell}</c></row>'
    with pytest.raises(InputError, match=reason):
        read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body)))


def test_a_formula_whose_result_is_a_placeholder_is_found(tmp_path):
    body = '<row r="2"><c r="A2"><f>1+1</f><v>0</v></c><c r="B2"><f>1+2</f><v>3</v></c></row>'
    about = '<calcPr fullCalcOnLoad="1"/>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body), about=about))
    assert found_in(raw) == [(2, "a", "=1+1", "formula_not_calculated", "warning")]
    assert found_in(read_book(handmade(tmp_path / "y.xlsx", sheet(HEAD + body)))) == []


def test_hidden_and_filtered_rows_and_columns_are_read_and_counted(tmp_path):
    body = "".join(
        f'<row r="{row}" {"hidden=" + chr(34) + "1" + chr(34) if row in (3, 4, 900) else ""}>'
        f'<c r="A{row}"><v>{row}</v></c><c r="B{row}"/></row>'
        for row in (2, 3, 4)
    )
    before = '<cols><col min="2" max="16384" hidden="1"/></cols>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body, before=before)))
    assert rows_of(raw) == {2: ("2", ""), 3: ("3", ""), 4: ("4", "")}
    (note,) = raw.findings
    assert (note.rule, note.severity) == ("hidden_cells", "note")
    assert note.detail.startswith("2 rows and 1 column of the table hidden")


def test_merged_cells_among_the_data_are_named(tmp_path):
    body = '<row r="2"><c r="A2" t="str"><v>P1</v></c><c r="B2"><v>1</v></c></row>'
    body += '<row r="3"><c r="B3"><v>2</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="D8:E9"/></mergeCells>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(HEAD + body, merged)))
    assert rows_of(raw) == {2: ("P1", "1"), 3: ("", "2")}
    assert found_in(raw) == [(2, "a", "P1", "merged_cells", "warning")]
