"""A picture is shown as it is, so nothing in it may act, load or be expanded."""

import struct

import pytest

from journeys.content.catalogue.pictures import MAX_PNG, MAX_SVG, check_picture

BEGINNING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'


def svg(inner: str) -> list:
    return check_picture("a.svg", f"{BEGINNING}{inner}</svg>".encode())


def png(width: int = 2, height: int = 2) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\2\0\0\0____" + b"\0\0\0\0IEND____"
    )


@pytest.mark.parametrize(
    "inner",
    [
        '<path d="M0 0 L9 9" fill="none" stroke="#123" stroke-width="2"/>',
        '<g transform="translate(1 2) scale(2)"><circle cx="4" cy="4" r="2" fill="rgb(1, 2, 3)"/></g>',
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>'
        '<rect width="9" height="9" fill="url(#g)"/>',
        "<title>Lungs</title><!-- a note --><text x='1' y='2' font-size='3'>lobe &amp; lung</text>",
    ],
)
def test_shapes_text_and_own_colors_are_fine(inner):
    assert svg(inner) == []


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<script>alert(1)</script>", "<script> is not accepted"),
        ("<foreignObject/>", "<foreignObject> is not accepted"),
        ("<style>a{}</style>", "<style> is not accepted"),
        ('<image href="x.png"/>', "<image> is not accepted"),
        ('<use href="#a"/>', "<use> is not accepted"),
        ('<a href="https://example.org"/>', "<a> is not accepted"),
        ('<animate attributeName="x"/>', "<animate> is not accepted"),
        ('<s:script xmlns:s="http://www.w3.org/2000/svg"/>', "<s:script> is not accepted"),
        ('<g onclick="x()"/>', "'onclick' of <g> is not accepted"),
        ('<g style="fill:red"/>', "'style' of <g> is not accepted"),
        ('<g class="x"/>', "'class' of <g> is not accepted"),
        ('<path d="M0" fil="red"/>', "Did you mean 'fill'?"),
        ('<rect fill="url(https://example.org/a)"/>', "'fill' of <rect> refers outside"),
        ('<rect fill="url( #g )"/>', "'fill' of <rect> refers outside"),
        ('<g xmlns="http://www.w3.org/1999/xhtml"/>', "'xmlns' of <g> must be"),
        ("<?xml-stylesheet href='a.css'?>", "no processing instructions"),
        ("<g>", "The file is not XML"),
    ],
)
def test_what_could_act_or_load_is_refused(inner, words):
    assert any(words in message for _, message in svg(inner)), svg(inner)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + BEGINNING.encode() + b"&a;</svg>",
        "<svg>".encode("utf-16"),
        b'<svg viewBox="0 0 9 9"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<html/>",
        b"",
        BEGINNING.encode() + b" " * MAX_SVG + b"</svg>",
    ],
)
def test_what_is_no_plain_svg_is_refused(data):
    assert check_picture("a.svg", data)


def test_a_mistake_is_named_with_its_line():
    assert svg("\n<g>\n<script/></g>")[0][0] == 3


def test_a_png_is_known_by_its_bytes_and_bounded():
    assert check_picture("a.png", png()) == []
    assert "4097 by 2" in check_picture("a.png", png(width=4097))[0][1]
    assert check_picture("a.png", b"GIF89a")
    assert check_picture("a.png", png() + b"<script>")
    assert check_picture("a.png", png() + b"\0" * MAX_PNG)
