"""What was published, compiled and kept in this process: releases by id, catalogues of pieces by release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.catalogue import Catalogue, Piece, PieceSource, read_piece
from journeys.definition import read_journey
from journeys.machine import Release, make_release
from service.store import publishing


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pieces in force for one release, and the number of each one's version."""

    publication: int
    catalogue: Catalogue
    numbers: Mapping[str, int]


class Library:
    """Compiled releases and catalogues; safe to share between threads, for what it keeps never changes."""

    def __init__(self) -> None:
        self._releases: dict[str, Release] = {}
        self._shelves: dict[tuple[str, str], Shelf] = {}

    def releases(self, connection: Connection) -> Mapping[str, Release]:
        """Releases by id, read through a connection where this process does not have them yet."""
        return _Releases(self._releases, connection)

    def shelf(self, connection: Connection, release: Release, publication: int) -> Shelf:
        """The pieces for a release as of a publication of its journey."""
        place = release.plan.journey.key, release.id
        shelf = self._shelves.get(place)
        if shelf is None or shelf.publication != publication:
            shelf = _fill(connection, release, publication)
            self._shelves[place] = shelf
        return shelf


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


def _fill(connection: Connection, release: Release, publication: int) -> Shelf:
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
    return Shelf(publication, Catalogue(release.plan, pieces), numbers)
