"""What other systems send, what is exported for them, and what is printed on the way."""

import contextlib
import datetime
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import parse

import docx
import openpyxl
import pandas as pd
import pyreadstat
import yaml
from hostile_exchange import FORMATS, MARKUP, NAMES, ORDERS
from hostile_texts import TEXTS
from owncontrol.__main__ import main
from owncontrol.basics.markdown_texts import markdown
from owncontrol.errors import InputError
from owncontrol.publication.checklists import CHECKLISTS, checklist_text
from owncontrol.publication.evidence import Evidence
from owncontrol.publication.metadata import (
    Terms,
    citation_text,
    crate_text,
    readme_text,
    zenodo_text,
)
from owncontrol.reporting import workbooks
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.word_document import new_document
from owncontrol.reporting.zipped import xml_text
from owncontrol.standards.analysis_results import Event, reporting_event, write_reporting_event
from owncontrol.standards.dataset import Dataset, Variable
from owncontrol.standards.define_xml import write_define
from owncontrol.standards.files import write_dataset_json, write_transport
from owncontrol.study.manifest import write_manifest
from small_study import small_study

from attacks import Attack
from attacks.files import command, soon

SIZES = (1_000, 100_000)
MADE = datetime.datetime(2021, 1, 1)
FIELDS = ('{ HYPERLINK "http://x" }', "DDEAUTO c:\\\\x", '=HYPERLINK("http://x")', "{SEQ x}")
COMMANDS = ("inspect", "suggest-mapping", "new-study")
RUN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def attacks() -> list[Attack]:
    """Readers by case and size, outputs by text, names of files by command, pipes by place."""
    return [*_read(), *_written(), *_names(), *_printed(), *_no_files()]


def _read() -> Iterator[Attack]:
    for kind, (suffix, refused, read) in FORMATS.items():
        for name, made in {**refused, **read}.items():
            for size in SIZES:
                for act in COMMANDS:
                    attempt = partial(_file, suffix, made, size, act)
                    yield Attack(f"{kind}, {size}: {name}: {act}", attempt)


def _file(suffix: str, made: Callable[[int], str], size: int, act: str, folder: Path) -> str:
    path = folder / f"x{suffix}"
    path.write_text(made(size), "utf-8")
    arguments = ["trial", "--from", str(path)] if act == "new-study" else [str(path)]
    return soon(lambda: command(act, *arguments), path.stat().st_size)


def _written() -> Iterator[Attack]:
    places: dict[str, Callable[[str, Path], str]] = {
        "transport file": _transport,
        "define.xml": _define,
        "Dataset-JSON": _dataset_json,
        "results in JSON": _results_json,
        "metadata of a deposit": _deposit,
        "Markdown": _markdown,
        "document of Word": _document,
        "tables of the report in a workbook": _tables,
    }
    for place, attempt in places.items():
        for text in dict.fromkeys((*TEXTS, *MARKUP, *FIELDS, *(f"x{order}y" for order in ORDERS))):
            yield Attack(f"{place}: {ascii(text)[:60]}", partial(attempt, text))


def _dataset(text: str) -> Dataset:
    text = text.encode("utf-8", "replace").decode()  # no reader gives halves of a pair
    codes = ((text, text),)
    one = Variable("A", text[:40], "text", "Derived", text, 1, codes)
    return Dataset("ADSL", text, text, "SUBJECT LEVEL", (one,), pd.DataFrame({"A": [text, "b"]}))


def _transport(text: str, folder: Path) -> str:
    write_transport(folder / "a.xpt", _dataset(text), MADE)
    frame, about = pyreadstat.read_xport(folder / "a.xpt")
    shown = [*map(str, frame["A"]), *map(str, about.column_labels), str(about.file_label)]
    return f"signs: {shown!a}" if any(map(RUN.search, shown)) or len(frame) != 2 else ""


def _define(text: str, folder: Path) -> str:
    study = small_study().model_copy(update={"title": text, "question": text})
    write_define(folder / "define.xml", study, [_dataset(text)], MADE)
    found = parse(folder / "define.xml")
    names = {element.tag.rpartition("}")[2] for element in found.iter()}
    return "an element of the text" if names & {"script", "iframe", "img", "b"} else ""


def _dataset_json(text: str, folder: Path) -> str:
    text = text.encode("utf-8", "replace").decode()
    write_dataset_json(folder / "a.json", _dataset(text), "s", MADE)
    value = json.loads((folder / "a.json").read_text("utf-8"))
    return "" if value["rows"] == [[text], ["b"]] else "another text"


def _results_json(text: str, folder: Path) -> str:
    text = text.encode("utf-8", "replace").decode()
    event = Event("s", text, text, frozenset(), frozenset(), {})
    write_reporting_event(folder / "ars.json", reporting_event(event, [], {}))
    value = json.loads((folder / "ars.json").read_text("utf-8"))
    return "" if value["name"] == text else "another text"


def _deposit(text: str, folder: Path) -> str:
    text = text.encode("utf-8", "replace").decode()
    study = small_study().model_copy(update={"title": text, "question": text})
    terms = Terms((text,), "CC0-1.0") if text.strip() else Terms()
    citation = yaml.safe_load(citation_text(study, terms))
    if set(citation) - {"authors", "license"} != {
        *("cff-version", "message", "type", "title", "abstract"),
    }:
        return f"keys of the citation: {list(citation)}"
    told = json.loads(zenodo_text(study, terms))
    json.loads(crate_text(folder, study, {}, terms))
    return "markup in a description" if re.search("<(?!/?p>)", told["description"]) else ""


