"""What was published, compiled and kept in this process: releases by id, catalogues of pieces by release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from journeys.catalogue import Catalogue, Piece, PieceSource, read_piece
from journeys.definition import read_journey
from journeys.machine import Release, make_release
from journeys.programmes import Values
from service.store import publishing
from service.store.publishing import Publication


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pieces in force for one release, with the values of one programme, and the number of each one's version."""

    publication: int
    catalogue: Catalogue
    numbers: Mapping[str, int]
    values: Values = field(default_factory=dict)


class _Stock:
    """What a publication holds for one release; a shelf is made for a programme when it is first asked for."""

    def __init__(self, whole: Shelf, programmes: Mapping[str, Values]) -> None:
        self.publication = whole.publication
        self._whole = whole
        self._programmes = programmes
        self._shelves: dict[str | None, Shelf] = {}

    def shelf(self, programme: str | None) -> Shelf:
        if programme not in self._shelves:
            self._shelves[programme] = self._made(programme)
        return self._shelves[programme]

    def _made(self, programme: str | None) -> Shelf:
        if not self._programmes:
            return self._whole
        # Who enrolled before there were programmes belongs to the first.
        values = self._programmes[programme or next(iter(self._programmes))]
        return replace(self._whole, catalogue=self._whole.catalogue.with_values(values), values=values)


class Library:
    """Compiled releases and catalogues; safe to share between threads, for what it keeps never changes."""

    def __init__(self) -> None:
        self._releases: dict[str, Release] = {}
        self._stocks: dict[tuple[str, str], _Stock] = {}

    def releases(self, connection: Connection) -> Mapping[str, Release]:
        """Releases by id, read through a connection where this process does not have them yet."""
        return _Releases(self._releases, connection)

    def shelf(self, connection: Connection, release: Release, publication: int, programme: str | None = None) -> Shelf:
        """The pieces for a release as of a publication of its journey, as they read in a programme."""
        place = release.plan.journey.key, release.id
        stock = self._stocks.get(place)
        if stock is None or stock.publication != publication:
            stock = _fill(connection, release, publication)
            self._stocks[place] = stock
        return stock.shelf(programme)


class _Releases(Mapping[str, Release]):
    """The releases that a fold may ask for."""

    def __init__(self, known: dict[str, Release], connection: Connection) -> None:
        self._known = known
        self._connection = connection

    def __getitem__(self, release: str) -> Release:
        if release not in self._known:
            stored = publishing.find_release(self._connection, release)
            if stored is None:
                raise KeyError(release)
            self._known[release] = compile_definition(stored.definition, stored.file)
        return self._known[release]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def compile_definition(definition: bytes, file: str) -> Release:
    """The release of a published definition.

    Raises:
        ValueError: when it cannot be read; it could when it was published.
    """
    journey, problems = read_journey(definition, file)
    if journey is None:
        raise ValueError(f"the published definition {file} cannot be read: {problems[0].rule}")
    return make_release(journey)


def _fill(connection: Connection, release: Release, publication: int) -> _Stock:
    """For each piece of the newest publication, its newest version that fits the release."""
    journey = release.plan.journey.key
    history = [one for one in publishing.list_publications(connection, journey) if one.number <= publication]
    sources = {(piece.key, piece.version): piece for piece in publishing.list_pieces(connection, journey)}
    pieces: dict[str, Piece] = {}
    numbers: dict[str, int] = {}
    for key in history[0].content if history else ():
        versions = dict.fromkeys(one.content[key] for one in history if key in one.content)
        for version in versions:
            stored = sources[key, version]
            piece, _ = read_piece(PieceSource.from_stored(stored.source), release.plan)
            if piece is not None:
                pieces[key], numbers[key] = piece, stored.number
                break
    whole = Shelf(publication, Catalogue(release.plan, pieces), numbers)
    return _Stock(whole, _programmes(connection, journey, history))


def _programmes(connection: Connection, journey: str, history: Sequence[Publication]) -> dict[str, Values]:
    """The values of each programme, in the order of the newest publication.

    A value that is no longer set keeps what was published last: a release that shows it may still have enrollments.
    """
    stored = {(one.key, one.version): one.source["values"] for one in publishing.list_programmes(connection, journey)}
    found: dict[str, dict[str, str | Mapping[str, str]]] = {}
    for publication in history:
        for key, version in publication.programmes:
            values = found.setdefault(key, {})
            for name, value in stored[key, version].items():
                values.setdefault(name, value)
    return dict(found)
