"""The pieces that patients may see in one release and one language, and what is worked out from them once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from journeys.content.catalogue import Catalogue, Piece, in_frame_of, shared_catalogue
from journeys.content.rendering import Renderer
from journeys.content.screen import Reportable, reportable
from journeys.definition.programmes import Values
from journeys.engine import State
from journeys.permission.caregivers import CaregiverGrants
from service.platform.cache import Cache

if TYPE_CHECKING:
    from journeys.questions.questionnaire import Questionnaire, ScreenQuestions

#: The combinations of open states and asked facts, in one language, whose reportable events a process remembers.
MAX_REPORTABLES = 1024
#: The views, in one language, whose questions a process remembers.
MAX_QUESTIONS = 10_000
#: The messages of a release, by piece and channel, that a process remembers.
MAX_FRAMED = 256


@dataclass(frozen=True, slots=True)
class ServableContent:
    """The pieces that patients may see in one release and one language, as they read in one programme.

    Attributes:
        catalogue: the approved pieces.
        numbers: the number of each piece's version, by key.
        known: the keys of all pieces that fit the release, approved or not.
        values: the values of the programme.
        is_silent: whether the words of the release itself are not approved; it has no pieces and no titles then.
        is_draft: whether unapproved content is served, marked as a draft.
        valid_until: when the first of the approvals behind it ends; None if none of them ends.
        renderer: renders the pieces; the library's own, so that texts are parsed once for all patients.
        questionnaire: returns the compiled questions, None of a journey that declares none.
    """

    catalogue: Catalogue
    numbers: Mapping[str, int]
    known: frozenset[str]
    values: Values = field(default_factory=dict)
    is_silent: bool = False
    is_draft: bool = False
    valid_until: datetime | None = None
    renderer: Renderer = field(default_factory=Renderer, repr=False, compare=False)
    questionnaire: Callable[[], Questionnaire | None] = field(default=lambda: None, repr=False, compare=False)
    _questions: Cache[int, ScreenQuestions] = field(
        default_factory=lambda: Cache(MAX_QUESTIONS), repr=False, compare=False
    )
    _reportables: Cache[Hashable, tuple[Reportable, ...]] = field(
        default_factory=lambda: Cache(MAX_REPORTABLES), repr=False, compare=False
    )
    _framed: Cache[tuple[str, str], Piece] = field(default_factory=lambda: Cache(MAX_FRAMED), repr=False, compare=False)

    def questions(self, view: State, now: datetime, locale: str, *, may_measure: bool = True) -> ScreenQuestions | None:
        """Return the questions of a told view, worked out once; None in a journey that declares none.

        Without the permission to measure (`may_measure`) no survey comes whose answers are measured.
        """
        questionnaire = self.questionnaire() if not self.is_silent else None
        if questionnaire is None:
            return None
        from journeys.questions.questionnaire import looks_the_same  # loaded with the first questionnaire

        key = hash((locale, may_measure, looks_the_same(view, now)))  # the hash alone takes a tenth of the memory
        return self._questions.get(key, lambda: questionnaire.on_screen(view, now, locale, may_measure=may_measure))

    def reportable(self, view: State, locale: str, to_answer: tuple[str, ...] | None = None) -> tuple[Reportable, ...]:
        """Return what patients can report in a view, with the facts that questions ask; it is worked out once.

        It depends on the open states, on those facts, and on the held facts that the patient knows.
        """
        states = tuple((track, tuple(stay.state for stay in stays)) for track, stays in view.tracks.items())
        held_facts = self.catalogue.plan.held_facts
        key = locale, states, to_answer, frozenset(held_facts.keys() & view.facts.keys()) if held_facts else None
        return self._reportables.get(key, lambda: tuple(reportable(self.catalogue, view, locale, to_answer=to_answer)))

    def shared_with(self, grants: CaregiverGrants) -> ServableContent:
        """The content with the pages that a patient shares with a caregiver."""
        return replace(
            self,
            catalogue=shared_catalogue(self.catalogue, grants),
            _reportables=Cache(MAX_REPORTABLES),
            _framed=Cache(MAX_FRAMED),
        )

    def framed(self, piece: Piece, channel: str) -> Piece:
        """One of the pieces with the frame of a channel around it; the piece itself without a frame."""
        return self._framed.get((piece.key, channel), lambda: in_frame_of(self.catalogue, piece, channel))
