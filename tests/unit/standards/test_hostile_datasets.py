"""Texts that no file of XML or transport file can hold as they are, or that look like its own."""

import datetime
from xml.etree import ElementTree

import pandas as pd
import pyreadstat
import pytest
from owncontrol.standards.dataset import Dataset, Variable
from owncontrol.standards.define_xml import write_define
from owncontrol.standards.files import write_transport
from small_study import small_study

MADE = datetime.datetime(2021, 1, 1)
TEXTS = {
    "\x00a": "[U+0000]a",
    "a\x1b[2J": "a[U+001B][2J",
    "\ufffe": "[U+FFFE]",
    "\u202eb": "[U+202E]b",
    "01JAN20:00:00:00": "01JAN20:00:00:00",
    "]]><script>&\"'": "]]><script>&\"'",
    "\u65e5" * 40: "\u65e5" * 40,
}


@pytest.mark.parametrize(("text", "shown"), TEXTS.items())
def test_a_text_is_whole_in_both_files(tmp_path, text, shown):
    variable = Variable("A", text, "text", "Derived", text, 1, ((text, text),))
    rows = pd.DataFrame({"A": [text, "b"]})
    data = Dataset("ADSL", text, text, "SUBJECT LEVEL ANALYSIS DATASET", (variable,), rows)
    write_transport(tmp_path / "adsl.xpt", data, MADE)
    frame, about = pyreadstat.read_xport(tmp_path / "adsl.xpt")
    assert frame["A"].tolist() == [shown, "b"]
    label = shown.encode()[:40].decode("utf-8", "ignore")
    assert (about.column_labels, about.file_label) == ([label], label)
    write_define(tmp_path / "define.xml", small_study(), [data], MADE)
    texts = [element.text for element in ElementTree.parse(tmp_path / "define.xml").iter()]
    assert texts.count(shown) == 4  # labels of dataset and variable, code, method
