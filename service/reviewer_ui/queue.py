"""Pages of the queue: what waits for a reviewer, one text after another, each with the verdict on it.

No password is entered here: the verdicts are signed together, on the page of the binder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, request

from journeys.primitives.errors import Refused
from journeys.review.approval import Subject
from journeys.review.checklist import checklist
from journeys.review.queue import RISKS, QueueFilter, QueueItem, TextToSign, narrowed, next_open, queue_of
from service.access.store.accounts import Account
from service.http.context import service
from service.platform import errors
from service.publishing import approvals, review
from service.publishing.approvals import ApprovalStatus, BinderEntry, Verdict, functions_to_sign
from service.publishing.review import OpenRelease
from service.reviewer_ui.blueprint import blueprint, page, page_with_keys, to
from service.reviewer_ui.journeys import states_of
from service.reviewer_ui.pieces import previews_of_version
from service.reviewer_ui.preview_page import language_of, structure_previews
from service.reviewer_ui.read_now import changes_since_read_now
from service.reviewer_ui.signatures import statuses_of
from service.staff_pages import session

_JOURNEY = "/journeys/<id:journey>"
_ITEM = f"{_JOURNEY}/queue/<any(piece,structure):kind>/<id:key>"
#: The fields of an address that choose a part of the queue, beside the function; `keys=off`: letters are not keys.
CHOICES = ("state", "locale", "due", "keys")


@dataclass(frozen=True, slots=True)
class OpenQueue:
    """The queue of the signed-in reviewer in one function, under the newest release of a journey.

    Attributes:
        release: the release.
        function: the function.
        statuses: the approval status of everything in the journey, earlier versions too.
        all_items: everything that waits.
        items: the part of it that is chosen.
        binder: the reviewer's verdicts that are not signed, by text.
        total: the number of texts that this reviewer can sign, or has signed, in this function.
        choices: the fields of the address that choose the part.
    """

    release: OpenRelease
    function: str
    statuses: Sequence[ApprovalStatus]
    all_items: Sequence[QueueItem]
    items: Sequence[QueueItem]
    binder: Mapping[Subject, BinderEntry]
    total: int
    choices: Mapping[str, str]

    @property
    def waiting(self) -> int:
        """The number of texts that wait."""
        return sum(len(item.texts) for item in self.all_items)

    @property
    def decided(self) -> int:
        """The number of texts that wait and are decided."""
        return sum(not self.is_undecided(text) for item in self.all_items for text in item.texts)

    def is_undecided(self, text: TextToSign) -> bool:
        """Return whether a text has no verdict that can be signed."""
        entry = self.binder.get(text.subject)
        return entry is None or bool(entry.problem)

    def is_open(self, item: QueueItem) -> bool:
        """Return whether a text of an item is undecided."""
        return any(map(self.is_undecided, item.texts))

    def title_of(self, kind: str, key: str) -> str:
        """Return the title of a piece in the first language (its key without one), or the name of the structure."""
        if kind == "structure":
            return "Titles and words of the journey"
        piece = self.release.pieces.get(key)
        return piece.texts[self.release.plan.journey.locales[0]].title if piece is not None else key


def open_queue(journey: str) -> OpenQueue:
    """Return the queue that the address of a request asks for.

    Raises:
        NotFound: the journey was never published.
    """
    account, now = session().account, service().clock()
    statuses = statuses_of(journey)
    opened = review.open_newest(service(), journey)
    of_release = _of_release(opened, statuses)
    function = _function(account, of_release)
    theirs = [
        status for status in of_release if function in status.required and status.subject.locale in account.locales
    ]
    waiting = [
        TextToSign(status.subject, status.digest, status.expires_at)
        for status in theirs
        if function in functions_to_sign(account, status)
    ]
    items = queue_of(opened.plan, opened.pieces.values(), waiting)
    choices = {"function": function} | {name: request.args[name] for name in CHOICES if request.args.get(name)}
    entries = approvals.read_binder(service(), approvals.signer_of(account), journey, now=now)
    return OpenQueue(
        release=opened,
        function=function,
        statuses=statuses,
        all_items=items,
        items=narrowed(items, _filter(choices)),
        binder={entry.verdict.subject: entry for entry in entries if entry.verdict.function == function},
        total=len(theirs),
        choices=choices,
    )


@blueprint.route(f"{_JOURNEY}/queue")
def queue(journey: str) -> Response:
    """Return the page of the queue: everything that waits for the reviewer, the greatest risk first."""
    opened = open_queue(journey)
    return page(
        "queue",
        release=opened.release,
        queue=opened,
        next_item=next_open(opened.items, 0, opened.is_open),
        risks=RISKS,
        functions=sorted(session().account.functions),
        states=states_of(opened.release),
        languages={locale: language_of(locale) for locale in opened.release.plan.journey.locales},
        has_due=any(item.due for item in opened.all_items),
    )


@blueprint.route(_ITEM)
def queued_item(journey: str, kind: str, key: str) -> Response:
    """Return the page of an item: its text in every language, and the bar with the verdict."""
    opened = open_queue(journey)
    position, item = _find(opened, kind, key)
    release = opened.release
    piece = review.open_piece(service(), journey, release.stored.number, key) if kind == "piece" else None
    looks = previews_of_version(piece) if piece is not None else structure_previews(release)
    return page_with_keys(
        "queue_item",
        release=release,
        opened=piece,
        piece=piece.piece if piece is not None else None,
        queue=opened,
        item=item,
        number=position + 1,
        before=opened.items[position - 1] if position else None,
        after=opened.items[position + 1] if position + 1 < len(opened.items) else None,
        risks=RISKS,
        title=opened.title_of(kind, key),
        looks=looks,
        language_of=language_of,
        changes={text.subject.locale: changes_since_read_now(release, opened.statuses, text) for text in item.texts},
        checklists={
            locale: checklist(locale).about(piece.piece)
            for locale in (text.subject.locale for text in item.texts)
            if piece is not None
        },
        keys="keys" not in opened.choices,
    )


@blueprint.route(f"{_ITEM}/decide", methods=["POST"])
def decide(journey: str, kind: str, key: str) -> Response:
    """Put a verdict on an item into the binder, or take it out, and open the next item that is not decided."""
    opened = open_queue(journey)
    form, now, signer = request.form, service().clock(), approvals.signer_of(session().account)
    texts = [_text_of(field) for field in form.getlist("text")]
    if not texts:
        raise Refused({"text": ["Choose at least one language."]})
    subjects = [Subject(journey, "piece" if kind == "piece" else "structure", key, locale) for locale, _, _ in texts]
    if form.get("verdict") == "none":
        for subject in subjects:
            approvals.withdraw(service(), signer, subject)
        return to("queued_item", journey=journey, kind=kind, key=key, **opened.choices)
    is_approval = form.get("verdict") == "approved"
    verdicts = [
        Verdict(
            account=signer.account,
            subject=subject,
            digest=digest,
            function=opened.function,
            kind="approved" if is_approval else "rejected",
            comment="" if is_approval else form.get("comment", ""),
            checklist=version if is_approval else "",
            read_at=now if form.get("end") == "reached" else None,
            decided_at=now,
        )
        for subject, (_, digest, version) in zip(subjects, texts, strict=True)
    ]
    approvals.decide(service(), signer, journey, verdicts, now=now)
    return _next(journey, kind, key)


def _next(journey: str, kind: str, key: str) -> Response:
    """Open the next item that is not decided, or the binder where everything is."""
    opened = open_queue(journey)
    positions = (place for place, item in enumerate(opened.items) if (item.kind, item.key) == (kind, key))
    position = next(positions, 0)
    item = next_open(opened.items, position, opened.is_open)
    if item is None:
        return to("binder", journey=journey)
    return to("queued_item", journey=journey, kind=item.kind, key=item.key, **opened.choices)


def _find(opened: OpenQueue, kind: str, key: str) -> tuple[int, QueueItem]:
    """Return an item of the queue with its position, from 0.

    Raises:
        NotFound: it does not wait for this reviewer, or is not in the chosen part.
    """
    for position, item in enumerate(opened.items):
        if (item.kind, item.key) == (kind, key):
            return position, item
    raise errors.NotFound("This text does not wait for your signature in this part of the queue.")


def _of_release(opened: OpenRelease, statuses: Sequence[ApprovalStatus]) -> list[ApprovalStatus]:
    """Return the approval status of each text as a release reads it."""
    versions = {("structure", opened.stored.id): opened.stored.id}
    versions |= {("piece", piece.key): piece.version for piece in opened.pieces.values()}
    by_subject: dict[Subject, ApprovalStatus] = {}
    for status in statuses:
        if versions.get((status.subject.kind, status.subject.key)) == status.version:
            by_subject.setdefault(status.subject, status)
    return list(by_subject.values())


def _function(account: Account, statuses: Sequence[ApprovalStatus]) -> str:
    """Return the function in the address, if the account has it, or the first for which something waits."""
    function = request.args.get("function", "")
    if function in account.functions:
        return function
    return min({name for status in statuses for name in functions_to_sign(account, status)} or account.functions)


def _filter(choices: Mapping[str, str]) -> QueueFilter:
    """Return the filter of an address; a text that is not a date sets no limit."""
    try:
        day = datetime.strptime(choices.get("due", ""), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        day = None
    due_before = day + timedelta(days=1) if day is not None else None
    return QueueFilter(choices.get("state", ""), choices.get("locale", ""), due_before)


def _text_of(field: str) -> tuple[str, str, str]:
    """Return the locale, the digest and the version of the questions in a field of the form."""
    locale, _, rest = field.partition(":")
    digest, _, version = rest.partition(":")
    return locale, digest, version
