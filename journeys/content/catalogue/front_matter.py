"""The lines of the front matter, before the text of a piece in each language."""

from __future__ import annotations

from journeys.content.text_message import MOST_PARTS
from journeys.definition.reading.forms import FileForm, FormField
from journeys.definition.reading.kinds import FLAG, NUMBER, Kind, text


class LineField(FormField[str]):
    """One line of plain text, of at most `max_length` characters."""

    def __init__(self, max_length: int, help_text: str, *, required: bool = False, key: str = "") -> None:
        super().__init__(text(accepts=f"at most {max_length} characters"), help_text, required=required, key=key)
        self.max_length = max_length


_OF_MARKETING = " Of a consent text for marketing, which needs it."


class FrontMatterForm(FileForm):
    """The front matter of a text: plain lines, each the same for all patients of a programme."""

    title = LineField(200, "The title of the piece.", required=True)
    summary = LineField(500, "The piece in one or two sentences.", required=True)
    mail_subject = LineField(
        150, "The subject of the e-mail, without facts; a neutral one unless given.", key="subject"
    )
    text = LineField(160, "The text message; required where the piece has the channel `sms`. Longer with `text_parts`.")
    text_parts = FormField(
        Kind(f"a whole number, 1 to {MOST_PARTS}", NUMBER.read, NUMBER.schema),
        "The most parts in which a phone network may send `text`; 1 unless given.",
    )
    push = LineField(160, "The push message; required where the piece has the channel `push`.")
    why = LineField(300, "The reason why the patient sees the piece; made from the title of the state unless given.")
    action = LineField(60, "The button; required where the piece has `action`, else not accepted.")
    image_alt = LineField(300, "The picture in words; required where the piece has `image`, else not accepted.")
    information = LineField(300, f"The information that is used or disclosed.{_OF_MARKETING}")
    discloser = LineField(200, f"Who discloses it.{_OF_MARKETING}")
    recipient = LineField(200, f"Who receives it.{_OF_MARKETING}")
    purpose = LineField(300, f"What for.{_OF_MARKETING}")
    expires = LineField(200, f"The date or event that ends the permission.{_OF_MARKETING}")
    right_to_revoke = LineField(500, f"The right to revoke, and how.{_OF_MARKETING}")
    translate = FormField(FLAG, "Whether the text is a copy that waits for translation; it is never published.")


MAX_LENGTHS = {line.key: line.max_length for line in FrontMatterForm.fields if isinstance(line, LineField)}
SEVERAL_PARTS = 153
#: The most characters of each part of a text message in several parts; lint counts them as a phone network does.
NEEDED_BY = {"sms": FrontMatterForm.text, "push": FrontMatterForm.push}
#: The line that each channel needs.
WORDS_FOR = {"action": FrontMatterForm.action, "image": FrontMatterForm.image_alt}
#: The line that is accepted exactly where the piece has the key.
AUTHORIZATION = (
    *(FrontMatterForm.information, FrontMatterForm.discloser, FrontMatterForm.recipient),
    *(FrontMatterForm.purpose, FrontMatterForm.expires, FrontMatterForm.right_to_revoke),
)
#: The lines of a written authorization for marketing (45 CFR 164.508(c)), beside the signature.


def longest_line(name: str, text_parts: int) -> int:
    """The most characters of a line; a text message may be longer where it may be sent in several parts."""
    return SEVERAL_PARTS * text_parts if name == FrontMatterForm.text.key and text_parts > 1 else MAX_LENGTHS[name]
