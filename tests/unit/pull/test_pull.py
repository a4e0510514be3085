"""pull: a data cut from a REDCap server, or one line and the last cut as it was."""

import csv
import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from owncontrol.__main__ import main
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.ingest.export import ingest_export
from owncontrol.pull import cuts, pulling
from owncontrol.pull.client import Client
from owncontrol.pull.pulling import Request, pull_study
from owncontrol.study.instruments import study_instrument
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import read_manifest, write_manifest
from redcap_server import API_NAMES, FORBIDDEN, TOKEN, project_of, serving

ROOT = Path(__file__).parents[3]
RAW = ROOT / "data/raw/example"
STUDY = load_study({}, ROOT)
START = datetime(2026, 11, 29, 10, 15, tzinfo=UTC)
WITHOUT = {"family_name", "date_of_birth", "hospital_number", "phone", "enrolment_notes"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with the example study, as the working folder."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(RAW, tmp_path / "data/raw/example")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulling, "load_study", lambda given, place: STUDY)
    for name in ("REDCAP_API_TOKEN", "REDCAP_API_TOKEN_EXAMPLE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server():
    with serving(example_project()) as found:
        yield found


def example_project():
    further = [f"day_{day}_arm_1" for day in (1, 7, 14)]
    return project_of(RAW / "redcap_export.csv", RAW / "redcap_dictionary.csv", further)


def pull(server, minutes=0, token=TOKEN, client=None, **more):
    waits = []
    made = client or (lambda url, key: Client(url, key, waits.append, timeout=5))
    request = Request(None, **{"url": server.url, **more})
    said = pull_study(
        request, Path(), lambda study: token, made, lambda: START + timedelta(minutes=minutes)
    )
    return said, waits


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def state(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def refused(server, **more):
    """The one line of a pull that ends in an error; nothing is written."""
    before = state(Path())
    with pytest.raises(InputError) as caught:
        pull(server, **more)
    assert state(Path()) == before
    assert TOKEN not in str(caught.value)
    assert "\n" not in caught.value.message
    return caught.value


def test_a_pull_has_the_cells_of_the_export_that_are_mapped(folder, server):
    [said], _ = pull(server)
    assert said == "wrote data/raw/example/cuts/2026-11-29T101500Z: 14 records in 295 rows"
    pulled = rows_of(folder / "data/raw/example/redcap_export.csv")
    by_hand = rows_of(RAW / "redcap_export.csv")
    assert WITHOUT.isdisjoint(pulled[0])
    assert set(by_hand[0]) - set(pulled[0]) == WITHOUT
    assert pulled == [{name: row[name] for name in pulled[0]} for row in by_hand]
    asked = {value for form in server.asked for name, value in form.items() if "fields[" in name}
    assert not asked & WITHOUT


def test_the_tables_of_a_cut_are_those_of_the_export(folder, server):
    pull(server)
    export = STUDY.exports["redcap"]
    instruments = {name: study_instrument(STUDY, name) for name in ("scim3", "wisci2")}
    by_hand, pulled = (
        ingest_export(
            raw / export.file, raw / export.dictionary, export, instruments, STUDY.characteristics
        ).tables
        for raw in (RAW, folder / "data/raw/example")
    )
    assert list(by_hand) == list(pulled) == ["subjects", "co_interventions", "scim3", "wisci2"]
    for name, table in by_hand.items():
        assert table.astype("str").equals(pulled[name].astype("str"))


def test_a_cut_is_why_the_listed_files_changed(folder, server):
    pull(server)
    assert main(["manifest", "data/raw/example"]) == 0  # nothing that is not explained
    history = folder / "data/raw/example/MANIFEST.history"
    [change] = [line for line in history.read_text("utf-8").splitlines() if "redcap_exp" in line]
    assert "data cut 2026-11-29T101500Z (14 records)" in change


def test_a_cut_has_date_who_hashes_events_and_missing_codes(folder, server):
    server.missing = "UNK, Unknown | NEW, New one"
    said, _ = pull(server, who="A. Sato")
    place = folder / "data/raw/example/cuts/2026-11-29T101500Z"
    about = json.loads((place / "cut.json").read_text("utf-8"))
    assert (about["pulled"], about["who"]) == ("2026-11-29T10:15:00+00:00", "A. Sato")
    assert about["missing_data_codes"] == {"UNK": "Unknown", "NEW": "New one"}
    assert about["files"] == {
        path.name: sha256(path) for path in place.iterdir() if path.name != "cut.json"
    }
    assert rows_of(place / "events.csv")[1]["day_offset"] == "10"
    assert rows_of(place / "repeating_forms.csv")[0]["form_name"] == "rehabilitation"
    assert len(rows_of(place / "form_events.csv")) == 12 * 4
    assert said[1].startswith("the project's codes for missing data NEW are not listed")


def test_cuts_stand_side_by_side_and_the_newest_is_read(folder, server):
    raw = folder / "data/raw/example"
    first_export = sha256(raw / "redcap_export.csv")
    pull(server)
    first = state(raw / "cuts/2026-11-29T101500Z")
    server.rows[0]["age"] = "63"
    pull(server, 1)
    assert state(raw / "cuts/2026-11-29T101500Z") == first
    newest = raw / "cuts/2026-11-29T101600Z/redcap_export.csv"
    assert sha256(newest) == sha256(raw / "redcap_export.csv") != first["redcap_export.csv"]
    # What was there before the first cut, by hand, is kept too.
    assert sha256(raw / f"cuts/before-{first_export[:12]}/redcap_export.csv") == first_export
    listed = read_manifest(raw)
    assert listed["cuts/2026-11-29T101500Z/redcap_export.csv"] == first["redcap_export.csv"]


def test_without_a_change_there_is_no_new_cut_and_the_copies_are_mended(folder, server):
    raw = folder / "data/raw/example"
    pull(server)
    said, _ = pull(server, 1)
    assert said == [
        "nothing has changed since the data cut 2026-11-29T101500Z; no new one was made"
    ]
    whole = sha256(raw / "redcap_export.csv")
    (raw / "redcap_export.csv").write_text("cut off", "utf-8")
    pull(server, 2)
    assert sha256(raw / "redcap_export.csv") == whole == read_manifest(raw)["redcap_export.csv"]
    assert [path.name for path in sorted((raw / "cuts").glob("2*"))] == ["2026-11-29T101500Z"]


def test_the_token_goes_to_no_address_that_a_folder_of_raw_files_names(folder, server):
    pull(server)
    about = folder / "data/raw/example/cuts/2026-11-29T101500Z/cut.json"
    about.write_text(about.read_text("utf-8").replace(server.url, "https://evil.example.org/api/"))
    write_manifest(folder / "data/raw/example")  # theirs fits what they wrote
    asked = len(server.asked)
    error = refused(server, url="")
    assert "the last cut came from https://evil.example.org/api/" in error.message
    assert "--url" in error.hint and "REDCAP_API_URL" in error.hint
    assert len(server.asked) == asked


def test_the_address_may_be_set_beside_the_token(folder, server):
    made = lambda url, key: Client(url, key, print, timeout=5)  # noqa: E731
    request = Request(None)
    said = pull_study(request, Path(), lambda _: TOKEN, made, lambda: START, server.url)
    assert said[0].startswith("wrote ")


def test_another_raw_file_that_was_altered_is_not_explained_by_a_cut(folder, server):
    with (folder / "data/raw/example/corrections.csv").open("a") as file:
        file.write("\n")
    assert "corrections.csv: altered" in refused(server).message
    assert server.asked == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_passes_is_tried_again_with_longer_pauses(folder, server, status):
    server.fault = lambda form, number: (status, b"oops") if number in (3, 4, 8) else None
    _, waits = pull(server, batch=5)
    assert waits == [1.0, 2.0, 1.0]


def test_an_error_in_the_middle_leaves_the_last_cut(folder, server):
    pull(server)
    server.rows[0]["age"] = "63"
    server.fault = lambda form, _: (500, b"oops") if form.get("records[0]") == "OC-06" else None
    error = refused(server, minutes=1, batch=5)
    assert error.message.endswith("HTTP 500 (5 attempts)")
    assert not list(Path("data/raw").glob(".pull-*"))


def test_ctrl_c_in_the_middle_leaves_the_last_cut(folder, server):
    pull(server)
    before = state(Path())
    server.rows[0]["age"] = "63"

    def interrupted(seconds):
        raise KeyboardInterrupt

    server.fault = lambda form, number: (500, b"") if "records[0]" in form else None
    with pytest.raises(KeyboardInterrupt):
        pull(server, 1, client=lambda url, key: Client(url, key, interrupted))
    assert state(Path()) == before


def test_a_cut_that_cannot_be_written_leaves_the_last_one(folder, server, monkeypatch):
    pull(server)
    before = state(Path())
    server.rows[0]["age"] = "63"

    def full(path, text):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(cuts, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        pull(server, 1)
    assert state(Path()) == before


BAD = {
    "wrong token": (FORBIDDEN, "HTTP 403: You do not have permissions to use the API", "expired"),
    "no right": ((200, {"error": "no rights to export"}), "no rights to export", "the right"),
    "proxy": ((200, b"<html><body>Log in</body></html>"), "'project' is no JSON", "login page"),
    "wrong address": ((404, b"nothing"), "HTTP 404", "--url"),
    "other program": ((200, {"status": "ok"}), "'project' is not of the form", "REDCap API"),
    "a list": ((200, ["ok"]), "'project' is not of the form", "REDCap API"),
    "deep": ((200, b"[" * 100_000), "'project' is no JSON", "login page"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_answer_is_one_line(folder, server, case):
    answer, message, hint = BAD[case]
    server.fault = lambda form, number: answer
    error = refused(server)
    assert message in error.message
    assert hint in error.hint


def test_a_proxy_page_in_the_middle(folder, server):
    server.fault = lambda form, _: (200, b"<html>") if "records[0]" in form else None
    assert "'record' is no JSON" in refused(server).message


def test_an_error_that_repeats_the_token_does_not_show_it(folder, server):
    server.fault = lambda form, number: (400, {"error": f"bad token {form['token']}"})
    assert refused(server).message.endswith("bad token [token]")
    server.fault = lambda form, number: (200, {"error": f"bad token {form['token']}"})
    assert refused(server).message.endswith("bad token [token]")
    server.fault = lambda form, number: (500, {"error": f"bad token {form['token']}"})
    assert "bad token [token]" in refused(server).message


@pytest.mark.parametrize("declared", [True, False])
def test_an_answer_beyond_the_limit_is_not_read(folder, server, declared):
    server.fault = lambda form, number: (200, b" " * 3_000_000) if number == 1 else None
    if not declared:
        server.headers = {"Content-Length": ""}
    limited = lambda url, key: Client(url, key, limit=2 << 20)  # noqa: E731
    assert "'metadata' has over 2 MiB" in refused(server, client=limited).message


def test_an_answer_that_breaks_off_is_asked_for_again(folder, server):
    whole = json.dumps(server.metadata).encode()
    server.headers = {}
    seen = []

    def cut_short(form, number):
        if form["content"] == "metadata" and not seen:
            seen.append(number)
            server.headers = {"Content-Length": str(len(whole))}
            return 200, whole[:100]
        server.headers = {}
        return None

    server.fault = cut_short
    _, waits = pull(server)
    assert waits == [1.0]


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_nothing_is_sent_there(folder, server, code):
    with serving(example_project()) as other:
        server.fault = lambda form, number: (code, b"")
        server.headers = {"Location": other.url}
        assert f"redirects to {other.url}; nothing was sent" in refused(server).message
        assert other.asked == []


def test_a_server_that_is_not_there_is_one_line(folder, server):
    error = refused(server, url="http://127.0.0.1:9/api/")
    assert "cannot be reached" in error.message


@pytest.mark.parametrize(
    "url", ["http://redcap.example.org/api/", "ftp://h/", "https://", "https://u:p@h/", "api"]
)
def test_only_https_is_spoken_to_another_machine(folder, server, url):
    refused(server, url=url)
    assert server.asked == []


def test_a_field_that_was_removed_is_named(folder, server):
    server.metadata = [row for row in server.metadata if row["field_name"] != "wisci_level"]
    error = refused(server)
    assert error.message == (
        "the configuration maps 'wisci_level', which the project does not have"
    )


def test_an_event_that_was_renamed_is_named_with_the_likeliest(folder, server):
    server.events[1]["unique_event_name"] = "base_line_arm_1"
    error = refused(server)
    assert "the event 'baseline_arm_1', which the project does not have" in error.message
    assert error.hint == "did you mean 'base_line_arm_1'?"


def test_a_repeating_form_that_was_renamed_is_named(folder, server):
    for row in server.metadata:
        row["form_name"] = row["form_name"].replace("rehabilitation", "rehab")
    for row in server.rows:
        row["rehab_complete"] = row["rehabilitation_complete"]
    error = refused(server)
    assert "rehabilitation" in error.message


def test_columns_that_the_user_may_not_export_are_named(folder, server):
    for row in server.rows:
        del row["age"]
    assert refused(server).message == "the server leaves out age"


def test_a_mapped_field_that_became_an_identifier_is_not_pulled(folder, server):
    for row in server.metadata:
        row["identifier"] = "y" if row["field_name"] == "age" else row["identifier"]
    assert "'age', which the project marks as an identifier" in refused(server).message
    assert all(form["content"] != "record" for form in server.asked)


def test_a_project_without_records_is_no_cut(folder, server):
    server.rows = []
    assert "no record" in refused(server).message


def test_the_planted_token_stands_in_no_file_and_no_message(folder, server, monkeypatch, capfd):
    monkeypatch.setenv("REDCAP_API_TOKEN_EXAMPLE", TOKEN)
    assert main(["pull", "--url", server.url, "--batch", "3"]) == 0
    server.fault = lambda form, number: (403, {"error": f"no such token: {form['token']}"})
    assert main(["pull", "example", "--url", server.url]) == 1
    said = capfd.readouterr()
    assert "no such token: [token]" in said.err
    everything = said.out + said.err + repr(Client(server.url, TOKEN))
    for path in folder.rglob("*"):
        everything += str(path) + (path.read_text("latin-1") if path.is_file() else "")
    assert TOKEN not in everything
    assert all(form["token"] == TOKEN for form in server.asked)


@pytest.mark.slow
def test_ten_thousand_records_in_under_five_seconds(folder, server):
    first = next(row for row in server.rows if row["redcap_event_name"] == "registration_arm_1")
    server.rows = [{**first, "record_id": f"OC-{number}"} for number in range(10, 10_010)]
    start = time.monotonic()
    [said], _ = pull(server)
    assert time.monotonic() - start < 5
    assert said.endswith("10000 records in 10000 rows")


def test_a_wide_study_of_a_project_without_events_is_pulled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fields = [
        [name, "visit", "", "text", name, *[""] * 13] for name in ("id", "before", "after", "tel")
    ]
    Path("fields.csv").write_text("\n".join(map(",".join, [API_NAMES, *fields])) + "\n", "utf-8")
    Path("visits.csv").write_text("id,before,after,tel\nP1,3,5,x\nP2,4,4,x\n", "utf-8")
    measure = "pain:lower:points=before,after"
    made = ["--from", "visits.csv", "--dictionary", "fields.csv", "--visits", "before,after"]
    assert main(["new-study", "pain", *made, "--measure", measure]) == 0
    Path("events.csv").write_text("id,redcap_event_name,redcap_repeat_instrument\n", "utf-8")
    server = project_of(Path("events.csv"), Path("fields.csv"))
    server.rows = [{"id": "P1", "before": "3", "after": "6", "tel": "x"}]
    with serving(server):
        pull_study(Request("pain", server.url), Path(), lambda study: TOKEN)
    assert Path("data/raw/pain/visits.csv").read_text("utf-8") == "id,before,after\nP1,3,6\n"
    assert {form["content"] for form in server.asked} == {
        "project", "metadata", "exportFieldNames", "version", "record",
    }  # fmt: skip
    assert "tel" not in {value for form in server.asked for value in form.values()}
    assert main(["check", "pain"]) == 0


@pytest.mark.parametrize("text", ["[" * 100_000, '{"fields": [], "who": "\\ud800"}', "[]", "{}"])
def test_a_damaged_record_of_a_cut_is_one_line_before_anything_is_asked(tmp_path, text):
    place = tmp_path / "cuts/2026-11-29T101500Z"
    place.mkdir(parents=True)
    (place / "cut.json").write_text(text, "utf-8")
    write_manifest(tmp_path)
    with pytest.raises(InputError, match=r"cut\.json: damaged") as error:
        cuts.newest_cut(tmp_path)
    assert "\n" not in error.value.message
    with pytest.raises(InputError, match=r"cut\.json: damaged"):
        cuts.check_ready(tmp_path, {})
