"""The project's texts in plain English: words that readers stumble over do not come back."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from prose import paragraphs, prose, reading_ease

ROOT = Path(__file__).parents[3]
# What each was replaced by is in the history; "at least as good as rated" is a rule of ISNCSCI.
WORST = {
    "lets expect": r"\blets? expect\b",
    "anew": r"\banew\b",
    "held against": r"\b(held|hold|holds) (\w+ ){0,4}against\b",
    "the own": r"\b[Tt]he own [a-z]",
    "as good as": r"(?<!at least )\bas good as\b",
    "stands there": r"\b[Ss]tands? there\b",
    # "Dermatome stands in" (for a muscle) and "stands in the way" are English.
    "stands in a": r"(?<!ermatome )\b[Ss]tands? (in|inside|above|below|under|beside|before) "
    r"(?!for\b|where\b|the way\b)",
    "one row a subject": r"\b([Oo]ne|[Aa]) (row|line|panel|sheet|file|column|bar|mark) an? [a-z]",
    "stands twice": r"\bstands? twice\b",
    "rules out no": r"\brules? out no\b",
    "a fault of the program": r"\bfault of the program\b",
    "is answered with": r"\bslip is answered\b",
    "the trace stands in": r"\btrace stands in\b",
    "what if what": r"\b[Ww]hat if what\b",
    "may you read": r"\b[Mm]ay you read\b",
    "nothing like it is known": r"\bnothing like it is known\b",
    "the environment its own": r"\benvironment its own\b",
    "with the count of those": r"\b[Ww]ith the count of those\b",
    "is to run, too": r"\bis to run,? too\b",
    "grade A decides": r"\b[Gg]rade [A-D] (decides|says little)\b",
    "mmHgs": r"\bmmHgs\b",
}
# The project spells as British journals do, with -ise; a name of a package or a key of CSS is code.
# Not an argument or attribute in markup: align(center, ...), w:color="...".
AMERICAN = re.compile(
    r"\b(?<![(:])(colors?|colored|centers?|centered|behaviors?|grays?|favor\w*|neighbors?|labeled|judgments?"
    r"|artifacts?|modeled|canceled|traveled|fulfills?|analyz\w+|paralyz\w+|edema|anesth\w+"
    r"|(?!siz|priz|seiz|resiz|capsiz)\w{2,}(?<!s)iz(e|es|ed|ing|ations?))\b",
    re.IGNORECASE,
)
# Flesch's reading ease (tests/helpers/prose.py); an article of a medical journal has 20 to 40.
LEAST_EASE = 50
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


# Where a sentence may say patient: in the description of a key, in made-up data, and of published
# cohorts. Any other is about a study, whose subjects are what its configuration calls them.
OF_PATIENTS = re.compile(
    r"[Uu]ntreated patients|number of patients not published|contains patients of other sources"
    r"|another row of the same patients|Patients who still have|called subject, patient or id"
    r"|; else patients"
)
SAYS_PATIENT = re.compile(r"\b[Pp]atients?\b")


def sentences(text):
    """Every string of a module that is no docstring and has words apart, with its line."""
    tree = ast.parse(text)
    holders = (ast.Module, ast.FunctionDef, ast.ClassDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docs and " " in node.value:
            yield node.lineno, node.value


@pytest.mark.slow
def test_only_published_cohorts_are_said_to_be_of_patients():
    found = []
    for path in sorted((ROOT / "workflow/lib/owncontrol").rglob("*.py")):
        place = path.relative_to(ROOT / "workflow/lib/owncontrol").as_posix()
        if place.startswith(("study/", "simulation/")):
            continue
        for line, text in sentences(path.read_text("utf-8")):
            if "<" not in text and SAYS_PATIENT.search(OF_PATIENTS.sub("", text)):
                found.append(f"{place}:{line}: {text[:80]}")
    assert not found, "\n".join(found)


@pytest.mark.slow
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


@pytest.mark.slow
def test_all_texts_are_in_one_spelling():
    found = [
        f"{name}:{number}: {word[0]}"
        for name, text in texts()
        for number, line in prose(name, text)
        for word in AMERICAN.finditer(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", "# A color.\nx = color.center", ["color"]),
        ("a.py", 'x = "this is a text that one analyzes", "color"', ["analyzes"]),
        ("a.py", 'def f():\n    """Randomized, of this size."""', []),
        ("a.md", "The `color` was\n```\ncolor\n```\nlabeled.", ["labeled"]),
        ("a.j2", "{% set color = 1 %}{{ color }}<i color>gray</i>", ["gray"]),
        ("a.md", "Size, seized, prizes, resized, promise, exercise, wise.", []),
    ],
)
def test_american_words_are_found_in_what_people_read(name, text, found):
    assert [word[0] for _, line in prose(name, text) for word in AMERICAN.finditer(line)] == found


def pages():
    made = {"config", "findings", "tables", "commands", "library", "instruments"}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if path.stem not in made:
            yield path


@pytest.mark.parametrize("path", list(pages()), ids=lambda path: path.stem)
def test_a_page_is_easier_to_read_than_a_journal(path):
    text = paragraphs(path.read_text("utf-8"))
    if len(text.split()) > 40:
        assert reading_ease(text) >= LEAST_EASE


def test_reading_ease_is_that_of_flesch():
    assert reading_ease("The cat sat on the mat.") == pytest.approx(206.835 - 6.09 - 84.6)
    hard = "Heterogeneous registries necessitate methodological considerations."
    assert reading_ease(hard) < 0
    assert paragraphs("# Head\n\nOne `x y` two:\n\n- three\n- four\n\n```\ncode\n```") == (
        "One x two. three. four."
    )
