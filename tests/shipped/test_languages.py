"""Every shipped language has every text, with the same values in it; a further language is a folder and no code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.folders import ROOT

CATALOGUES = sorted(path for package in ("journeys", "service") for path in (ROOT / package).glob("locales/*/*/*.po"))
VALUES = re.compile(r"\{(\w*)\}")
#: The beginning of a translation in a catalogue; `msgstr ""` begins a longer one.
TRANSLATED = re.compile(r'^(msgstr(?:\[\d\])? ")(?!")', re.MULTILINE)
THIRD_LANGUAGE = Path(__file__).with_name("third_language.py")


def catalogue_of(path: Path):
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def english_of(path: Path) -> Path:
    return path.parents[2] / "en" / "LC_MESSAGES" / path.name


def forms_of(path: Path) -> dict[str, tuple[str, ...]]:
    """The translated forms of every message by its key; a message without a translation has none."""
    messages = [message for message in catalogue_of(path) if message.id and not message.fuzzy]
    return {
        message.id[0] if message.pluralizable else message.id: tuple(
            form for form in (message.string if message.pluralizable else (message.string,)) if form
        )
        for message in messages
    }


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_no_text_is_missing(path):
    english, own = forms_of(english_of(path)), forms_of(path)
    assert [key for key in english if not own.get(key)] == []
    assert [key for key in own if key not in english] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_every_form_of_a_text_has_the_values_of_the_english_one(path):
    english = forms_of(english_of(path))
    assert [
        (key, form)
        for key, forms in forms_of(path).items()
        for form in forms
        if sorted(VALUES.findall(form)) != sorted(VALUES.findall(english[key][0]))
    ] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_a_plural_has_as_many_forms_as_its_language(path):
    catalogue = catalogue_of(path)
    forms = forms_of(path)
    plurals = [message.id[0] for message in catalogue if message.pluralizable]
    assert [key for key in plurals if len(forms[key]) != catalogue.num_plurals] == []


def test_every_language_has_every_catalogue():
    for package in ("journeys", "service"):
        by_language = {
            folder.name: {path.name for path in folder.glob("LC_MESSAGES/*.po")}
            for folder in (ROOT / package / "locales").iterdir()
        }
        assert by_language["es"] == by_language["en"]


def test_a_third_language_is_a_folder_and_no_code(tmp_path):
    """A copy of the package with a folder `pt` renders pieces, screens, labels and conditions in Portuguese."""
    package = shutil.copytree(
        ROOT / "journeys", tmp_path / "journeys", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    for catalogue in (package / "locales" / "en" / "LC_MESSAGES").iterdir():
        text = TRANSLATED.sub(r"\1PT ", catalogue.read_text(encoding="utf-8"))
        translated = package / "locales" / "pt" / "LC_MESSAGES" / catalogue.name
        translated.parent.mkdir(parents=True, exist_ok=True)
        translated.write_text(text, encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, str(THIRD_LANGUAGE)],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout) == {
        "package": str(package),
        "subject": "PT There is something new for you to read",
        "sources": "PT Sources",
        "why": "PT For this step: Na enfermaria",
        "trigger": "PT Put right by the care team",
        "label": "PT 1 after PT “Em casa” begins",
        "condition": "PT PT more than 3 days in this state",
        "note": "PT after 7 dias",
    }
