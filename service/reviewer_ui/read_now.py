"""The change of a text against the one that patients read now. It reads no form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from journeys.review.queue import TextToSign
from service.http.context import service
from service.platform import errors
from service.publishing import review
from service.publishing.approvals import ApprovalStatus
from service.publishing.review import OpenRelease
from service.reviewer_ui.preview_page import changes_between, structure_changes


@dataclass(frozen=True, slots=True)
class ChangeSinceReadNow:
    """The text that patients read now, and what changes in it.

    Attributes:
        status: the approval status of that text.
        signed_at: its last signature; None where it needed none.
        changes: the changed words; None where no word changed.
        is_comparable: whether that text can still be read under the release.
    """

    status: ApprovalStatus
    signed_at: datetime | None
    changes: Markup | None
    is_comparable: bool = True


def changes_since_read_now(
    release: OpenRelease, statuses: Iterable[ApprovalStatus], text: TextToSign
) -> ChangeSinceReadNow | None:
    """Return what changes in a text for patients; None where they read no version of it, or this one already.

    Args:
        release: the release under which the text is read.
        statuses: the approval status of everything in the journey, earlier versions too.
        text: the text that waits for a signature.
    """
    subject = text.subject
    same = [
        status
        for status in statuses
        if status.is_given
        and (status.subject.kind, status.subject.locale) == (subject.kind, subject.locale)
        and (subject.kind == "structure" or status.subject.key == subject.key)
    ]
    if not same or text.digest in [status.digest for status in same]:
        return None
    status = max(same, key=lambda given: given.number)
    signed_at = max((step.at for step in status.signatures), default=None)
    journey, number = release.stored.journey, release.stored.number
    try:
        if subject.kind == "structure":
            read_now = review.open_release(service(), journey, status.number)
            return ChangeSinceReadNow(status, signed_at, structure_changes(read_now, release, subject.locale))
        old = review.open_piece(service(), journey, number, subject.key, status.number).piece
    except errors.NotFound:
        return ChangeSinceReadNow(status, signed_at, None, is_comparable=False)
    changes = changes_between(old, release.pieces[subject.key], release, subject.locale)
    return ChangeSinceReadNow(status, signed_at, changes)
