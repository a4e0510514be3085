"""A server on loopback that answers as REDCap documents its API, with faults on request."""

import csv
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

TOKEN = "0123456789ABCDEF0123456789ABCDEF"
# The names of a dictionary's columns by the API, in the order of the download.
API_NAMES = (
    "field_name",
    "form_name",
    "section_header",
    "field_type",
    "field_label",
    "select_choices_or_calculations",
    "field_note",
    "text_validation_type_or_show_slider_number",
    "text_validation_min",
    "text_validation_max",
    "identifier",
    "branching_logic",
    "required_field",
    "custom_alignment",
    "question_number",
    "matrix_group_name",
    "matrix_ranking",
    "field_annotation",
)
FORBIDDEN = 403, {"error": "You do not have permissions to use the API"}
Answer = tuple[int, Any]


@dataclass
class Server:
    """A project, and what was asked of it.

    ``fault``: is given the form of each request and how many came before; an answer of its own
    (status and value, or bytes as they are) takes the place of the right one.
    """

    metadata: list[dict[str, str]]
    rows: list[dict[str, Any]]
    events: list[dict[str, Any]] = field(default_factory=list)
    repeating: list[dict[str, str]] = field(default_factory=list)
    missing: str = ""
    fault: Callable[[dict[str, str], int], Answer | None] = lambda form, number: None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    by_record: dict[str, list[dict[str, Any]]] | None = None
    indexed: list[dict[str, Any]] | None = None

    def answer(self, form: dict[str, str]) -> Answer:
        """Status and value for one request."""
        found = self.fault(form, len(self.asked) - 1)
        if found is not None:
            return found
        if form.get("token") != TOKEN:
            return FORBIDDEN
        content = form["content"]
        if content == "record":
            return 200, self._records(form)
        if content in ("event", "formEventMapping") and not self.events:
            return 400, {"error": f"You cannot export {content} for classic projects"}
        forms = list(dict.fromkeys(row["form_name"] for row in self.metadata))
        return 200, {
            "project": {
                "project_id": 17,
                "project_title": "Cells",
                "is_longitudinal": int(bool(self.events)),
                "has_repeating_instruments_or_events": int(bool(self.repeating)),
                "missing_data_codes": self.missing,
            },
            "metadata": self.metadata,
            "exportFieldNames": list(self._field_names()),
            "event": self.events,
            "formEventMapping": [
                {"arm_num": 1, "unique_event_name": event["unique_event_name"], "form": form}
                for event in self.events
                for form in forms
            ],
            "repeatingFormsEvents": self.repeating,
            "version": "14.5.0",
        }[content]

    def _field_names(self) -> Iterator[dict[str, str]]:
        for row in self.metadata:
            name = row["field_name"]
            codes = [""]
            if row["field_type"] == "checkbox":
                choices = row["select_choices_or_calculations"].split("|")
                codes = [choice.partition(",")[0].strip() for choice in choices]
            if row["field_type"] == "descriptive":
                continue
            for code in codes:
                box = f"{name}___{re.sub('[^a-z0-9_]', '_', code.lower())}" if code else name
                yield {
                    "original_field_name": name,
                    "choice_value": code,
                    "export_field_name": box,
                }

    def _records(self, form: dict[str, str]) -> list[dict[str, Any]]:
        fields = {value for name, value in form.items() if name.startswith("fields[")}
        records = {value for name, value in form.items() if name.startswith("records[")}
        first = self.metadata[0]["field_name"]
        if self.by_record is None or self.indexed is not self.rows:
            self.by_record, self.indexed = {}, self.rows
            for row in self.rows:
                self.by_record.setdefault(row[first], []).append(row)
        wanted = [name for name in self.by_record if not records or name in records]
        rows = [row for name in wanted for row in self.by_record[name]]
        kept = [
            name
            for name in (rows[0] if rows else ())
            if name.startswith("redcap_") or name.partition("___")[0] in fields
        ]
        return [{name: row[name] for name in kept} for row in rows]


def project_of(export: Path, dictionary: Path, further: Sequence[str] = ()) -> Server:
    """The project that an export and its dictionary came from; ``further``: events without rows."""
    with dictionary.open(encoding="utf-8", newline="") as file:
        metadata = [
            dict(zip(API_NAMES, row, strict=True)) for number, row in enumerate(csv.reader(file))
            if number
        ]  # fmt: skip
    with export.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    names = dict.fromkeys([*(row["redcap_event_name"] for row in rows), *further])
    events = [
        {
            "event_name": name.removesuffix("_arm_1"),
            "arm_num": 1,
            "day_offset": 10 * place,
            "offset_min": 0,
            "offset_max": 3,
            "unique_event_name": name,
            "custom_event_label": None,
        }
        for place, name in enumerate(names)
    ]
    forms = {row["redcap_repeat_instrument"] for row in rows} - {""}
    repeating = [{"event_name": "", "form_name": form, "custom_form_label": ""} for form in forms]
    return Server(metadata, rows, events, repeating)


@contextmanager
def serving(server: Server, path: str = "/api/") -> Iterator[Server]:
    """Serve on a free port of the loopback; ``server.url`` is where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            pairs = parse_qs(self.rfile.read(size).decode("ascii"), keep_blank_values=True)
            form = {name: values[0] for name, values in pairs.items()}
            server.asked.append(form)
            status, value = server.answer(form)
            body = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8")
            self.send_response(status)
            for name, text in ({"Content-Type": "application/json"} | server.headers).items():
                self.send_header(name, text)
            if "Content-Length" not in server.headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            server.asked.append({"method": "GET", "path": self.path})
            self.send_error(405)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_port}{path}"
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
