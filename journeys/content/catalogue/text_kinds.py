"""The message texts (consent texts, replies, message frames, codes): their kinds, and what each of them declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from journeys.definition.reading import Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField
from journeys.permission import APART, CHANNELS, PURPOSES, SHARE, is_purpose
from journeys.primitives.problems import did_you_mean

PieceKind = Literal["page", "consent", "reply", "frame", "verification", "sign_in"]
TEXT_KINDS: tuple[PieceKind, ...] = ("consent", "reply", "frame", "verification", "sign_in")
#: The kinds of `_texts`; every other piece is a page.
Question = Literal["opt_out", "help", "unknown"]
QUESTIONS: tuple[Question, ...] = get_args(Question)
#: A word such as STOP alone, a word such as HELP alone, and anything else that a patient writes.

NOUNS: Mapping[PieceKind, str] = {
    "page": "a page",
    "consent": "a consent text",
    "reply": "a reply",
    "frame": "a message frame",
    "verification": "a verification text",
    "sign_in": "a sign-in text",
}
SENT_BY: Mapping[PieceKind, tuple[str, ...]] = {
    "consent": ("web",),
    "reply": ("email", "sms"),
    "verification": ("email", "sms"),
    "sign_in": ("email", "sms"),
}
#: The channels of the kinds; a frame has that of its messages.
_WITHOUT_CHANNEL = ("measurement", SHARE)
#: The beginnings of purposes that no message has.


@dataclass(frozen=True, slots=True)
class Grants:
    """What a consent text asks for: messages for `purposes` by `channels`; no channels: whatever the channel."""

    purposes: tuple[str, ...]
    channels: tuple[str, ...]


class GrantsForm(FileForm):
    """What people allow who agree to a consent text, in `grants`."""

    purpose = FormField(
        kinds.texts("a purpose, `measurement`, `share:<recipient>`, or a list"),
        f"The purposes; {', '.join(f'`{purpose}`' for purpose in APART)} and sharing each need their own text.",
        required=True,
    )
    channels = FormField(
        kinds.texts(f"{', '.join(f'`{channel}`' for channel in CHANNELS)}, or a list"),
        "The channels; required except for `measurement` and sharing.",
    )


def read_grants(shape: Shape, form: GrantsForm) -> Grants:
    """What a consent text asks for; mistakes are added to the problems of `shape`."""
    for purpose in form.purpose:
        if not is_purpose(purpose.text):
            accepted = f"Accepted: {', '.join(PURPOSES)}, share:<recipient>."
            message = f"'{purpose.text[:80]}' in 'purpose' of 'grants' is not a purpose. {accepted}"
            shape.problem(purpose.mark, message)
    for channel in form.channels:
        if channel.text not in CHANNELS:
            hint = did_you_mean(channel.text, CHANNELS)
            shape.problem(channel.mark, f"'{channel.text[:40]}' in 'channels' of 'grants' is not a channel.{hint}")
    if GrantsForm.purpose in form and not form.purpose:
        shape.problem(form.at(GrantsForm.purpose), "'purpose' of 'grants' is empty; name what people allow.")
    purposes = tuple(dict.fromkeys(purpose.text for purpose in form.purpose))
    channels = tuple(dict.fromkeys(channel.text for channel in form.channels))
    alone = next((purpose for purpose in purposes if purpose in APART or purpose.startswith(SHARE)), None)
    if alone is not None and len(purposes) > 1:
        message = f"'{alone}' needs a consent text of its own: nobody may have to agree to it to get other messages."
        shape.problem(form.at(GrantsForm.purpose), message)
    if not channels and not all(purpose.startswith(_WITHOUT_CHANNEL) for purpose in purposes):
        message = f"'grants' needs 'channels': messages go out by {', '.join(CHANNELS)}."
        shape.problem(form.mark, message)
    return Grants(purposes, channels)
