"""The reviewers' pages at `/room`, for authors, reviewers and publishers. They show; the use cases decide.

Every page works without a script and loads nothing from other sites.
"""

from service.reviewer_ui import (
    binders,
    example_paths,
    journeys,
    patients,
    people,
    pieces,
    queue,
    sign_in,
    signatures,
)
from service.reviewer_ui.blueprint import EXTENSION, NAME, PACKS, admit, blueprint

#: Each module adds its pages to the blueprint.
PAGES = (journeys, patients, people, pieces, queue, binders, signatures, sign_in, example_paths)

__all__ = ["EXTENSION", "NAME", "PACKS", "PAGES", "admit", "blueprint"]
