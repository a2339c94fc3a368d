"""The reviewers' pages at `/room`, for authors, reviewers and publishers. They show; the use cases decide."""

from service.reviewer_ui import binders, example_paths, inbox, journeys, patients, people, pieces, queue, signatures
from service.reviewer_ui.blueprint import PACKS, ROOM

#: Each module adds its pages to the room.
PAGES = (journeys, inbox, patients, people, pieces, queue, binders, signatures, example_paths)

__all__ = ["PACKS", "PAGES", "ROOM"]
