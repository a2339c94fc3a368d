"""`journeys new locale` and `journeys translation`: a journey gets a language by files that go out and come back."""

import json
import re
from pathlib import Path

import pytest

from journeys.authoring.translation import read_journey_files, read_translation, rows_of, units_of, write_xliff
from journeys.authoring.translation.rows import TranslationFile
from service.operations.databases import open_service
from tests.authoring.translation.journey import TEXTS, in_capitals, write_journey
from tests.folders import CONTENT, DEFINITIONS
from tests.service.cli.test_commands import publish, run
from tests.service.people import add_author

FORMATS = pytest.mark.parametrize("form", ["xliff", "csv"])


@pytest.fixture
def files(tmp_path):
    """The options that name a journey in one language."""
    write_journey(tmp_path)
    return ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def translated(data):
    """A file of an export with every text translated."""
    file = read_translation(data)
    rows = tuple(type(row)(row.id, row.source, in_capitals(row.source), "translated") for row in file.rows)
    return TranslationFile(file.journey, file.source_locale, file.locale, rows)


@FORMATS
def test_a_journey_gets_a_language_and_is_published_when_nothing_waits(files, tmp_path, form):
    database = ["--database", f"sqlite:///{tmp_path}/journeys.db"]
    run("db", "upgrade", *database)
    with open_service(f"sqlite:///{tmp_path}/journeys.db") as service:
        add_author(service)
    done = run("new", "locale", "es", "checkup", *files)
    assert f"{TEXTS} texts of 'checkup' wait for translation into 'es'." in done.stderr
    before = contents(tmp_path / "content")
    assert f"{TEXTS} texts" in run("new", "locale", "es", "checkup", *files).stderr
    assert contents(tmp_path / "content") == before
    assert f"0 errors, {TEXTS} warnings" in run("lint", *files).stderr
    done = publish("checkup", *files, *database, code=1)
    assert f"Nothing was published: {TEXTS} problems." in done.output
    out = tmp_path / "out"
    done = run("translation", "export", "checkup", "es", "--format", form, "--output", out, *files)
    assert "23 units, 23 without a translation" in done.stderr
    team = "El equipo"
    file = translated(out.read_bytes())
    rows = tuple(
        type(row)(row.id, row.source, team, "translated") if row.id.endswith("team_name") else row for row in file.rows
    )
    out.write_bytes(write_xliff(TranslationFile(file.journey, file.source_locale, file.locale, rows)))
    assert "23 units written; 0 texts wait" in run("translation", "import", out, *files).stderr
    assert "0 errors, 0 warnings" in run("lint", *files).stderr
    assert "checkup: release 1" in publish("checkup", *files, *database).output
    assert not list(tmp_path.rglob(".*.new"))


@FORMATS
def test_an_unchanged_export_changes_no_file(files, tmp_path, form):
    run("new", "locale", "es", "checkup", *files)
    before = contents(tmp_path)
    run("translation", "export", "checkup", "es", "--format", form, "--output", tmp_path / "out", *files)
    run("translation", "import", tmp_path / "out", *files)
    (tmp_path / "out").unlink()
    assert contents(tmp_path) == before


def test_a_refused_unit_is_named_and_nothing_is_written(files, tmp_path):
    run("new", "locale", "es", "checkup", *files)
    out = tmp_path / "out.csv"
    run("translation", "export", "checkup", "es", "--format", "csv", "--output", out, *files)
    file = translated(out.read_bytes())
    rows = tuple(type(row)(row.id, row.source, row.target.replace("[^cdc]", ""), "translated") for row in file.rows)
    out.write_bytes(write_xliff(TranslationFile(file.journey, file.source_locale, file.locale, rows)))
    before = contents(tmp_path)
    done = run("translation", "import", out, *files, code=1)
    assert "checkup:visit:due:book:p1: The translation does not keep" in done.stdout
    assert "missing: [^cdc]" in done.stdout
    assert "1 unit refused; nothing was written." in done.stderr
    assert contents(tmp_path) == before


def says(output: str, words: str) -> bool:
    """Whether a box of output, whose lines are broken anywhere, has some words."""
    return "".join(words.split()) in re.sub(r"[\s│]", "", output)


