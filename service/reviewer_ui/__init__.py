"""The reviewers' pages at `/room`, for authors, reviewers and publishers. They show; the use cases decide."""

from service.reviewer_ui import example_paths, journeys, patients, people, pieces, signatures
from service.reviewer_ui.blueprint import PACKS, ROOM

#: Each module adds its pages to the room.
PAGES = (journeys, patients, people, pieces, signatures, example_paths)

__all__ = ["PACKS", "PAGES", "ROOM"]
