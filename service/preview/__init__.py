"""The authors' bench: a page on this machine that shows the files as patients would read them. It keeps nothing."""

from service.preview.pages import make_bench
from service.preview.watching import Bench

__all__ = ["Bench", "make_bench"]
