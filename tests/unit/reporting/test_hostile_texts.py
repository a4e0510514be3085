"""Text of data and configuration stays text in every engine: nothing runs, and all is made."""

import html as entities
import json
import re

import docx
import openpyxl
import pandas as pd
import pypdf
import pytest
from hostile_pages import caption_faults
from hostile_texts import CODE, TEXTS
from owncontrol.basics.fonts import printable
from owncontrol.engine_texts import shown
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Patients
from owncontrol.estimates.strata import HavingValue
from owncontrol.reporting import html, office, typst, workbooks
from owncontrol.reporting.page_content import caption_file, rst
from owncontrol.reporting.report_tables import Table
from owncontrol.run.rule_texts import packed, unpacked
from owncontrol.study.loading import load_study
from small_study import CONFIG

HEAD = (
    '#set document(title: [t], date: none)\n#set text(font: ("Libertinus Serif", "DejaVu Sans"))\n'
)
GIVEN = '#let given(name) = sys.inputs.at(name, default: "yes") == "yes"\n'
VISIBLE = [text for text in TEXTS if "\ud800" not in text]


def holds(text, looked_for):
    """Whether a text is there, wherever its lines end."""
    return re.sub(r"[\s\u200b\u00ad]", "", looked_for) in re.sub(r"[\s\u200b\u00ad]", "", text)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_caption_stays_text_in_jinja_and_restructuredtext(text):
    assert caption_faults(caption_file({"caption": text, "alt": text})) == []
    assert caption_faults(caption_file({"caption": f"Grade of {text} at", "alt": "x"})) == []


def test_a_caption_reads_as_it_was_written():
    from docutils.core import publish_parts

    for text in CODE:
        body = publish_parts(rst(text), writer="html")["body"]
        assert entities.unescape(re.sub(r"</?p>", "", body)).strip() == " ".join(text.split())


def test_an_ordinary_caption_is_not_littered_with_backslashes():
    text = "Scores at Day 180: 3 of 5 (60 %), p = 0.03; n: all. Median +1.5 (0.5 to 2)."
    assert rst(text) == text


def test_every_text_is_printed_and_none_is_typst(tmp_path):
    source = HEAD + "\n\n".join(f"x {typst.source(text)} y" for text in VISIBLE)
    assert typst.compile_paper(source, {}, tmp_path / "a.pdf") == ""
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "a.pdf").pages)
    for text in CODE:
        assert holds(printed, printable(shown(text))), text


def test_alternative_texts_are_typst_strings(tmp_path):
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    )
    source = HEAD + "\n".join(
        f'#image("a.svg", alt: {typst.quoted(f"x {text}")})' for text in TEXTS
    )
    assert typst.compile_paper(source, {"a.svg": tmp_path / "a.svg"}, tmp_path / "a.pdf") == ""


def floated(height):
    """A paper whose floating figure lands inside a table that goes on on the next page."""
    rows = ",".join(f"[{number}]" for number in range(60))
    return (
        f"{GIVEN}{HEAD}#v({height}pt)\n"
        '#figure(placement: if given("floats") { auto }, '
        'rect(width: 100%, height: 300pt), alt: "a", caption: [c])\n'
        "#show figure: set block(breakable: true)\n"
        "#figure(kind: table, caption: [t], "
        f"{{ table(columns: 2, table.header[a][b], {rows}); [n] }})\n"
    )


def test_a_figure_that_would_split_a_table_does_not_float(tmp_path):
    outcomes = {
        typst.compile_paper(floated(height), {}, tmp_path / "a.pdf") for height in range(0, 640, 80)
    }
    assert {outcome.partition(" (")[0] for outcome in outcomes} <= {
        "",
        "figures of the paper do not float",
    }


def test_what_typst_refuses_for_another_reason_costs_the_tags_and_the_paper_says_so(tmp_path):
    source = f'{GIVEN}#if not given("tags") [No tags.]\n\nwithout a title'
    given_up = typst.compile_paper(source, {}, tmp_path / "a.pdf")
    assert given_up.startswith("the paper has no tags for screen readers (")
    assert "No tags." in pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()


def test_a_reference_is_no_text_that_the_data_may_have():
    page = html.Page({}, html.PatientPages())
    page.table(Table("change", "\ue000table-none\ue000", ["a"], [["\ue000x\ue000"]]))
    content = page.number_references(page.ref("table", "change") + "\ue000x\ue000")
    assert content == '<a href="#table-change">Table 1</a>\ue000x\ue000'


@pytest.mark.slow
@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_word_and_excel_take_any_text(text, tmp_path):
    table = Table("t", text, [text, "n"], [[text, [text, "1"]]], [text], {0: text})
    office.write_docx(table, tmp_path / "t.docx", synthetic=True)
    document = docx.Document(str(tmp_path / "t.docx"))
    assert len(document.core_properties.title) <= 255
    office.write_csv(table, tmp_path / "t.csv")
    workbooks.write_workbook(pd.DataFrame({"a": [text, "x"]}), "e", tmp_path / "e.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "e.xlsx")["e"]["A2"]
    assert cell.data_type in ("s", "inlineStr", "n") and (cell.value is None) == (text == "")


def test_a_text_like_a_code_of_a_workbook_is_read_as_it_is(tmp_path):
    workbooks.write_workbook(pd.DataFrame({"a": ["_x0041_"]}), "e", tmp_path / "e.xlsx")
    value = openpyxl.load_workbook(tmp_path / "e.xlsx")["e"]["A2"].value
    assert value == "_x005F_x0041_"  # openpyxl does not read codes; a spreadsheet does


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_parameters_in_snakemakes_report_hold_no_markup_and_no_wildcard(text):
    parameter = packed([{"label": text}])
    assert unpacked(parameter) == [{"label": text}]
    assert not set("<>&") & set(str(parameter)) and isinstance(parameter, dict)
    assert json.loads(json.dumps(str(parameter)))


def test_strata_that_differ_in_signs_alone_have_ids_of_their_own():
    results = Estimates("patients", "all", ["P1"])
    ids = [
        results.add(Patients.SUBJECTS, 1, endpoint=endpoint, stratum=HavingValue(value))
        for value in ("A+", "A-", "a", "\u2014")
        for endpoint in ("blood", "other")
    ]
    assert ids[:4] == [
        "patients.blood.a.subjects",
        "patients.other.a.subjects",
        "patients.blood.a_2.subjects",
        "patients.other.a_2.subjects",
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["a\x00", "\ud800", "x\x1b[31m", "\ufffe", "\x9f"], ids=ascii)
@pytest.mark.parametrize("key", ["title", "caution", "visits"])
def test_a_configuration_holds_no_sign_that_no_file_can(text, key):
    config = dict(CONFIG)
    config[key] = [{**CONFIG["visits"][0], "label": text}] if key == "visits" else text
    with pytest.raises(InputError, match=r"U\+[0-9A-F]{4}.*not permitted") as caught:
        load_study(config)
    caught.value.message.encode("utf-8")


@pytest.mark.parametrize("key", ["title", "question", "treatment", "onset"])
def test_a_text_of_nothing_but_blanks_is_refused(key):
    with pytest.raises(InputError, match=f"{key}: .*not permitted"):
        load_study({**CONFIG, key: " \u3000"})


def test_a_path_with_a_brace_is_refused():
    people = CONFIG["exports"]["people"] | {"file": "{people}.csv"}
    with pytest.raises(InputError, match="brace"):
        load_study({**CONFIG, "exports": CONFIG["exports"] | {"people": people}})
