"""Turns a piece with `piece.yaml` into one whose first language file has these settings; it writes nothing."""

from __future__ import annotations

from dataclasses import replace

from journeys.content.catalogue import PieceSource, UnfitForBlock, split_block, with_block
from journeys.content.catalogue.piece_block import KEY
from journeys.content.catalogue.sources import SHARED
from journeys.content.templates import MAX_BYTES
from journeys.definition.reading import MappingNode, Node, Scalar, read_tree


def in_one_file(source: PieceSource, locale: str) -> tuple[str, bytes]:
    """The name and the bytes of the file of the first language with the settings of the piece in it.

    The piece that is read from it has the same key and version; nothing that was signed or stored changes.

    Args:
        source: a piece with `piece.yaml`.
        locale: the journey's first language.

    Raises:
        UnfitForBlock: the piece keeps its `piece.yaml`; the text is the reason.
    """
    name = f"{locale}.md"
    if name not in source.files:
        raise UnfitForBlock(f"it has no {name}, the journey's first language")
    joined = with_block(source.files[name], source.files[SHARED])
    if len(joined) > MAX_BYTES:
        raise UnfitForBlock(f"{name} would be larger than {MAX_BYTES} bytes")
    _require_same_settings(joined, source.files[SHARED])
    parts = split_block(name, joined)
    assert parts is not None  # with_block has split it too
    again = replace(source, files={**source.files, name: parts[0], SHARED: parts[1]}, block=parts[2])
    if (again.key, again.version) != (source.key, source.version):
        raise UnfitForBlock("its version would change")
    return name, joined


def _require_same_settings(joined: bytes, shared: bytes) -> None:
    """Refuses a file whose front matter is not YAML as a whole, or has other settings: editors read it as a whole."""
    lines = joined.splitlines(keepends=True)
    end = next(number for number, line in enumerate(lines) if number and line.rstrip() == b"---")
    tree, problems = read_tree(b"".join(lines[1:end]), "")
    alone, problems_alone = read_tree(shared, "")
    if problems_alone:
        raise UnfitForBlock(f"it has mistakes; {problems_alone[0].message}")
    if problems:
        raise UnfitForBlock(f"the front matter would not be YAML; {problems[0].message}")
    if not isinstance(tree, MappingNode) or _plain(tree.get(KEY)) != _plain(alone):
        raise UnfitForBlock("the front matter as a whole would not have the same settings")


def _plain(node: Node | None) -> object:
    """The texts, lists and mappings of a tree, without their positions."""
    match node:
        case None:
            return None
        case Scalar():
            return node.text, node.plain
        case MappingNode():
            return {key.text: _plain(value) for key, value in node.entries}
        case _:
            return [_plain(item) for item in node.items]
