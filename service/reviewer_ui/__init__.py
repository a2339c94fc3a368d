"""The reviewers' room at `/room`: pages for those who write, review, sign and publish. They draw; use cases decide.

Every page works without a script and asks for nothing from elsewhere.
"""

from service.reviewer_ui import journeys, patients, people, pieces, signing, signing_in, walking
from service.reviewer_ui.blueprint import EXTENSION, NAME, admit, blueprint

#: Each adds its pages to the blueprint.
PAGES = (journeys, patients, people, pieces, signing, signing_in, walking)

__all__ = ["EXTENSION", "NAME", "PAGES", "admit", "blueprint"]
