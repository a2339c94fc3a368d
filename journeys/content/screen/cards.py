"""The cards of a screen: the pieces that the told view shows, without those that the patient dismissed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.content.catalogue import Action, Catalogue, PieceText, Selected, select
from journeys.content.rendering import own_text
from journeys.content.screen.titles import title_of
from journeys.definition.programmes import Values, text_of
from journeys.engine import State, Stay
from journeys.primitives.canonical import parse_time

Marks = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """A piece on the screen in one locale, with the reason why it is shown.

    `is_seen`: whether the patient read it during this stay. `action`: its target for a call is the telephone number.
    """

    selected: Selected
    text: PieceText
    why: str
    is_seen: bool
    action: Action | None

    @property
    def reports(self) -> str | None:
        """The trigger that its action reports, or None if the action does something else."""
        return self.action.target if self.action is not None and self.action.kind == "report" else None

    def without_action(self) -> Card:
        """The card without its action, for a trigger that cannot be reported now."""
        return replace(self, action=None)


def cards(catalogue: Catalogue, view: State, at: datetime, locale: str, marks: Marks, values: Values) -> list[Card]:
    """The cards in their order. A mark set before the stay that shows the piece does not count."""
    shown = []
    for selected in select(catalogue, view, at):
        piece_marks = marks.get(selected.piece.key, {})
        if "web" not in selected.piece.channels or _is_marked(piece_marks, "dismissed", selected.stay):
            continue
        text = selected.piece.texts[locale]
        state = title_of(catalogue.plan, selected.track, selected.stay.state, locale)
        why = text.why or own_text(locale, "why").format(state)
        is_seen = _is_marked(piece_marks, "seen", selected.stay)
        shown.append(Card(selected, text, why, is_seen, _action(selected.piece.action, values, locale)))
    return shown


def _action(action: Action | None, values: Values, locale: str) -> Action | None:
    """An action whose target is the number to call, not its name; None if the programme has no number."""
    if action is None or action.kind != "call":
        return action
    number = text_of(values, action.target, locale)
    return Action("call", number) if number else None


def _is_marked(piece_marks: Mapping[str, str], kind: str, stay: Stay) -> bool:
    return kind in piece_marks and parse_time(piece_marks[kind])[0] >= stay.since
