"""What reviewers read: releases and pieces as published, in every version, and what is said about their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.content.catalogue import Catalogue, Piece, PieceSource, read_piece
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import NOWHERE, Given, Programme, Programmes
from journeys.definition.programmes import values_of
from journeys.engine.machine import Release
from journeys.primitives.errors import Refused
from journeys.review import in_order
from service.access.store.accounts import Account
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import comments
from service.publishing.store import releases as publishing
from service.publishing.store.comments import Comment
from service.publishing.store.releases import Publication, StoredPiece, StoredRelease

LONGEST_COMMENT = 4_000
LONGEST_SENTENCE = 2_000


@dataclass(frozen=True, slots=True)
class Shelved:
    """A journey with its releases, the newest first; `plan` is of the newest."""

    key: str
    plan: ReleasePlan
    releases: Sequence[StoredRelease]


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """A release with the newest pieces that were published with it, in the order of the journey."""

    stored: StoredRelease
    plan: ReleasePlan
    pieces: Mapping[str, Piece]
    numbers: Mapping[str, int]
    comments: Mapping[str, int]
    is_newest: bool
    machine: Release
    programmes: Programmes

    @property
    def catalogue(self) -> Catalogue:
        """The pieces as they read in the first programme."""
        whole = Catalogue(self.plan, self.pieces)
        first = next(iter(self.programmes.by_key.values()), None)
        return whole.with_values(values_of(first)) if first is not None else whole

    def shown_in(self, state: str) -> list[Piece]:
        """The pieces of a state, by its full path, and of those around it."""
        track = state.partition(".")[0]
        around = {state, track}
        while "." in state:
            around.add(state)
            state = state.rpartition(".")[0]
        return [piece for piece in self.pieces.values() if around & set(piece.states)]


@dataclass(frozen=True, slots=True)
class OpenPiece:
    """One version of a piece under a release, with the numbers of all versions that fit it, and what was said."""

    release: OpenRelease
    piece: Piece
    number: int
    versions: Mapping[int, str]
    comments: Sequence[Comment]


def list_journeys(service: Service) -> list[Shelved]:
    """Every journey that was published."""
    with service.database.reading() as connection:
        found = []
        for key in publishing.journeys_published(connection):
            releases = publishing.list_releases(connection, key)
            plan = service.library.releases(connection)[releases[0].id].plan
            found.append(Shelved(key, plan, releases))
    return found


def open_release(service: Service, journey: str, number: int) -> OpenRelease:
    """A release by its number.

    Raises:
        NotFound: there is none.
    """
    with service.database.reading() as connection:
        return _open(service, connection, journey, number)


def open_piece(service: Service, journey: str, number: int, key: str, version: int | None = None) -> OpenPiece:
    """A version of a piece under a release; the one that was published with it last, unless a number is given.

    Raises:
        NotFound: there is none, or it does not fit the release.
    """
    with service.database.reading() as connection:
        release = _open(service, connection, journey, number)
        stored = {
            one.number: one for one in publishing.list_pieces(connection, journey) if one.key == key and one.is_intact
        }
        wanted = release.numbers.get(key) if version is None else version
        said = comments.list_of_piece(connection, journey, key)
    if wanted is None or wanted not in stored:
        raise errors.NotFound
    piece = _read(stored[wanted], release.plan)
    if piece is None:
        raise errors.NotFound
    return OpenPiece(release, piece, wanted, {one.number: one.version for one in stored.values()}, said)


def comment(service: Service, account: Account, opened: OpenPiece, *, locale: str, sentence: str, text: str) -> Comment:
    """Adds what somebody says about a sentence; the same words again, at the same place, add nothing.

    Raises:
        Refused: by field, what is not accepted.
    """
    problems: dict[str, list[str]] = {}
    words = text.strip().replace("\r\n", "\n")
    if not 1 <= len(words) <= LONGEST_COMMENT or "\0" in words:
        problems["text"] = [errors.COMMENT_LENGTH.format(LONGEST_COMMENT)]
    if locale not in opened.piece.texts:
        problems["locale"] = [errors.NOT_A_LOCALE]
    if len(sentence) > LONGEST_SENTENCE or not sentence.replace("\n", " ").isprintable():
        problems["sentence"] = [errors.NO_SUCH_SENTENCE]
    if problems:
        raise Refused(problems)
    journey, piece = opened.release.stored.journey, opened.piece
    for same in opened.comments:
        place = same.version, same.locale, same.sentence, same.text, same.account
        if place == (piece.version, locale, sentence, words, account.id):
            return same
    said = Comment(
        id=service.new_id(),
        journey=journey,
        piece=piece.key,
        version=piece.version,
        locale=locale,
        sentence=sentence,
        text=words,
        account=account.id,
        printed_name=account.printed_name,
        created_at=service.clock(),
    )
    with service.database.writing() as connection:
        comments.add(connection, said)
    return said


def _open(service: Service, connection: Connection, journey: str, number: int) -> OpenRelease:
    releases = publishing.list_releases(connection, journey)
    stored = next((one for one in releases if one.number == number), None)
    if stored is None:
        raise errors.NotFound
    plan = service.library.releases(connection)[stored.id].plan
    history = publishing.list_publications(connection, journey)
    published = next((one for one in history if one.release == stored.id), None)
    content = published.content if published is not None else {}
    by_version = {(one.key, one.version): one for one in publishing.list_pieces(connection, journey) if one.is_intact}
    read = {
        key: _read(by_version[key, version], plan) for key, version in content.items() if (key, version) in by_version
    }
    pieces = in_order((piece for piece in read.values() if piece is not None), plan)
    return OpenRelease(
        stored,
        plan,
        {piece.key: piece for piece in pieces},
        {piece.key: by_version[piece.key, piece.version].number for piece in pieces},
        comments.counts(connection, journey),
        stored.id == history[0].release if history else False,
        service.library.releases(connection)[stored.id],
        _programmes(connection, published),
    )


def _programmes(connection: Connection, published: Publication | None) -> Programmes:
    """The programmes of a publication, as their file had them."""
    if published is None:
        return Programmes("", {})
    sources = {(one.key, one.version): one.source for one in publishing.list_programmes(connection, published.journey)}
    found = {}
    for key, version in published.programmes:
        source = sources[key, version]
        values = {name: Given(value, NOWHERE) for name, value in source["values"].items()}
        found[key] = Programme(key, source["title"], values)
    return Programmes("", found)


def _read(stored: StoredPiece, plan: ReleasePlan) -> Piece | None:
    key = plan.id, stored.version
    if key not in _PIECES:
        _PIECES[key] = read_piece(PieceSource.from_stored(stored.source), plan)[0]
    return _PIECES[key]


#: What was read stays as it is: both are named by the digest of their bytes.
_PIECES: dict[tuple[str, str], Piece | None] = {}
