"""Releases, versions of pieces, and comments on their sentences, as reviewers read them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.content.catalogue import Catalogue, Piece
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import NOWHERE
from journeys.definition.programmes import (
    Programme,
    Programmes,
    ValueSetting,
    limits_from_stored,
    registration_from_stored,
    values_of,
)
from journeys.engine.machine import Release
from journeys.primitives.state_path import chain_of
from journeys.review.order import in_order
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import comments, releases
from service.publishing.store.comments import Comment
from service.publishing.store.releases import Publication, StoredPiece, StoredRelease


@dataclass(frozen=True, slots=True)
class JourneyReleases:
    """A journey with its releases, the newest first; `plan` is of the newest."""

    key: str
    plan: ReleasePlan
    releases: Sequence[StoredRelease]


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """A release with the newest pieces that were published with it, in the order of the journey.

    `numbers` are the numbers of their versions, `comments` the open comments, both by key of the piece;
    `programme_versions` are the keys and versions of the programmes.
    """

    stored: StoredRelease
    plan: ReleasePlan
    pieces: Mapping[str, Piece]
    numbers: Mapping[str, int]
    comments: Mapping[str, Sequence[Comment]]
    is_newest: bool
    machine: Release
    programmes: Programmes
    programme_versions: Sequence[tuple[str, str]]

    @property
    def identity(self) -> Hashable:
        """The release with the versions of its pieces and programmes: all that their pages are made from."""
        pieces = sorted((piece.key, piece.version) for piece in self.pieces.values())
        return self.stored.id, tuple(pieces), tuple(self.programme_versions)

    @property
    def catalogue(self) -> Catalogue:
        """The pieces as they read in the first programme, with its limits of messages."""
        return self.catalogue_in(next(iter(self.programmes.by_key.values()), None))

    def catalogue_in(self, programme: Programme | None) -> Catalogue:
        """The pieces as they read in a programme, with its limits of messages; None: without values."""
        catalogue = Catalogue(self.plan, self.pieces)
        if programme is None:
            return catalogue
        return catalogue.in_programme(values_of(programme), programme.messages)

    def shown_in(self, state: str) -> list[Piece]:
        """Return the pieces of a state, by its full path, and of the states around it."""
        around = set(chain_of(state))
        return [piece for piece in self.pieces.values() if around & set(piece.states)]


@dataclass(frozen=True, slots=True)
class OpenPiece:
    """One version of a piece under a release, with its comments.

    `versions` are the digests of all versions of the piece, by number. `digests` are those that are signed, by the
    digest of the version and the language: of this version, and of each that has a comment and fits the release.
    """

    release: OpenRelease
    piece: Piece
    number: int
    versions: Mapping[int, str]
    comments: Sequence[Comment]
    digests: Mapping[str, Mapping[str, str]]


def list_journeys(service: Service) -> list[JourneyReleases]:
    """Return every published journey."""
    with service.database.reading() as connection:
        journeys = []
        for key in releases.journeys_published(connection):
            stored_releases = releases.list_releases(connection, key)
            plan = service.library.releases(connection)[stored_releases[0].id].plan
            journeys.append(JourneyReleases(key, plan, stored_releases))
    return journeys


def open_release(service: Service, journey: str, number: int) -> OpenRelease:
    """Return a release by its number.

    Raises:
        NotFound: the journey has no release with this number.
    """
    with service.database.reading() as connection:
        return _open(service, connection, journey, number)


def open_newest(service: Service, journey: str) -> OpenRelease:
    """Return the release that was published last.

    Raises:
        NotFound: the journey was never published.
    """
    with service.database.reading() as connection:
        publication = releases.newest_publication(connection, journey)
        stored = releases.find_release(connection, publication.release) if publication is not None else None
        if stored is None:
            raise errors.NotFound
        return _open(service, connection, journey, stored.number)


def open_piece(service: Service, journey: str, number: int, key: str, version: int | None = None) -> OpenPiece:
    """Return a version of a piece under a release; by default the one that was last published with the release.

    Raises:
        NotFound: the version is unknown, or does not fit the release.
    """
    with service.database.reading() as connection:
        release = _open(service, connection, journey, number)
        stored_pieces = releases.list_pieces(connection, journey)
        by_number = {stored.number: stored for stored in stored_pieces if stored.key == key and stored.is_intact}
        number_of_version = release.numbers.get(key) if version is None else version
        piece_comments = comments.list_of_piece(connection, journey, key)
    if number_of_version is None or number_of_version not in by_number:
        raise errors.NotFound
    piece = _read(service, by_number[number_of_version], release.machine)
    if piece is None:
        raise errors.NotFound
    versions = {stored.number: stored.version for stored in by_number.values()}
    concerned = {piece.version, *(comment.version for comment in piece_comments)}
    read = {
        stored.version: service.library.compiled.piece(stored, release.machine)
        for stored in by_number.values()
        if stored.version in concerned
    }
    digests = {version: each.digests for version, each in read.items() if each is not None}
    return OpenPiece(release, piece, number_of_version, versions, piece_comments, digests)


def _open(service: Service, connection: Connection, journey: str, number: int) -> OpenRelease:
    published_releases = releases.list_releases(connection, journey)
    stored = next((release for release in published_releases if release.number == number), None)
    if stored is None:
        raise errors.NotFound
    release = service.library.releases(connection)[stored.id]
    plan = release.plan
    history = releases.list_publications(connection, journey)
    published = next((publication for publication in history if publication.release == stored.id), None)
    content = published.content if published is not None else {}
    stored_pieces = releases.list_pieces(connection, journey)
    by_version = {(piece.key, piece.version): piece for piece in stored_pieces if piece.is_intact}
    pieces_read = [
        _read(service, by_version[key_and_version], release)
        for key_and_version in content.items()
        if key_and_version in by_version
    ]
    pieces = in_order((piece for piece in pieces_read if piece is not None), plan)
    return OpenRelease(
        stored,
        plan,
        {piece.key: piece for piece in pieces},
        {piece.key: by_version[piece.key, piece.version].number for piece in pieces},
        _open_comments(connection, journey),
        stored.id == history[0].release if history else False,
        release,
        programmes_of(connection, published),
        published.programmes if published is not None else (),
    )


def _open_comments(connection: Connection, journey: str) -> Mapping[str, Sequence[Comment]]:
    """Return the open comments on each piece of a journey, by key, on whichever version they were written."""
    by_piece: dict[str, list[Comment]] = {}
    for comment in comments.list_of_journey(connection, journey):
        if comment.is_open:
            by_piece.setdefault(comment.piece, []).append(comment)
    return by_piece


def programmes_of(connection: Connection, published: Publication | None) -> Programmes:
    """Return the programmes of a publication, as their file had them; those that were altered are left out."""
    if published is None:
        return Programmes("", {})
    stored_programmes = releases.list_programmes(connection, published.journey)
    sources = {(stored.key, stored.version): stored.source for stored in stored_programmes if stored.is_intact}
    programmes = {}
    for key, version in published.programmes:
        if (key, version) not in sources:
            continue
        source = sources[key, version]
        values = {name: ValueSetting(value, NOWHERE) for name, value in source["values"].items()}
        limits, registration = limits_from_stored(source), registration_from_stored(source)
        programmes[key] = Programme(key, source["title"], values, messages=limits, registration=registration)
    return Programmes("", programmes)


def _read(service: Service, stored: StoredPiece, release: Release) -> Piece | None:
    read = service.library.compiled.piece(stored, release)
    return read.piece if read is not None else None
