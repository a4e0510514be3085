"""Attacks by archives and on records: what leaves with an archive, what one from elsewhere does,
and how a result that was changed is made to look as if the run had left it.
"""

import base64
import contextlib
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import copies
from archived_study import RAW, RESULT, RESULTS, forge, make_study, members, pack, write
from owncontrol.__main__ import main
from owncontrol.archives.sandbox import boxed, way
from owncontrol.archives.unpacking import unpack
from owncontrol.basics.chains import append, read_chain
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.provenance.history import HISTORY, read_history
from owncontrol.run.output_hashes import check_untouched, check_vouched, forget_unvouched, records

from attacks import Attack

ARCHIVE = Path("../a.tar.gz")
KEY = base64.b64encode(bytes(range(32)))
LOGS = Path("logs/case-report")
CONFIGURATION = f"{RESULTS}/provenance/configuration.yaml"


def in_study(attempt: Callable[[], str], folder: Path, key_file: str = "") -> str:
    """Try something in a folder with a small finished study; says nothing else."""
    (folder / "project").mkdir()
    with (
        contextlib.chdir(folder / "project"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as said,
    ):
        if key_file:
            write(key_file, KEY)
        make_study(key_file)
        found = attempt()
    return f"{found}: {said.getvalue()[-200:]}" if found else ""


def track(name: str, content: bytes | str) -> None:
    """Write a file that git tracks."""
    write(name, content)
    subprocess.run(["git", "add", "-f", name], check=True)


# What leaves with an archive.


def key_inside(name: str, content: bytes, options: tuple[str, ...]) -> str:
    """A tracked file holds the key in some form."""
    track(name, content)
    done = main(["archive", str(RESULTS), str(ARCHIVE), *options])
    return "" if done == 1 and not ARCHIVE.exists() else f"{name} with the key was packed"


def left_out(name: str, content: bytes | str, by_git: bool) -> str:
    """A file that must not be a member."""
    track(name, content) if by_git else write(name, content)
    if main(["archive", str(RESULTS), str(ARCHIVE)]):
        return ""
    return f"{name} was packed" if name in members(ARCHIVE) else ""


def raw_inside() -> str:
    """Raw files without being asked for."""
    main(["archive", str(RESULTS), str(ARCHIVE)])
    found = [name for name in members(ARCHIVE) if name.startswith("data/raw") and "MAN" not in name]
    return f"{found} were packed" if found else ""


# Archives from elsewhere.


def bad_member(name: str, kind: bytes, link: str, folder: Path) -> str:
    """A member that is no plain file, or has a name that leads elsewhere."""
    target = folder / "out"
    target.mkdir()
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    pack(folder / "a.tar.gz", {"a/b.txt": b"x"}, extra=((entry, b""),))
    return refused_to_unpack(folder / "a.tar.gz", target)


def bad_sums(sums: str, folder: Path) -> str:
    """A list of hashes that is not that of the members."""
    (folder / "out").mkdir()
    pack(folder / "a.tar.gz", {"a/b.txt": b"x"}, sums)
    return refused_to_unpack(folder / "a.tar.gz", folder / "out")


def bomb(kind: str, folder: Path) -> str:
    """A small file that unfolds to a large one."""
    (folder / "out").mkdir()
    with gzip.open(folder / "a.tar.gz", "wb", compresslevel=1) as file:
        entry = tarfile.TarInfo("big")
        entry.type = {"file": tarfile.REGTYPE, "name": tarfile.GNUTYPE_LONGNAME}.get(
            kind, tarfile.XHDTYPE
        )
        entry.size = 150 * 2**20
        file.write(entry.tobuf(tarfile.GNU_FORMAT))
        for _ in range(150):
            file.write(bytes(2**20))
    return refused_to_unpack(folder / "a.tar.gz", folder / "out")


def refused_to_unpack(archive: Path, target: Path) -> str:
    """Whether unpacking ends in one line, and leaves no link and nothing large."""
    try:
        unpack(archive, target)
    except InputError as error:
        size = sum(path.lstat().st_size for path in target.rglob("*"))
        links = any(path.is_symlink() for path in target.rglob("*"))
        return "" if "\n" not in error.message and size < 2**27 and not links else "left something"
    return "it was unpacked"


def forged_archive(changes: dict[str, bytes | None], history: bool, *options: str) -> str:
    """Members changed, the list of hashes right, on request the history as well."""
    main(["archive", str(RESULTS), str(ARCHIVE), "--with-raw"])
    content = members(ARCHIVE)
    for name, text in changes.items():
        if text is None:
            del content[name]
            continue
        content[name] = text
        if history:
            content[f"{RESULTS}/{HISTORY}"] = forge(name, text)
    pack(ARCHIVE, content)
    return "" if main(["verify-archive", str(ARCHIVE), *options]) else "it was verified"


def forged_configuration(old: str, new: str) -> str:
    """A configuration that reaches for something; history and hashes agree with it."""
    text = Path(CONFIGURATION).read_text("utf-8")
    assert old in text
    return forged_archive({CONFIGURATION: text.replace(old, new).encode()}, True)


def out_of_the_box(program: str, folder: Path) -> str:
    """Foreign code looks for a way out; it prints what it found."""
    box = folder / "box"
    box.mkdir()
    (folder / "outside").write_text("mine")
    name = way(box)
    if not name:
        return ""  # foreign code is refused there
    command, environment = boxed([sys.executable, "-c", program, str(folder)], box, name)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    intact = (folder / "outside").read_text() == "mine"
    return "" if intact and not done.stdout.strip() else f"it found {done.stdout.strip()[:100]}"


OUT = {
    "reads the folder above": "import os,sys\nif os.path.exists(sys.argv[1]): print('above')",
    "writes the folder above": "import sys,pathlib\ntry: pathlib.Path(sys.argv[1],'outside')"
    ".write_text('x'); print('wrote')\nexcept OSError: pass",
    "opens a connection": "import socket\ntry: socket.create_connection(('1.1.1.1',53),2);"
    "print('net')\nexcept OSError: pass",
    "reads keys in the home": "import pathlib\nfor p in pathlib.Path('/root').rglob('.ssh'):"
    " print(p)\nif pathlib.Path('/home').exists(): print('home')",
    "reads the passwords": "import os\nif os.path.exists('/etc/shadow'): print('shadow')",
    "mounts the system to write": "import os\nif os.system('mount -o remount,rw /usr 2>/dev/null')"
    "==0: print('mount')",
    "sees other processes": "import os\nfor p in os.listdir('/proc'):\n if p.isdigit() and "
    "int(p)>50: print(p)",
    "leaves by another root": "import os\ntry:\n os.chroot('/proc/1/root'); print('root')\n"
    "except OSError: pass",
    "writes the environment of Python": "import sys,pathlib\ntry: pathlib.Path(sys.prefix,'x')"
    ".write_text('x'); print('wrote')\nexcept OSError: pass",
}


# Records.


def change_result() -> None:
    """Another estimate, the time of the file set back."""
    stat = Path(RESULT).stat()
    write(RESULT, "estimate\n0.9\n")
    os.utime(RESULT, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def laundered(way_: str) -> str:
    """A result changed with some of its records: not taken for what the run left."""
    change_result()
    history, steps = RESULTS / HISTORY, LOGS / "steps.jsonl"
    lines = history.read_bytes()
    digest = sha256(RESULT)
    if way_ in ("no logs", "no records"):
        shutil.rmtree(LOGS)
    if way_ in ("no history", "no records"):
        history.unlink()
    if way_ == "empty history":
        write(history, "")
    if way_ == "history edited":
        entry = json.loads(lines)
        entry["results"][RESULT] = digest
        write(history, json.dumps(entry) + "\n")
    if way_ == "history cut off":
        write(history, lines[: len(lines) // 2])
    if way_ == "line of the step edited":
        write(steps, steps.read_text().replace("unfinished", digest))
    if way_ == "said to be unfinished":
        shutil.rmtree(LOGS)
        head = read_history(RESULTS)[-1].sha256
        entry = {"step": "x", "files": {RESULT: "unfinished"}, "made_from": ""}
        append(steps, entry, start=lambda: head)
    if way_ == "steps of another history":
        shutil.rmtree(LOGS)
        entry = {"step": "x", "files": {RESULT: digest}, "made_from": ""}
        append(steps, entry, start=lambda: "0" * 64)
    return taken_for_sound()


def taken_for_sound() -> str:
    """Whether the changed result is refused, or would be made again."""
    plan = [{"outputs": [RESULT], "inputs": [], "made_from": ""}]
    try:
        check_untouched(RESULTS, LOGS)
        known = records(RESULTS, LOGS)
    except InputError:
        return ""
    with contextlib.suppress(InputError):
        check_vouched(plan, known)
        return "the changed result is vouched for"
    forget_unvouched(plan, known)
    return "the changed result stays" if Path(RESULT).exists() else ""


def run_again_with_other_bytes() -> str:
    """A result changed and vouched for by a step, before the run records it again."""
    from owncontrol.provenance.history import add_run

    entry = dict(read_history(RESULTS)[0].entry)
    del entry["before"]
    change_result()
    entry["results"] = entry["results"] | {RESULT: sha256(RESULT)}
    try:
        add_run(RESULTS, entry)
    except InputError:
        return ""
    return "the history took other bytes from equal code and data"


def raw_file_exchanged() -> str:
    """A raw file and its MANIFEST changed by hand, before another run."""
    from owncontrol.provenance.history import add_run

    entry = dict(read_history(RESULTS)[0].entry)
    del entry["before"]
    add_run(RESULTS, {**entry, "raw": {f"{RAW}/visits.csv": "1" * 64}})
    return "" if main(["verify", str(RESULTS)]) == 1 else "verify said nothing of it"


def manifest_without_reason() -> str:
    """The MANIFEST written again for a changed file, without a word why."""
    write(RAW / "visits.csv", "x\n")
    before = (RAW / "MANIFEST").read_bytes()
    done = main(["manifest", str(RAW)])
    return "" if done == 1 and (RAW / "MANIFEST").read_bytes() == before else "it was recorded"


def manifest_history_edited() -> str:
    """The reason of an earlier change of a raw file taken back."""
    for text in ("x\n", "y\n"):
        write(RAW / "visits.csv", text)
        main(["manifest", str(RAW), "--why", "sent again"])
    path = RAW / "MANIFEST.history"
    write(path, path.read_text().replace("sent again", "no reason", 1))
    try:
        read_chain(path)
    except InputError:
        return ""
    return "the edit does not show"


def signature_of_another_run() -> str:
    """The signature of a run put beside a history that was written again."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "../key"]
    subprocess.run(command, check=True)
    write("../allowed", f"ada {Path('../key.pub').read_text()}")
    main(["sign", str(RESULTS), "--key", "../key"])
    change_result()
    write(RESULTS / HISTORY, forge(RESULT, Path(RESULT).read_bytes()))
    shutil.rmtree(LOGS)
    (signature,) = RESULTS.glob("provenance/history-*.sig")
    signature.rename(signature.with_name(f"history-{read_history(RESULTS)[0].sha256[:16]}.sig"))
    wanted = ["verify", str(RESULTS), "--allowed-signers", "../allowed"]
    return "" if main(wanted) == 1 else "it was taken for signed"


STRANGE = {
    "half of a pair": '{"before": "", "who": "\\ud800"}',
    "a key twice": '{"before": "", "before": ""}',
    "100,000 lists": "[" * 100_000,
    "100,000 objects": '{"before":' * 100_000,
    "a number of 6,000 digits": '{"before": "", "n": ' + "1" * 6_000 + "}",
    "a number beyond all": '{"before": "", "n": 1e999999}',
    "a sign that ends texts": '{"before": "\x00"}',
    "results that are a list": '{"before": "", "results": [], "raw": 1}',
    "a line of 30 MB": '"' + "x" * 30_000_000 + '"',
}
RECORDS = {
    f"{RESULTS}/{HISTORY}": ("verify", "archive", "summary", "diff", "publish"),
    str(LOGS / "steps.jsonl"): ("verify",),
    f"{RAW}/MANIFEST.history": ("manifest", "check", "verify"),
    "config/case-report.plan.lock": ("check", "freeze"),
}


def strange_record(place: str, text: str) -> str:
    """A record that no program of ours wrote: every command that reads it ends in one line."""
    write(place, text + "\n")
    targets = {"manifest": [str(RAW)], "diff": [str(RESULTS)] * 2}
    targets |= {"archive": [str(RESULTS), str(ARCHIVE)]}
    targets |= {key: ["case-report"] for key in ("check", "freeze", "publish")}
    for command in RECORDS[place]:
        code = main([command, *targets.get(command, [str(RESULTS)])])
        if code not in (0, 1) or (command == "verify" and code == 0 and HISTORY in place):
            return f"{command} ended with {code}"
    return ""


def tampered_run(removed: list[str], folder: Path) -> str:
    """A result of a real run changed and records removed; the next run ends with honest bytes."""
    project = copies.copy_project(folder / "project")
    copies.must_finish(copies.start(project, study="case-report"))
    before = copies.hashes(project, "case-report")
    path = project / "results/case-report/statistics/patients.csv"
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    for name in removed:
        target = project / name
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    code, said = copies.finish(copies.start(project, study="case-report"))
    if code:
        return "" if "no longer as the run left it" in said else said[-200:]
    return "" if copies.hashes(project, "case-report") == before else "other bytes were accepted"


def attacks() -> list[Attack]:
    """All attacks of this module."""

    def study(name: str, attempt: Callable[[], str], key_file: str = "") -> Attack:
        return Attack(name, partial(in_study, attempt, key_file=key_file))

    forms = {
        "as it is": ("workflow/secret/k", KEY),
        "in code": ("workflow/copy.py", b"KEY = '" + KEY + b"'"),
        "decoded": ("docs/copy.bin", bytes(range(32))),
        "as hexadecimal digits": ("docs/copy.md", bytes(range(32)).hex().encode()),
        "encoded once more": ("docs/copy.md", base64.b64encode(KEY)),
        "in UTF-16": ("docs/copy.md", KEY.decode().encode("utf-16-le")),
        "backwards": ("docs/copy.md", KEY[::-1]),
    }
    found = [
        study(f"key {form}, tracked by git {' '.join(options)}".strip(),
              partial(key_inside, name, content, options), "workflow/secret/k")
        for form, (name, content) in forms.items()
        for options in ((), ("--with-raw",))
    ]  # fmt: skip
    secret = "-----BEGIN RSA PRIVATE" + " KEY-----\n"
    found += [
        study(f"archive packs {name}", partial(left_out, name, content, by_git))
        for name, content, by_git in (
            (".env", "X=1", True),
            ("envs/.env.local", "X=1", True),
            ("id_ed25519", "x", True),
            ("workflow/server.pem", "x", True),
            ("docs/notes.md", secret, True),
            ("config/other.yaml", "study: other\n", True),
            ("data/raw/other/names.csv", "name\nAda\n", True),
            ("workflow/untracked.py", "x", False),
            ("private/letters.txt", "x", False),
            ("results/other/a.csv", "x", False),
            (f"{RESULTS}/mine.txt", "x", False),
        )
    ]
    found.append(study("raw files leave without being asked for", raw_inside))
    kinds = {
        "a symbolic link": ("c", tarfile.SYMTYPE, "/etc/passwd"),
        "a hard link": ("c", tarfile.LNKTYPE, "a/b.txt"),
        "a device": ("c", tarfile.CHRTYPE, ""),
        "a pipe": ("c", tarfile.FIFOTYPE, ""),
        "a folder": ("c", tarfile.DIRTYPE, ""),
        "an absolute name": ("/tmp/c", tarfile.REGTYPE, ""),
        "a name that leads up": ("../c", tarfile.REGTYPE, ""),
        "a name that leads up later": ("a/../../c", tarfile.REGTYPE, ""),
        "a backslash": ("..\\c", tarfile.REGTYPE, ""),
        "a trailing blank": ("a/b.txt ", tarfile.REGTYPE, ""),
        "the same name twice": ("a/b.txt", tarfile.REGTYPE, ""),
        "the same name in capitals": ("A/B.txt", tarfile.REGTYPE, ""),
        "a file below a file": ("a/b.txt/c", tarfile.REGTYPE, ""),
        "a name nobody lists": ("c", tarfile.REGTYPE, ""),
    }
    found += [
        Attack(f"archive with {what}", partial(bad_member, *about)) for what, about in kinds.items()
    ]
    found += [
        Attack(f"archive whose list of hashes {what}", partial(bad_sums, sums))
        for what, sums in (
            ("is empty", ""),
            ("is a blank line", "\n"),
            ("lies", "0" * 64 + "  a/b.txt\n"),
            ("names other files", "0" * 64 + "  c\n"),
            ("leads elsewhere", "0" * 64 + "  ../../etc/passwd\n"),
        )
    ]
    found += [
        Attack(f"archive that unfolds: {kind}", partial(bomb, kind))
        for kind in ("file", "name", "header")
    ]
    estimate: dict[str, bytes | None] = {RESULT: b"estimate\n0.9\n"}
    copying: dict[str, bytes | None] = {"Snakefile": b"rule all:\n    shell: 'cp stored results'\n"}
    found += [
        study("estimate forged", lambda: forged_archive(estimate, False)),
        study("estimate and history forged", lambda: forged_archive(estimate, True)),
        study("Snakefile copies results", lambda: forged_archive(copying, False)),
        study("Snakefile copies, estimate forged",
              lambda: forged_archive({**copying, RESULT: b"estimate\n0.9\n"}, False)),
        study("code added", lambda: forged_archive({"workflow/sitecustomize.py": b"x"}, False)),
        study("no history", lambda: forged_archive({f"{RESULTS}/{HISTORY}": None}, False)),
        study("no results", lambda: forged_archive({RESULT: None}, False)),
        study("raw file exchanged",
              lambda: forged_archive({f"{RAW}/visits.csv": b"x\n"}, False)),
        study("MANIFEST emptied", lambda: forged_archive({f"{RAW}/MANIFEST": b""}, False)),
        study("foreign commit", lambda: forged_archive({}, False, "--code=--output=x")),
    ]  # fmt: skip
    found += [
        study(f"archived configuration says {new}", partial(forged_configuration, old, new))
        for old, new in (
            ("raw: data/raw/case-report", "raw: workflow/lib"),
            ("raw: data/raw/case-report", "raw: ../../etc"),
            ("study: case-report", "study: ../x"),
            ("key_file: ''", "key_file: /etc/hostname"),
            ("synthetic: false", "synthetic: !!python/object/apply:os.system [id]"),
        )
    ]
    found += [
        Attack(f"foreign code {what}", partial(out_of_the_box, program))
        for what, program in OUT.items()
    ]
    found += [
        study(f"{place} holds {what}", partial(strange_record, place, text))
        for place in RECORDS
        for what, text in STRANGE.items()
    ]
    ways = (
        *("nothing else", "no logs", "no history", "no records", "empty history"),
        *("history edited", "history cut off", "line of the step edited"),
        *("said to be unfinished", "steps of another history"),
    )
    found += [study(f"result changed, {name}", partial(laundered, name)) for name in ways]
    found += [
        study("run again with other bytes", run_again_with_other_bytes),
        study("raw file and MANIFEST changed by hand", raw_file_exchanged),
        study("MANIFEST written again without a reason", manifest_without_reason),
        study("history of the MANIFEST edited", manifest_history_edited),
        study("signature of another run", signature_of_another_run),
    ]
    provenance = "results/case-report/provenance"
    found += [
        Attack(f"run after a change and removal of {', '.join(names)}",
               partial(tampered_run, names), whole_run=True)
        for names in (["logs"], [f"{provenance}/history.jsonl"], ["logs", provenance, ".snakemake"])
    ]  # fmt: skip
    return found
