"""The roles that may open each route of the reviewers' pages, in one table; an unlisted route is refused."""

from __future__ import annotations

from service.staff_pages.access import ANYBODY, Routes, routes_of_every_room

#: The roles of the room; care teams have a room of their own.
READERS = frozenset({"author", "reviewer", "publisher", "administrator"})
AUTHORS_AND_PUBLISHERS = frozenset({"author", "publisher"})
AUTHORS_AND_REVIEWERS = frozenset({"author", "reviewer"})
REVIEWERS = frozenset({"reviewer"})
REVIEWERS_AND_PUBLISHERS = frozenset({"reviewer", "publisher"})
PUBLISHERS = frozenset({"publisher"})
ADMINISTRATORS = frozenset({"administrator"})
#: Only those who are responsible for what patients read may look up a patient.
CARE = frozenset({"reviewer", "administrator"})

#: The roles by endpoint; one of them is enough.
ROUTES: Routes = {
    **routes_of_every_room("room"),
    "room.from_provider": ANYBODY,
    "room.start": READERS,
    "room.journeys": READERS,
    "room.registrations": READERS,
    "room.inbox": READERS,
    "room.switch_digest": READERS,
    "room.release": READERS,
    "room.diagram": READERS,
    "room.state": READERS,
    "room.piece": READERS,
    "room.as_sent": READERS,
    "room.picture": READERS,
    "room.compare": READERS,
    "room.pack": READERS,
    "room.paths": READERS,
    "room.path": READERS,
    "room.path_of_piece": READERS,
    "room.story": READERS,
    "room.walk": READERS,
    "room.walk_step": READERS,
    "room.walk_piece": READERS,
    "room.walk_picture": READERS,
    "room.walk_story": READERS,
    "room.signatures": READERS,
    "room.review_style": ANYBODY,
    "room.sign": REVIEWERS,
    "room.reject": REVIEWERS,
    "room.sign_structure": REVIEWERS,
    "room.reject_structure": REVIEWERS,
    "room.queue": REVIEWERS,
    "room.queued_item": REVIEWERS,
    "room.decide": REVIEWERS,
    "room.binder": REVIEWERS,
    "room.sign_binder": REVIEWERS,
    "room.submit": AUTHORS_AND_PUBLISHERS,
    "room.submit_structure": AUTHORS_AND_PUBLISHERS,
    "room.recall": REVIEWERS_AND_PUBLISHERS,
    "room.activate": PUBLISHERS,
    "room.comment": AUTHORS_AND_REVIEWERS,
    "room.comment_step": AUTHORS_AND_REVIEWERS,
    "room.patients_page": CARE,
    "room.find_patient": CARE,
    "room.explanation": CARE,
    "room.accounts_page": ADMINISTRATORS,
    "room.disable_account": ADMINISTRATORS,
}
