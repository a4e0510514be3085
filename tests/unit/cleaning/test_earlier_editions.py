"""What earlier editions of an instrument wrote is read as what it stands for, with a note."""

import copy

import pytest
import yaml
from export_files import INSTRUMENTS
from owncontrol.cleaning.cell_values import read_cell
from owncontrol.cleaning.columns import column_reader
from owncontrol.errors import InputError
from owncontrol.instruments import instrument_of, load_instrument
from owncontrol.study.exports import Export
from owncontrol.study.parts import CleaningSettings
from small_study import small_study

ISNCSCI = load_instrument(INSTRUMENTS / "isncsci.yaml")


def reader(column, **mapping):
    table = {"columns": {"subject_id": "id", "visit": "v", "date": "d"}, **mapping}
    export = Export.model_validate({"file": "f.csv", "tables": {"isncsci": table}})
    settings = CleaningSettings.taken_from(small_study())
    return column_reader("isncsci", column, export, settings, {"isncsci": ISNCSCI})


def test_a_muscle_taken_as_normal():
    reading = read_cell("5*", reader("right_motor_c5"))
    assert (reading.value, reading.error) == ("5", "")
    assert reading.rule.code == "earlier_edition"
    assert "before 2019" in reading.note
    assert read_cell("4*", reader("right_motor_c5")).value == "4*"  # a tag of the current one


def test_sensation_has_no_such_value():
    assert "permitted" in read_cell("2*", reader("right_light_touch_c5")).error
    assert read_cell("5*", reader("right_light_touch_c5")).error


def test_what_the_study_says_comes_first():
    assert read_cell("5*", reader("right_motor_c5", item_codes={"5*": "NT"})).value == "NT"
    reading = read_cell("5*", reader("right_motor_c5", recode_items={"5*": "4**"}))
    assert (reading.value, reading.note) == ("4**", "declared other spelling")


def test_an_earlier_value_stands_for_one_of_the_set():
    given = yaml.safe_load((INSTRUMENTS / "isncsci.yaml").read_text("utf-8"))
    broken = copy.deepcopy(given)
    broken["value_sets"]["muscle"]["earlier"]["values"]["6"] = 6
    with pytest.raises(InputError, match="is not one of its values"):
        instrument_of(broken, "isncsci")
