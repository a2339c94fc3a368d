"""The authors' bench: a page on this machine that shows the files as patients would read them. It keeps nothing."""

from service.bench.pages import make_bench
from service.bench.watching import Bench

__all__ = ["Bench", "make_bench"]
