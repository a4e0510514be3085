"""Files that other systems could send (ODM, REDCap XML, Dataset-JSON), made to burst or to deceive.

Each case gives the content for a size: some thousand in a test, more in the campaign.
"""

from collections.abc import Callable

V13 = "http://www.cdisc.org/ns/odm/v1.3"
ITEM = '<ItemGroupData ItemGroupOID="g"><ItemData ItemOID="{}" Value="1"/></ItemGroupData>'
RECORD = (
    '<SubjectData SubjectKey="{}"><StudyEventData><FormData FormOID="f">'
    '<ItemData ItemOID="i1" Value="1"/></FormData></StudyEventData></SubjectData>'
)
HEAD = '"datasetJSONCreationDateTime":"x","datasetJSONVersion":"1.1.0"'
Made = Callable[[int], str]


def _odm(body: str, kind: str = "Snapshot", before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}\n<ODM xmlns="{V13}" FileType="{kind}" FileOID="1">'
        f"{body}</ODM>"
    )


def _subject(*events: str) -> str:
    return (
        '<ClinicalData StudyOID="S"><SubjectData SubjectKey="P1">'
        f"{''.join(events)}</SubjectData></ClinicalData>"
    )


def _event(content: str, oid: object = "E", more: str = "") -> str:
    return f'<StudyEventData StudyEventOID="{oid}"{more}>{content}</StudyEventData>'


def _nested(count: int) -> str:
    group = '<ItemGroupData ItemGroupOID="g"><ItemData ItemOID="i{}" Value="1"/>'
    return "".join(map(group.format, range(count))) + "</ItemGroupData>" * count


def _removals(count: int) -> str:
    given = (_event(ITEM.format("i"), f"E{n}") for n in range(count))
    gone = (_event("", f"F{n}", ' TransactionType="Remove"') for n in range(count))
    return _subject(*given, *gone)


def _redcap(body: str, data: str = "") -> str:
    return (
        f'<?xml version="1.0"?>\n<ODM xmlns="{V13}" xmlns:redcap="https://projectredcap.org">'
        f'<Study><MetaDataVersion redcap:RecordIdField="r">{body}</MetaDataVersion></Study>'
        f"<ClinicalData>{data}</ClinicalData></ODM>"
    )


def _json(rows: str, columns: str = '[{"name":"A"},{"name":"B"}]', more: str = "") -> str:
    return f'{{{HEAD},{more}"records":1,"columns":{columns},"rows":{rows}}}'


