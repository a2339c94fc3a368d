"""Approval rules: subjects, required functions and approval status. Pure; it needs no content and no release."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.primitives.durations import ACCEPTED, parse_duration
from journeys.primitives.problems import did_you_mean
from journeys.primitives.words import FUNCTIONS, MESSAGE_PURPOSES

SubjectKind = Literal["piece", "structure"]
StepKind = Literal["approved", "rejected", "submitted", "recalled", "activated", "refused"]
#: Kinds of entries for a subject. `submitted` reopens a rejected version, `activated` makes a release the one that new
#: enrollments get, and `refused` records an attempt that was not permitted.

Word = Literal["draft", "in_review", "approved", "active", "recalled", "superseded"]
#: Approval statuses.

STRUCTURE = "structure"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The content that a signature covers: a piece (by key) or the structure of a release (by id), in one locale."""

    journey: str
    kind: SubjectKind
    key: str
    locale: str


# --- what is required --------------------------------------------------------------------------------------------

_DEFAULTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(MESSAGE_PURPOSES, ("medical",)),
    "marketing": ("medical", "legal", "regulatory"),
    STRUCTURE: ("medical",),
}
#: The settings beside the purposes.
_OTHERS = ("expires_after", "different_people")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Requirements:
    """The functions that must sign, by purpose (or `structure`), and how long a signature is valid.

    A purpose without functions needs no signature. `different_people`: where a purpose needs several functions, a
    different person must sign in each.
    """

    functions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(_DEFAULTS))
    expires_after: str = "P1Y"
    different_people: bool = True

    def of(self, purpose: str) -> tuple[str, ...]:
        """The functions that must sign content of a purpose."""
        return self.functions[purpose]

    def expiry(self, signed_at: datetime) -> datetime:
        """The instant at which a signature expires."""
        return parse_duration(self.expires_after).after(signed_at)


def read_requirements(text: str) -> Requirements:
    """The requirements in a text such as `education=medical; marketing=medical+legal; expires_after=P1Y`.

    A purpose that is not listed keeps its default; `support=` requires no signature; `different_people=false` lets a
    person sign in several functions.

    Raises:
        ValueError: if the text is invalid; the message says what is accepted.
    """
    functions, expires_after, different_people = dict(_DEFAULTS), "P1Y", True
    names = (*_DEFAULTS, *_OTHERS)
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (part_text.strip() for part_text in part.partition("="))
        if not equals or name not in names:
            accepted = f"{', '.join(names[:-1])} and {names[-1]}"
            raise ValueError(f"takes {accepted}; '{name[:40]}' is unknown.{did_you_mean(name, names)}")
        if name == "expires_after":
            expires_after = _lasting(value)
            continue
        if name == "different_people":
            if value not in ("true", "false"):
                raise ValueError(f"takes true or false for different_people, not '{value[:40]}'.")
            different_people = value == "true"
            continue
        functions_named = tuple(dict.fromkeys(function.strip() for function in value.split("+") if function.strip()))
        for function in functions_named:
            if not _NAME.fullmatch(function):
                raise ValueError(f"takes functions such as {', '.join(FUNCTIONS)}; '{function[:40]}' is invalid.")
        functions[name] = functions_named
    return Requirements(functions, expires_after, different_people)


def requirements_text(table: Mapping[str, Any]) -> str:
    """The text for a table such as `{"education": ["medical"], "expires_after": "P1Y"}`.

    Raises:
        ValueError: if a value has the wrong type.
    """
    parts = []
    for name, value in table.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value) and name not in _OTHERS:
            parts.append(f"{name}={'+'.join(value)}")
        elif isinstance(value, str) and name == "expires_after":
            parts.append(f"{name}={value}")
        elif isinstance(value, bool) and name == "different_people":
            parts.append(f"{name}={str(value).lower()}")
        else:
            accepted = "lists of functions by purpose, expires_after as a text, and different_people as true or false"
            raise ValueError(f"takes {accepted}; '{name}' is invalid.")
    return "; ".join(parts)


def _lasting(text: str) -> str:
    try:
        duration = parse_duration(text)
    except ValueError:
        duration = None
    if duration is None or duration.is_zero_or_negative:
        raise ValueError(f"takes {ACCEPTED} for expires_after, more than zero.")
    return text


# --- approval status -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEntry:
    """One entry of the audit trail of a journey's approvals; it is never changed.

    `number` is the version of the piece, or the number of the release. `function` and `comment` may be empty. Only
    signatures have `expires_at` and `confirmed`, the checklist questions that were confirmed, each with its id and
    exact words. `seal` binds the entry to the one before.
    """

    journey: str
    sequence: int
    subject: Subject
    digest: str
    number: int
    kind: StepKind
    function: str
    account: str
    printed_name: str
    meaning: str
    comment: str
    at: datetime
    expires_at: datetime | None
    confirmed: tuple[tuple[str, str], ...] = ()
    seal: str


@dataclass(frozen=True, slots=True)
class Worth:
    """The approval status of one subject and digest at an instant.

    `signatures` are the valid ones; `missing` are the functions without a valid signature; `expires_at` is the first
    expiry among the required signatures; `is_expired` says whether the approval was lost by expiry alone.
    """

    word: Literal["draft", "in_review", "approved", "recalled"]
    signatures: tuple[ApprovalEntry, ...]
    missing: tuple[str, ...]
    expires_at: datetime | None
    is_expired: bool

    @property
    def is_approved(self) -> bool:
        """Whether patients may be given the content."""
        return self.word == "approved"


def worth(steps: Sequence[ApprovalEntry], required: Sequence[str], now: datetime) -> Worth:
    """The approval status that the entries of one subject and digest, in order, lead to.

    A rejection cancels every signature before it, until the same bytes are submitted again; a recall is permanent.
    """
    signed: list[ApprovalEntry] = []
    is_draft = is_recalled = False
    for step in steps:
        match step.kind:
            case "approved":
                signed.append(step)
            case "rejected":
                is_draft = True
                signed.clear()
            case "submitted":
                is_draft = False
                signed.clear()
            case "recalled":
                is_recalled = True
            case _:
                pass
    good = tuple(step for step in signed if step.expires_at is None or step.expires_at > now)
    missing = tuple(function for function in required if function not in {step.function for step in good})
    if is_recalled or is_draft:
        return Worth("recalled" if is_recalled else "draft", good, missing, None, False)
    if missing:
        was_approved = set(required) <= {step.function for step in signed}
        return Worth("in_review", good, missing, None, was_approved)
    return Worth("approved", good, (), _first_end(good, required), False)


def _first_end(signatures: Sequence[ApprovalEntry], required: Sequence[str]) -> datetime | None:
    """The instant at which the first required function is left without a valid signature."""
    last: dict[str, datetime | None] = {}
    for step in signatures:
        before = last.get(step.function, step.expires_at)
        is_endless = before is None or step.expires_at is None
        last[step.function] = None if is_endless else max(before, step.expires_at)  # type: ignore[type-var]
    ends = [end for name, end in last.items() if name in required and end is not None]
    return min(ends, default=None)
