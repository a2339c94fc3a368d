"""`journeys pack` and `journeys impact`: what they print, and that they end with 0, 1 or 2."""

import json

import pytest

from service.demo.reviewers import publish_signed
from service.operations import databases
from tests.folders import copy_samples
from tests.service.cli.test_commands import FILES, SAMPLES, run


@pytest.fixture
def copied(tmp_path):
    """Copies of the sample's definitions and content, and the options that name them."""
    copy_samples(tmp_path)
    return tmp_path, ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]


def plain(output):
    """What a message says without its frame."""
    return " ".join(output.replace("│", " ").split())


def test_a_pack_is_a_document_of_all_languages():
    made = run("pack", "follow_up", *FILES).stdout
    assert made.startswith("<!doctype html>")
    assert '<article class="piece" id="scan-due-es" lang="es">' in made


def test_a_pack_is_text_in_one_language():
    made = run("pack", "follow_up", "--locale", "es", "--format", "text", *FILES).stdout
    assert made.startswith("Carpeta de revisión: ")
    assert "· en\n" not in made


@pytest.mark.parametrize("kept", ["a pack", "a folder"])
def test_a_pack_opens_on_what_changed(copied, tmp_path_factory, kept):
    folder, files = copied
    since = tmp_path_factory.mktemp("before") / "before.json"
    since.write_text(run("pack", "follow_up", "--format", "json", *files).stdout)
    text = folder / "content" / "follow_up" / "disease" / "surveillance" / "scan_due" / "scan-due" / "en.md"
    text.write_text(text.read_text().replace("title: ", "title: Now ", 1).replace('title: Now "', 'title: "Now '))
    made = run(
        "pack", "follow_up", "--format", "text", "--since", since if kept == "a pack" else SAMPLES, *files
    ).stdout
    before, _, after = made.partition("What changed")
    assert "{+Now +}" in after
    assert "scan-due" not in before


def test_what_is_no_pack_is_refused_with_how_to_make_one(tmp_path):
    (tmp_path / "pack.json").write_text("{}")
    message = run("pack", "follow_up", "--since", tmp_path / "pack.json", *FILES, code=2).output
    assert "is not a pack of" in plain(message)


def test_a_language_that_is_not_declared_is_refused():
    assert "Unknown language 'fr'" in plain(run("pack", "follow_up", "--locale", "fr", *FILES, code=2).output)


def test_a_journey_with_errors_has_no_pack(copied):
    folder, files = copied
    definition = folder / "definitions" / "follow_up.yaml"
    definition.write_text(definition.read_text().replace("to: scan_due}", "to: scan_dew}", 1))
    assert "scan_dew" in run("pack", "follow_up", *files, code=1).output


def test_impact_names_pieces_languages_and_signatures():
    file = SAMPLES / "content" / "follow_up" / "support" / "smoking" / "es.md"
    message = run("impact", file, *FILES).stdout
    assert "smoking  es  " in message
    assert "smoking  en" not in message
    assert "1 signature affected" in message


def test_impact_is_json_too():
    made = json.loads(run("impact", SAMPLES / "definitions" / "follow_up.yaml", "--format", "json", *FILES).stdout)
    assert made[0]["files"][0]["structure"] == ["en", "es"]
    assert {"piece": None, "locale": "es"} in made[0]["signatures"]


def test_impact_asks_the_store_for_people_and_signatures(tmp_path):
    store = f"sqlite:///{tmp_path / 'journeys.db'}"
    run("db", "upgrade", "--database", store)
    with databases.open_service(store) as service:
        publish_signed(service, SAMPLES / "definitions", SAMPLES / "content")
    file = SAMPLES / "content" / "follow_up" / "support" / "smoking" / "es.md"
    message = run("impact", file, "--database", store, *FILES).stdout
    assert "smoking  es  signed by Dr. Mara Example (synthetic) (medical, " in message
    assert "unchanged" in message
    assert "0 of 0 patients" in message
    made = json.loads(run("impact", file, "--people", "--format", "json", *FILES, JOURNEYS_DATABASE=store).stdout)
    assert made[0]["people"] == {"touched": 0, "all": 0, "by_state": {}}
    assert [entry["is_same"] for entry in made[0]["signed"]] == [True]


def test_a_file_of_no_journey_is_refused(tmp_path):
    assert "does not belong to a journey" in plain(run("impact", tmp_path / "x.md", *FILES, code=2).output)
