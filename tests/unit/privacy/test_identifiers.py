"""Which columns look like identifiers or free text, by name and by content, and which do not."""

import time

import pandas as pd
import pytest
from owncontrol.ingest.private_columns import free_text_columns, identifier_columns
from owncontrol.ingest.redcap import Field


def looks(**columns):
    return identifier_columns(pd.DataFrame(columns, dtype="str"), {})


@pytest.mark.parametrize(
    "name",
    [
        "family_name",
        "Patient Name",
        "patientName",
        "NAME",
        "examiner_name",
        "initials",
        "date_of_birth",
        "DOB",
        "BRTHDTC",
        "phone",
        "Tel.",
        "e-mail",
        "home_address",
        "postcode",
        "MRN",
        "hospital_number",
        "medical record no",
        "氏名",
        "生年月日",
        "電話番号",
        "カルテ番号",
    ],
)
def test_a_column_whose_name_says_that_it_is_an_identifier(name):
    assert looks(**{name: ["x"]})


@pytest.mark.parametrize(
    "name",
    [
        "record_id",
        "Patient",
        "USUBJID",
        "redcap_event_name",
        "visit name",
        "lot_name",
        "scim_mobile",
        "R C5 motor",
        "treatment_start",
        "Examiner",
        "telemetry",
    ],
)
def test_a_column_whose_name_says_nothing_of_the_kind(name):
    assert not looks(**{name: ["x"]})


@pytest.mark.parametrize(
    "cells",
    [
        ["a.b@example.org", "", "c@d.example"],
        ["03-5550-0100", "03-5550-0101"],
        ["+81 90 5550 0100", "090 5550 0101"],
        ["(555) 555-0100", "555-555-0101"],
    ],
)
def test_a_column_whose_cells_look_like_an_identifier(cells):
    assert looks(x=cells)


def test_plain_digits_are_telephone_numbers_where_four_of_five_are_those_of_a_mobile():
    mobiles, other = [f"0740012345{digit}" for digit in range(5)], "0000000000"
    assert looks(x=mobiles)
    assert looks(x=[*mobiles[:4], other])
    assert not looks(x=[*mobiles[:3], other, other])


def test_of_a_cell_two_hundred_signs_are_looked_at():
    address = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 7}"
    assert len(address) == 200
    assert looks(x=[address]) and looks(x=[address + "! and more"])
    assert not looks(x=[address[1:] + "! and more"])


def test_dates_of_birth_are_known_by_how_far_back_they_lie():
    visits = ["2021-02-01", "2021-08-01", "2022-01-01"]
    assert list(looks(a=["1950-01-01", "1980-05-01", "1999-12-31"], b=visits)) == ["a"]
    assert list(looks(a=["01/02/1950", "05.01.1980", "31.12.1999"], b=visits)) == ["a"]
    assert not looks(a=["2019-01-01", "2020-05-01", "2021-12-31"], b=visits)


@pytest.mark.parametrize(
    "cells",
    [
        ["2021-02-01", "2021-08-01"],
        ["2021-02-01 10:30", "2021-08-01 09:00"],
        ["0.123456789", "1.5"],
        ["186000000", "1.66"],
        ["OC-01", "OC-02"],
        ["12", "0"],
    ],
)
def test_data_do_not_look_like_an_identifier(cells):
    assert not looks(x=cells)


def test_a_megabyte_in_a_cell_is_looked_at_by_its_beginning():
    start = time.process_time()
    assert not looks(x=["1" * 2**20, "1 " * 2**19, "a@" * 2**19, "2021-02-03"])
    assert time.process_time() - start < 1


def test_free_text_is_known_by_dictionary_and_content():
    note = Field("remark", "form", "notes", "Remark", {}, "", "", "", False, "dictionary.csv")
    cells = pd.DataFrame(
        {
            "remark": ["x", "y", "z"],
            "story": [f"SYNTHETIC patient {n} came in by ambulance on that day" for n in range(3)],
            "term": ["Injury, poisoning and procedural complications", "Fever", "Pain"],
        }
    )
    assert list(free_text_columns(cells, {"remark": note})) == ["remark", "story"]
