"""The pages on which somebody joins: what they get, the questions, the check, the code, the end. Only POST acts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, g, request
from sqlalchemy import Connection

from journeys.outreach.verification import CODE_LIFE, MOST_TRIES
from journeys.primitives.errors import Refused
from journeys.registration import (
    AnswerProblem,
    JoinField,
    JoinStep,
    answer_of,
    fields_of,
    first_open,
    step_after,
    steps_of,
)
from journeys.registration.fields import cell_value
from service.http.context import service
from service.persons.addresses import checked_address, masked_address
from service.platform import errors
from service.platform.browser import purposes_refused
from service.registration.blueprint import (
    COOKIE,
    attempt,
    blueprint,
    chosen_from,
    consents,
    draft,
    is_https,
    joining,
    language_names,
    locale,
    offer,
    page,
    style,
    take_beginning,
    to,
    with_locale,
    words,
)
from service.registration.counts import count
from service.registration.drafts import Draft, begin_draft, delete_draft, open_draft, save_draft
from service.registration.finish import finish
from service.registration.letters import send_code
from service.sign_in.blueprint import COOKIE as SESSION
from service.sign_in.sessions import OpenedSession

CHECK, CODE = "check", "code"


@blueprint.route("/join/<programme>")
def start_page(programme: str) -> Response:
    """Shows what people get, and the way to the first question."""
    if draft() is not None and g.draft.finished_at is not None:
        return to("done_page")
    return page("start", gives=offer().registration.gives, has_draft=draft() is not None, fields=_fields())


@blueprint.route("/join/<programme>", methods=["POST"])
def begin(programme: str) -> Response:
    """Begins a draft, or goes on with that of this browser."""
    if draft() is not None and g.draft.finished_at is None:
        return to("step_page", step=open_step_of(g.draft))
    take_beginning()
    new = Draft(programme=programme, style=style(), language=locale())
    first = steps_of(new.style, _fields())[0]
    with service().database.writing() as connection:
        begin_draft(service(), connection, g.secret, _shown(connection, new, first))
    return to("step_page", step=first.name)


@blueprint.route("/join/<programme>/forget", methods=["POST"])
def forget(programme: str) -> Response:
    """Deletes the draft of this browser, and its cookie."""
    delete_draft(service(), g.secret)
    response = page("forgotten")
    COOKIE.forget(response, https=is_https())
    return response


@blueprint.route("/join/<programme>/step/<step>")
def step_page(programme: str, step: str) -> Response:
    """Shows a step with the answers given so far."""
    if draft() is None:
        return to("start_page")
    if g.draft.finished_at is not None:
        return to("done_page")
    if step == CHECK:
        return _check_page(g.draft)
    return _step_page(_step(g.draft, step), _sent_of(g.draft.answers))


@blueprint.route("/join/<programme>/step/<step>", methods=["POST"])
def answer_step(programme: str, step: str) -> Response:
    """Keeps the answers of a step, and goes on; or goes back."""
    if draft() is None:
        return to("start_page")
    if g.draft.finished_at is not None:
        return to("done_page")
    if step == CHECK:
        return _send(g.draft)
    here, is_back = _step(g.draft, step), request.form.get("go") == "back"
    sent = {field.name: request.form.getlist(field.name) for field in here.fields}
    read = {field.name: answer_of(field, sent[field.name], chosen_from(), checked) for field in here.fields}
    problems = [answer for answer in read.values() if isinstance(answer, AnswerProblem)]
    accepted = {name: answer for name, answer in read.items() if not isinstance(answer, AnswerProblem)}
    with service().database.writing() as connection:
        kept = open_draft(service(), connection, g.secret)
        if is_back:
            happened = [(field.name, "back") for field in here.fields]
        elif problems:
            happened = [(problem.field, "error") for problem in problems]
        else:
            happened = [(name, "declined" if _is_none(answer) else "answered") for name, answer in accepted.items()]
        # Counted in the language in which it was shown, which may be another from here on.
        changed = _answered(count(service(), connection, offer(), kept, happened), accepted)
        following = None if is_back or problems else step_after(_steps(changed), step, changed.answers)
        if not is_back and not problems:
            changed = _shown(connection, changed, following or JoinStep(CHECK, ()))
        save_draft(service(), connection, g.secret, changed)
    g.draft = changed
    if is_back:
        return _back(here)
    if problems:
        return _step_page(here, sent, problems, 422)
    return to("step_page", step=following.name if following is not None else CHECK)


@blueprint.route("/join/<programme>/code")
def code_page(programme: str) -> Response:
    """Shows the form to name the code."""
    if draft() is None:
        return to("start_page")
    return to("done_page") if g.draft.finished_at is not None else _code_page(g.draft)


@blueprint.route("/join/<programme>/code", methods=["POST"])
def confirm(programme: str) -> Response:
    """Takes the last step by the code."""
    if draft() is None:
        return to("start_page")
    if g.draft.finished_at is not None:
        return to("done_page")
    code = re.sub(r"[\s-]", "", request.form.get("code", ""))
    if not re.fullmatch(r"[0-9]{6}", code):
        _count_error(CODE)
        return _code_page(g.draft, 422, "problem_digits")
    if first_open(_steps(g.draft), g.draft.answers) is not None:
        return to("step_page", step=open_step_of(g.draft))
    try:
        finished = finish(service(), offer(), g.secret, code, attempt())
    except Refused:  # a consent text or an entry that was chosen has gone
        return _check_page(g.draft, 409, "problem_changed")
    if not isinstance(finished, OpenedSession):
        _count_error(CODE)
        return _code_page(g.draft, 422, "problem_wrong" if finished == "wrong" else "problem_ended")
    response = to("done_page")
    SESSION.keep(response, finished.text, https=is_https())
    return response


@blueprint.route("/join/<programme>/done")
def done_page(programme: str) -> Response:
    """Says what happens next."""
    if draft() is None or g.draft.finished_at is None:
        return to("start_page")
    return page("done", next=offer().registration.next)


def _fields() -> tuple[JoinField, ...]:
    return fields_of(chosen_from())


def _steps(kept: Draft) -> tuple[JoinStep, ...]:
    return steps_of(kept.style, _fields())


def _step(kept: Draft, name: str) -> JoinStep:
    step = next((each for each in _steps(kept) if each.name == name), None)
    if step is None:
        raise errors.NotFound
    return step


def open_step_of(kept: Draft) -> str:
    """The name of the first step that is open; the check where none is."""
    step = first_open(_steps(kept), kept.answers)
    return step.name if step is not None else CHECK


def checked(channel: str, address: str) -> Any:
    """The address of a contact in one form; None where the channel does not take it."""
    try:
        return checked_address(channel, address)
    except Refused:
        return None


def _answered(kept: Draft, accepted: Mapping[str, Any]) -> Draft:
    """The draft with new answers; another contact needs another code."""
    changed = replace(with_locale(kept), answers={**kept.answers, **accepted})
    if "language" in accepted:
        changed = replace(changed, language=accepted["language"])
    return changed if "contact" not in accepted else _without_old_code(changed)


def _without_old_code(kept: Draft) -> Draft:
    is_same = kept.coded == tuple(kept.answers["contact"])
    return kept if is_same else replace(kept, code=None, coded=None)


def _is_none(answer: Any) -> bool:
    """Whether the answer is a permission with nothing ticked."""
    return isinstance(answer, dict) and not answer["cells"]


def _shown(connection: Connection, kept: Draft, step: JoinStep) -> Draft:
    names = [field.name for field in step.fields] or [step.name]
    return count(service(), connection, offer(), kept, [(name, "shown") for name in names])


def _count_error(question: str) -> None:
    with service().database.writing() as connection:
        count(service(), connection, offer(), g.draft, [(question, "error")])


def _back(here: JoinStep) -> Response:
    names = [step.name for step in _steps(g.draft)]
    position = names.index(here.name)
    return to("step_page", step=names[position - 1]) if position else to("start_page")


def _send(kept: Draft) -> Response:
    """Sends the code to the contact, and goes to the page that asks for it."""
    if first_open(_steps(kept), kept.answers) is not None:
        return to("step_page", step=open_step_of(kept))
    channel, contact = kept.answers["contact"]
    code = send_code(joining().sender, offer(), (channel, contact), words(locale()), locale())
    with service().database.writing() as connection:
        changed = replace(open_draft(service(), connection, g.secret), code=code, coded=(channel, contact))
        changed = count(service(), connection, offer(), changed, [(CHECK, "answered"), (CODE, "shown")])
        save_draft(service(), connection, g.secret, changed)
    return to("code_page")


def _sent_of(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """The values of form fields that have these answers."""
    sent: dict[str, list[str]] = {}
    for name, answer in answers.items():
        if isinstance(answer, dict):
            sent[name] = [cell_value(answer["version"], answer["locale"], *cell) for cell in answer["cells"]]
        else:
            sent[name] = [answer[1] if isinstance(answer, list) else answer]
    return sent


def _step_page(
    step: JoinStep, sent: Mapping[str, Sequence[str]], problems: Sequence[AnswerProblem] = (), status: int = 200
) -> Response:
    steps = _steps(g.draft)
    names = [each.name for each in steps]
    position = names.index(step.name)
    answered = _in_words(g.draft, steps[:position]) if g.draft.style == "dialogue" else []
    return page(
        "step",
        status,
        step=step,
        sent=sent,
        problems={problem.field: problem.text for problem in problems},
        answered=answered,
        number=position + 1,
        total=len(steps),
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    """What the templates of fields read."""
    chosen = chosen_from()
    return {
        "entries": {name: titles.get(locale(), name) for name, titles in offer().entries.items()},
        "languages": language_names(tuple(chosen.languages)),
        "channels": chosen.channels,
        "zones": chosen.zones,
        "consents": {f"permission-{text.key}": text for text in consents()},
        "why": {name.replace("_", "-"): titles.get(locale(), "") for name, titles in offer().registration.why.items()},
        "is_refused": bool(purposes_refused(request)),
    }


def _in_words(kept: Draft, steps: Sequence[JoinStep]) -> list[tuple[str, JoinField, list[str]]]:
    """The answers of steps as they are read: the step, the field, and the lines of the answer."""
    texts, entries = words(locale()), {name: titles.get(locale(), name) for name, titles in offer().entries.items()}
    lines = []
    for step in steps:
        for field in step.fields:
            answer = kept.answers.get(field.name)
            if answer is None:
                continue
            if field.kind == "permission":
                read = [_cell(texts, *cell) for cell in answer["cells"]] or [texts["none"]]
            elif field.kind == "contact":
                read = [answer[1]]
            elif field.kind == "entry":
                read = [entries.get(answer, answer)]
            else:
                read = [language_names((answer,))[answer] if field.kind == "language" else answer.replace("_", " ")]
            lines.append((step.name, field, read))
    return lines


def _cell(texts: Mapping[str, str], purpose: str, channel: str | None) -> str:
    words_of_purpose = texts[f"purpose_{purpose}"]
    return f"{words_of_purpose}, {texts[f'channel_{channel}']}" if channel is not None else words_of_purpose


def _check_page(kept: Draft, status: int = 200, problem: str | None = None) -> Response:
    steps = _steps(kept)
    if first_open(steps, kept.answers) is not None:
        return to("step_page", step=open_step_of(kept))
    return page("check", status, problem=problem, answered=_in_words(kept, steps), last=steps[-1].name, **_choices())


def _code_page(kept: Draft, status: int = 200, problem: str | None = None) -> Response:
    if kept.coded is None or kept.code is None:
        return to("step_page", step=CHECK)
    is_over = kept.code.tries >= MOST_TRIES or service().clock() >= kept.code.drawn_at + CODE_LIFE
    contact = masked_address(*kept.coded)
    minutes = CODE_LIFE.seconds // 60
    shown = problem or ("problem_ended" if is_over and request.method == "GET" else None)
    return page("code", status, problem=shown, contact=contact, minutes=minutes)
