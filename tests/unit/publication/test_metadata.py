"""The metadata of a deposit: what is declared is in them, the rest is a gap and never made up."""

import json

import pytest
import yaml
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.publication.evidence import Evidence
from owncontrol.publication.metadata import (
    Terms,
    citation_text,
    crate_text,
    gaps,
    readme_text,
    zenodo_text,
)
from small_study import small_study

GIVEN = Terms(("Ada Example", "Bo Sample"), "CC-BY-4.0")


def test_nothing_is_made_up():
    study = small_study()
    citation = yaml.safe_load(citation_text(study, Terms()))
    assert set(citation) == {"cff-version", "message", "type", "title", "abstract"}
    assert set(json.loads(zenodo_text(study, Terms()))) == {"title", "upload_type", "description"}
    assert gaps(Evidence(study, {}, frozenset()), Terms())[:3] == [
        "authors (--author)",
        "licence (--licence)",
        "registration",
    ]


def test_what_is_given_is_there():
    design = {
        "registration": "jRCT-1",
        "ethics": "No 2",
        "funding": "Own means",
        "enrolment": "consecutive",
    }
    study = small_study(design=design, period=["2021-01-01", "2021-12-31"], title="Walks: & more")
    citation = yaml.safe_load(citation_text(study, GIVEN))
    assert citation["title"] == "Walks: & more"
    assert citation["authors"] == [{"name": "Ada Example"}, {"name": "Bo Sample"}]
    zenodo = json.loads(zenodo_text(study, GIVEN))
    assert (zenodo["license"], citation["license"]) == ("cc-by-4.0", "CC-BY-4.0")
    assert [one["name"] for one in zenodo["creators"]] == ["Ada Example", "Bo Sample"]
    assert gaps(Evidence(study, {}, frozenset()), GIVEN) == []
    assert "Nothing that this list asks for." in readme_text(study, {}, [])


@pytest.mark.parametrize("terms", [{"licence": "CC BY"}, {"licence": "../x"}, {"authors": (" ",)}])
def test_what_is_no_name_is_refused(terms):
    with pytest.raises(InputError):
        Terms(**terms)


def test_the_crate_names_each_file_with_its_hash(tmp_path):
    (tmp_path / "a.csv").write_text("x\n")
    crate = json.loads(crate_text(tmp_path, small_study(), {"a.csv": "one letter"}, GIVEN))
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert entities["a.csv"]["sha256"] == sha256(tmp_path / "a.csv")
    assert entities["a.csv"]["contentSize"] == "2"
    assert entities["./"]["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert [one["@id"] for one in entities["./"]["author"]] == ["#author-1", "#author-2"]
    bare = json.loads(crate_text(tmp_path, small_study(), {}, Terms()))
    assert {entity["@id"] for entity in bare["@graph"]} >= {"#licence"}


def test_the_readme_says_whose_codes_they_are():
    assert "are those of the study" in readme_text(small_study(), {}, ["authors"])
    assert "\n- authors\n" in readme_text(small_study(), {}, ["authors"])


def test_the_readme_calls_the_subjects_what_the_study_calls_them():
    study = small_study(design={"subjects": {"one": "animal", "many": "animals"}})
    text = readme_text(study, {}, ["authors"])
    assert "patient" not in text.casefold()
    assert "## Animals" in text
    assert "no date of an animal is inside" in text
