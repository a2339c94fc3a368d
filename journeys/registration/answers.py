"""The answers of a registration: which are accepted, and the form in which they are kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from journeys.registration.fields import JoinField, Offer

#: The checked address of a channel; None: the channel does not take it.
ContactChecks = Callable[[str, str], Any]
LONGEST_CONTACT = 254
_SEPARATORS = re.compile(r"[\s().-]")


class AnswerProblem(NamedTuple):
    """A field whose answer is not accepted, and the key of the sentence that says what is accepted."""

    field: str
    text: str


def answer_of(field: JoinField, sent: Sequence[str], offer: Offer, check: ContactChecks) -> Any:
    """The answer to a field as it is kept, or a `AnswerProblem`.

    A language, an entry and a time zone are kept as texts, a contact as `[channel, address]`, a permission as the
    ticked cells `[purpose, channel]` with the version and the locale of its text. Nothing ticked is an answer too.

    Args:
        field: the field.
        sent: what the browser sent for it.
        offer: what can be chosen.
        check: checks the address of a contact.
    """
    text = sent[0].strip() if sent else ""
    match field.kind:
        case "language":
            return text if text in offer.languages else AnswerProblem(field.name, "problem_language")
        case "entry":
            return text if text in offer.entries else AnswerProblem(field.name, "problem_entry")
        case "time_zone":
            return text if text in offer.zones else AnswerProblem(field.name, "problem_time_zone")
        case "contact":
            return _contact(field, text, offer, check)
        case _:
            return _permission(field, sent)


def _contact(field: JoinField, text: str, offer: Offer, check: ContactChecks) -> Any:
    channel = "email" if "@" in text else "sms"
    address = None
    if channel in offer.channels and len(text) <= LONGEST_CONTACT:
        address = check(channel, text if channel == "email" else _SEPARATORS.sub("", text))
    if address is not None:
        return [channel, address]
    return AnswerProblem(field.name, f"problem_contact_{'_'.join(sorted(offer.channels))}")


def _permission(field: JoinField, sent: Sequence[str]) -> Any:
    consent = field.consent
    assert consent is not None
    by_value = {consent.value(purpose, channel): [purpose, channel] for purpose, channel in consent.cells}
    if any(value not in by_value for value in sent):  # the text was changed after it was shown
        return AnswerProblem(field.name, "problem_permission")
    ticked = [cell for value, cell in by_value.items() if value in sent]
    return {"cells": ticked, "version": consent.version, "locale": consent.locale}
