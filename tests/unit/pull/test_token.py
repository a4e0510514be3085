"""The token is found in the environment or the keyring, and a message never repeats it."""

import os

import pytest
from owncontrol.errors import InputError
from owncontrol.pull.token import find_token

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = TOKEN[::-1]


def test_the_token_of_the_study_comes_before_the_one_for_all():
    environment = {"REDCAP_API_TOKEN_SCI_CELLS": f" {TOKEN}\n", "REDCAP_API_TOKEN": OTHER}
    assert find_token("sci-cells", environment) == TOKEN
    assert find_token("stroke", environment) == OTHER


def keyring(folder, name, lines):
    program = folder / name
    program.write_text("#!/bin/sh\n" + lines, "utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def test_the_keyring_is_asked_for_the_study(tmp_path):
    path = keyring(
        tmp_path, "secret-tool", f'[ "$*" = "lookup service owncontrol study s" ] && echo {TOKEN}'
    )
    assert find_token("s", path) == TOKEN


def test_the_keyring_of_macos(tmp_path):
    path = keyring(
        tmp_path,
        "security",
        f'[ "$*" = "find-generic-password -s owncontrol -w -a s" ] && echo {TOKEN}',
    )
    assert find_token("s", path) == TOKEN


@pytest.mark.parametrize("lines", ["exit 1", "echo", f"echo {TOKEN}; exit 1"])
def test_a_locked_or_empty_keyring_has_none(tmp_path, lines):
    with pytest.raises(InputError, match="no API token") as caught:
        find_token("s", keyring(tmp_path, "secret-tool", lines))
    assert "REDCAP_API_TOKEN_S" in caught.value.hint


@pytest.mark.parametrize("text", [TOKEN[1:], TOKEN + "g", "secret password", TOKEN + TOKEN[:4]])
def test_what_is_no_token_is_refused_and_not_shown(text):
    with pytest.raises(InputError) as caught:
        find_token("s", {"REDCAP_API_TOKEN": text})
    assert text not in str(caught.value)
    assert f"{len(text)} characters" in caught.value.message
