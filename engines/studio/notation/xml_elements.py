"""Elements of an XML document."""

from xml.etree import ElementTree as ET


def add(parent: ET.Element, tag: str, content: object = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    if content is not None:
        element.text = str(content)
    return element
