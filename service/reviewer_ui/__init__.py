"""The reviewers' pages at `/room`, for authors, reviewers and publishers. They show; the use cases decide."""

from service.reviewer_ui import binders, inbox, journeys, patients, people, pieces, queue, signatures, walks
from service.reviewer_ui.blueprint import PACKS, ROOM

#: Each module adds its pages to the room.
PAGES = (journeys, inbox, patients, people, pieces, queue, binders, signatures, walks)

__all__ = ["PACKS", "PAGES", "ROOM"]
