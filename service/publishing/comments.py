"""Comments on pieces: written, answered, resolved, opened again. None is changed in place, none blocks a signature."""

from __future__ import annotations

from journeys.primitives.characters import refusal_of_hidden
from journeys.primitives.errors import Refused
from service.access.store.accounts import Account
from service.platform import errors
from service.publishing.review import OpenPiece
from service.publishing.service import Service
from service.publishing.store import comments
from service.publishing.store.comments import Comment, CommentStep, CommentStepKind

LONGEST_COMMENT = 4_000
LONGEST_SENTENCE = 2_000
#: The steps that a form can ask for, by their names there.
STEPS: dict[str, CommentStepKind] = {"answered": "answered", "resolved": "resolved", "reopened": "reopened"}


def comment(service: Service, account: Account, opened: OpenPiece, *, locale: str, sentence: str, text: str) -> Comment:
    """Store a comment on a sentence and return it; a repeated comment is stored once.

    Raises:
        Refused: a text, locale or sentence is not accepted, by field.
    """
    problems: dict[str, list[str]] = {}
    words, problem = _checked(text)
    if problem:
        problems["text"] = [problem]
    if locale not in opened.piece.texts:
        problems["locale"] = [errors.NOT_A_LOCALE]
    if len(sentence) > LONGEST_SENTENCE or refusal_of_hidden(sentence):
        problems["sentence"] = ["The text does not have this sentence any more. Open the page again."]
    if problems:
        raise Refused(problems)
    journey, piece = opened.release.stored.journey, opened.piece
    for same in opened.comments:
        identity = same.version, same.locale, same.sentence, same.text, same.account
        if same.is_open and identity == (piece.version, locale, sentence, words, account.id):
            return same
    new_comment = Comment(
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
        comments.add(connection, new_comment)
    return new_comment


def add_step(service: Service, account: Account, opened: OpenPiece, id: str, *, kind: str, text: str) -> Comment:
    """Answer a comment on a piece, resolve it or open it again, and return it as it then is.

    A repeated step is stored once: the last answer again, the end of a resolved comment, the opening of an open one.

    Raises:
        NotFound: the piece has no comment with this id.
        Refused: the kind of step is unknown, or the text is missing or not accepted, by field.
    """
    if kind not in STEPS:
        raise Refused({"step": [f"It is one of: {', '.join(STEPS)}."]})
    words, problem = _checked(text)
    if problem and (words or kind == "answered"):
        raise Refused({"text": [problem]})
    step = CommentStep(
        kind=STEPS[kind], text=words, account=account.id, printed_name=account.printed_name, at=service.clock()
    )
    with service.database.writing() as connection:
        stored = comments.find_locked(connection, id)
        if stored is None or (stored.journey, stored.piece) != (opened.release.stored.journey, opened.piece.key):
            raise errors.NotFound("This text has no comment with this id.")
        if not _is_done(stored, step):
            comments.add_step(connection, id, step)
        result = comments.find_locked(connection, id)
    assert result is not None
    return result


def _is_done(stored: Comment, step: CommentStep) -> bool:
    if step.kind == "answered":
        last = stored.steps[-1] if stored.steps else None
        return last is not None and (last.kind, last.text, last.account) == (step.kind, step.text, step.account)
    return stored.is_open == (step.kind == "reopened")


def _checked(text: str) -> tuple[str, str]:
    """Return a text as it is stored, and why it is not accepted, or an empty text."""
    words = text.strip().replace("\r\n", "\n")
    hidden = refusal_of_hidden(words)
    is_too_long_or_empty = not 1 <= len(words) <= LONGEST_COMMENT
    return words, hidden or (f"A comment has 1 to {LONGEST_COMMENT} characters." if is_too_long_or_empty else "")
