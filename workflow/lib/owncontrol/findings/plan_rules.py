"""Rules about what may have been taken out of the data before they came here."""

from owncontrol.findings.rule import Rule


class CodesLeftOut(Rule):
    """Codes with running numbers of which some are missing."""

    code = "codes_left_out"
    severity = "warning"
    about = "column"
    sentence = "codes run from {series}, without {codes}"
    action = "none"
    advice = "ask whose codes these are, and why there is no row of them"
    series: str
    codes: str
