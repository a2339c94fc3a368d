"""Releases, versions of pieces and programmes, and publications, in the database."""

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
from service.platform.database.tables import pieces, programmes, publications, real_enrollments, releases, standings


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A published definition; `rules` is the version of the engine's rules under which its events are folded."""

    id: str
    journey: str
    number: int
    file: str
    definition: bytes
    published_at: datetime
    rules: int


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """One version of a piece: `version` is the digest of `source`, `number` counts within the key.

    `is_intact`: whether the stored bytes have that digest; where they do not, `source` is empty.
    """

    key: str
    version: str
    number: int
    source: Mapping[str, Any]
    is_intact: bool = True


@dataclass(frozen=True, slots=True)
class StoredProgramme:
    """One version of a programme: `version` is the digest of `source`, its title, values and limits.

    `is_intact`: as for a piece.
    """

    key: str
    version: str
    source: Mapping[str, Any]
    is_intact: bool = True


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication: its release, the version of each piece, and each programme with its version, in order.

    `author` is the account of the author, where it is known.
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
    select(real_enrollments.c.programme)
    .where(real_enrollments.c.journey == bindparam("journey"), real_enrollments.c.programme.is_not(None))
    .distinct()
)
_RELEASES_IN_USE = (
    select(real_enrollments.c.current_release).where(real_enrollments.c.journey == bindparam("journey")).distinct()
)


def find_release(connection: Connection, release: str) -> StoredRelease | None:
    """Return a release by its id, or None."""
    row = connection.execute(_RELEASE, {"id": release}).first()
    return StoredRelease(*row) if row is not None else None


def list_releases(connection: Connection, journey: str) -> list[StoredRelease]:
    """Return every release of a journey, the newest first."""
    return [StoredRelease(*row) for row in connection.execute(_RELEASES, {"journey": journey})]


def last_number(connection: Connection, journey: str) -> int:
    """Return the highest number of a release of a journey; 0 without releases."""
    return connection.execute(_LAST_NUMBER, {"journey": journey}).scalar() or 0


def add_release(connection: Connection, release: StoredRelease) -> None:
    """Store a new release."""
    connection.execute(
        _INSERT_RELEASE,
        {
            "id": release.id,
            "journey": release.journey,
            "number": release.number,
            "file": release.file,
            "definition": release.definition,
            "published_at": release.published_at,
            "rules": release.rules,
        },
    )


def journeys_published(connection: Connection) -> list[str]:
    """Return the keys of all published journeys."""
    return list(connection.execute(_JOURNEYS).scalars())


def newest_publication(connection: Connection, journey: str) -> Publication | None:
    """Return the newest publication of a journey, or None."""
    row = connection.execute(_NEWEST, {"journey": journey}).first()
    return _publication(row) if row is not None else None


def open_publication(connection: Connection, journey: str, now: datetime) -> tuple[Publication, int] | None:
    """Return the publication open to new enrollments at an instant, with the revision of its journey; or None."""
    row = _OPEN.first(connection, {"the_journey": journey, "now": now})
    return (_publication(row), row.revision) if row is not None else None


def list_publications(connection: Connection, journey: str) -> list[Publication]:
    """Return all publications of a journey, the newest first."""
    return [_publication(row) for row in connection.execute(_PUBLICATIONS, {"journey": journey})]


def add_publication(connection: Connection, publication: Publication) -> None:
    """Store a publication."""
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
    """Return every version of every piece of a journey, by key and number."""
    return [
        StoredPiece(row.key, row.version, row.number, *_intact(row.source, row.version))
        for row in connection.execute(_PIECES, {"journey": journey})
    ]


def add_piece(connection: Connection, journey: str, piece: StoredPiece, now: datetime) -> None:
    """Store a new version of a piece."""
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
    """Return every version of every programme of a journey."""
    rows = connection.execute(_PROGRAMMES, {"journey": journey})
    return [StoredProgramme(row.key, row.version, *_intact(row.source, row.version)) for row in rows]


def add_programme(connection: Connection, journey: str, programme: StoredProgramme, now: datetime) -> None:
    """Store a new version of a programme."""
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
    """Return the keys of the programmes that enrollments of a journey belong to."""
    return set(connection.execute(_PROGRAMMES_IN_USE, {"journey": journey}).scalars())


def _intact(stored: bytes, version: str) -> tuple[Mapping[str, Any], bool]:
    """Return the stored values and True; empty values and False where their digest is not the version."""
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
    """Return the releases that enrollments of a journey are in."""
    return list(connection.execute(_RELEASES_IN_USE, {"journey": journey}).scalars())
