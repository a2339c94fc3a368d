"""The phone of a walk: its screen in the form of the API's `view`, its lock screen, and the body of a piece."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import url_for

from journeys.content.catalogue import find, world_of
from journeys.content.rendering import Renderer, own_text
from journeys.content.screen import Screen, changes, draw, reportable, texts_in, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import ANSWERED, LATER
from journeys.engine import State
from journeys.outreach.simulate import SimulatedMessage
from journeys.primitives.canonical import time_text
from journeys.primitives.messages import package_translations
from journeys.surveys.thanks import thanks_given, thanks_in_words
from service.enrollments.views import EnrollmentEnd
from service.http.screens import CardWriting, body_of_screen
from service.platform import errors
from service.walks.forms import form_of_placing, forms_of_joining, forms_of_patient, forms_of_staff
from service.walks.walk import WalkScene

TEXTS = package_translations("service", "phone")
#: The pieces of a walk have no numbered versions: each is shown as it is in the files, or in the release.
UNNUMBERED = 0


@dataclass(frozen=True, slots=True)
class WalkAddresses:
    """The endpoints of a walk: its page, one more step (JSON), a body (JSON) and a picture; with the parts of each."""

    page: str
    step: str
    body: str
    picture: str
    parts: dict[str, Any]

    def of_page(self, query: dict[str, Any]) -> str:
        """Return the address of the page of a walk."""
        return url_for(self.page, **self.parts, **query)


def phone_of(scene: WalkScene, addresses: WalkAddresses, *, is_draft: bool) -> dict[str, Any]:
    """Return all that the page's script draws: the view, the messages, and the forms."""
    query = scene.walk.query
    return {
        "view": _view(scene, addresses, is_draft=is_draft),
        "locales": list(scene.plan.journey.locales),
        "texts": {language: dict(texts) for language, texts in TEXTS.by_language.items()},
        "said": _said(scene, is_draft=is_draft),
        "messages": [_message(scene, addresses, message) for message in scene.messages if message.channel is not None],
        "zone": str(scene.walk.story.recipient.zone or "UTC"),
        "now": time_text(scene.now),
        "patient": forms_of_patient(scene.catalogue, scene.view, scene.locale, _to_answer(scene)),
        "staff": forms_of_staff(scene.plan, scene.state, scene.line.news),
        "placing": form_of_placing(scene.plan, scene.state),
        "step": url_for(addresses.step, **addresses.parts, **query),
        "page": addresses.of_page({**query, "locale": ""}),
    }


def joining_of(plan: ReleasePlan, addresses: WalkAddresses, display: dict[str, Any], today: str) -> dict[str, Any]:
    """Return all that the script needs on the page where a walk begins: a form for each entry, and the day."""
    return {
        "entries": forms_of_joining(plan),
        "step": url_for(addresses.step, **addresses.parts, **display),
        "now": today,
    }


def body_of(scene: WalkScene, key: str) -> dict[str, str]:
    """Return the body of a piece as the phone shows it.

    Raises:
        NotFound: the piece is unknown, or it is neither shown nor sent by the end of this step.
    """
    piece, view = scene.catalogue.pieces.get(key), scene.view
    if piece is None:
        raise errors.NotFound
    selected = find(scene.catalogue, view, scene.now, key)
    is_sent = any(message.piece == key for message in scene.messages)
    if selected is None and not is_sent:
        raise errors.NotFound
    world = world_of(view, scene.now, selected.stay if selected is not None else None)
    rendered = Renderer().render(piece, scene.plan, world, locale=scene.locale, channel="web")
    return {"title": piece.texts[scene.locale].title, "html": rendered.html or ""}


def _to_answer(scene: WalkScene) -> Collection[str] | None:
    """The facts that questions ask; None in a journey that declares none."""
    questionnaire = scene.questionnaire
    return questionnaire.in_view(scene.view, scene.now).facts if questionnaire is not None else None


def _screen(scene: WalkScene, view: State) -> Screen:
    """The screen of a told view at the end of the step."""
    locale, questionnaire = scene.locale, scene.questionnaire
    questions = questionnaire.on_screen(view, scene.now, locale) if questionnaire is not None else None
    to_answer = questions.facts if questions is not None else None
    forms = None if view.ended is not None else reportable(scene.catalogue, view, locale, to_answer=to_answer)
    screen = draw(scene.catalogue, view, scene.now, locale, marks={}, can_report=forms, values=scene.values)
    return questions.on(screen) if questions is not None else screen


def _said(scene: WalkScene, *, is_draft: bool) -> dict[str, Any] | None:
    """What the answer of the step led to: `changed`, `declined` or `later`; None after any other step."""
    step, before = scene.walk.story.steps[scene.walk.step - 1], scene.view_before
    if step.by != "patient" or step.target not in (ANSWERED, LATER) or before is None:
        return None
    if step.target == LATER:
        return {"later": True}
    if all(value == "declined" for value in step.facts.values()):
        return {"declined": True}
    renderer, views = Renderer(), (before, scene.view)
    screens = [_screen(scene, view) for view in views]
    texts = [texts_in(renderer, scene.plan, view, scene.now, scene.locale) for view in views]
    difference = changes(screens[0], screens[1], texts[0], texts[1])
    changed = difference.to_stored(lambda title: _marked(scene.locale, title) if is_draft else title)
    given = thanks_given(scene.plan, before.surveyed, scene.view.surveyed)
    thanks = [thanks_in_words(scene.plan, survey, scene.values, scene.locale) for survey in given]
    return {"changed": {**changed, "thanks": thanks} if thanks else changed}


def _view(scene: WalkScene, addresses: WalkAddresses, *, is_draft: bool) -> dict[str, Any]:
    view, locale = scene.view, scene.locale
    screen = _screen(scene, view)
    ended = None
    if view.ended is not None:
        title = trigger_title(scene.plan, view.ended.trigger, locale)
        ended = EnrollmentEnd(view.ended.trigger, title, view.ended.at)
    writing = CardWriting(
        marked=_marked if is_draft else lambda _, text: text,
        number=lambda _: UNNUMBERED,
        body=lambda key, _: _body_address(scene, addresses, key),
        picture=lambda key: url_for(addresses.picture, **addresses.parts, name=key),
    )
    return body_of_screen(screen, writing, enrollment="walk", journey=scene.plan.journey.key, ended=ended)


def _marked(locale: str, text: str) -> str:
    return f"[{own_text(locale, 'draft')}] {text}"


def _message(scene: WalkScene, addresses: WalkAddresses, message: SimulatedMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "piece": message.piece,
        "channel": message.channel,
        "at": time_text(message.at),
        "subject": message.line,
        "text": message.line,
        "locale": scene.locale,
        "body": _body_address(scene, addresses, message.piece),
    }


def _body_address(scene: WalkScene, addresses: WalkAddresses, key: str) -> str:
    return url_for(addresses.body, **addresses.parts, name=key, **{**scene.walk.query, "locale": scene.locale})
