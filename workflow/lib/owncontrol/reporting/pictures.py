"""SVG pictures inside the page, as the address of an image."""

from pathlib import Path

from markupsafe import Markup


def image_address(path: Path | str) -> Markup:
    """A data URI of an SVG file, safe in a double-quoted attribute of HTML.

    Written out and not in base64, which would take a third more; links as browsers know them,
    other programs only by their old name.
    """
    text = Path(path).read_text("utf-8").replace(" xlink:href=", " href=")
    for sign, code in (("%", "%25"), ("#", "%23"), ("'", "%27"), ('"', "'"), ("&", "&amp;")):
        text = text.replace(sign, code)
    return Markup(f"data:image/svg+xml,{text}")
