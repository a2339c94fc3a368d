"""The preview for authors, on this machine: the files as patients would read them, and the desk where they are tried.

Files are written only where a walk is recorded as a story.
"""

from service.preview.desk import Desk
from service.preview.pages import make_preview
from service.preview.workspace import Workspace

__all__ = ["Desk", "Workspace", "make_preview"]
