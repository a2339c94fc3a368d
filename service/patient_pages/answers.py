"""The fields of a question's form, read as facts. The report decides whether they are accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from journeys.content.screen import QuestionCard

#: Each form says of which kind its facts are, so that it is read the same when its question is not open any more.
KINDS = ("boolean", "choice", "set", "integer", "date", "text")
_FACT = re.compile(rf"({'|'.join(KINDS)}) ([a-z][a-z0-9_]*)")


def facts_of_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers of a form by fact; None where nothing was chosen or written."""
    return {name: _value(kind, form.getlist(name)) for kind, name in _facts(form)}


def declined_facts(form: MultiDict[str, str]) -> dict[str, Any]:
    """Every fact of a form, declined."""
    return {name: {"declined": True} for _, name in _facts(form)}


def missing_facts(facts: Mapping[str, Any]) -> list[str]:
    """The facts that nothing was said about."""
    return [name for name, value in facts.items() if value is None]


def problem_of_field(card: QuestionCard, name: str) -> str:
    """The text of what is wrong with a field, by its kind."""
    kind = next((field.kind for field in card.fields if field.name == name), "text")
    return f"problem_{kind}"


def refused_facts(fields: Mapping[str, Sequence[str]], facts: Mapping[str, Any]) -> list[str]:
    """The facts that a report refused; empty where it refused something else."""
    return [name for name in facts if f"facts.{name}" in fields]


def _facts(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for text in form.getlist("fact") if (match := _FACT.fullmatch(text))]


def _value(kind: str, sent: list[str]) -> Any:
    texts = [text.strip() for text in sent if text.strip()]
    if not texts:
        return None
    if kind == "set":
        return texts
    text = texts[0]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text
    return text
