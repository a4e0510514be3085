"""SVG pictures: the same picture in far fewer bytes."""

import re
from collections import Counter
from xml.etree import ElementTree

from owncontrol.engine_texts import held

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
DECIMAL = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
REFERENCE = re.compile(r"#([\w.-]+)")
# Attributes with coordinates; other numbers are left as they are.
GEOMETRY = {"d", "points", "transform", "viewBox", "width", "height", "r"}
GEOMETRY |= {"x", "y", "x1", "y1", "x2", "y2", "cx", "cy"}
ALONG = re.compile(r"translate\((-?[\d.e-]+) 0\)")  # of a letter in its line
COMMAND = re.compile(r" ?([A-Za-z]) ?")  # of a path; needs no space around it
DIGITS = 5  # of a coordinate: a hundredth of a point in a figure of two columns


def smaller_svg(text: str) -> str:
    """The picture without what does not show: metadata, unused ids, spaces, digits beyond five.

    Styles that several elements have become classes; groups that say nothing are dissolved.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", LINK)
    # Matplotlib repeats each text in a comment, also signs that no file of XML can hold.
    root = ElementTree.fromstring(held(text))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] == "metadata":
                parent.remove(child)
    used = [name for element in root.iter() for name in _referenced(element)]
    names = {name: f"i{place}" for place, name in enumerate(dict.fromkeys(used))}
    root.text = None
    for element in list(root.iter())[1:]:  # the picture keeps its exact width and height
        _shorten(element, names)
    _dissolve(root)
    _share_styles(root)
    return ElementTree.tostring(root, "unicode").replace(" />", "/>")


def _referenced(element: ElementTree.Element) -> list[str]:
    return [name for value in element.attrib.values() for name in REFERENCE.findall(value)]


def _shorten(element: ElementTree.Element, names: dict[str, str]) -> None:
    """``names``: new, short ids of the elements that others refer to."""
    name = element.attrib.pop("id", "")
    if name in names:
        element.set("id", names[name])
    for key, value in element.attrib.items():
        if "#" in value and key not in ("style", "d"):
            value = REFERENCE.sub(lambda found: f"#{names.get(found[1], found[1])}", value)
        if key in GEOMETRY:
            value = DECIMAL.sub(lambda found: f"{float(found[0]):.{DIGITS}g}", value)
            value = COMMAND.sub(r"\1", " ".join(value.split())) if key == "d" else value
        element.set(key, value)
    shift = ALONG.fullmatch(element.get("transform", ""))
    if shift and element.tag == f"{{{SVG}}}use" and not {"x", "y"} & set(element.attrib):
        del element.attrib["transform"]
        element.set("x", shift[1])
    if "style" in element.attrib:
        element.set("style", element.attrib["style"].replace("; ", ";").replace(": ", ":"))
    if not (element.text or "").strip():
        element.text = None
    if not (element.tail or "").strip():
        element.tail = None


def _dissolve(parent: ElementTree.Element) -> None:
    """Replace each group without attributes by what is in it."""
    for child in list(parent):
        _dissolve(child)
        if child.tag == f"{{{SVG}}}g" and not child.attrib:
            place = list(parent).index(child)
            parent[place : place + 1] = list(child)


def _share_styles(root: ElementTree.Element) -> None:
    count = Counter(element.get("style", "") for element in root.iter())
    names = {
        style: f"s{place}"
        for place, style in enumerate(style for style, n in count.items() if style and n > 1)
    }
    for element in root.iter():
        style = element.get("style", "")
        if style in names:
            del element.attrib["style"]
            element.set("class", names[style])
    sheet = ElementTree.Element(f"{{{SVG}}}style")
    sheet.text = "".join(f".{name}{{{style}}}" for style, name in names.items())
    # Behind the picture's own sheet, whose rules for all elements it overrides.
    root.append(sheet)
