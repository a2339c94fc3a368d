"""The pieces of a journey: read, checked against a release, and selected for what a patient may see now.

It uses no clock and renders nothing. Only `read_sources` reads files, in the folder that the caller passes.
"""

from journeys.content.catalogue.catalogue import (
    Catalogue,
    Cause,
    Reason,
    Selected,
    consider,
    explain,
    find,
    open_topics,
    select,
    world_of,
)
from journeys.content.catalogue.frames import frame_of, framed, in_frame, in_frame_of
from journeys.content.catalogue.front_matter import MAX_LENGTHS
from journeys.content.catalogue.glossary import Glossary, read_glossary
from journeys.content.catalogue.piece import (
    CHANNELS,
    Action,
    Picture,
    Piece,
    PieceText,
    Reference,
    Reviewed,
)
from journeys.content.catalogue.piece_block import UnfitForBlock, split_block, text_without_block, with_block
from journeys.content.catalogue.piece_form import LanguageFileForm, PieceForm
from journeys.content.catalogue.pieces import fits, read_piece
from journeys.content.catalogue.printed import partials_of, prints_partial, prints_value
from journeys.content.catalogue.sending import DEFAULT_USEFUL_FOR, Send
from journeys.content.catalogue.shared import (
    facts_reported,
    sensitive_facts,
    shared_catalogue,
    shared_facts,
    triggers_of_family,
)
from journeys.content.catalogue.sources import PieceSource, read_sources
from journeys.content.catalogue.text_checks import CODE_IN_LINE
from journeys.content.catalogue.text_kinds import NOUNS, Grants
from journeys.permission import INTERRUPTING
from journeys.permission.caregivers import PRIVATE

__all__ = [
    "CHANNELS",
    "CODE_IN_LINE",
    "DEFAULT_USEFUL_FOR",
    "INTERRUPTING",
    "MAX_LENGTHS",
    "NOUNS",
    "PRIVATE",
    "Action",
    "Catalogue",
    "Cause",
    "Glossary",
    "Grants",
    "LanguageFileForm",
    "Picture",
    "Piece",
    "PieceForm",
    "PieceSource",
    "PieceText",
    "Reason",
    "Reference",
    "Reviewed",
    "Selected",
    "Send",
    "UnfitForBlock",
    "consider",
    "explain",
    "facts_reported",
    "find",
    "fits",
    "frame_of",
    "framed",
    "in_frame",
    "in_frame_of",
    "open_topics",
    "partials_of",
    "prints_partial",
    "prints_value",
    "read_glossary",
    "read_piece",
    "read_sources",
    "select",
    "sensitive_facts",
    "shared_catalogue",
    "shared_facts",
    "split_block",
    "text_without_block",
    "triggers_of_family",
    "with_block",
    "world_of",
]
