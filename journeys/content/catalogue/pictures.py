"""Checks the SVG and PNG files of pieces. Patients see them unchanged, so they may not contain scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from journeys.primitives.problems import did_you_mean

MAX_SVG = 64 * 1024
MAX_PNG = 256 * 1024
MAX_SIDE = 4096
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

_SPACE = "http://www.w3.org/2000/svg"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS = _names("""
    svg g title desc defs path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop
    clipPath
""")
_ATTRIBUTES = _names("""
    id xmlns version viewBox width height preserveAspectRatio role aria-hidden aria-label aria-labelledby transform
    d x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy points pathLength gradientUnits gradientTransform spreadMethod offset
    clipPathUnits clip-path clip-rule fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
    stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset opacity stop-color stop-opacity color
    font-family font-size font-weight font-style text-anchor dominant-baseline letter-spacing vector-effect
""")
_OWN_REFERENCE = re.compile(r"url\(#[A-Za-z][A-Za-z0-9_-]*\)")
_COLOR = re.compile(r"(rgb|rgba|hsl|hsla)\([0-9., %]+\)")
_TRANSFORMS = ("transform", "gradientTransform")
_PNG = b"\x89PNG\r\n\x1a\n"

Mistake = tuple[int, str]
#: The line, and the message.


def check_picture(name: str, data: bytes) -> list[Mistake]:
    """The mistakes in the file of a picture; empty if it may be shown."""
    most = MAX_SVG if name.endswith(".svg") else MAX_PNG
    if len(data) > most:
        return [(1, f"The picture has {len(data)} bytes; at most {most} are accepted.")]
    return list(_check_svg(data) if name.endswith(".svg") else _check_png(data))


def _check_png(data: bytes) -> Iterator[Mistake]:
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or data[-8:-4] != b"IEND":
        yield 1, "The file is not a PNG picture."
        return
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        yield 1, f"The picture is {width} by {height} points; at most {MAX_SIDE} a side are accepted."


def _check_svg(data: bytes) -> list[Mistake]:
    reader = _Svg()
    try:
        reader.read(data)
    except expat.ExpatError as error:
        reader.mistakes.append((error.lineno, "The file is not XML. Save the picture as plain SVG."))
    except ValueError:
        reader.mistakes.append((1, "The file is not UTF-8 text. Save it as UTF-8."))
    return reader.mistakes


class _Svg:
    """Checks the elements of one file, and refuses document types and entities before the parser could expand them."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.is_first = True
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.element
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.ProcessingInstructionHandler = self.instruction

    def read(self, data: bytes) -> None:
        data.decode()
        # An entity is declared in a document type only; without one, nothing can be expanded.
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            self.mistakes.append((1, "A picture has no document type and no entities; remove '<!DOCTYPE … >'."))
            return
        self.parser.Parse(data, True)

    def mistake(self, message: str) -> None:
        self.mistakes.append((self.parser.CurrentLineNumber, message))

    def doctype(self, *_: object) -> None:
        self.mistake("A picture has no document type; remove '<!DOCTYPE … >'.")

    def instruction(self, *_: object) -> None:
        self.mistake("A picture has no processing instructions; remove '<? … ?>'.")

    def element(self, name: str, attributes: dict[str, str]) -> None:
        if self.is_first and (name != "svg" or attributes.get("xmlns") != _SPACE or "viewBox" not in attributes):
            self.mistake(f'A picture begins with <svg xmlns="{_SPACE}" viewBox="…">.')
        self.is_first = False
        if name not in _ELEMENTS:
            self.mistake(f"<{name[:40]}> is not accepted in a picture.{did_you_mean(name, _ELEMENTS)}")
            return
        for attribute, value in attributes.items():
            if attribute not in _ATTRIBUTES:
                self.mistake(f"'{attribute[:40]}' of <{name}> is not accepted.{did_you_mean(attribute, _ATTRIBUTES)}")
            elif attribute == "xmlns" and value != _SPACE:
                self.mistake(f"'xmlns' of <{name}> must be {_SPACE}.")
            elif attribute not in _TRANSFORMS and "(" in _OWN_REFERENCE.sub("", _COLOR.sub("", value)):
                self.mistake(f"'{attribute}' of <{name}> refers outside the file. Accepted: colors and url(#name).")
