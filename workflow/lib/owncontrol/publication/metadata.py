"""What a repository asks of a deposit: citation, Zenodo's metadata, README, RO-Crate.

CITATION.cff by https://citation-file-format.github.io (1.2.0); .zenodo.json by
https://developers.zenodo.org (deposit metadata). What nobody declared is left out of all of them,
and named as a gap.
"""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from owncontrol.basics.markdown_texts import markdown
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.provenance.crate import TERMS, UNKNOWN_DAY, media_type
from owncontrol.publication import evidence as of
from owncontrol.publication.evidence import Evidence
from owncontrol.study.model import Study

SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
GAPS = (of.REGISTRATION, of.ETHICS, of.FUNDING, of.ENROLMENT, of.PERIOD)


@dataclass(frozen=True)
class Terms:
    """What only a person can say: ``authors`` in their order, ``licence`` by its SPDX name."""

    authors: tuple[str, ...] = ()
    licence: str = ""

    def __post_init__(self) -> None:
        """Raise InputError for what is no name."""
        if not all(map(str.strip, self.authors)):
            raise InputError("--author: is empty", "a name, as the citation should have it")
        if self.licence and not SPDX.fullmatch(self.licence):
            raise InputError(
                f"--licence {self.licence}: is no SPDX name", "for example CC-BY-4.0 or CC0-1.0"
            )


def gaps(evidence: Evidence, terms: Terms) -> list[str]:
    """What a repository or a journal asks for and nothing declares, each in a few words."""
    found = [] if terms.authors else ["authors (--author)"]
    found += [] if terms.licence else ["licence (--licence)"]
    return found + [fact.named(evidence) for fact in GAPS if not fact.found(evidence)]


def description(study: Study) -> str:
    """What the deposit is about, in the study's own words."""
    return ("SYNTHETIC data. " if study.synthetic else "") + study.question


def citation_text(study: Study, terms: Terms) -> str:
    """CITATION.cff of the study. Without authors it is not valid yet."""
    entry: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use these results, please cite them as below.",
        "type": "dataset",
        "title": study.title,
        "abstract": description(study),
    }
    if terms.authors:
        entry["authors"] = [{"name": name} for name in terms.authors]
    if terms.licence:
        entry["license"] = terms.licence
    text: str = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=100)
    return text


def zenodo_text(study: Study, terms: Terms) -> str:
    """The metadata of a deposit at Zenodo; its description is HTML."""
    entry: dict[str, Any] = {
        "title": study.title,
        "upload_type": "dataset",
        "description": f"<p>{html.escape(description(study), quote=False)}</p>",
    }
    if terms.authors:
        entry["creators"] = [{"name": name} for name in terms.authors]
    if terms.licence:
        entry["license"] = terms.licence.lower()
    return json.dumps(entry, ensure_ascii=False, indent=2) + "\n"


def readme_text(study: Study, files: dict[str, str], missing: list[str]) -> str:
    """README.md of the deposit. ``files``: what each file is; ``missing``: the gaps."""
    who = study.design.called
    coded = (
        f"The codes of the {who.many} are keyed: without the key nobody finds the study code."
        if study.subject_code.key_file
        else f"The codes of the {who.many} are those of the study: whoever has its list knows them."
    )
    rows = [f"| `{name}` | {text} |" for name, text in sorted(files.items())]
    return "\n".join(
        [
            f"# {markdown(study.title)}",
            "",
            markdown(description(study)),
            "",
            "| file | is |",
            "|---|---|",
            *rows,
            "",
            f"## {who.capital_many}",
            "",
            "No raw file is inside, and neither is what repeats its cells as they were typed: the "
            "tables as read (`ingested/`), the findings with their values, and `report.html`, "
            "which shows the cells behind each number. The record of the run has their hashes. "
            f"Days count from an event of the {who.one}; no date of {who.a} is inside. "
            f"{coded} Rows about single persons are pseudonymous, not anonymous: who may have "
            "them is for the study's approval and consent to say.",
            "",
            "## What is missing",
            "",
            *([f"- {gap}" for gap in missing] or ["Nothing that this list asks for."]),
            "",
        ]
    )


def crate_text(folder: Path, study: Study, files: dict[str, str], terms: Terms) -> str:
    """The deposit as an RO-Crate 1.1: each file with its hash, size (bytes) and what it is."""
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms = dict(TERMS)
    root = crate.root_dataset
    root["name"], root["description"] = study.title, description(study)
    root["datePublished"] = study.period[1] if study.period else UNKNOWN_DAY
    if study.period is None:
        root["description"] += " (No period is configured: the date stands for none.)"
    licence = crate.add(
        ContextEntity(
            crate,
            f"https://spdx.org/licenses/{terms.licence}" if terms.licence else "#licence",
            properties={"@type": "CreativeWork", "name": terms.licence or "No licence is declared"},
        )
    )
    root["license"] = licence
    for number, name in enumerate(terms.authors, start=1):
        person = {"@type": "Person", "name": name}
        root.append_to("author", crate.add(ContextEntity(crate, f"#author-{number}", person)))
    for name, text in sorted(files.items()):
        path = folder / name
        about = {"description": text, "encodingFormat": media_type(name)}
        if path.is_file():
            about |= {"sha256": sha256(path), "contentSize": str(path.stat().st_size)}
        crate.add_file(path, name, properties=about)
    content = crate.metadata.generate()
    content["@graph"].sort(key=lambda entity: entity["@id"])
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
