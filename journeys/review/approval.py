"""Approval rules: subjects, digests of the exact bytes, required functions and approval status. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from journeys.content.catalogue import MESSAGE_PURPOSES, Piece, PieceSource
from journeys.content.catalogue.sources import SHARED
from journeys.content.templates import Branch, OfProgramme
from journeys.content.templates import walk as walk_template
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled
from journeys.definition.conditions.nodes import Named
from journeys.definition.conditions.nodes import walk as walk_condition
from journeys.definition.model import Titles, Track
from journeys.definition.programmes import references_in
from journeys.primitives.canonical import canonical
from journeys.primitives.durations import ACCEPTED, parse_duration
from journeys.primitives.problems import did_you_mean
from journeys.primitives.words import FUNCTIONS

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
_TEXT_PARTS = re.compile(rb"text_parts: *[0-9]+ *\r?")


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


# --- digests -----------------------------------------------------------------------------------------------------


def digest_of(piece: Piece, source: PieceSource, locale: str, plan: ReleasePlan) -> str:
    """SHA-256 (hexadecimal) of a piece that was already read, in one locale.

    The digest covers its files, partials and pictures byte for byte, the types of the facts and values that it reads,
    the conditions that it names, and the locale. Only the line `text_parts` is left out: patients do not read it.
    """
    text = piece.texts[locale]
    conditions = list(_conditions(piece, locale))
    facts = {*text.body.facts, *(fact for condition in conditions for fact in condition.facts)}
    named_conditions = {
        node.name for condition in conditions for node in walk_condition(condition.node) if isinstance(node, Named)
    }
    of_programme = {node.name for node in walk_template(text.body.body) if isinstance(node, OfProgramme)}
    of_programme.update(name for line in text.lines.values() for name in references_in(line))
    if piece.action is not None and piece.action.kind == "call":
        of_programme.add(piece.action.target)
    name = f"{locale}.md"
    files = {file: source.files[file] for file in (SHARED, name) if file in source.files}
    if text.text_parts != 1:
        line = source.line_without_block(name, text.places["text_parts"].line)
        files[name] = _without_text_parts(files[name], line - 1)
    declared = plan.journey.programme
    manifest = {
        "piece": [plan.journey.key, source.place, source.key, locale],
        "files": _digests(files),
        "partials": _digests(source.partials_of(locale)),
        "pictures": _digests(source.pictures),
        "facts": {name: _type_of(plan, name) for name in sorted(facts)},
        "conditions": {name: plan.journey.conditions[name].text for name in sorted(named_conditions)},
        "programme": {name: declared[name].kind for name in sorted(of_programme) if name in declared},
    }
    return hashlib.sha256(canonical(manifest)).hexdigest()


def digest_of_release(release: str, locale: str, programmes: Iterable[tuple[str, str]] = ()) -> str:
    """The digest of a structure by the id of its release, which is the SHA-256 of the definition."""
    manifest = {"structure": release, "locale": locale, "programmes": [list(programme) for programme in programmes]}
    return hashlib.sha256(canonical(manifest)).hexdigest()


def _without_text_parts(data: bytes, number: int) -> bytes:
    """The file of a text without the line, counted from 0, that says how many parts its text message may take."""
    lines = data.split(b"\n")
    if number < len(lines) and _TEXT_PARTS.fullmatch(lines[number]):
        del lines[number]
    return b"\n".join(lines)


def _conditions(piece: Piece, locale: str) -> Iterable[Compiled]:
    if piece.when is not None:
        yield piece.when
    for node in walk_template(piece.texts[locale].body.body):
        if isinstance(node, Branch):
            yield from (arm.condition for arm in node.arms)


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def _type_of(plan: ReleasePlan, fact: str) -> list[Any]:
    kind = plan.facts[fact]
    above = {value: sorted(ancestors) for value, ancestors in kind.ancestors.items()}
    return [kind.kind, list(kind.values), above, kind.minimum, kind.maximum, kind.max_length]


def without_words(plan: ReleasePlan) -> ReleasePlan:
    """The release with every title and label empty, in every locale, and without questions."""
    nothing = Titles(dict.fromkeys(plan.journey.locales, ""))
    journey = plan.journey
    silent = replace(
        journey,
        title=nothing,
        facts={
            name: replace(fact, title=nothing, labels=dict.fromkeys(fact.labels, nothing), ask=None)
            for name, fact in journey.facts.items()
        },
        group_asks={},
        triggers={name: replace(trigger, title=nothing) for name, trigger in journey.triggers.items()},
        ends={name: replace(end, title=nothing) for name, end in journey.ends.items()},
        entries={name: replace(entry, title=nothing) for name, entry in journey.entries.items()},
        contacts={name: replace(contact, title=nothing) for name, contact in journey.contacts.items()},
        topics=dict.fromkeys(journey.topics, nothing),
        tracks={name: _silent(track, nothing) for name, track in journey.tracks.items()},
    )
    tracks = {name: replace(track, declared=silent.tracks[name]) for name, track in plan.tracks.items()}
    return replace(plan, journey=silent, tracks=tracks)


def _silent(track: Track, nothing: Titles) -> Track:
    states = {path: replace(state, title=nothing) for path, state in track.states.items()}
    return replace(track, title=nothing, states=states)


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
