"""Files that commands are pointed to: special ones are refused at once, and those passed over are named."""

import json
import os

import pytest

from journeys.interop.fhir import MAX_BUNDLE_BYTES
from tests.authoring.lint.test_special_files import MADE
from tests.folders import copy_samples
from tests.interop.fhir.test_command import FOLLOW_UP
from tests.service.cli.test_commands import FILES, run


@pytest.fixture
def files(tmp_path):
    """Copies of the sample files, and the options that name them."""
    copy_samples(tmp_path)
    return ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The options that name a database without patients."""
    options = ["--database", f"sqlite:///{tmp_path_factory.mktemp('database')}/journeys.db"]
    run("db", "upgrade", *options)
    return options


def test_lint_names_the_files_that_it_passes_over(files, tmp_path):
    (tmp_path / "definitions" / "personas").mkdir(exist_ok=True)
    for name in ("other.yml", "follow_up.programms.yaml", "personas/rosa.yml"):
        (tmp_path / "definitions" / name).write_text("x: y\n")
    problems = json.loads(run("lint", *files, "--format", "json").stdout)
    named = {problem["message"].split("'")[1] for problem in problems if "is passed over" in problem["message"]}
    assert named == {"other.yml", "follow_up.programms.yaml", "rosa.yml"}
    assert "'other.yml' is passed over. Rename it to 'other.yaml'." in run("lint", *files).output


def test_a_folder_of_stories_names_the_files_that_it_passes_over(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "first.yml").write_text("x: y\n")
    done = run("test", tmp_path, *FILES)
    assert "'first.yml' is passed over. Rename it to 'first.yaml'." in done.output


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_a_story_is_a_regular_file_of_bounded_length(tmp_path, make, text):
    path = tmp_path / "story.yaml"
    make(path)
    done = run("test", path, *FILES, code=0 if path.is_dir() else 1)
    assert path.is_dir() or text in done.output


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_lint_refuses_a_persona_that_is_not_a_regular_file(files, tmp_path, make, text):
    (tmp_path / "definitions" / "personas").mkdir(exist_ok=True)
    make(tmp_path / "definitions" / "personas" / "rosa.yaml")
    assert text in run("lint", *files, code=1).output


#: Of the special files, those that click does not refuse itself.
OF_OPTIONS = {name: made for name, made in MADE.items() if name not in ("a folder", "a link to nothing")}


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_lint_refuses_a_fhir_mapping_that_is_not_a_regular_file(files, tmp_path, make, text):
    make(tmp_path / "definitions" / "follow_up.fhir.yaml")
    assert text in run("lint", "follow_up", *files, code=1).output


MISTAKES = {
    "a hidden character": ("rules:", "rules: # s\u202ecan", "5:11 error hidden-character"),
    "lookalike letters": ("rules:", "rules: # sc\u0430n", "5:12 error lookalike-letter"),
    "garbled text": ("rules:", "rules: # revisi\u00c3\u00b3n", "5:10 error garbled-text"),
    "an unknown trigger": ("trigger: scan_done", "trigger: scan_don", "12:14 error fhir"),
    "a merge marker": ("rules:", "<<<<<<< HEAD\nrules: [", "5:1 error merge-marker"),
}


@pytest.mark.parametrize(("right", "wrong", "problem"), MISTAKES.values(), ids=MISTAKES.keys())
def test_lint_and_ingest_report_the_same_mistakes_of_a_fhir_mapping(files, database, tmp_path, right, wrong, problem):
    mapping = tmp_path / "definitions" / "follow_up.fhir.yaml"
    mapping.write_text(FOLLOW_UP.strip().replace(right, wrong))
    linted = [line for line in run("lint", mapping, *files, code=1).output.splitlines() if ".fhir.yaml:" in line]
    assert [problem in line for line in linted] == [True]
    (tmp_path / "bundle.json").write_text("{}")
    ingested = run("ingest", "fhir", tmp_path / "bundle.json", *files, *database, code=1).output.splitlines()
    assert [line for line in ingested if ".fhir.yaml:" in line] == linted
    mapping.write_text(FOLLOW_UP.strip())
    assert "0 errors" in run("lint", "follow_up", *files).output


@pytest.mark.parametrize(("make", "text"), OF_OPTIONS.values(), ids=OF_OPTIONS.keys())
def test_a_file_that_an_option_names_is_a_regular_file_of_bounded_length(files, database, tmp_path, make, text):
    path = tmp_path / "file.yaml"
    make(path)
    refused = run("publish", "follow_up", "--policy", "map", "--map", path, "--as", "ada", *files, *database, code=2)
    assert text.split(";")[0] in " ".join(refused.output.replace("\u2502", " ").split())
    (tmp_path / "bundle.json").write_text("{}")
    ingest = ["ingest", "fhir", tmp_path / "bundle.json", "--journey", "follow_up", "--mapping", path]
    assert text in run(*ingest, *files, *database, code=1).output


@pytest.mark.parametrize(
    ("make", "text"),
    [
        OF_OPTIONS["a pipe"],
        OF_OPTIONS["a link to a device"],
        (
            lambda path: (path.touch(), os.truncate(path, MAX_BUNDLE_BYTES + 1)),
            "The file is larger than 67108864 bytes (64 MB).",
        ),
    ],
    ids=["a pipe", "a link to a device", "a large file"],
)
def test_a_bundle_is_a_regular_file_of_bounded_length_and_those_after_it_are_read(
    files, database, tmp_path, make, text
):
    (tmp_path / "definitions" / "follow_up.fhir.yaml").write_text(FOLLOW_UP)
    make(tmp_path / "1.json")
    (tmp_path / "2.json").write_text("[]")
    done = run("ingest", "fhir", tmp_path / "1.json", tmp_path / "2.json", *files, *database, code=1).output
    assert f"1.json: {text}" in done
    assert "2.json: The file is not a JSON object" in done
