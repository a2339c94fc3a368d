"""From YAML to a journey in checked shape, every element marked with its line and column."""

from journeys.definition.reading.files import passed_over, read_authored
from journeys.definition.reading.journey import definitions_in, read_journey
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.definition.reading.programmes import programmes_file, read_programmes
from journeys.definition.reading.shape import Shape
from journeys.definition.reading.tree import MAX_BYTES, read_tree

__all__ = [
    "MAX_BYTES",
    "MappingNode",
    "Node",
    "Scalar",
    "Sequence",
    "Shape",
    "definitions_in",
    "passed_over",
    "programmes_file",
    "read_authored",
    "read_journey",
    "read_programmes",
    "read_tree",
]
