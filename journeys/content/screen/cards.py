"""The cards that a patient sees: the pieces that the told view shows, without those they put away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.content.catalogue import Action, Catalogue, PieceText, Selected, View, select
from journeys.content.rendering import words
from journeys.content.screen.titles import title_of
from journeys.definition.programmes import Values, text_of
from journeys.engine import Stay
from journeys.primitives.canonical import parse_time

Marks = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """A piece on the screen, in words of one locale: why it is there, and whether it was read in this stay.

    `action` is ready to follow: of a call, the number.
    """

    selected: Selected
    text: PieceText
    why: str
    is_seen: bool
    action: Action | None

    @property
    def reports(self) -> str | None:
        """The trigger that its action reports, if that is what it does."""
        return self.action.target if self.action is not None and self.action.kind == "report" else None

    def without_action(self) -> Card:
        """The card where its action leads nowhere."""
        return replace(self, action=None)


def cards(catalogue: Catalogue, view: View, at: datetime, locale: str, marks: Marks, values: Values) -> list[Card]:
    """The cards in their order. A mark counts from the beginning of the stay that shows the piece, never before."""
    found = []
    for one in select(catalogue, view, at):
        marked = marks.get(one.piece.key, {})
        if "web" not in one.piece.channels or _is_marked(marked, "dismissed", one.stay):
            continue
        text = one.piece.texts[locale]
        why = text.why or words(locale, "why").format(title_of(catalogue.plan, one.track, one.stay.state, locale))
        found.append(
            Card(one, text, why, _is_marked(marked, "seen", one.stay), _action(one.piece.action, values, locale))
        )
    return found


def _action(action: Action | None, values: Values, locale: str) -> Action | None:
    """An action with the number to call in the place of its name; none where there is no number."""
    if action is None or action.kind != "call":
        return action
    number = text_of(values, action.target, locale)
    return Action("call", number) if number else None


def _is_marked(marked: Mapping[str, str], kind: str, stay: Stay) -> bool:
    return kind in marked and parse_time(marked[kind])[0] >= stay.since
