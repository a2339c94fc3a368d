"""Checks of how the service is reached and of who may do what in it, for `journeys doctor`. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.review.approval import STRUCTURE, Requirements
from service.access.store import accounts
from service.access.store.accounts import Account
from service.platform.configuration import Configuration
from service.platform.database import Database, Finding
from service.platform.loopback import is_loopback


def examine_exposure(config: Configuration) -> Iterator[Finding]:
    """Whether a service that other machines reach is behind TLS and knows its names."""
    if is_loopback(config.host) and not config.proxies:
        yield Finding("https", True, "not needed: only this machine reaches the service")
        return
    state = "callers use https" if config.https else "off, so cookies are not Secure; other machines reach the service"
    yield Finding("https", config.https, state, "End TLS in a proxy (docs/deployment.md), and set JOURNEYS_HTTPS=true.")
    hosts = sorted(config.hosts)
    state = f"accepted in requests: {', '.join(hosts)}" if hosts else "a request may name any host"
    yield Finding("names", bool(hosts), state, "Set JOURNEYS_TRUSTED_HOSTS to the names of the service.")


def examine_accounts(database: Database, requirements: Requirements) -> Iterator[Finding]:
    """Whether every account needs another one to bring content to patients."""
    with database.reading() as connection:
        everybody = accounts.list_all(connection)
    alone = [account.name for account in everybody if _can_do_everything(account, requirements)]
    if alone:
        text = f"alone may publish, sign and activate: {', '.join(alone)}"
        advice = "Let different accounts publish and sign: docs/review.md, 'Who must sign'."
        yield Finding("accounts", False, text, advice, is_warning=True)
    else:
        yield Finding("accounts", True, "none can publish, sign and activate alone")


def _can_do_everything(account: Account, requirements: Requirements) -> bool:
    """Whether an account has every right that the titles and words of a release need to reach patients.

    It may not sign what it published itself, but a second name for it is all that it lacks.
    """
    functions = set(requirements.of(STRUCTURE))
    signs = "reviewer" in account.roles and functions <= account.functions
    needs_another = requirements.different_people and len(functions) > 1
    return (
        account.disabled_at is None
        and "publisher" in account.roles  # publishes and activates
        and (not functions or (signs and not needs_another))
    )
