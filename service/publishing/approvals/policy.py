"""The approval policy: what a signer may do, and what follows from the record. Pure functions over values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.primitives.characters import refusal_of_hidden
from journeys.primitives.errors import Refused
from journeys.review.approval import ApprovalEntry, Requirements, StepKind, Subject, SubjectKind, Word, Worth, worth
from journeys.review.checklist import Question, checklist
from service.access.store.accounts import Account
from service.platform import errors
from service.publishing.approvals.renewal import is_renewable

LONGEST_COMMENT = 2000
LONGEST_MEANING = 200

RECALLED = "It was recalled, which is for good; publish another version."
NOT_IN_REVIEW = "It was rejected, so it is a draft and not in review; publish a better version, or submit it again."
APPROVED_ALREADY = "It is approved; recall it if it must not be given out."


@dataclass(frozen=True, slots=True)
class Signer:
    """The account that acts, the name printed beside its signatures, and its rights.

    Attributes:
        account: the id of the account.
        printed_name: the name beside a signature.
        functions: the functions in which the account may sign.
        locales: the languages in which it may sign.
        is_author_of: the signer's own work beside what the account published: keys of pieces, ids of releases, or a
            journey's key for the whole journey.
        may_publish: whether the account may activate a release, and recall.
    """

    account: str
    printed_name: str
    functions: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    is_author_of: frozenset[str] = frozenset()
    may_publish: bool = False


@dataclass(frozen=True, slots=True)
class SubjectVersion:
    """One version of a subject, which a signature binds.

    Attributes:
        subject: a piece or the structure of a release, in one language.
        digest: the digest that is signed.
        number: the version of the piece, or the number of the release; 0 in the record of a refusal.
        version: the digest of the piece's source, or the id of the release.
        purpose: the purpose of the piece, or `structure`.
        questions: the questions of the checklist that apply to it; none to a structure.
    """

    subject: Subject
    digest: str
    number: int = 0
    version: str = ""
    purpose: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A version with its trusted steps in order, the requirements, and the instant at which it is judged."""

    version: SubjectVersion
    steps: Sequence[ApprovalEntry]
    requirements: Requirements
    now: datetime

    @property
    def required(self) -> tuple[str, ...]:
        """The functions that must sign."""
        return self.requirements.of(self.version.purpose)

    @property
    def worth(self) -> Worth:
        """The state that the steps lead to."""
        return worth(self.steps, self.required, self.now)

    def last(self, kind: StepKind) -> ApprovalEntry | None:
        """The last step of a kind, or None."""
        return next((step for step in reversed(self.steps) if step.kind == kind), None)


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """The function in which somebody signs, the meaning of the signature, and the ids of the confirmed questions."""

    function: str
    meaning: str
    confirmed: Collection[str]


