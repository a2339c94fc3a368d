"""The author's desk: walks through a journey as its files are now, which can be recorded as stories."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from journeys.authoring.diagram import DiagramView
from journeys.authoring.stories import Stage, WalkTooLong, packed_story, read_story, without_expectations
from journeys.definition.programmes import Values, values_of
from journeys.primitives.canonical import time_text
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.state_path import StatePath
from service.platform import errors
from service.platform.cache import Cache
from service.platform.editor import Editor
from service.platform.problems import MEDIA_TYPE, STATUS, problem_of
from service.preview.workspace import PreviewedJourney, Workspace
from service.reviewer_ui.preview_page import linked_diagram
from service.walks.answers import answer_step, json_answer, story_file
from service.walks.phone import WalkAddresses, body_of, joining_of, phone_of
from service.walks.walk import WalkScene, fate_of, scene_of, walk_of

NAME = "desk"
#: The most titles of stories that are remembered.
MOST_TITLES = 2_000
_FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Desk:
    """The files that a desk shows: the workspace, the folder of stories, and the editor that opens them."""

    bench: Workspace
    stories: Path
    editor: Editor
    today: Callable[[], date]
    _titles: Cache[tuple[Path, int], str | None] = field(default_factory=lambda: Cache(MOST_TITLES))

    def blueprint(self) -> Blueprint:
        """Return the pages of the desk."""
        pages = Blueprint(NAME, __name__)
        pages.add_url_rule("/journeys/<key>/walk", "walk", self._walk)
        pages.add_url_rule("/journeys/<key>/walk/step", "step", self._step)
        pages.add_url_rule("/journeys/<key>/walk/pieces/<name>", "body", self._body)
        pages.add_url_rule("/journeys/<key>/walk/story", "record", self._record, methods=["POST"])
        pages.add_url_rule("/journeys/<key>/stories/<name>", "story", self._story)
        return pages

    def _walk(self, key: str) -> str:
        shown = self._shown(key)
        if "walk" not in request.args:
            return self._beginning(key, shown)
        scene = self._scene(key, shown, request.args)
        if scene is None:
            return self._beginning(key, shown, wrong="The walk cannot be played any more: its first step is refused.")
        data = phone_of(scene, _addresses(key), is_draft=False)
        leaf = scene.moved_leaf
        return render_template(
            "bench/walk.html",
            journey=key,
            shown=shown,
            scene=scene,
            data=data,
            diagram=linked_diagram(
                scene.plan,
                {full: self._state_url(key, shown, full) for full in scene.plan.journey.state_paths},
                around=[leaf],
                view=DiagramView(lit=frozenset([leaf])),
            ),
            state_url=lambda full: self._state_url(key, shown, full),
            step_url=lambda number: url_for(f"{NAME}.walk", key=key, **{**scene.walk.query, "step": number}),
            piece_url=lambda name: url_for("piece", key=key, name=name),
            fate=fate_of,
            folder=str(self.stories / key),
        )

    def _beginning(self, key: str, shown: PreviewedJourney, wrong: str = "") -> str:
        display = {name: request.args[name] for name in ("programme", "locale") if request.args.get(name)}
        plan = shown.release.plan
        data = joining_of(plan, _addresses(key), display, time_text(datetime.combine(self.today(), time(), UTC)))
        return render_template(
            "bench/walks.html",
            journey=key,
            shown=shown,
            data=data,
            wrong=wrong,
            display=display,
            stories=[(name, title) for name, title in self._stories(key)],
            folder=str(self.stories / key),
        )

    def _step(self, key: str) -> Response:
        shown = self._shown(key)
        stage, values = _stage_of(shown, request.args.get("programme", ""))
        today = datetime.combine(self.today(), time(), UTC)
        return answer_step(stage, values, request.args, _addresses(key), today)

    def _body(self, key: str, name: str) -> Response:
        scene = self._scene(key, self._shown(key), request.args)
        if scene is None:
            raise errors.NotFound
        return json_answer(body_of(scene, name))

    def _story(self, key: str, name: str) -> Any:
        """Begin a walk with the steps of a story."""
        self._shown(key)
        path = self.stories / key / f"{name}.yaml"
        if not _FILE.fullmatch(name) or not path.is_file():
            abort(404)
        story, _ = read_story(path.read_bytes(), str(path))
        if story is None or story.journey != key:
            abort(404)
        try:
            packed = packed_story(without_expectations(story))
        except WalkTooLong:
            abort(404)
        return redirect(url_for(f"{NAME}.walk", key=key, walk=packed, step=1))

    def _record(self, key: str) -> Response:
        """Write a walk as a story's file; an existing file is never overwritten."""
        try:
            path = self._written(key, request.form)
        except CallerError as error:
            return json_answer(problem_of(error), STATUS[error.code], MEDIA_TYPE)
        return json_answer({"file": str(path)}, 201)

    def _written(self, key: str, form: MultiDict[str, str]) -> Path:
        shown, name = self._shown(key), form.get("name", "")
        if not _FILE.fullmatch(name):
            raise Refused({"name": ["Write lower case letters, digits, '_' and '-'."]})
        walk = walk_of(form, key)
        path = self.stories / key / f"{name}.yaml"
        stage, _ = _stage_of(shown, walk.programme)
        data = story_file(walk, stage, form.get("title", "").strip())
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError as error:
            raise Refused({"name": [f"{path} exists already; choose another name."]}) from error
        return path

    def _stories(self, key: str) -> list[tuple[str, str]]:
        """The stories of a journey that can be read: the name of the file, and the title."""
        stories = []
        for path in sorted((self.stories / key).glob("*.yaml")):
            title = self._titles.get((path, path.stat().st_mtime_ns), partial(_title_of, path, key))
            if title is not None and _FILE.fullmatch(path.stem):
                stories.append((path.stem, title))
        return stories

    def _shown(self, key: str) -> PreviewedJourney:
        shown = self.bench.checked.journeys.get(key)
        if shown is None:
            abort(404)
        return shown

    def _scene(self, key: str, shown: PreviewedJourney, query: MultiDict[str, str]) -> WalkScene | None:
        walk = walk_of(query, key)
        return scene_of(walk, *_stage_of(shown, walk.programme))

    def _state_url(self, key: str, shown: PreviewedJourney, full: str) -> str:
        """The address that opens the definition at a state, or without an editor the page of the state."""
        journey, state = shown.release.plan.journey, StatePath.parse(full)
        mark = journey.tracks[state.track].states[state.path].mark
        return self.editor.address(journey.file, mark.line, mark.column) or url_for("journey", key=key, state=full)


def _stage_of(shown: PreviewedJourney, programme: str) -> tuple[Stage, Values]:
    """The journey as it reads in a programme; in the first, or without values where there is none."""
    chosen = programme or next(iter(shown.programmes), "")
    if chosen not in shown.programmes:
        return Stage(shown.release, shown.catalogue, questionnaire=shown.questionnaire), {}
    stage = Stage(shown.release, shown.catalogues[chosen], questionnaire=shown.questionnaire)
    return stage, values_of(shown.programmes[chosen])


def _title_of(path: Path, journey: str) -> str | None:
    """The title of a story of a journey; None for another file."""
    story, _ = read_story(path.read_bytes(), str(path))
    return story.title if story is not None and story.journey == journey else None


def _addresses(key: str) -> WalkAddresses:
    return WalkAddresses(f"{NAME}.walk", f"{NAME}.step", f"{NAME}.body", "picture", {"key": key})
