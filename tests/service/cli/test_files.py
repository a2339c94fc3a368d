"""Files that commands are pointed to: special ones are refused at once, and those passed over are named."""

import json
import shutil

import pytest

from tests.authoring.lint.test_special_files import MADE
from tests.folders import SAMPLES
from tests.service.cli.test_commands import FILES, run


@pytest.fixture
def files(tmp_path):
    """Copies of the sample files, and the options that name them."""
    for name in ("definitions", "content"):
        shutil.copytree(SAMPLES / name, tmp_path / name)
    return ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]


def test_lint_names_the_files_that_it_passes_over(files, tmp_path):
    (tmp_path / "definitions" / "personas").mkdir(exist_ok=True)
    for name in ("other.yml", "follow_up.programms.yaml", "personas/rosa.yml"):
        (tmp_path / "definitions" / name).write_text("x: y\n")
    problems = json.loads(run("lint", *files, "--format", "json").stdout)
    named = {problem["message"].split("'")[1] for problem in problems if "is passed over" in problem["message"]}
    assert named == {"other.yml", "follow_up.programms.yaml", "rosa.yml"}
    assert "'other.yml' is passed over. Rename it to 'other.yaml'." in run("lint", *files).output


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
