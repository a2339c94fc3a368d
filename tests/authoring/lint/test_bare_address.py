"""The address of a source leads to a page that a reviewer can check."""

import pytest

from tests.authoring.lint.texts import FRONT, MESSAGE, check_folder

SHARED = "content/sample/care/here/walk/piece.yaml"
TEXT = "content/sample/care/here/walk/en.md"


def cited(address):
    source = f'purpose: education\nreferences:\n  walks: {{title: "Walks", url: "{address}"}}\n'
    return {SHARED: source, TEXT: FRONT.format("") + "Walk a little each day.[^walks]\n"}


@pytest.mark.parametrize(
    "address", ["https://example.org/walks", "https://example.org/?page=walks", "https://example.org/a/b#c"]
)
def test_a_page_is_fine(tmp_path, address):
    check_folder(tmp_path, cited(address))


@pytest.mark.parametrize(
    "address",
    ["https://example.org", "https://example.org/", "https://www.example.org//", "https://example.org/#walks"],
)
def test_a_front_page_is_refused_at_its_line(tmp_path, address):
    check_folder(tmp_path, cited(address), (SHARED, 3, "bare-address"))


def test_a_source_without_an_address_is_fine(tmp_path):
    files = {SHARED: 'purpose: education\nreferences:\n  walks: {title: "Walks, 2026"}\n'}
    check_folder(tmp_path, {**files, TEXT: FRONT.format("") + f"{MESSAGE[:-1]}[^walks]\n"})
