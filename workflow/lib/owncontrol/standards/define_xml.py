"""define.xml 2.1: what each variable of some datasets is, and where it is from.

After CDISC's Define-XML 2.1, an extension of ODM 1.3.2; the order of the elements is that of its
schema.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from owncontrol.engine_texts import held
from owncontrol.files import write_text
from owncontrol.standards.dataset import Dataset, Variable
from owncontrol.standards.files import item_oid, text_length
from owncontrol.study.model import Study

STANDARD = "STD.ADAMIG"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:def="http://www.cdisc.org/ns/def/v2.1" ODMVersion="1.3.2" FileType="Snapshot"
 FileOID={file} CreationDateTime={made} Originator="owncontrol" def:Context="Other">"""
LENGTH = {"integer": "8", "float": "8"}


def write_define(path: Path, study: Study, datasets: Sequence[Dataset], made: datetime) -> None:
    """Write the definitions of ``datasets``, which lie beside it as transport files."""
    write_text(path, "\n".join(_lines(study, datasets, made)) + "\n")


def _lines(study: Study, datasets: Sequence[Dataset], made: datetime) -> Iterator[str]:
    name = study.study
    when = _attribute(made.isoformat(timespec="seconds"))
    yield HEAD.format(file=_attribute(f"DEF.{name}"), made=when)
    yield f"<Study OID={_attribute(f'ST.{name}')}>\n<GlobalVariables>"
    yield f"<StudyName>{_text_of(name)}</StudyName>"
    yield f"<StudyDescription>{_text_of(described(study))}</StudyDescription>"
    yield f"<ProtocolName>{_text_of(name)}</ProtocolName>\n</GlobalVariables>"
    yield (
        f"<MetaDataVersion OID={_attribute(f'MDV.{name}')} Name={_attribute(study.title)} "
        'Description="Datasets like those of ADaM, made by owncontrol" '
        'def:DefineVersion="2.1.0">'
    )
    yield (
        f'<def:Standards>\n<def:Standard OID="{STANDARD}" Name="ADaMIG" Type="IG" Version="1.1" '
        'Status="Final"/>\n</def:Standards>'
    )
    for data in datasets:
        yield from _group(data)
    for data in datasets:
        yield from (_item(data, variable) for variable in data.variables)
    for data in datasets:
        yield from (_codes(data, variable) for variable in data.variables if variable.codes)
    for data in datasets:
        yield from (_method(data, variable) for variable in data.variables if _is_derived(variable))
    yield "</MetaDataVersion>\n</Study>\n</ODM>"


def described(study: Study) -> str:
    """The question of a study, and whether its data are made up."""
    made_up = "SYNTHETIC data. " if study.synthetic else ""
    return f"{made_up}{study.question}"


def _is_derived(variable: Variable) -> bool:
    return variable.origin == "Derived"


def _group(data: Dataset) -> Iterator[str]:
    repeating = "No" if data.of_class.startswith("SUBJECT") else "Yes"
    yield (
        f'<ItemGroupDef OID="IG.{data.name}" Name="{data.name}" Repeating="{repeating}" '
        f'IsReferenceData="No" SASDatasetName="{data.name}" Purpose="Analysis" '
        f'def:StandardOID="{STANDARD}" def:Structure={_attribute(data.structure)} '
        f'def:ArchiveLocationID="LF.{data.name}">'
    )
    yield _text("Description", data.label)
    for number, variable in enumerate(data.variables, start=1):
        key = f' KeySequence="{variable.key}"' if variable.key else ""
        method = f' MethodOID="MT.{data.name}.{variable.name}"' if _is_derived(variable) else ""
        yield (
            f'<ItemRef ItemOID="{item_oid(data, variable)}" OrderNumber="{number}" '
            f'Mandatory="{"Yes" if variable.key else "No"}"{key}{method}/>'
        )
    yield f'<def:Class Name="{data.of_class}"/>'
    file = f"{data.name.lower()}.xpt"
    title = f"<def:title>{file}</def:title>"
    yield f'<def:leaf ID="LF.{data.name}" xlink:href="{file}">{title}</def:leaf>'
    yield "</ItemGroupDef>"


def _item(data: Dataset, variable: Variable) -> str:
    length = str(text_length(data, variable)) if variable.kind == "text" else LENGTH[variable.kind]
    codes = f'<CodeListRef CodeListOID="CL.{data.name}.{variable.name}"/>' if variable.codes else ""
    digits = ' SignificantDigits="3"' if variable.kind == "float" else ""
    said = "" if _is_derived(variable) else _text("Description", variable.source)
    source = "" if variable.origin == "Predecessor" else ' Source="Sponsor"'
    return (
        f'<ItemDef OID="{item_oid(data, variable)}" Name="{variable.name}" '
        f'SASFieldName="{variable.name}" DataType="{variable.kind}" Length="{length}"{digits}>'
        f"{_text('Description', variable.label)}{codes}"
        f'<def:Origin Type="{variable.origin}"{source}>{said}</def:Origin></ItemDef>'
    )


def _codes(data: Dataset, variable: Variable) -> str:
    items = "".join(
        f"<CodeListItem CodedValue={_attribute(code)}>{_text('Decode', meaning)}</CodeListItem>"
        for code, meaning in variable.codes
    )
    return (
        f'<CodeList OID="CL.{data.name}.{variable.name}" Name={_attribute(variable.label)} '
        f'DataType="text" def:IsNonStandard="Yes">{items}</CodeList>'
    )


def _method(data: Dataset, variable: Variable) -> str:
    return (
        f'<MethodDef OID="MT.{data.name}.{variable.name}" Name={_attribute(variable.label)} '
        f'Type="Computation">{_text("Description", variable.source)}</MethodDef>'
    )


def _text(element: str, text: str) -> str:
    return f'<{element}><TranslatedText xml:lang="en">{_text_of(text)}</TranslatedText></{element}>'


def _text_of(text: str) -> str:
    """A text that a file of XML can hold, and no markup in it."""
    return escape(held(text))


def _attribute(text: str) -> str:
    """The same between quotes."""
    return quoteattr(held(text))
