"""The answers to the script of a walk: the walk with one more step, the body of a piece, and the file of its story."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from flask import Response
from werkzeug.datastructures import MultiDict

from journeys.authoring.stories import Played, Stage, play, story_text, updated
from journeys.definition.programmes import Values
from journeys.primitives.errors import CallerError, Refused
from service.http.context import to_json
from service.platform.problems import MEDIA_TYPE, STATUS, problem_of
from service.walks.phone import WalkAddresses
from service.walks.steps import begin, extend
from service.walks.walk import Walk, scene_of, walk_of

#: The longest step in an address, in characters.
LONGEST_STEP = 4_000
#: The longest title of a recorded story, in characters.
LONGEST_TITLE = 120
_LINES = {"Cc", "Cs", "Zl", "Zp"}
#: Unicode's categories of control characters, surrogates, and ends of lines.


def answer_step(
    stage: Stage, values: Values, query: MultiDict[str, str], addresses: WalkAddresses, now: datetime
) -> Response:
    """Return the address of the walk that `query` names with one more step (`add`, JSON), or the problem with it.

    Raises:
        NotFound: the query names no walk, and does not begin one.
    """
    try:
        walk = _longer_walk(stage, values, query, now)
    except CallerError as error:
        return json_answer(problem_of(error), STATUS[error.code], MEDIA_TYPE)
    return json_answer({"address": addresses.of_page(walk.query)})


def json_answer(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    """Return a JSON value as a response."""
    return Response(to_json(value), status=status, mimetype=kind)


def story_file(walk: Walk, stage: Stage, title: str) -> bytes:
    """Return the walk until its shown step as the file of a story, with what happens at each step as expected.

    Raises:
        Refused: it cannot be played any more, or the title is not a line of text.
    """
    if len(title) > LONGEST_TITLE or any(unicodedata.category(character) in _LINES for character in title):
        raise Refused({"title": [f"Write a line of at most {LONGEST_TITLE} characters."]})
    story = replace(walk.story, title=title or walk.story.title, steps=walk.story.steps[: walk.step])
    played = play(story, stage)
    _require_playable(played)
    return updated(story_text(story, with_expectations=True).encode(), played)


def _longer_walk(stage: Stage, values: Values, query: MultiDict[str, str], now: datetime) -> Walk:
    step = _step_of(query.get("add", ""))
    journey = stage.release.plan.journey
    if "begin" in step:
        locale = query.get("locale", "") or journey.locales[0]
        if locale not in journey.locales:
            raise Refused({"locale": [f"Unknown language '{locale[:20]}'. Accepted: {', '.join(journey.locales)}."]})
        story = begin(journey, step, locale=locale, now=now)
        walk = Walk(story, 1, query.get("programme", ""), query.get("locale", ""))
    else:
        shown = scene_of(walk_of(query, journey.key), stage, values)
        if shown is None:
            raise Refused({"step": ["The walk cannot be played any more. Begin a new one."]})
        walk = extend(shown, step)
    _require_playable(play(walk.story, stage))
    return walk


def _step_of(text: str) -> Mapping[str, Any]:
    try:
        step = orjson.loads(text) if len(text) <= LONGEST_STEP else None
    except orjson.JSONDecodeError:  # also half of a surrogate pair, which no file can hold
        step = None
    if not isinstance(step, dict):
        raise Refused({"add": [f"Write a JSON object of at most {LONGEST_STEP} characters."]})
    return step


def _require_playable(played: Played) -> None:
    if played.refusal:
        raise Refused(played.refusal)
    if played.problems:
        raise Refused({"step": [problem.message for problem in played.problems]})