# Refused in one line.
ODM: dict[str, Made] = {
    "elements in each other": lambda n: _odm("<x>" * n + "</x>" * n),
    "groups in each other": lambda n: _odm(_subject(_event(_nested(n)))),
    "rows that name one of many columns": lambda n: _odm(
        _subject(*(_event(ITEM.format(f"i{k}"), f"E{k}") for k in range(min(max(n, 7000), 16000))))
    ),
    "an entity of a file": lambda _: _odm(
        "<x>&a;</x>", before='<!DOCTYPE ODM [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    ),
    "a document type elsewhere": lambda _: _odm("", before='<!DOCTYPE ODM SYSTEM "http://x/y">'),
    "another root": lambda _: "<x/>",
}
# Read, and soon.
ODM_READ: dict[str, Made] = {
    "removals": lambda n: _odm(_removals(n), "Transactional"),
    "many names": lambda n: _odm("".join(f"<A{k}b/>" for k in range(n))),
    "many attributes": lambda n: _odm("<x " + " ".join(f'a{k}="1"' for k in range(n)) + "/>"),
    "one large attribute": lambda n: _odm(f'<x a="{"y" * 100 * n}"/>'),
    "an inclusion": lambda _: _odm(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    ),
}
REDCAP: dict[str, Made] = {
    "a definition without a name": lambda _: _redcap("<ItemDef/><CodeListRef/>"),
    "a label outside of a definition": lambda _: _redcap(
        "<Question><TranslatedText>x</TranslatedText></Question>"
    ),
    "a choice outside of its list": lambda _: _redcap(
        "<Decode><TranslatedText>x</TranslatedText></Decode>"
    ),
    "a limit in a list": lambda _: _redcap(
        '<ItemDef OID="r"><CodeList OID="z"/><CheckValue>x</CheckValue></ItemDef>'
    ),
    "a form outside of an event": lambda _: _redcap(
        "<StudyEventDef/><StudyEventDef><x/></StudyEventDef><ItemData/>"
    ),
    "records of many empty columns": lambda _: _redcap(
        '<ItemDef OID="r"/>' + "".join(f'<ItemDef OID="i{k}"/>' for k in range(6400)),
        "".join(map(RECORD.format, range(6400))),
    ),
    "two values at one place": lambda _: _redcap(
        '<ItemDef OID="r"/><ItemDef OID="i1"/>',
        RECORD.format(1).replace("</FormData>", '<ItemData ItemOID="i1" Value="2"/></FormData>'),
    ),
    "elements in each other": lambda n: _redcap("<x>" * n + "</x>" * n),
}
REDCAP_READ: dict[str, Made] = {
    "an event of many forms": lambda n: _redcap(
        '<ItemDef OID="r"/><StudyEventDef OID="e">'
        + '<FormRef FormOID="f"/>' * n
        + "</StudyEventDef>"
    )
}
DATASET_JSON: dict[str, Made] = {
    "lists in each other": lambda n: "[" * n,
    "a value of lists in each other": lambda n: _json(f"[[{'[' * n}{']' * n},1]]"),
    "rows that are named twice": lambda _: _json("[[1,2]]", more='"rows":[[3,4]],'),
    "a version that is named twice": lambda _: _json("[[1,2]]", more='"datasetJSONVersion":"2",'),
    "a value that is no number": lambda _: _json("[[NaN,2]]"),
    "half a character in a cell": lambda _: _json('[["\\ud800",2]]'),
    "half a character in a name": lambda _: _json("[[1,2]]", '[{"name":"\\uD800"},{"name":"B"}]'),
    "half a character in a label": lambda _: _json(
        "[[1,2]]", '[{"name":"A","label":"\\udfff"},{"name":"B"}]'
    ),
    "rows that are an object": lambda _: _json('{"a":1}'),
    "a cell that is an object": lambda _: _json('[[{"a":1},2]]'),
}
DATASET_JSON_READ: dict[str, Made] = {
    "a number of many digits": lambda n: _json(f"[[{'9' * n},2]]"),
    "a large exponent": lambda _: _json("[[1e-9999999999,1e999999999]]"),
}
REDCAP_READ["a record"] = lambda _: _redcap(
    '<StudyEventDef OID="Event.a"/><ItemDef OID="r"/><ItemDef OID="i1"><CodeListRef '
    'CodeListOID="c"/></ItemDef><CodeList OID="c"><CodeListItem CodedValue="1"><Decode>'
    f"<TranslatedText>{'a word of many ' * 200}</TranslatedText>"
    "</Decode></CodeListItem></CodeList>",
    RECORD.format(1),
)
TWO_NAMES = _odm(
    _subject(
        _event(
            '<ItemGroupData ItemGroupOID="g"><ItemData xmlns:v="u" v:ItemOID="j" ItemOID="i"'
            ' Value="1" v:Value="9"/></ItemGroupData>'
        )
    )
)
FORMATS: dict[str, tuple[str, dict[str, Made], dict[str, Made]]] = {
    "odm": (".xml", ODM, ODM_READ),
    "redcap_xml": (".xml", REDCAP, REDCAP_READ),
    "dataset_json": (".json", DATASET_JSON, DATASET_JSON_READ),
}
# Names of files, which a record could not hold in a line, or a reader not see as they are.
NAMES = (
    *(b"x\n" + b"0" * 64 + b"  a.csv", b"x\ry.csv", "x\u2028y.csv".encode(), b" x.csv"),
    *(b"x.csv ", b"\xff\xfe.csv", b"\x1b[2Jx.csv", "\u202ex.csv".encode(), b"x\ty.csv"),
)
# What a terminal takes as an order, or shows in another order.
ORDERS = ("\x1b[2J", "\x1b]0;x\x07", "\x9b2J", "\r", "\x08", "\u202e", "\udcff", "\x7f", "\u2066")
# What begins something in Markdown.
MARKUP = (
    "[x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "![x](http://x/y.png)",
    "a | b",
    "`rm`",
    "javascript:alert(1)",
    "<http://x>",
    "a\n# b",
    "*b*",
    "https://x.example",
    "1. x",
    "$(touch A)",
    "{{ 1 }}",
)
