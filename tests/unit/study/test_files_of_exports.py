"""Exports of several files: which files they are, what their exports are called, and the site."""

import copy
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import write_manifest
from owncontrol.study.several_files import part_of_name, parts_of_name, with_files_found
from small_study import CONFIG, FILES


def study(file, **entry):
    """The small study with several files of subjects."""
    config = copy.deepcopy(CONFIG)
    config["exports"]["people"] |= {"file": file, **entry}
    return config


def put(folder, *names):
    (folder / "raw").mkdir(exist_ok=True)
    for name in names:
        (folder / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "raw" / name).write_text("id\n", "utf-8")
    return folder


def files(found):
    return {name: export.file for name, export in found.exports.items() if export.found_by}


def test_a_pattern_is_an_export_for_each_file_in_the_order_of_their_names(tmp_path):
    put(tmp_path, "site-Köln.csv", "site-Bern.csv", "site-.csv", "xsite-Bern.csv", "walks.csv")
    put(tmp_path, ".site-x.csv", "~$site-y.csv", "old/site-Rom.csv")
    found = load_study(study("site-*.csv"), tmp_path)
    assert files(found) == {"people_bern": "site-Bern.csv", "people_koln": "site-Köln.csv"}
    assert next(iter(found.exports)) == "people_bern"
    assert "people" not in found.exports
    assert {"site-Bern.csv", "site-Köln.csv"} <= set(found.raw_files)
    entry = found.exports["people_bern"]
    assert (entry.found_by.export, entry.found_by.pattern) == ("people", "site-*.csv")
    assert entry.name_text == "Bern"


@given(
    st.lists(st.sampled_from(["a", "b", "ab", "/", "."]), min_size=2, max_size=5),
    st.text("ab./", min_size=1, max_size=9),
)
@settings(deadline=None, max_examples=300)
def test_a_pattern_finds_the_parts_that_trying_every_way_finds(words, name):
    pattern = "*".join(words)
    tried = re.compile("([^/]+?)".join(map(re.escape, pattern.split("*")))).fullmatch(name)
    assert parts_of_name(name, pattern) == (tried.groups() if tried else ())


@pytest.mark.parametrize("pattern", ["*" * 30 + ".csv", "*a" * 30 + "x", "**/" * 9, "*-*" * 20])
def test_a_pattern_of_many_stars_is_no_work(pattern):
    begun = time.process_time()
    assert parts_of_name("a" * 200 + "-", pattern) == ()
    assert time.process_time() - begun < 0.5


def test_a_list_is_taken_as_it_is_written(tmp_path):
    found = load_study(study(["b.csv", "a.csv"]), tmp_path)
    assert files(found) == {"people_b": "b.csv", "people_a": "a.csv"}
    assert found.exports["people_b"].name_text == "b"


def test_entries_of_a_list_may_be_patterns_and_no_file_is_read_twice(tmp_path):
    put(tmp_path, "a1.csv", "a2.csv")
    found = load_study(study(["a2.csv", "a*.csv"]), tmp_path)
    assert files(found) == {"people_a2": "a2.csv", "people_1": "a1.csv"}


def test_a_pattern_may_lead_into_folders(tmp_path):
    put(tmp_path, "Bern/people.csv", "Rom/people.csv", "Rom/old/people.csv")
    found = load_study(study("*/people.csv"), tmp_path)
    assert files(found) == {"people_bern": "Bern/people.csv", "people_rom": "Rom/people.csv"}


def test_files_that_are_named_elsewhere_are_not_of_the_pattern(tmp_path):
    put(tmp_path, "walks.csv", "cells.csv", "events.csv", "corrections.csv", "new.csv", "words.csv")
    config = study("*.csv", dictionary="words.csv") | {"corrections": "corrections.csv"}
    assert list(files(load_study(config, tmp_path)).values()) == ["new.csv"]


