"""Analysis notebooks: run with parameters by the workflow, or alone with their defaults."""

import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import nbformat

from owncontrol.errors import InputError
from owncontrol.files import whole_file
from owncontrol.study.base import Part
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study

Settings = TypeVar("Settings", bound=Part)


def enter_project() -> None:
    """Change to the project's folder if the notebook was opened in ``notebooks/``.

    The workflow runs notebooks from the project's folder, JupyterLab from the notebook's own; all
    paths are relative to the project.
    """
    here = Path.cwd()
    if here.name == "notebooks" and (here.parent / "config.yaml").is_file():
        os.chdir(here.parent)


def typed_settings(part: type[Settings], given: Mapping[str, Any] | None) -> Settings:
    """What the workflow has given a notebook, as types; of the default study where it runs alone.

    Raises pydantic's ValidationError where ``given`` is no such part.
    """
    if given is None:
        return part.taken_from(analysis_settings(load_study({})))
    return part.model_validate(given)


def run_notebook(
    notebook: Path | str, executed: Path | str, parameters: Mapping[str, Any], failed: Path | str
) -> None:
    """Run ``notebook`` with ``parameters``; keep the executed copy, the same bytes each time.

    Raises InputError for a parameter that the notebook does not have, and for an InputError
    raised inside it. A copy of a run that failed is written to ``failed``.
    """
    # papermill formats what it adds by black where that is installed: other bytes.
    sys.modules["black"] = None  # type: ignore[assignment]
    import papermill  # takes a second; the notebooks themselves import this module too
    from nbclient.exceptions import DeadKernelError

    _check_parameters(notebook, parameters, papermill.inspect_notebook(str(notebook)))
    running = Path(failed).with_suffix(".running.ipynb")
    running.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as own:
            # Start-up files of whoever runs it, or of who had the folder before, change no result.
            os.environ["IPYTHONDIR"] = f"{own}/ipython"
            papermill.execute_notebook(
                str(notebook),
                str(running),
                dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                config=_kernel_on_this_machine(own),
            )
    except papermill.PapermillExecutionError as error:
        running.replace(failed)
        if error.ename == "InputError":
            message, _, hint = error.evalue.partition("\n  Hint: ")
            raise InputError(message, hint) from None
        raise RuntimeError(
            f"{notebook}, cell {error.exec_count}: {error.ename}: {error.evalue}; "
            f"the run is kept in {failed}"
        ) from error
    except DeadKernelError as error:
        raise InputError(
            f"{notebook}: its kernel ended before the notebook did",
            "was it killed, or is there too little memory? run again",
        ) from error
    with whole_file(executed) as whole:
        nbformat.write(_without_circumstances(nbformat.read(running, 4)), whole)  # type: ignore[no-untyped-call]
    running.unlink()


def _check_parameters(
    notebook: Path | str, parameters: Mapping[str, Any], known: Mapping[str, Any]
) -> None:
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(
            f"{notebook}: has no parameter '{unknown[0]}'",
            f"its parameters (cell tagged 'parameters'): {', '.join(known)}",
        )


def _kernel_on_this_machine(folder: str) -> Any:
    """Talk to the kernel through files in ``folder``, not through open ports, where that works.

    A folder of its own: kernels of the same working folder would take each other's files. A kernel
    that has run the last cell has nothing left to say, so it is not asked to leave but ended: a
    kernel that is asked complains of it in the output of the run.
    """
    from traitlets.config import Config

    from owncontrol.run.speed.kernels import kernel_manager

    # The folder in which it runs is none that it imports from.
    config = Config({"NotebookClient": {"shutdown_kernel": "immediate"}})
    config.NotebookClient.extra_arguments = ["--InteractiveShellApp.ignore_cwd=True"]
    if os.name != "nt":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{folder}/kernel"
    manager = kernel_manager(logging.getLogger("owncontrol").info)
    if manager is not None:
        config.NotebookClient.kernel_manager_class = manager
    return config


def _without_circumstances(notebook: Any) -> Any:
    """Drop what differs from run to run: times, paths, random cell ids, the Python patch level."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution", "widgets"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
    return notebook
