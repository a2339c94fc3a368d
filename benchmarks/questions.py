"""q: a screen with questions against one of the same journey without, and compiling the questions against lint."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.calls import application, get
from benchmarks.database import JOURNEY, ROOT, BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, Run, against, by_turns, cost_against
from journeys.authoring.lint import lint_files
from journeys.engine.machine import make_release
from journeys.questions.questionnaire import compile_questionnaire
from service.demo.reviewers import publish_signed
from service.enrollments.questions import read_questions
from service.operations import databases

PATIENTS = 20


def measure(bench: Bench) -> list[Line]:
    return [_screens(bench), _compiling(bench)]


def _screens(bench: Bench) -> Line:
    count = bench.count(25, 1)
    plain = bench.folder / "no-questions.db"
    _publish_without_questions(bench.folder / "no-questions", plain)
    with sqlite_database(bench, "questions") as ours, sqlite_database(bench, "plain", plain) as limit:
        runs = {"ours": _run_of(ours, count, is_asked=True), "limit": _run_of(limit, count, is_asked=False)}
        figures = by_turns(bench, runs)
    return against("q", "a screen with questions over one without, in process", "screens/s", figures, reach=0.9)


def _run_of(database: BenchDatabase, count: int, *, is_asked: bool) -> Run:
    app = application(database)
    enrollments = database.copies(range(PATIENTS))
    paths = [f"/v1/enrollments/{enrollment}/view" for enrollment in enrollments]
    assert bool(read_questions(database.service, database.caller, enrollments[0], None).items) == is_asked

    def run(_: int) -> float:
        started = time.thread_time()
        for _ in range(count):
            for path in paths:
                assert get(app, database.secret, path)[0] == 200
        return count * PATIENTS / (time.thread_time() - started)

    return run


def _compiling(bench: Bench) -> Line:
    definition, content = ROOT / "definitions" / f"{JOURNEY}.yaml", ROOT / "content"
    linted = lint_files(definition, content)
    release, catalogue = make_release(linted.journey), linted.catalogue

    def lint(_: int) -> float:
        started = time.process_time()
        lint_files(definition, content)
        return time.process_time() - started

    def compile_(_: int) -> float:
        started = time.process_time()
        compile_questionnaire(release.plan, catalogue)
        return time.process_time() - started

    figures = by_turns(bench, {"ours": compile_, "limit": lint})
    return cost_against("q", "compiling the questions over lint", "s", figures, at_most=0.5)


def _publish_without_questions(folder: Path, database: Path) -> None:
    """Publish the journey without its questions into a new SQLite file."""
    if database.exists():
        return
    shutil.copytree(ROOT / "definitions", folder)
    yaml, definition = YAML(), folder / f"{JOURNEY}.yaml"
    yaml.width = 400
    journey = yaml.load(definition)
    for fact in journey["facts"].values():
        fact.pop("ask", None)
    for name, group in journey["groups"].items():
        journey["groups"][name] = group["facts"]
    yaml.dump(journey, definition)
    with databases.open_service(f"sqlite:///{database}", creates=True) as service:
        done = publish_signed(service, folder, ROOT / "content", only=[JOURNEY])
        assert done.is_done, [str(problem) for problem in done.problems]
