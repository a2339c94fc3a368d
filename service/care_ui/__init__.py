"""The care team's pages at `/care`: open tasks, a patient's timeline, telling news, closing tasks, putting right.

They show; the use cases decide. Nothing in an address names a patient.
"""

from service.care_ui import changes, patients, worklist
from service.care_ui.blueprint import ROOM

#: Each module adds its pages to the room.
PAGES = (changes, patients, worklist)

__all__ = ["PAGES", "ROOM"]
