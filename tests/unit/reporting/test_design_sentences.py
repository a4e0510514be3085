"""What a report says of a design: what is declared, and nothing else."""

import pytest
from owncontrol.reporting import design_sentences as said
from owncontrol.study.design import Design


def design(**declared):
    return Design.model_validate(declared)


def test_nothing_declared_says_nothing():
    bare = design()
    assert said.blinding(bare) == said.placebo(bare) == ""
    assert said.conduct(bare) == []
    assert said.graded_by(bare) == "grade"
    text = f"{said.comparison(bare, has_treatments=True)} {said.limits(bare)}"
    for word in ("blind", "placebo", "recover", "CTCAE", "expectation", "consecutive"):
        assert word not in text


@pytest.mark.parametrize(
    ("blinded", "sentence"),
    [
        ({}, ""),
        ({"patients": False, "assessors": False}, "Neither patients nor assessors were blinded."),
        ({"patients": True, "assessors": True}, "Patients and assessors were blinded."),
        ({"patients": False}, "Patients were not blinded."),
        (
            {"patients": False, "assessors": True},
            "Assessors were blinded, patients were not blinded.",
        ),
    ],
)
def test_blinding(blinded, sentence):
    assert said.blinding(design(blinded=blinded)) == sentence


def test_each_part_that_is_declared_is_said():
    whole = design(
        blinded={"patients": False, "assessors": True},
        placebo=False,
        controls="Untreated patients of the centre are reported by Meyer 2020.",
        enrolment="consecutive",
        natural_course="recovery",
        event_scale="CTCAE",
        registration="UMIN000001",
        ethics="approved (12-3)",
        funding="a public grant",
    )
    assert said.placebo(whole) == "Nobody was given a placebo."
    assert "also improve without treatment" in said.comparison(whole, has_treatments=True)
    limits = said.limits(whole)
    assert "natural recovery, other care, learning and expectation" in limits
    assert limits.endswith("Meyer 2020.")
    assert said.conduct(whole) == [
        "Patients were enrolled consecutively.",
        "Registered: UMIN000001.",
        "Ethics: approved (12-3).",
        "Funding: a public grant.",
    ]
    assert said.graded_by(whole) == "CTCAE grade"
    assert said.graded_by(design(), ["mild", "severe"]) == "severity"
    assert "treat" not in said.comparison(whole, has_treatments=False)
