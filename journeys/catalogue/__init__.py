"""The pieces of a journey: read, checked against a release, and selected for what a patient may see now.

No clock and no rendering; files are read in `read_sources` alone, which is handed a folder.
"""

from journeys.catalogue.catalogue import Catalogue, Cause, Reason, Selected, consider, explain, select, world_of
from journeys.catalogue.pieces import CHANNELS, MAX_LENGTHS, PURPOSES, Piece, PieceText, Reference, fits, read_piece
from journeys.catalogue.sources import Partials, PieceSource, read_sources

__all__ = [
    "CHANNELS",
    "MAX_LENGTHS",
    "PURPOSES",
    "Catalogue",
    "Cause",
    "Partials",
    "Piece",
    "PieceSource",
    "PieceText",
    "Reason",
    "Reference",
    "Selected",
    "consider",
    "explain",
    "fits",
    "read_piece",
    "read_sources",
    "select",
    "world_of",
]
