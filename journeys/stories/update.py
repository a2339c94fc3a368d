"""Writes what did happen into the expectations of a story's file, keeping everything else as it stands."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from journeys.stories.play import Played
from journeys.stories.script import Plain

#: What is written for a step whose `expect` is empty.
USUAL = ("state", "sees")


def updated(data: bytes, played: Played) -> bytes:
    """The story's file with every expectation that is named set to what happened; an empty one gets the usual."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(data)
    for step, actual in zip(tree["steps"], played.actual, strict=False):
        if "expect" not in step:
            continue
        named = list(step["expect"] or USUAL)
        step["expect"] = _flow({key: actual[key] for key in named if key in actual})
    stream = io.BytesIO()
    yaml.dump(tree, stream)
    return stream.getvalue()


def _flow(expected: dict[str, Plain]) -> CommentedMap:
    found = CommentedMap()
    for key, value in expected.items():
        found[key] = _plain(value)
    return found


def _plain(value: Plain) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap(value)
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(value)
        sequence.fa.set_flow_style()
        return sequence
    if value in ("true", "false"):
        return value == "true"
    return value
