"""The run as a Workflow Run RO-Crate: what was made, by which step, from what.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the Provenance Run Crate profile 0.5
(https://w3id.org/ro/wfrun/provenance/0.5). The crate is the results folder. Raw files and code lie
outside of it and are named by their path in the project and their hash. Nothing in it comes from
clock, host or user: the date of publication, which RO-Crate demands, is the last day of the
study's period (for a study without one the first day that computers count, and it says so), and
actions have no times.
"""

import json
import mimetypes
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from owncontrol.study.parts import DescribedRun

Step = dict[str, Any]
WORKFLOW = "provenance/workflow.smk"
PROFILES = {
    "process": "Process Run Crate",
    "workflow": "Workflow Run Crate",
    "provenance": "Provenance Run Crate",
}
PROFILE_VERSION = "0.5"
WORKFLOW_PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
# Of the vocabulary of workflow runs; RO-Crate 1.1 has no word for a hash.
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
FORMATS = {
    ".ipynb": "application/x-ipynb+json",
    ".parquet": "application/vnd.apache.parquet",
    ".sha256": "text/plain",
    ".smk": "text/plain",
    ".yaml": "application/yaml",
}
UNKNOWN_DAY = "1970-01-01"
COMPLETED = "http://schema.org/CompletedActionStatus"


