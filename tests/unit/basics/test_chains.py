"""A record that holds what no program writes is one line, whatever it is."""

import pytest
from owncontrol.basics.chains import append, read_chain
from owncontrol.errors import InputError

LINES = {
    "half of a pair": '{"before": "", "who": "\\ud800"}',
    "half of a pair as a key": '{"before": "", "\\udfff": 1}',
    "a key twice": '{"before": "", "before": ""}',
    "100,000 lists": "[" * 100_000,
    "100,000 objects": '{"before":' * 100_000,
    "a number of 6,000 digits": '{"before": "", "n": ' + "1" * 6000 + "}",
    "no number": '{"before": NaN}',
    "a list": "[]",
    "nothing": "",
    "another encoding": "\ufeff{}",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_strange_line_is_one_line(tmp_path, line):
    path = tmp_path / "chain.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(InputError, match="line 1: does not follow") as error:
        read_chain(path)
    assert "\n" not in error.value.message
    with pytest.raises(InputError, match="does not follow"):
        append(path, {"who": "me"})


def test_a_record_with_any_character_reads_back(tmp_path):
    append(tmp_path / "c", {"who": "Źdź \U0001f600 \u2028 \\ud800"})
    (link,) = read_chain(tmp_path / "c")
    assert link.entry["who"] == "Źdź \U0001f600 \u2028 \\ud800"
