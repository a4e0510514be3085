"""git is asked about a folder from elsewhere: none of its programs runs, none other answers."""

import subprocess

import pytest
from attacks.surroundings import GIT
from owncontrol.archives.project_files import committed_files, project_files
from owncontrol.errors import InputError
from owncontrol.provenance.environment import git_state
from owncontrol.provenance.git import git, git_root


def repository(folder, name="Snakefile"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x\n")
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("kind", GIT)
def test_no_program_of_a_repository_runs(tmp_path, kind):
    project, program = repository(tmp_path / "project"), tmp_path / "run.sh"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'PROOF'}'\ncat\n")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for path in (program, hooks / "post-index-change", hooks / "reference-transaction"):
        path.write_bytes(program.read_bytes())
        path.chmod(0o755)
    included = tmp_path / "included"
    included.write_text(f'[filter "x"]\n\tclean = {program}\n[core]\n\tfsmonitor = {program}\n')
    text = GIT[kind].replace("{run}", str(program)).replace("{hooks}", str(hooks))
    with (project / ".git/config").open("a") as file:
        file.write(text.replace("{included}", str(included)))
    (project / ".git/info/attributes").write_text("* filter=x diff=x\n")
    (project / "Snakefile").write_text("y\n")
    assert project_files(project).changed == ["Snakefile"]
    assert git_state(project)["changed"] == [" M Snakefile"]
    assert committed_files(project, "HEAD")["Snakefile"] == b"x\n"
    assert not (tmp_path / "PROOF").exists()


def test_inside_a_hook_the_folder_and_not_the_hooks_repository_is_asked(tmp_path, monkeypatch):
    project, other = repository(tmp_path / "project"), repository(tmp_path / "other", "secret")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert git_root(project) == project
    assert project_files(project).tracked == ["Snakefile"]
    with pytest.raises(InputError, match="no such commit"):
        committed_files(project, git(other, "rev-parse", "HEAD").decode().strip())


def test_to_ask_what_changed_writes_nothing(tmp_path):
    project = repository(tmp_path / "project")
    (project / "Snakefile").touch()
    before = (project / ".git/index").read_bytes()
    assert git_state(project)["clean"]
    assert (project / ".git/index").read_bytes() == before


def test_a_folder_without_git_has_no_root(tmp_path):
    assert git_root(tmp_path) is None