def test_names_that_would_be_equal_are_told_apart(tmp_path):
    put(tmp_path, "s A.csv", "s a.csv", "s walks.csv", "s -.csv")
    config = study("s *.csv")
    config["exports"]["people_walks"] = config["exports"].pop("walks")
    found = files(load_study(config, tmp_path))
    assert len(found) == 4
    assert sorted(found.values()) == ["s -.csv", "s A.csv", "s a.csv", "s walks.csv"]
    assert "people_walks" not in found
    assert "people_a" not in found


def test_a_pattern_without_a_file_stops_with_a_line(tmp_path):
    put(tmp_path, "walks.csv")
    with pytest.raises(InputError) as caught:
        load_study(study("site-*.csv"), tmp_path)
    assert "exports.people.file: no file fits 'site-*.csv'" in caught.value.message
    assert "walks.csv" in caught.value.hint
    with pytest.raises(InputError, match="no file fits"):
        load_study(study("site-*.csv"), tmp_path / "elsewhere")


def test_a_listed_file_that_is_gone_is_missed(tmp_path):
    put(tmp_path, "site-a.csv", "site-b.csv")
    write_manifest(tmp_path / "raw")
    (tmp_path / "raw/site-b.csv").unlink()
    assert list(files(load_study(study("site-*.csv"), tmp_path))) == ["people_a", "people_b"]


def test_what_a_run_records_is_the_same_study_without_its_files(tmp_path):
    put(tmp_path, "site-a.csv", "site-b.csv")
    found = load_study(study("site-*.csv", site="from_name"), tmp_path)
    again = load_study(found.plain(), tmp_path / "elsewhere")
    assert again == found
    assert again.exports["people_a"].name_text == "a"


@pytest.mark.parametrize(
    ("site", "raw"), [("centre", "centre"), ("from_name", "{site}"), ("", None)]
)
def test_a_site_is_a_column_of_the_subjects(tmp_path, site, raw):
    put(tmp_path, "site-a.csv")
    export = load_study(study("site-*.csv", site=site), tmp_path).exports["people_a"]
    assert export.tables["subjects"].columns.get("site") == raw


def test_a_site_that_leads_nowhere_is_told(tmp_path):
    config = study("people.csv")
    config["exports"]["walks"]["site"] = "centre"
    with pytest.raises(InputError, match=r"exports.walks.site: the export does not feed"):
        load_study(config, tmp_path)
    config = study("people.csv", site="centre")
    config["exports"]["people"]["tables"]["subjects"]["columns"]["site"] = "other"
    with pytest.raises(InputError, match=r"another column for 'site'"):
        load_study(config, tmp_path)
    config = study("people.csv")
    config["exports"]["people"]["tables"]["subjects"]["columns"]["subject_id"] = ["{site}", "id"]
    with pytest.raises(InputError, match=r"names \{site\}, and the export has none"):
        load_study(config, tmp_path)


@pytest.mark.parametrize(
    "exports", [None, [], {"a": None}, {"a": {"file": 3}}, {"a": {"file": []}}]
)
def test_what_is_no_configuration_is_left_to_the_types(tmp_path, exports):
    assert with_files_found({"exports": exports}, tmp_path, "x") == {"exports": exports}


LETTERS = st.characters(codec="utf-8", exclude_characters="/*{}", exclude_categories=["Cs", "Cc"])
TEXT = st.text(LETTERS, min_size=1, max_size=8)


@pytest.mark.slow
@given(before=TEXT, middle=TEXT, after=TEXT)
@settings(max_examples=100, deadline=None)
def test_the_site_is_what_the_star_stands_for(before, middle, after):
    assert part_of_name(f"{before}{middle}{after}", f"{before}*{after}") == middle


OTHERS = TEXT.filter(lambda part: f"{part}.csv" not in FILES)  # the study reads those too


@given(parts=st.lists(OTHERS, min_size=1, max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_each_file_has_one_export_of_a_name_that_is_permitted(tmp_path_factory, parts):
    found = files(
        load_study(study([f"{part}.csv" for part in parts]), tmp_path_factory.mktemp("x"))
    )
    assert sorted(found.values()) == sorted(f"{part}.csv" for part in parts)
