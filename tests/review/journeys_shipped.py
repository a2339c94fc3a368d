"""The shipped journeys, read once a process; pieces and journeys made up for one test."""

from functools import lru_cache

from journeys.authoring.lint import Linted
from journeys.content.catalogue import Piece, read_piece
from journeys.definition.compiler import ReleasePlan, compile_journey
from journeys.definition.graph import reachable_leaves
from journeys.definition.reading import read_journey
from journeys.review.annotated import AnnotatedPage, annotate
from tests.read_once import read_shipped
from tests.samples.sample import FOLDER, made_source, plan

JOURNEYS = ("nsclc", "diabetes")


def shipped(journey: str = "nsclc") -> Linted:
    return read_shipped(journey)


@lru_cache
def reachable(journey: str = "nsclc") -> frozenset[str]:
    return reachable_leaves(shipped(journey).plan.journey)


@lru_cache
def page(key: str, locale: str = "en", journey: str = "nsclc") -> AnnotatedPage:
    result = shipped(journey)
    return annotate(result.catalogue.pieces[key], result.plan, locale, result.programmes, reachable=reachable(journey))


def made(body: str = "Some text.\n", *, of: ReleasePlan | None = None, **files: str) -> Piece:
    """A piece invented for one test; warnings are ignored."""
    piece, problems = read_piece(made_source(body, **files), of or plan())
    assert piece is not None, problems
    return piece


def made_page(body: str, **files: str) -> AnnotatedPage:
    return annotate(made(body, **files), plan(), "en")


def plan_with(old: str, new: str) -> ReleasePlan:
    """The sample journey with one change."""
    text = (FOLDER / "journey.yaml").read_text()
    assert old in text
    journey, problems = read_journey(text.replace(old, new).encode(), "journey.yaml")
    assert journey is not None, problems
    return compile_journey(journey)