class RunCrate:
    """The crate of one run, entity by entity.

    ``folder``: the results folder from the working folder, ``results/<study>``. ``hashes``: SHA-256
    by path, of all outputs and inputs.
    """

    def __init__(self, folder: Path, study: DescribedRun, hashes: dict[str, str]) -> None:
        """Start with the study itself, its profiles and the workflow."""
        self.folder, self.hashes = folder, hashes
        self.crate = ROCrate(version="1.1")
        self.crate.metadata.extra_terms = dict(TERMS)
        profiles = [
            self._entity(
                f"https://w3id.org/ro/wfrun/{name}/{PROFILE_VERSION}",
                "CreativeWork",
                name=title,
                version=PROFILE_VERSION,
            )
            for name, title in PROFILES.items()
        ]
        profiles.append(
            self._entity(WORKFLOW_PROFILE, "CreativeWork", name="Workflow RO-Crate", version="1.0")
        )
        root = self.crate.root_dataset
        root["name"] = study.title
        root["description"] = ("SYNTHETIC data. " if study.synthetic else "") + study.question
        root["datePublished"] = study.period[1] if study.period else UNKNOWN_DAY
        if study.period is None:
            root["description"] += " (No period is configured: the date stands for none.)"
        root["license"] = self._entity(
            "#license",
            "CreativeWork",
            name="Terms of the study",
            description="Whoever is responsible for the study decides who may use its results.",
        )
        root["conformsTo"] = profiles
        self.workflow = self.crate.add_workflow(
            self.folder / WORKFLOW,
            WORKFLOW,
            main=True,
            lang="snakemake",
            lang_version=version("snakemake"),
            properties={
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
                "name": "The rules of the workflow, in one file",
            },
        )
        self._describe(self.workflow, f"{folder}/{WORKFLOW}")
        self.workflow["version"] = f"sha256:{self.workflow['sha256']}"

    def add_run(self, steps: list[Step], raw: Iterable[str], settings: str) -> None:
        """Add every step with its program, and the run as a whole.

        ``raw``: the raw files; ``settings``: the file of the merged configuration.
        """
        made = {path for step in steps for path in step["outputs"]}
        given = [*raw, settings]
        controls = [self._add_step(place, step, made) for place, step in enumerate(steps, 1)]
        engine = self._entity(
            "#snakemake",
            "SoftwareApplication",
            name="Snakemake",
            url="https://snakemake.github.io",
            softwareVersion=version("snakemake"),
        )
        run = self._entity(
            "#run",
            "CreateAction",
            name="Run of the workflow",
            description="All steps, from the raw files and the configuration to the report",
            actionStatus=COMPLETED,
            instrument=self.workflow,
            object=[self.file(path, made) for path in given],
            result=[self.file(path, made) for path in sorted(made)],
        )
        self._entity(
            "#organisation",
            "OrganizeAction",
            name=f"Run by Snakemake {version('snakemake')}",
            instrument=engine,
            object=controls,
            result=run,
        )
        actions = [self.crate.get(f"#run/{place}") for place in range(1, len(steps) + 1)]
        self.crate.root_dataset["mentions"] = [run, *actions]
        self.workflow["input"] = [self._parameter(path, made) for path in given]

    def add_record(self, path: str, description: str) -> None:
        """Add a file that the run leaves beside its results, without a hash."""
        self.crate.add_file(
            path,
            self._inside(path),
            properties={"description": description, "encodingFormat": media_type(path)},
        )

    def text(self) -> str:
        """The crate's metadata as its file holds them: sorted, so that equal runs are equal."""
        content = self.crate.metadata.generate()
        content["@graph"].sort(key=lambda entity: entity["@id"])
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def file(self, path: str, made: set[str]) -> Any:
        """The entity of a file: part of the crate if the run made it, else named by its hash."""
        if path in made:
            inside = self._inside(path)
            found = self.crate.get(inside)
            return found or self._describe(self.crate.add_file(path, inside), path)
        return self.crate.get(f"#{path}") or self._describe(
            self._entity(f"#{path}", "CreativeWork", name=path), path
        )

    def _add_step(self, place: int, step: Step, made: set[str]) -> Any:
        """One rule with its program, as a step of the workflow that was done."""
        tool_id = f"#{step['script']}"
        tool = self.crate.get(tool_id)
        if tool is None:
            tool = self._entity(tool_id, "SoftwareApplication", name=step["script"])
            self._describe(tool, step["script"])
            tool["softwareVersion"] = f"sha256:{tool['sha256']}"
            self.workflow.append_to("hasPart", tool)
        name = step["rule"]
        how = self._entity(
            f"#step/{place}", "HowToStep", name=name, position=str(place), workExample=tool
        )
        self.workflow.append_to("step", how)
        action = self._entity(
            f"#run/{place}",
            "CreateAction",
            name=name,
            description=f"{step['script']} made {len(step['outputs'])} files "
            f"from {len(step['inputs'])}",
            actionStatus=COMPLETED,
            instrument=tool,
            object=_few([self.file(path, made) for path in step["inputs"]]),
            result=_few([self.file(path, made) for path in step["outputs"]]),
        )
        return self._entity(
            f"#control/{place}",
            "ControlAction",
            name=f"{name} was run",
            instrument=how,
            object=action,
        )

    def _parameter(self, path: str, made: set[str]) -> Any:
        parameter = self._entity(
            f"#input/{path}",
            "FormalParameter",
            name=Path(path).name,
            additionalType="File",
            conformsTo={"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"},
        )
        self.file(path, made)["exampleOfWork"] = parameter
        return parameter

    def _entity(self, identifier: str, kind: str, /, **properties: Any) -> Any:
        entity = self.crate.add(ContextEntity(self.crate, identifier, properties={"@type": kind}))
        for key, value in properties.items():
            entity[key] = value
        return entity

    def _describe(self, entity: Any, path: str) -> Any:
        entity["sha256"] = self.hashes[path]
        entity["encodingFormat"] = media_type(path)
        if "name" not in entity:
            entity["name"] = Path(path).name
        return entity

    def _inside(self, path: str) -> str:
        return Path(path).relative_to(self.folder).as_posix()


def _few(entities: list[Any]) -> Any:
    """One entity as itself, several as a list: the compact form that RO-Crate recommends."""
    return entities[0] if len(entities) == 1 else entities


def media_type(path: str) -> str:
    """The media type of a file by its ending."""
    ending = Path(path).suffix
    return FORMATS.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")
