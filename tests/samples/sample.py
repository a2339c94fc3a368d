"""The sample journey of `tests/samples/content`, and builders of small pieces and views for a single test."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from journeys.content.catalogue import Piece, PieceSource, read_piece, read_sources
from journeys.content.templates import Source, Template, read_template
from journeys.definition.compiler import ReleasePlan, compile_journey
from journeys.definition.conditions import World
from journeys.definition.reading import read_journey
from journeys.engine import FactTold, State, Stay
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import chain_of
from tests.folders import SAMPLES

FOLDER = SAMPLES / "content"
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
PLACE = "care/follow_up/waiting/made-up"
FRONT = "---\ntitle: A title\nsummary: A summary.\n---\n"
#: The body begins in line 5.


@lru_cache
def plan() -> ReleasePlan:
    journey, problems = read_journey((FOLDER / "journey.yaml").read_bytes(), "journey.yaml")
    assert journey is not None
    assert problems == []
    return compile_journey(journey)


@lru_cache
def sources() -> dict[str, PieceSource]:
    piece_sources, _, problems = read_sources(FOLDER / "content")
    assert problems == []
    return {source.key: source for source in piece_sources}


@lru_cache
def pieces() -> dict[str, Piece]:
    by_key = {}
    for source in sources().values():
        piece, problems = read_piece(source, plan())
        assert problems == []
        assert piece is not None
        by_key[source.key] = piece
    return by_key


def made_source(
    body: str = "Some text.\n",
    *,
    shared: str = "purpose: education\n",
    place: str = PLACE,
    partials: Mapping[str, str] | None = None,
    **files: str,
) -> PieceSource:
    """A piece whose English body is `body`; `en` and `es` replace whole files."""
    spanish = "---\ntitle: Un título\nsummary: Un resumen.\n---\nAlgo de texto.\n"
    texts = {"piece.yaml": shared, "en.md": files.get("en", FRONT + body), "es.md": files.get("es", spanish)}
    return PieceSource(
        place.rpartition("/")[2],
        place,
        {name: text.encode() for name, text in texts.items()},
        {name: text.encode() for name, text in (partials or {}).items()},
    )


def problems_of(source: PieceSource) -> list[Problem]:
    return read_piece(source, plan())[1]


def made_piece(body: str, **parts) -> Piece:
    piece, problems = read_piece(made_source(body, **parts), plan())
    assert problems == []
    assert piece is not None
    return piece


def template(text: str, *, when: str | None = None, partials: Mapping[str, str] | None = None) -> Template:
    read_source, problems = read(text, when=when, partials=partials)
    assert problems == []
    assert read_source is not None
    return read_source


def read(text: str, *, when: str | None = None, partials: Mapping[str, str] | None = None):
    """The template and the problems of a text, its file called `t`."""
    shared = f'purpose: education\nwhen: "{when}"\n' if when else "purpose: education\n"
    condition = made_piece("Some text.\n", shared=shared).when
    by_name = {name: Source(f"_partials/{name}", text) for name, text in (partials or {}).items()}
    return read_template(Source("t", text), plan(), by_name, track="care", when=condition)


def world(*, places: tuple[str, ...] = ("care.follow_up", "care.follow_up.waiting"), **values) -> World:
    return World(values, set(places), {}, NOW, datetime(2026, 1, 10, tzinfo=UTC))


def view(state: str = "follow_up.waiting", since: datetime = datetime(2026, 1, 10, tzinfo=UTC), **values) -> State:
    """A state in a leaf of `care`; each stay id contains the path."""
    stays = tuple(Stay(path, f"stay of {path}", since, False, {}) for path in chain_of(state))
    stays = (stays[0]._replace(since=datetime(2025, 1, 1, tzinfo=UTC)), *stays[1:])
    facts = {name: FactTold(value, "2026-01-10", "event", "patient") for name, value in values.items()}
    support = (Stay("none_needed", "stay of none_needed", since, False, {}),)
    return State("sample", NOW, {"care": stays, "support": support}, facts, {})
