"""Who may open each page of sign-in, in one table; an unlisted page is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

#: `anybody`, or a signed-in patient.
Opener = Literal["anybody", "patient"]

PAGES: Mapping[str, Opener] = {
    "sign_in.asset": "anybody",
    "sign_in.sign_in_page": "anybody",
    "sign_in.ask_for_code": "anybody",
    "sign_in.code_page": "anybody",
    "sign_in.linked_code_page": "anybody",
    "sign_in.confirm_code": "anybody",
    "sign_in.provider_page": "anybody",
    "sign_in.to_provider": "anybody",
    "sign_in.from_provider": "anybody",
    "sign_in.forget_login": "anybody",
    "sign_in.ask_for_passkey": "anybody",
    "sign_in.use_passkey": "anybody",
    "sign_in.account_page": "patient",
    "sign_in.sign_out": "patient",
    "sign_in.end_session": "patient",
    "sign_in.end_app": "patient",
    "sign_in.begin_passkey": "patient",
    "sign_in.add_passkey": "patient",
    "sign_in.end_passkey": "patient",
    "sign_in.end_login": "patient",
    "sign_in.end_everything": "patient",
}
