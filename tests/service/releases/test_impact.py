"""The impact of changed files: lost signatures, and patients in states that show the content."""

import shutil

import pytest

from journeys.authoring.lint import lint_files
from service.releases import impact
from service.releases.population import list_leaf_sets
from tests.folders import copy_samples


@pytest.fixture
def files(tmp_path):
    """Copies of the sample's files, to change them."""
    return copy_samples(tmp_path)


def read(files):
    return lint_files(files / "definitions" / "follow_up.yaml", files / "content")


def signed(clinic, files):
    linted = read(files)
    result = impact.list_signed(clinic.service, linted, impact.digests(linted).keys())
    return {(entry.key, entry.locale): entry.is_same for entry in result}


def test_every_signature_is_kept_by_the_files_that_were_signed(clinic, files):
    remaining = signed(clinic, files)
    assert (None, "en") in remaining
    assert ("smoking", "es") in remaining
    assert all(remaining.values())


def test_one_changed_byte_of_a_text_undoes_its_own_signature_alone(clinic, files):
    (text,) = (files / "content").rglob("smoking/es.md")
    text.write_bytes(text.read_bytes() + b"\n")
    assert [key for key, same in signed(clinic, files).items() if not same] == [("smoking", "es")]


def test_one_changed_byte_of_the_definition_undoes_the_structure_alone(clinic, files):
    definition = files / "definitions" / "follow_up.yaml"
    definition.write_bytes(definition.read_bytes() + b"# seen again\n")
    undone = [key for key, same in signed(clinic, files).items() if not same]
    assert {key for key, _ in undone} <= {None}


def test_what_was_never_published_has_no_signatures(clinic, files):
    definition = files / "definitions" / "follow_up.yaml"
    definition.write_text(definition.read_text().replace("journey: follow_up", "journey: other", 1))
    shutil.copytree(files / "content" / "follow_up", files / "content" / "other")
    assert signed(clinic, files) == {}


def test_people_are_counted_by_where_they_stand(clinic):
    assert list(list_leaf_sets(clinic.service, "follow_up")) == []
    clinic.enroll("p0")
    (person,) = list_leaf_sets(clinic.service, "follow_up")
    assert any(leaf.startswith("disease.surveillance") for leaf in person)
