"""What a person reads in a file of the project, line by line, and how easy it is to read.

Reading ease is Flesch's (1948, J Appl Psychol 32:221): 206.835 - 1.015 words a sentence - 84.6
syllables a word. 60 to 70 is plain English, 30 to 50 an article of a journal. Syllables are groups
of vowels without a silent e. No library for it is in the environments, and the usual ones load word
lists from a network when they are first used.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

FEWEST_WORDS = 5  # of a string in code that a person reads
Line = tuple[int, str]


def prose(name: str, text: str) -> Iterator[Line]:
    """Number and text of each line with words for people; code, keys and names are left out."""
    if name.endswith(".py"):
        yield from _of_python(text)
    elif name.endswith(".md"):
        yield from _of_markdown(text)
    elif name.endswith(".j2"):
        yield from enumerate(_without_template(text).splitlines(), start=1)


def reading_ease(text: str) -> float:
    """Flesch's reading ease of sentences that end in a full stop, question or exclamation mark."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", text) if re.search(r"[a-z]", part)]
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*", text)
    syllables = sum(map(_syllables, words))
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * syllables / len(words)


def paragraphs(markdown: str) -> str:
    """The running text of a page: no code, table, heading or picture; each item ends a sentence."""
    text = "\n".join(line for _, line in _of_markdown(markdown) if line[:1] not in "|#!")
    text = re.sub(r"^\s*(?:[-*]|\d+\.) ", "\n\n", text, flags=re.MULTILINE)
    return " ".join(part.strip().rstrip(".:;") + "." for part in text.split("\n\n") if part.strip())


def _syllables(word: str) -> int:
    count = len(re.findall(r"[aeiouy]+", word.lower()))
    if count > 1 and re.search(r"([^l]e|[^td]ed)$", word.lower()):
        count -= 1
    return max(count, 1)


def _of_markdown(text: str) -> Iterator[Line]:
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "x", line))
        else:
            yield number, ""


def _without_template(text: str) -> str:
    """A template's own words; lines stay where they are."""

    def blank(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n") or " "

    return re.sub(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}|<[^>]*>", blank, text, flags=re.DOTALL)


def _of_python(text: str) -> Iterator[Line]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], re.sub(r"`[^`]*`", "x", token.string)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            plain = re.sub(r"`+[^`]*`+", "x", node.value)
            if len(plain.split()) >= FEWEST_WORDS:
                yield from enumerate(plain.splitlines(), start=node.lineno)
