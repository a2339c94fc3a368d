"""What the rooms of staff have in common: sign-in, roles, the origin of forms, headers, errors as pages, and the look.

A room is a set of pages, such as the reviewers' room. Every page works without a script and loads nothing from other
sites.
"""

from service.staff_pages.room import EXTENSION, Room, install, room_of, session

__all__ = ["EXTENSION", "Room", "install", "room_of", "session"]
