"""The shipped journeys as linted files, read once a run; and a made-up piece on an annotated page."""

from functools import lru_cache
from pathlib import Path

from journeys.catalogue import read_piece
from journeys.lint import Linted, lint_files
from journeys.review import AnnotatedPage, annotate
from tests.samples.sample import made_source, plan

ROOT = Path(__file__).resolve().parents[2]


@lru_cache
def linted(journey: str = "nsclc") -> Linted:
    found = lint_files(ROOT / "definitions" / f"{journey}.yaml", ROOT / "content")
    assert found.is_publishable
    return found


@lru_cache
def page(key: str, locale: str = "en") -> AnnotatedPage:
    found = linted()
    return annotate(found.catalogue.pieces[key], found.plan, locale, found.programmes)


def made_page(body: str, locale: str = "en", **files: str) -> AnnotatedPage:
    """The page of a piece made up for one test."""
    piece, problems = read_piece(made_source(body, **files), plan())
    assert piece is not None, problems
    return annotate(piece, plan(), locale)
