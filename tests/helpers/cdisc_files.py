"""Small SDTM and ADaM tables of a made-up study of two arms."""

import datetime

START = datetime.date(2013, 7, 1)
CODES = [f"S01-{number:03d}" for number in range(1, 9)]


def table(header: str, rows: list[list[object]]) -> str:
    """A file of comma-separated text."""
    return "".join(",".join(map(str, row)) + "\n" for row in [header.split(","), *rows])


def day(number: int) -> str:
    """A day after the start of the treatment, in ISO 8601."""
    return (START + datetime.timedelta(number)).isoformat()


def sdtm() -> dict[str, str]:
    """The domains of a study of two arms, by the names of their files."""
    arms = {code: "DRUG" if place % 4 else "PBO" for place, code in enumerate(CODES)}
    dm: list[list[object]] = [
        ["DM", code, 40 + place, "MF"[place % 2], arms[code]] for place, code in enumerate(CODES)
    ]
    ex: list[list[object]] = [
        ["EX", code, number + 1, 54 * (number + 1), "mg", day(28 * number), day(28 * number + 27)]
        for code in CODES
        for number in range(2)
    ]
    onsets = [day(3), "2013-07", "2013", day(9)]
    ae: list[list[object]] = [
        ["AE", code, 1, "NAUSEA", ("MILD", "SEVERE")[place % 2], "NY"[place % 2],
         ("NONE", "POSSIBLE")[place % 2], onsets[place % 4]]
        for place, code in enumerate(CODES)
    ]  # fmt: skip
    visits = [(1, "SCREENING", -7), (2, "BASELINE", 0), (3, "WEEK 4", 28), (4, "WEEK 8", 56)]
    extra = [(3.1, "UNSCHEDULED 3.1", 35)]
    vs: list[list[object]] = [
        [
            "VS",
            code,
            test,
            120 + number,
            visit,
            name,
            "Y" if visit == 2 else "",
            day(number),
            number,
        ]
        for place, code in enumerate(CODES)
        for visit, name, number in visits + extra * (place % 2)
        for test in ("SYSBP", "DIABP")
    ]
    return {
        "dm": table("DOMAIN,USUBJID,AGE,SEX,ACTARMCD", dm),
        "ex": table("DOMAIN,USUBJID,EXSEQ,EXDOSE,EXDOSU,EXSTDTC,EXENDTC", ex),
        "ae": table("DOMAIN,USUBJID,AESEQ,AETERM,AESEV,AESER,AEREL,AESTDTC", ae),
        "vs": table(
            "DOMAIN,USUBJID,VSTESTCD,VSSTRESN,VISITNUM,VISIT,VSBLFL,VSDTC,VSDY", vs
        ),
    }  # fmt: skip


def adam(with_dates: bool) -> dict[str, str]:
    """ADSL, and a BDS dataset with records that no analysis takes."""
    adsl = [
        [code, 40 + place, "MF"[place % 2], day(0), day(56)] for place, code in enumerate(CODES)
    ]
    bds: list[list[object]] = [
        [code, "DRUG" if place % 4 else "PBO", "ACTOT", 20 + number, name, day(at), at + 1,
         "Y" if at == 0 else "", flag, day(0)]
        for place, code in enumerate(CODES)
        for number, (name, at) in enumerate([("Baseline", 0), ("Week 4", 28), ("Week 8", 56)])
        for flag in ("Y", "") if flag or at == 28
    ]  # fmt: skip
    header = "USUBJID,TRTA,PARAMCD,AVAL,AVISIT,ADT,ADY,ABLFL,ANL01FL,TRTSDT"
    if not with_dates:
        header = header.replace(",ADT", "")
        bds = [[*row[:5], *row[6:]] for row in bds]
    return {"adsl": table("USUBJID,AGE,SEX,TRTSDT,TRTEDT", adsl), "adqs": table(header, bds)}