def _markdown(text: str, folder: Path) -> str:
    study = small_study().model_copy(update={"title": text, "question": text})
    readme = readme_text(study, {}, [])
    lists = [checklist_text(one, Evidence(study, {}, frozenset())) for one in CHECKLISTS]
    heads = [page.split("\n")[0] for page in (readme, *lists)]
    if any(not head.endswith(markdown(text)) for head in heads):
        return "not as text in the head"
    plain = markdown(text).replace("\\\\", "")
    open_signs = [sign for sign in "[]()<>|`*#!" if plain.count(sign) != plain.count(f"\\{sign}")]
    return f"open: {open_signs}" if open_signs or RUN.search(readme.replace("\n", "")) else ""


def _document(text: str, folder: Path) -> str:
    document = new_document(text, synthetic=True)
    document.add_paragraph(xml_text(text))
    document.save(str(folder / "t.docx"))
    found = docx.Document(str(folder / "t.docx")).element.body
    codes = [one.text for one in found.iter("{*}instrText")]
    shown = "".join(str(one.text) for one in found.iter("{*}t"))
    return "a field, or a sign" if codes or RUN.search(shown) else ""


def _tables(text: str, folder: Path) -> str:
    table = Table("t", text, [text, "n"], [[text, "1"]], text, {})
    workbooks.write_tables([table], text, True, folder / "t.xlsx")
    book = openpyxl.load_workbook(folder / "t.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    wrong = [cell.data_type for cell in cells if cell.data_type in ("f", "e") or cell.hyperlink]
    signs = any(RUN.search(str(cell.value).replace("\n", "")) for cell in cells)
    return f"cells of type {wrong}" if wrong else "a sign" if signs else ""


def _names() -> Iterator[Attack]:
    for name in (*NAMES, b"-rf", b"--help", b"a|b`<i>.csv", b"x" * 251 + b".csv"):
        for act in (*COMMANDS, "manifest"):
            yield Attack(f"a file named {name[:30]!a}: {act}", partial(_name, name, act))


def _name(name: bytes, act: str, folder: Path) -> str:
    (folder / "raw").mkdir()
    path = f"raw/{os.fsdecode(name)}"
    Path(path).write_bytes(b"id,x\n1,2\n")
    arguments = {"manifest": ["raw"], "new-study": ["trial", "--from", path]}.get(act, [path])
    said = _said(act, *arguments)
    lists = [found.read_text("utf-8") for found in folder.rglob("MANIFEST")]
    forged = any("0" * 64 in text for text in lists)
    return "a forged line" if forged else said


def _said(*arguments: str) -> str:
    """What is wrong with how a command speaks: orders for a terminal, or a trace."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
    text = out.getvalue() + err.getvalue()
    if code == 70:
        return text[-300:]
    return f"printed: {text[-200:]!a}" if RUN.search(text.replace("\n", "")) else ""


def _printed() -> Iterator[Attack]:
    for order in ORDERS:
        for name, content in {
            "a heading": f"id,x{order}y\n1,2\n",
            "a code": f"subject_id,visit\nP{order}1,a\n",
            "a quote": f'id,x\n1,"{order}\n',
        }.items():
            for act in COMMANDS[1:]:
                attempt = partial(_content, content, act)
                yield Attack(f"{name} with {order!a}: {act}", attempt)
        for key in ("title", "study", f"ti{order}tle"):
            yield Attack(f"{key!a} with {order!a}: check", partial(_configured, key, order))


def _content(content: str, act: str, folder: Path) -> str:
    (folder / "x.csv").write_bytes(content.encode("utf-8", "surrogateescape"))
    arguments = ["trial", "--from", "x.csv"] if act == "new-study" else ["x.csv"]
    return _said(act, *arguments)


def _configured(key: str, order: str, folder: Path) -> str:
    text = json.dumps({key: f"x{order}y"})
    (folder / "config.yaml").write_text(text, "utf-8")
    return _said("check")


def _no_files() -> Iterator[Attack]:
    """Pipes and devices where a file is expected: none is waited for."""
    places: dict[str, list[str]] = {
        "x.csv": ["inspect", "x.csv"],
        "x.json": ["suggest-mapping", "x.json"],
        "x.xml": ["suggest-mapping", "a.csv", "--dictionary", "x.xml"],
        "d.csv": ["suggest-mapping", "a.csv", "--dictionary", "d.csv"],
        "d.xlsx": ["inspect", "a.csv", "--dictionary", "d.xlsx"],
        "config.yaml": ["check"],
        "raw/f.csv": ["manifest", "raw"],
        "raw/MANIFEST": ["manifest", "raw"],
        "a.tar.gz": ["verify-archive", "a.tar.gz"],
    }
    for place, arguments in places.items():
        for kind in ("pipe", "device", "folder"):
            yield Attack(f"a {kind} as {place}", partial(_no_file, place, kind, arguments))


def _no_file(place: str, kind: str, arguments: list[str], folder: Path) -> str:
    (folder / "raw").mkdir()
    (folder / "a.csv").write_text("id,x\n1,2\n", "utf-8")
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        (folder / place).mkdir()
    else:
        (folder / place).symlink_to("/dev/zero")
    with contextlib.suppress(InputError, OSError):
        write_manifest("raw")
    return _said(*arguments)