@dataclass(frozen=True, slots=True)
class RecallScope:
    """The piece to recall, or the release by its id, in some languages; None: in every language."""

    journey: str
    key: str
    kind: SubjectKind = "piece"
    locales: Sequence[str] | None = None

    @property
    def subject(self) -> Subject:
        """The subject under which a refusal is recorded: that of the first language."""
        return Subject(self.journey, self.kind, self.key, next(iter(self.locales or ()), ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStatus:
    """The approval status of one version of a subject.

    Attributes:
        subject: a piece or the structure of a release, in one language.
        number: the version of the piece, or the number of the release.
        version: the digest of the piece's source, or the id of the release.
        digest: the digest that is signed.
        word: the word of the life cycle.
        purpose: the purpose of the piece, or `structure`.
        required: the functions that must sign.
        signatures: the signatures that count.
        missing: the functions that have not signed, or whose signature has ended.
        expires_at: the end of the approval.
        is_expired: whether the approval has ended by time alone.
        is_given: whether patients see it now.
        rejection: the last rejection, while the version is a draft.
        recalled: the recall.
        ending: the functions that can renew their signature.
        different_people: whether a different person must sign in each function.
    """

    subject: Subject
    number: int
    version: str
    digest: str
    word: Word
    purpose: str
    required: tuple[str, ...]
    signatures: tuple[ApprovalEntry, ...]
    missing: tuple[str, ...]
    expires_at: datetime | None
    is_expired: bool
    is_given: bool
    rejection: ApprovalEntry | None = None
    recalled: ApprovalEntry | None = None
    ending: tuple[str, ...] = ()
    different_people: bool = False

    @property
    def to_sign(self) -> tuple[str, ...]:
        """The functions that can sign now: for the first time, or again before the approval ends."""
        return self.missing if self.word == "in_review" else self.ending

    def open_to(self, account: str) -> tuple[str, ...]:
        """Return the functions in which an account can sign now, by what it has signed already."""
        signed = {step.function for step in self.signatures if step.account == account} & set(self.required)
        return tuple(name for name in self.to_sign if not self.different_people or signed <= {name})


def signer_of(account: Account) -> Signer:
    """Return the signer that an account is, with the rights of its roles."""
    is_reviewer = "reviewer" in account.roles
    return Signer(
        account.name,
        account.printed_name,
        account.functions if is_reviewer else frozenset(),
        account.locales if is_reviewer else frozenset(),
        may_publish="publisher" in account.roles,
    )


def every_question() -> frozenset[str]:
    """Return the ids of all questions; they are the same in each language."""
    return frozenset(question.id for question in checklist("en").questions)


def may_sign(signer: Signer, version: SubjectVersion, authors: Set[str]) -> bool:
    """Return whether a signer may sign a version: in its language, and not their own work.

    Args:
        signer: the account that acts.
        version: the version to sign.
        authors: the accounts that first published these bytes.
    """
    return version.subject.locale in signer.locales and not is_own_work(signer, version, authors)


def is_own_work(signer: Signer, version: SubjectVersion, authors: Set[str]) -> bool:
    """Return whether a version is the signer's own work: written, or first published, by them."""
    is_author = bool(signer.is_author_of & {version.subject.journey, version.subject.key})
    return is_author or signer.account in authors


# --- decisions: each returns the steps to append -------------------------------------------------------------------


def unsealed_step(signer: Signer, version: SubjectVersion, kind: StepKind, now: datetime) -> ApprovalEntry:
    """Return a step that has no position and no seal in the record yet."""
    return ApprovalEntry(
        journey=version.subject.journey,
        sequence=0,
        subject=version.subject,
        digest=version.digest,
        number=version.number,
        kind=kind,
        function="",
        account=signer.account,
        printed_name=signer.printed_name,
        meaning="",
        comment="",
        at=now,
        expires_at=None,
        seal="",
    )


def decide_signature(signer: Signer, case: ReviewCase, request: SignatureRequest, authors: Set[str]) -> ApprovalEntry:
    """Return the signature to append, or the sealed one that this signer gave before.

    Raises:
        NotPermitted: another function or language, the signer's own work, or signed by them in another function.
        Refused: the version is not in review, the function is not required, or meaning or confirmation is missing.
    """
    version, status = case.version, case.worth
    require_reviewer(signer, version.subject, request.function)
    if is_own_work(signer, version, authors):
        raise errors.NotPermitted("It is their own work; somebody else must sign it.")
    if request.function not in case.required:
        raise Refused({"function": [f"It is not signed by this function. Needed: {_listed(case.required)}."]})
    meaning = require_text("meaning", request.meaning, LONGEST_MEANING)
    signer_and_function = signer.account, request.function
    before = [step for step in status.signatures if (step.account, step.function) == signer_and_function]
    if before and not is_renewable(before[-1], case.now):
        return before[-1]
    if case.requirements.different_people:
        require_another_person(signer, status.signatures, case.required, request.function)
    if status.word in ("draft", "recalled"):
        raise Refused({"digest": [NOT_IN_REVIEW if status.word == "draft" else RECALLED]})
    return replace(
        unsealed_step(signer, version, "approved", case.now),
        function=request.function,
        meaning=meaning,
        expires_at=case.requirements.expiry(case.now),
        confirmed=_confirmed_questions(version.questions, request.confirmed),
    )


def decide_rejection(signer: Signer, case: ReviewCase, function: str, comment: str) -> ApprovalEntry:
    """Return the rejection to append, or the sealed one with the same comment.

    Raises:
        NotPermitted: another function or language; the signer may reject their own work.
        Refused: the version is not in review, or the comment is missing.
    """
    require_reviewer(signer, case.version.subject, function)
    text = require_text("comment", comment)
    word, last = case.worth.word, case.last("rejected")
    if word == "draft" and last is not None and (last.account, last.comment) == (signer.account, text):
        return last
    if word != "in_review":
        texts = {"approved": APPROVED_ALREADY, "recalled": RECALLED}
        raise Refused({"digest": [texts.get(word, NOT_IN_REVIEW)]})
    return replace(unsealed_step(signer, case.version, "rejected", case.now), function=function, comment=text)


def decide_resubmission(signer: Signer, case: ReviewCase, comment: str) -> ApprovalEntry:
    """Return the step that puts a rejected version back into review.

    Raises:
        Refused: the version is not a draft, or the comment is missing.
    """
    text = require_text("comment", comment)
    if case.worth.word != "draft":
        raise Refused({"digest": ["It is no draft; only what was rejected is submitted again."]})
    return replace(unsealed_step(signer, case.version, "submitted", case.now), comment=text)


def decide_recall(signer: Signer, scope: RecallScope, cases: Sequence[ReviewCase], comment: str) -> list[ApprovalEntry]:
    """Return a recall of every version in some languages that is not recalled yet.

    Args:
        signer: the account that acts.
        scope: the piece or release, and the languages.
        cases: every version of the piece or release, in every language.
        comment: the reason.

    Raises:
        NotFound: no such piece, release or language was published.
        NotPermitted: the signer may neither publish nor sign in these languages.
        Refused: the comment is missing.
    """
    declared = {case.version.subject.locale for case in cases}
    locales = declared if scope.locales is None else set(scope.locales)
    if not cases or not locales <= declared:
        raise errors.NotFound("There is no such piece, release or language to recall.")
    if not (signer.may_publish or (signer.functions and locales <= signer.locales)):
        raise errors.NotPermitted("To recall takes a publisher, or a reviewer of that language.")
    text = require_text("comment", comment)
    return [
        replace(unsealed_step(signer, case.version, "recalled", case.now), comment=text)
        for case in cases
        if case.version.subject.locale in locales and case.worth.word != "recalled"
    ]


def require_publisher(signer: Signer) -> None:
    """Refuse a signer who may not activate a release.

    Raises:
        NotPermitted: the account is not a publisher's.
    """
    if not signer.may_publish:
        raise errors.NotPermitted("To make a release active takes a publisher.")


def require_approved(unapproved_locales: Sequence[str]) -> None:
    """Refuse a release whose structure is not approved in every language.

    Raises:
        Refused: naming the languages.
    """
    if unapproved_locales:
        raise Refused({"release": [f"Its structure is not approved in: {', '.join(unapproved_locales)}."]})


def require_reviewer(signer: Signer, subject: Subject, function: str) -> None:
    """Refuse a signer who may not sign in a function, or in the language of a subject.

    Raises:
        NotPermitted: naming the functions or languages of the signer.
    """
    if function not in signer.functions:
        raise errors.NotPermitted(f"They may sign as: {_listed(signer.functions)}.")
    if subject.locale not in signer.locales:
        raise errors.NotPermitted(f"They may sign in these languages: {_listed(signer.locales)}.")


def require_another_person(
    signer: Signer, signatures: Iterable[ApprovalEntry], required: Collection[str], function: str
) -> None:
    """Refuse a signer whose signature counts in another function.

    Raises:
        NotPermitted: naming that function.
    """
    for step in signatures:
        if step.account == signer.account and step.function in required and step.function != function:
            raise errors.NotPermitted(
                f"They have signed it as {step.function}; somebody else must sign it as {function}. "
                "The setting 'different_people' of approvals lets a person sign in several functions."
            )


def require_text(field: str, text: str, longest: int = LONGEST_COMMENT) -> str:
    """Return a required text without the spaces around it.

    Raises:
        Refused: the text is missing, has more than `longest` characters, or a hidden one.
    """
    stripped = text.strip()
    if not stripped or len(stripped) > longest or refusal_of_hidden(stripped):
        problem = refusal_of_hidden(stripped) or f"It must say something, in at most {longest} characters."
        raise Refused({field: [problem]})
    return stripped


def _confirmed_questions(questions: Iterable[Question], confirmed: Collection[str]) -> tuple[tuple[str, str], ...]:
    missing = [f"“{question.text}” ({question.id})" for question in questions if question.id not in confirmed]
    if missing:
        explanation = "Whoever signs says yes to each question of the checklist, or rejects it."
        raise Refused({"checklist": [f"{explanation} Not confirmed: {' '.join(missing)}"]})
    return tuple((question.id, question.text) for question in questions)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


# --- status --------------------------------------------------------------------------------------------------------


def status_of(case: ReviewCase, *, is_given: bool, is_current: bool = True) -> ApprovalStatus:
    """Return the approval status of a version.

    Args:
        case: the version and its steps.
        is_given: whether patients see it now.
        is_current: whether a release in use has no newer version.
    """
    version, status = case.version, case.worth
    word: Word = status.word
    if word == "approved" and is_given:
        word = "active"
    elif word in ("approved", "in_review") and not is_current:
        word = "superseded"
    return ApprovalStatus(
        subject=version.subject,
        number=version.number,
        version=version.version,
        digest=version.digest,
        word=word,
        purpose=version.purpose,
        required=case.required,
        signatures=status.signatures,
        missing=status.missing,
        expires_at=status.expires_at,
        is_expired=status.is_expired,
        is_given=is_given,
        rejection=case.last("rejected") if status.word == "draft" else None,
        recalled=case.last("recalled"),
        ending=_renewable_functions(case, status) if is_current else (),
        different_people=case.requirements.different_people,
    )


def release_word(words: Set[Word], *, is_active: bool, was_active: bool) -> Word:
    """Return the word of a release, from the words of its structure in each language."""
    if "recalled" in words:
        return "recalled"
    if is_active:
        return "active"
    if was_active:
        return "superseded"
    if words <= {"approved", "active"}:
        return "approved"
    return "draft" if "draft" in words else "in_review"


def _renewable_functions(case: ReviewCase, status: Worth) -> tuple[str, ...]:
    """Return the functions whose last signature under an approved version can be renewed."""
    last = {step.function: step for step in status.signatures} if status.is_approved else {}
    return tuple(name for name in case.required if name in last and is_renewable(last[name], case.now))
