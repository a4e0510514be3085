"""A folder from elsewhere brings results, logs and settings with it: what of them a run takes."""

import os
import socket

import pytest
from owncontrol.basics.chains import append, read_chain
from owncontrol.errors import InputError
from owncontrol.run.locks import hold_run
from owncontrol.run.notebooks import run_notebook
from owncontrol.run.own_places import check_own_places, forget_settings


def test_folders_and_files_are_left_alone(tmp_path):
    (tmp_path / "results/s/figures").mkdir(parents=True)
    (tmp_path / "results/s/figures/a.csv").write_text("x")
    (tmp_path / ".snakemake/conda").mkdir(parents=True)
    (tmp_path / ".snakemake/conda/python").symlink_to("/usr/bin/env")
    check_own_places([tmp_path / "results/s", tmp_path / ".snakemake", tmp_path / "nothing"])


def test_a_socket_of_a_killed_kernel_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind("kernel-1")
    check_own_places([tmp_path])
    (tmp_path / "link").symlink_to("kernel-1")
    with pytest.raises(InputError, match="is a link"):
        check_own_places([tmp_path])


INSIDE = ("results/a.csv", "results/deep/er", "results/.x")
LINKS = {"link": __file__, "dangling": "/missing", "folder": "/tmp"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("results", kind) for kind in LINKS),
        *((name, kind) for name in INSIDE for kind in (*LINKS, "pipe")),
    ],
)
def test_what_is_neither_file_nor_folder_stops_a_run(tmp_path, monkeypatch, name, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(LINKS[kind])
    with pytest.raises(InputError, match=f"^{name}: is ") as caught:
        check_own_places(["results"])
    assert "\n" not in caught.value.message


def test_settings_of_libraries_are_forgotten_and_nothing_behind_a_link(tmp_path):
    private, outside = tmp_path / "private", tmp_path / "outside"
    for name in ("ipython/profile_default", "cache/x", "home"):
        (private / name).mkdir(parents=True)
    (private / "home/.gitconfig").write_text("[core]\nfsmonitor = x\n")
    outside.mkdir()
    (outside / "kept").write_text("x")
    (private / "matplotlib").symlink_to(outside)
    forget_settings(private)
    assert sorted(path.name for path in private.iterdir()) == ["cache", "matplotlib"]
    assert (outside / "kept").exists()


def test_a_lock_is_not_written_through_a_link(tmp_path):
    (tmp_path / "outside").write_text("of somebody else")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/owncontrol.run").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError):
        hold_run(tmp_path / "here")
    assert (tmp_path / "outside").read_text() == "of somebody else"


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_record_is_a_file_of_its_own(tmp_path, kind):
    path, outside = tmp_path / "history.jsonl", tmp_path / "outside"
    outside.write_text("")
    path.symlink_to(outside) if kind == "link" else os.mkfifo(path)
    for act in (read_chain, lambda place: append(place, {"a": 1})):
        with pytest.raises(InputError, match="is no plain file"):
            act(path)
    assert outside.read_text() == ""


@pytest.mark.slow
def test_start_up_files_beside_a_log_are_not_run(tmp_path):
    import nbformat

    for name in ("startup/00.py", "ipython_config.py", "ipython_kernel_config.py"):
        planted = tmp_path / ".ipython/profile_default" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text(f"open({str(tmp_path / 'PROOF')!r}, 'w')\n")
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("print(x)")]
    notebook.cells[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "", "language": "python"}
    notebook.metadata = {"kernelspec": kernel}
    nbformat.write(notebook, tmp_path / "a.ipynb")
    run_notebook(tmp_path / "a.ipynb", tmp_path / "done.ipynb", {}, tmp_path / "failed.ipynb")
    assert '"1\\n"' in (tmp_path / "done.ipynb").read_text()
    assert not (tmp_path / "PROOF").exists()
