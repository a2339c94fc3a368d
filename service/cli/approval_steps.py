"""Steps of the audit trail, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeys.primitives.canonical import time_text

if TYPE_CHECKING:
    from journeys.review.approval import ApprovalEntry


def step_as_json(step: ApprovalEntry) -> dict[str, Any]:
    """A step with all its fields."""
    return {
        "journey": step.journey,
        "sequence": step.sequence,
        "at": time_text(step.at),
        "step": step.kind,
        "subject": step.subject.kind,
        "key": step.subject.key,
        "locale": step.subject.locale,
        "number": step.number,
        "digest": step.digest,
        "function": step.function,
        "account": step.account,
        "printed_name": step.printed_name,
        "meaning": step.meaning,
        "comment": step.comment,
        "confirmed": [{"id": name, "text": text} for name, text in step.confirmed],
        "expires_at": time_text(step.expires_at) if step.expires_at is not None else None,
        "seal": step.seal,
    }


def step_in_words(step: ApprovalEntry) -> str:
    """A step as a line of text, with its digest."""
    is_piece = step.subject.kind == "piece"
    subject = f"{step.subject.key} version {step.number}" if is_piece else f"release {step.number}"
    locale = f" in {step.subject.locale}" if step.subject.locale else ""
    text = step.meaning or step.comment
    quoted = f': "{text}"' if text else ""
    account = f"{step.printed_name} ({step.account}{f', {step.function}' if step.function else ''})"
    digest = f"  sha256 {step.digest}" if step.digest else ""
    confirmed = f"  yes to: {', '.join(name for name, _ in step.confirmed)}" if step.confirmed else ""
    action = f"{step.kind} {subject}{locale} by {account}{quoted}"
    return f"{step.journey} {step.sequence}  {time_text(step.at)}  {action}{confirmed}{digest}"


def signature_in_words(step: ApprovalEntry) -> str:
    """A signature without its subject."""
    return f'{step.function}: {step.printed_name}, {time_text(step.at)}, "{step.meaning}"'
