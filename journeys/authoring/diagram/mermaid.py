"""A journey as Mermaid text."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.diagram.words import DiagramWords
from journeys.definition.model import StateDefinition, Track


def mermaid_lines(words: DiagramWords) -> Iterator[str]:
    """The lines of the Mermaid text."""
    journey = words.journey
    yield "---"
    yield f"title: {_yaml(words.title(journey.title, journey.key))}"
    yield "---"
    yield "stateDiagram-v2"
    for track in journey.tracks.values():
        yield f'    state "{_escaped(words.title(track.title, track.name))}" as {track.name} {{'
        if track.initial is not None:
            yield f"        [*] --> {_name(track, track.initial.text)}"
        for path in track.top:
            yield from _mermaid_state(words, track, track.states[path], "        ")
        labels_by_edge: dict[tuple[str, str], list[str]] = {}
        for edge in words.edges(track):
            labels = labels_by_edge.setdefault((edge.source, edge.target), [])
            labels += [label for label in edge.labels if label not in labels]
        for (source, target), labels in labels_by_edge.items():
            yield f"        {_name(track, source)} --> {_name(track, target)}: {_escaped(' / '.join(labels))}"
        yield "    }"


def _mermaid_state(words: DiagramWords, track: Track, state: StateDefinition, indent: str) -> Iterator[str]:
    title = words.state(track, state.path) + (f" ({words.words['held']})" if state.hold else "")
    head = f'{indent}state "{_escaped(title)}" as {_name(track, state.path)}'
    if not state.children:
        yield head
        return
    yield f"{head} {{"
    if state.initial is not None:
        yield f"{indent}    [*] --> {_name(track, f'{state.path}.{state.initial.text}')}"
    for child in state.children:
        yield from _mermaid_state(words, track, track.states[child], indent + "    ")
    yield f"{indent}}}"


def _name(track: Track, path: str) -> str:
    return f"{track.name}--{path}".replace(".", "-").replace("--", "__")


def _escaped(text: str) -> str:
    """A text in which every sign that Mermaid would read is an entity of its own kind."""
    return "".join(sign if sign.isalnum() or sign in " .,()'/-+!?=áéíóúñü¿¡" else f"#{ord(sign)};" for sign in text)


def _yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