def test_all_files_are_written_or_none(files, tmp_path, monkeypatch):
    run("new", "locale", "es", "checkup", *files)
    out = tmp_path / "out"
    run("translation", "export", "checkup", "es", "--output", out, *files)
    file = translated(out.read_bytes())
    rows = tuple(row for row in file.rows if not row.id.endswith("team_name"))
    out.write_bytes(write_xliff(TranslationFile(file.journey, file.source_locale, file.locale, rows)))
    before = contents(tmp_path)
    replaced = []
    original = Path.replace

    def replace(self, target):
        replaced.append(target)
        if len(replaced) == 3:
            raise OSError(28, "No space left on device", str(target))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    done = run("translation", "import", out, *files, code=1)
    assert says(done.output, "No space left on device; nothing was written.")
    assert len(replaced) == 3
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["new", "locale", "Spanish", "checkup"], "'Spanish' is not a locale"),
        (["new", "locale", "pt_BR", "checkup"], "Write 'pt-BR'."),
        (["new", "locale", "es", "chekup"], "Unknown journey 'chekup'"),
        (["translation", "export", "checkup", "es", "--output", "x"], "journeys new locale es checkup"),
        (["translation", "export", "checkup", "en", "--output", "x"], "'en' is not a language to translate"),
        (["translation", "import", "{tmp}/none.xlf"], "none.xlf"),
        (["translation", "import", "{tmp}/definitions/checkup.yaml"], "The first line names the columns"),
        (["translation", "import", "{tmp}/other.csv"], "of the journey 'other', which is not here"),
        (["translation", "import", "{tmp}/large.csv"], "The file is larger than"),
    ],
)
def test_wrong_use_is_explained(files, tmp_path, command, reason):
    (tmp_path / "other.csv").write_text("id,en,es,state\nother:x,1,2,translated\n")
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(50 * 1024**2)
    done = run(*(word.replace("{tmp}", str(tmp_path)) for word in command), *files, code=2)
    assert says(done.output, reason)


def test_a_journey_that_cannot_be_read_is_left_as_it_is(files, tmp_path):
    definition = tmp_path / "definitions/checkup.yaml"
    definition.write_text(definition.read_text().replace("title: {en: Visit done}", "title: Visit done"))
    before = contents(tmp_path)
    done = run("new", "locale", "es", "checkup", *files, code=1)
    assert "must be given by locale" in done.stderr
    assert "1 problem; nothing was written." in done.stderr
    assert contents(tmp_path) == before


@pytest.mark.long
@FORMATS
@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
def test_a_shipped_journey_comes_back_byte_for_byte(tmp_path, journey, form):
    files = ["--definitions", DEFINITIONS, "--content", CONTENT]
    before = contents(DEFINITIONS) | contents(CONTENT)
    out = tmp_path / "out"
    run("translation", "export", journey, "es", "--format", form, "--output", out, *files)
    texts, _ = read_journey_files(DEFINITIONS / f"{journey}.yaml", CONTENT)
    rows = [(row.id, row.source, row.target, row.state) for row in rows_of(units_of(texts, "es"))]
    assert [(row.id, row.source, row.target, row.state) for row in read_translation(out.read_bytes()).rows] == rows
    assert len(rows) > 500
    assert "0 units written; 0 texts wait" in run("translation", "import", out, *files).stderr
    assert contents(DEFINITIONS) | contents(CONTENT) == before


@pytest.mark.long
@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
def test_a_shipped_journey_takes_a_third_language_with_one_warning_for_each_text(tmp_path, journey):
    for path, data in (contents(DEFINITIONS) | contents(CONTENT / journey)).items():
        copy = tmp_path / path.relative_to(DEFINITIONS.parent)
        if copy.name.startswith(journey) or "content" in copy.parts:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
    files = ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]
    done = run("new", "locale", "fr", journey, *files)
    problems = json.loads(run("lint", journey, *files, "--format", "json").stdout)
    assert {(problem["rule"], problem["level"]) for problem in problems} == {("translation", "warning")}
    assert f"{len(problems)} texts of '{journey}' wait" in done.stderr
    assert len(problems) > 200
    out = tmp_path / "out"
    run("translation", "export", journey, "fr", "--output", out, *files)
    out.write_bytes(write_xliff(translated(out.read_bytes())))
    assert "0 texts wait" in run("translation", "import", out, *files).stderr
