"""Releases, versions of pieces and of programmes, and every act of publishing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from journeys.primitives.canonical import canonical
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared
from service.platform.database.tables import enrollments, pieces, programmes, publications, releases, standings


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A definition as it was published."""

    id: str
    journey: str
    number: int
    file: str
    definition: bytes
    published_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """One version of a piece: `version` is the digest of `source`, `number` counts within the key.

    `is_intact`: what is stored is what was published, byte for byte; else `source` is empty.
    """

    key: str
    version: str
    number: int
    source: Mapping[str, Any]
    is_intact: bool = True


@dataclass(frozen=True, slots=True)
class StoredProgramme:
    """What a programme set at some time: `version` is the digest of `source`, its title and values.

    `is_intact`: as for a piece.
    """

    key: str
    version: str
    source: Mapping[str, Any]
    is_intact: bool = True


@dataclass(frozen=True, slots=True)
class Publication:
    """What an act of publishing said.

    Its release, the version of each piece, and each programme with its version, in order; `author` is the account
    whose work it is, where that is known.
    """

    journey: str
    number: int
    release: str
    content: Mapping[str, str]
    published_at: datetime
    programmes: Sequence[tuple[str, str]] = ()
    author: str | None = None


_RELEASE = select(releases).where(releases.c.id == bindparam("id"))
_RELEASES = select(releases).where(releases.c.journey == bindparam("journey")).order_by(releases.c.number.desc())
_LAST_NUMBER = select(func.max(releases.c.number)).where(releases.c.journey == bindparam("journey"))
_INSERT_RELEASE = insert(releases)
_PUBLICATIONS = (
    select(publications).where(publications.c.journey == bindparam("journey")).order_by(publications.c.number.desc())
)
_NEWEST = _PUBLICATIONS.limit(1)
_OPEN = Prepared(
    select(publications, standings.c.revision)
    .join_from(
        standings,
        publications,
        (publications.c.journey == standings.c.journey) & (publications.c.number == standings.c.publication),
    )
    .where(
        standings.c.journey == bindparam("the_journey"),
        standings.c.expires_at.is_(None) | (standings.c.expires_at > bindparam("now")),
    )
)
_INSERT_PUBLICATION = insert(publications)
_JOURNEYS = select(publications.c.journey).distinct().order_by(publications.c.journey)
_PIECES = select(pieces).where(pieces.c.journey == bindparam("journey")).order_by(pieces.c.key, pieces.c.number)
_INSERT_PIECE = insert(pieces)
_PROGRAMMES = select(programmes).where(programmes.c.journey == bindparam("journey"))
_INSERT_PROGRAMME = insert(programmes)
_PROGRAMMES_IN_USE = (
    select(enrollments.c.programme)
    .where(enrollments.c.journey == bindparam("journey"), enrollments.c.programme.is_not(None))
    .distinct()
)
_RELEASES_IN_USE = select(enrollments.c.current_release).where(enrollments.c.journey == bindparam("journey")).distinct()


def find_release(connection: Connection, release: str) -> StoredRelease | None:
    """A release by its id, or None."""
    row = connection.execute(_RELEASE, {"id": release}).first()
    return StoredRelease(*row) if row is not None else None


def list_releases(connection: Connection, journey: str) -> list[StoredRelease]:
    """Every release of a journey, the newest first."""
    return [StoredRelease(*row) for row in connection.execute(_RELEASES, {"journey": journey})]


def last_number(connection: Connection, journey: str) -> int:
    """The highest number of a release of a journey; 0 where there is none."""
    return connection.execute(_LAST_NUMBER, {"journey": journey}).scalar() or 0


def add_release(connection: Connection, release: StoredRelease) -> None:
    """Stores a new release."""
    connection.execute(
        _INSERT_RELEASE,
        {
            "id": release.id,
            "journey": release.journey,
            "number": release.number,
            "file": release.file,
            "definition": release.definition,
            "published_at": release.published_at,
        },
    )


def journeys_published(connection: Connection) -> list[str]:
    """The keys of all published journeys."""
    return list(connection.execute(_JOURNEYS).scalars())


def newest_publication(connection: Connection, journey: str) -> Publication | None:
    """What a journey's newest publishing said, or None where it was never published."""
    row = connection.execute(_NEWEST, {"journey": journey}).first()
    return _publication(row) if row is not None else None


def open_publication(connection: Connection, journey: str, now: datetime) -> tuple[Publication, int] | None:
    """The publication that can be joined at an instant, and the revision of what stands for its journey; or None."""
    row = _OPEN.first(connection, {"the_journey": journey, "now": now})
    return (_publication(row), row.revision) if row is not None else None


def list_publications(connection: Connection, journey: str) -> list[Publication]:
    """All publications of a journey, the newest first."""
    return [_publication(row) for row in connection.execute(_PUBLICATIONS, {"journey": journey})]


def add_publication(connection: Connection, publication: Publication) -> None:
    """Stores an act of publishing."""
    connection.execute(
        _INSERT_PUBLICATION,
        {
            "journey": publication.journey,
            "number": publication.number,
            "release": publication.release,
            "content": seal(dict(publication.content)),
            "published_at": publication.published_at,
            "programmes": seal([list(programme) for programme in publication.programmes]),
            "author": publication.author,
        },
    )


def list_pieces(connection: Connection, journey: str) -> list[StoredPiece]:
    """Every version of every piece of a journey, by key and number."""
    return [
        StoredPiece(row.key, row.version, row.number, *_intact(row.source, row.version))
        for row in connection.execute(_PIECES, {"journey": journey})
    ]


def add_piece(connection: Connection, journey: str, piece: StoredPiece, now: datetime) -> None:
    """Stores a new version of a piece."""
    connection.execute(
        _INSERT_PIECE,
        {
            "journey": journey,
            "key": piece.key,
            "version": piece.version,
            "number": piece.number,
            "source": seal(piece.source),
            "published_at": now,
        },
    )


def list_programmes(connection: Connection, journey: str) -> list[StoredProgramme]:
    """Everything that the programmes of a journey ever set."""
    rows = connection.execute(_PROGRAMMES, {"journey": journey})
    return [StoredProgramme(row.key, row.version, *_intact(row.source, row.version)) for row in rows]


def add_programme(connection: Connection, journey: str, programme: StoredProgramme, now: datetime) -> None:
    """Stores what a programme sets anew."""
    connection.execute(
        _INSERT_PROGRAMME,
        {
            "journey": journey,
            "key": programme.key,
            "version": programme.version,
            "source": seal(programme.source),
            "published_at": now,
        },
    )


def programmes_in_use(connection: Connection, journey: str) -> set[str]:
    """The programmes to which enrollments of a journey belong."""
    return set(connection.execute(_PROGRAMMES_IN_USE, {"journey": journey}).scalars())


def _intact(stored: bytes, version: str) -> tuple[Mapping[str, Any], bool]:
    """The values of stored bytes whose digest is the version; nothing of any others."""
    try:
        values = unseal(stored)
    except ValueError:
        return {}, False
    is_intact = hashlib.sha256(canonical(values)).hexdigest() == version
    return (values, True) if is_intact else ({}, False)


def _publication(row: Any) -> Publication:
    programmes = [(key, version) for key, version in unseal(row.programmes)] if row.programmes is not None else []
    content = unseal(row.content)
    return Publication(row.journey, row.number, row.release, content, row.published_at, programmes, row.author)


def releases_in_use(connection: Connection, journey: str) -> list[str]:
    """The releases that enrollments of a journey stand in."""
    return list(connection.execute(_RELEASES_IN_USE, {"journey": journey}).scalars())
