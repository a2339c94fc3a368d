"""What an account is offered to do with a text; the use case decides whether it may."""

from __future__ import annotations

from service.access.store.accounts import Account
from service.publishing.approvals.policy import ApprovalStatus


def functions_to_sign(account: Account, status: ApprovalStatus) -> list[str]:
    """Return the functions in which an account is offered to sign."""
    if "reviewer" not in account.roles or status.subject.locale not in account.locales:
        return []
    return sorted(account.functions & set(status.open_to(account.name)))


def may_reject(account: Account, status: ApprovalStatus) -> bool:
    """Return whether an account is offered to reject."""
    is_theirs = status.subject.locale in account.locales and account.functions & set(status.required)
    return "reviewer" in account.roles and bool(is_theirs) and status.word == "in_review"
