"""Rules about several raw files of one form that do not agree."""

from owncontrol.findings.rule import READ_AS_MISSING, Rule


class OtherColumns(Rule):
    """One of several files has other columns than most of them, none of which is read."""

    code = "other_columns"
    severity = "warning"
    about = "file"
    sentence = "of the columns that most files of this export have, this one {differences}"
    action = "read as the others"
    advice = "ask whether the file is of the same form"
    differences: str


class ReadColumnsLacking(Rule):
    """One of several files lacks a column that is read."""

    code = "other_columns"
    severity = "error"
    about = "file"
    sentence = (
        "of the columns that most files of this export have, this one {differences}; {read} is "
        "not known of its rows; was a column renamed?"
    )
    action = READ_AS_MISSING
    advice = "name the column as the other files do, or give the file an export of its own"
    differences: str
    read: str


class CodeInSeveralFiles(Rule):
    """One study code stands for subjects in several files of an export."""

    code = "code_in_several_files"
    severity = "warning"
    about = "column"
    sentence = (
        "{count} codes are in several files of this export: if each site counts its subjects "
        "from 1, set site: from_name and make the site a part of subject_id in every table"
    )
    action = "rows of one code are read as one subject"
    advice = "make the site a part of the code, if the code is only unique with it"
    count: int
