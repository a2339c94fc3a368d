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
    select,
    world_of,
)
from journeys.content.catalogue.front_matter import MAX_LENGTHS
from journeys.content.catalogue.glossary import Glossary, read_glossary
from journeys.content.catalogue.piece import (
    CHANNELS,
    PURPOSES,
    Action,
    Picture,
    Piece,
    PieceText,
    Reference,
    Reviewed,
)
from journeys.content.catalogue.piece_reader import PieceForm
from journeys.content.catalogue.pieces import fits, read_piece
from journeys.content.catalogue.printed import partials_of, prints_partial, prints_value
from journeys.content.catalogue.sources import Partials, PieceSource, read_sources

__all__ = [
    "CHANNELS",
    "MAX_LENGTHS",
    "PURPOSES",
    "Action",
    "Catalogue",
    "Cause",
    "Glossary",
    "Partials",
    "Picture",
    "Piece",
    "PieceForm",
    "PieceSource",
    "PieceText",
    "Reason",
    "Reference",
    "Reviewed",
    "Selected",
    "consider",
    "explain",
    "find",
    "fits",
    "partials_of",
    "prints_partial",
    "prints_value",
    "read_glossary",
    "read_piece",
    "read_sources",
    "select",
    "world_of",
]
