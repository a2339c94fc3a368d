"""XLIFF 2.0 (OASIS, core): one unit with one segment for each text; entities and document types are refused."""

from __future__ import annotations

import re
from xml.etree import ElementTree  # nosec B405 # to write; defusedxml reads
from xml.etree.ElementTree import Element, SubElement  # nosec B405 # to write

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from journeys.authoring.translation.edits import unified
from journeys.authoring.translation.rows import Row, State, TranslationFile, UnreadableTranslation

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_IN_NAMESPACE = f"{{{NAMESPACE}}}"
_PRESERVE = {"xml:space": "preserve"}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xliff(file: TranslationFile) -> bytes:
    """The rows as XLIFF.

    Raises:
        UnreadableTranslation: a text has a character that XML cannot hold.
    """
    attributes = {"xmlns": NAMESPACE, "version": "2.0", "srcLang": file.source_locale, "trgLang": file.locale}
    root = Element("xliff", attributes)
    body = SubElement(root, "file", {"id": file.journey})
    for row in file.rows:
        for text in (row.source, row.target, row.note):
            if refused := _NOT_IN_XML.search(text):
                message = f"The unit '{row.id}' has the character U+{ord(refused[0]):04X}, which XML cannot hold."
                raise UnreadableTranslation(f"{message} Remove it, or export as csv.")
        unit = SubElement(body, "unit", {"id": row.id})
        SubElement(SubElement(unit, "notes"), "note").text = row.note
        segment = SubElement(unit, "segment", {"state": row.state})
        SubElement(segment, "source", _PRESERVE).text = row.source
        if row.target:
            SubElement(segment, "target", _PRESERVE).text = row.target
    for element in (root, body):  # one unit a line: whitespace counts only inside source and target
        element.text = "\n"
    for element in (body, *body):
        element.tail = "\n"
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def read_xliff(data: bytes) -> TranslationFile:
    """The rows of an XLIFF file; segments that a tool has split are joined again.

    Raises:
        UnreadableTranslation: the file is not XLIFF 2.0 of one journey.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        message = "The file declares a document type or entities, which are not accepted. Remove <!DOCTYPE …>."
        raise UnreadableTranslation(message) from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableTranslation(f"This is not XML: {error}.") from None
    if root.tag != f"{_IN_NAMESPACE}xliff":
        name, version = str(root.tag).rpartition("}")[2], root.get("version", "unknown")
        message = f"The file is '{name[:40]}', version {version[:10]}; XLIFF 2.0 (.xlf) and CSV are accepted."
        raise UnreadableTranslation(message)
    bodies = root.findall(f"{_IN_NAMESPACE}file")
    locale = root.get("trgLang")
    if len(bodies) != 1 or not locale:
        raise UnreadableTranslation("XLIFF of one journey has one <file> and the attribute 'trgLang'.")
    rows = tuple(_row(unit) for unit in bodies[0].iter(f"{_IN_NAMESPACE}unit"))
    return TranslationFile(bodies[0].get("id", ""), root.get("srcLang", ""), locale, rows)


def _row(unit: Element) -> Row:
    parts = [part for part in unit if part.tag in (f"{_IN_NAMESPACE}segment", f"{_IN_NAMESPACE}ignorable")]
    segments = [part for part in parts if part.tag == f"{_IN_NAMESPACE}segment"]
    source = "".join(_text(part, "source") for part in parts)
    is_whole = bool(segments) and all(_text(segment, "target") for segment in segments)
    target = "".join(_text(part, "target") or _text(part, "source") for part in parts) if is_whole else ""
    is_initial = any(segment.get("state", "initial") == "initial" for segment in segments)
    state: State = "initial" if is_initial else "translated"
    return Row(unit.get("id", ""), unified(source), unified(target), state)


def _text(part: Element, name: str) -> str:
    element = part.find(f"{_IN_NAMESPACE}{name}")
    return "".join(element.itertext()) if element is not None else ""
