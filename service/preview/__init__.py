"""The preview for authors: pages on this machine that show the files as patients would read them. It stores nothing."""

from service.preview.pages import make_preview
from service.preview.workspace import Workspace

__all__ = ["Workspace", "make_preview"]
