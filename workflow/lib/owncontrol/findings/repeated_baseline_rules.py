"""Rules about a baseline that is repeated in every row of its subject."""

from owncontrol.findings.rule import Rule


class BaselineDiffers(Rule):
    """The repeated baseline of a subject differs from row to row."""

    code = "baseline_differs"
    severity = "error"
    about = "cell"
    sentence = (
        "the baseline that this column repeats is '{first}' in row {row} of the same subject; "
        "which of the two is right cannot be told"
    )
    action = "baseline read as missing"
    advice = "correct the file where it comes from, and export it again"
    raw_places = ("row",)
    first: str
    row: int | str
