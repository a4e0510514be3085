"""What is printed, and what stands in a file of Markdown: words alone."""

import io

import pytest
from hostile_exchange import MARKUP, ORDERS
from owncontrol.__main__ import main
from owncontrol.basics.markdown_texts import markdown
from owncontrol.basics.told_streams import ToldStream, told_streams
from owncontrol.errors import InputError
from owncontrol.progress import CLEAR


@pytest.mark.parametrize("order", ORDERS)
def test_a_message_gives_a_terminal_no_order(order):
    error = InputError(f"x{order}y", f"see x{order}y")
    assert order not in str(error) and "x" in error.message and "y" in error.hint


@pytest.mark.parametrize("order", ORDERS)
def test_a_command_prints_no_order(order, capsys):
    assert main(["summary", f"x{order}y"]) == 1
    said = capsys.readouterr().err
    assert order not in said and "y/cleaned/flow.csv" in said


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_printed_meanwhile_is_legible(order, capsys):
    with told_streams():
        print(f"x{order}y")
    assert order not in capsys.readouterr().out
    with told_streams(exact=True):
        print("x\x1by")
    assert capsys.readouterr().out == "x\x1by\n"


def test_a_bar_stays_a_bar():
    out = io.StringIO()
    stream = ToldStream(out, has_bars=True)
    stream.writelines([f"{CLEAR}[##..] 50 %", "\r 12 records", "x\x1b[K\n"])
    assert out.getvalue() == f"{CLEAR}[##..] 50 %\r 12 recordsx[U+001B][K\n"
    assert not stream.isatty()


@pytest.mark.parametrize("text", MARKUP)
def test_text_in_markdown_is_text(text):
    written = markdown(text)
    assert "\n" not in written
    plain = written.replace("\\\\", "")
    for sign in "[]()<>|`*#!:$@{}":
        assert plain.count(sign) == plain.count(f"\\{sign}")
    assert written.replace("\\", "") == " ".join(text.split())
