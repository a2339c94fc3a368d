"""The authors' bench: a page on this machine that shows the files as patients would read them. It keeps nothing."""

from service.preview.pages import make_preview
from service.preview.workspace import Workspace

__all__ = ["Workspace", "make_preview"]
