"""What a mail address of this service looks like. It sends nothing."""

from __future__ import annotations

import re

DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.(?!-)[A-Za-z0-9-]{1,63})*")
LONGEST_LOCAL_PART = 64
_MAILBOX = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?P<domain>[A-Za-z0-9.-]+)"
)


def is_mailbox(address: str) -> bool:
    """Whether an address is local-part@domain, in ASCII and without quotes."""
    match = _MAILBOX.fullmatch(address)
    return (
        match is not None
        and len(match["local"]) <= LONGEST_LOCAL_PART
        and len(match["domain"]) <= 253
        and DOMAIN.fullmatch(match["domain"]) is not None
    )
