"""Signs that nobody sees: named with their place, and left out before codes are compared."""

import pytest
from owncontrol.basics.invisible import describe, describe_spelling, visible

REMOVED = {
    "zero width space": ("W-01\u200b", "U+200B ZERO WIDTH SPACE (character 5)"),
    "soft hyphen": ("W-0\u00ad2", "U+00AD SOFT HYPHEN (character 4)"),
    "byte order mark": ("\ufeffW-01", "U+FEFF ZERO WIDTH NO-BREAK SPACE (character 1)"),
    "word joiner": ("W\u2060-01", "U+2060 WORD JOINER (character 2)"),
    "left-to-right mark": ("W-01\u200e", "U+200E LEFT-TO-RIGHT MARK (character 5)"),
    "embedding": (
        "\u202aW-01\u202c",
        "U+202A LEFT-TO-RIGHT EMBEDDING (character 1), "
        "U+202C POP DIRECTIONAL FORMATTING (character 6)",
    ),
    "isolate": ("\u2068W", "U+2068 FIRST STRONG ISOLATE (character 1)"),
    "null": ("W\x00-01", "U+0000 CONTROL CHARACTER (character 2)"),
    "delete": ("W-01\x7f", "U+007F CONTROL CHARACTER (character 5)"),
    "joiner in a Latin word": ("W\u200d-01", "U+200D ZERO WIDTH JOINER (character 2)"),
    "non-joiner at the end of a Persian word": (
        "\u0646\u0627\u0645\u200c",
        "U+200C ZERO WIDTH NON-JOINER (character 4)",
    ),
    "selector behind a digit": ("1\ufe0f", "U+FE0F VARIATION SELECTOR-16 (character 2)"),
    "filler": ("W\u3164", "U+3164 HANGUL FILLER (character 2)"),
    "grapheme joiner": ("W\u034f-01", "U+034F COMBINING GRAPHEME JOINER (character 2)"),
    "tag": ("W\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A (character 2)"),
}


@pytest.mark.parametrize(("text", "named"), REMOVED.values(), ids=REMOVED.keys())
def test_an_invisible_sign_is_named_and_left_out(text: str, named: str) -> None:
    assert describe(text) == named
    assert not describe(visible(text))
    assert len(visible(text)) == len(text) - named.count("U+")
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("space", "\u00a0\u2007\u202f\u3000\u2003\u2028\v")
def test_an_odd_space_inside_is_a_blank_and_is_named(space: str) -> None:
    assert visible(f"P{space}01") == "P 01"
    assert describe(f"P{space}01").startswith(f"U+{ord(space):04X}")
    assert describe(f"P{space}01").endswith("(character 2)")
    assert describe(f"{space}P 01{space}") == ""
    assert visible(f"{space}P 01{space}").strip() == "P 01"


def test_an_odd_space_is_inside_only_between_visible_signs() -> None:
    assert describe("P\u00a0\u200b") == "U+200B ZERO WIDTH SPACE (character 3)"
    assert describe("\u200b\u00a0P") == "U+200B ZERO WIDTH SPACE (character 1)"
    assert describe("\u200bP\u00a0Q").count("U+") == 2


KEPT = {
    "Persian": "\u0645\u06cc\u200c\u0634\u0648\u062f",
    "Hindi half form": "\u0915\u094d\u200d\u0937",
    "Malayalam chillu at the end": "\u0d05\u0d35\u0d28\u0d4d\u200d",
    "Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "heart": "\u2764\ufe0f",
    "pirate flag": "\U0001f3f4\u200d\u2620\ufe0f",
    "flag of Scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e007f",
    "variant of a Chinese character": "\u845b\U000e0100\u57ce",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_a_joiner_that_is_spelling_stays_and_can_be_noted(text: str) -> None:
    assert visible(text) == text
    assert describe(text) == ""
    assert describe_spelling(text).startswith("U+")


@pytest.mark.parametrize(
    "text", ["P-01", "a\tb", "a\r\nb", "\u0600\u0661", "\u00e9", "\u6771\u4eac", ""]
)
def test_what_is_seen_is_no_finding(text: str) -> None:
    assert visible(text) == text
    assert describe(text) == describe_spelling(text) == ""
