"""What a change of files affects: patients in states that show it, and signatures it ends. It writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from journeys.authoring.lint import Linted
from journeys.review.approval import STRUCTURE, ApprovalEntry, Word
from journeys.review.digests import digest_of, digest_of_release
from service.platform import errors
from service.publishing import approvals
from service.publishing.publish import version_of
from service.publishing.service import Service

Signable = tuple[str | None, str]
#: A piece by its key, or the structure (None); in a language.


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed of a piece or the structure as last published, and whether the files are still those bytes."""

    key: str | None
    locale: str
    word: Word
    signatures: tuple[ApprovalEntry, ...]
    is_same: bool


def list_signed(service: Service, linted: Linted, subjects: Collection[Signable]) -> list[Signed]:
    """Return the signatures that count now for some subjects; none where nothing was published."""
    assert linted.journey is not None
    try:
        standing = approvals.list_statuses(service, linted.journey.key)
    except errors.NotFound:
        return []
    now = digests(linted)
    signed_subjects = []
    for status in standing:
        key = None if status.subject.kind == STRUCTURE else status.subject.key
        if (key, status.subject.locale) in subjects and status.signatures:
            is_same = now.get((key, status.subject.locale)) == status.digest
            signed_subjects.append(Signed(key, status.subject.locale, status.word, status.signatures, is_same))
    return signed_subjects


def digests(linted: Linted) -> dict[Signable, str]:
    """Return the digests of everything in the files that can be signed."""
    assert linted.plan is not None
    assert linted.catalogue is not None
    by_key = linted.programmes.by_key if linted.programmes is not None else {}
    versions = [(key, version_of(programme)) for key, programme in by_key.items()]
    digests_by_subject: dict[Signable, str] = {
        (None, locale): digest_of_release(linted.plan.id, locale, versions) for locale in linted.plan.journey.locales
    }
    for source in linted.sources:
        piece = linted.catalogue.pieces.get(source.key)
        for locale in piece.texts if piece is not None else ():
            assert piece is not None
            digests_by_subject[source.key, locale] = digest_of(piece, source, locale, linted.plan)
    return digests_by_subject
