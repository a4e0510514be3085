"""Texts of a workbook: signs that XML cannot hold are written ``_xHHHH_`` (ST_Xstring)."""

from openpyxl.utils.escape import unescape


def unescaped(text: str) -> str:
    """The text with each ``_xHHHH_`` as the sign it stands for (ISO/IEC 29500-1, 22.9.2.19).

    ``_x005F_`` is the underscore itself. A sign beyond the first 65,536 is written as two; halves
    that do not belong together are left as they were written.
    """
    if "_x" not in text:
        return text
    decoded: str = unescape(text)
    try:
        return decoded.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text
