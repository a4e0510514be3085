"""The project's texts in plain English: words that readers stumble over do not come back."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# What each was replaced by is in the history; "at least as good as rated" is a rule of ISNCSCI.
WORST = {
    "lets expect": r"\blets? expect\b",
    "anew": r"\banew\b",
    "held against": r"\b(held|hold|holds) (\w+ ){0,4}against\b",
    "the own": r"\b[Tt]he own [a-z]",
    "as good as": r"(?<!at least )\bas good as\b",
    "stands there": r"\b[Ss]tands? there\b",
    "stands twice": r"\bstands? twice\b",
    "rules out no": r"\brules? out no\b",
    "a fault of the program": r"\bfault of the program\b",
    "is answered with": r"\bslip is answered\b",
}
SUFFIXES = (".py", ".j2", ".md", ".smk", ".ipynb", ".yaml", ".yml", ".cff", ".toml", ".css", ".js")
# Quoted from elsewhere, or a record of how the project was.
LEFT = ("tests/", "workflow/schemas/words.yaml", "workflow/schemas/identifiers.yaml")


def texts():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode or not listed.stdout:
        pytest.skip("git does not list the files of the project")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        is_text = path.suffix in SUFFIXES or name == "Makefile"
        if is_text and not name.startswith(LEFT) and path.is_file():
            yield name, path.read_text("utf-8")


@pytest.mark.parametrize("word", WORST)
def test_no_text_has_one_of_the_worst_words(word):
    pattern = re.compile(WORST[word])
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_words_are_found_where_they_are():
    for word, pattern in WORST.items():
        sample = {"held against": "is held against it", "the own": "the own control"}.get(
            word, word
        )
        sample = {
            "is answered with": "a slip is answered",
            "rules out no": "rules out no rate",
        }.get(word, sample)
        assert re.search(pattern, sample), word
