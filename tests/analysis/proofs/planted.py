"""Copies of the shipped journeys with one fault planted in each, and all that is said of them."""

from dataclasses import dataclass, replace
from functools import cache, cached_property

from journeys.analysis.proofs import DECIDERS, PropertyProver, built_in
from journeys.authoring.lint import lint_journey
from journeys.authoring.stories import Stage, play, read_story
from journeys.content.catalogue import Catalogue, read_piece, read_sources
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey, read_programmes
from journeys.engine.machine import make_release
from tests.stories.playing import ROOT


@dataclass(frozen=True)
class Shipped:
    """The files of a journey, read once."""

    journey: str

    @cached_property
    def definition(self):
        return (ROOT / f"definitions/{self.journey}.yaml").read_text()

    @cached_property
    def programmes(self):
        return (ROOT / f"definitions/{self.journey}.programmes.yaml").read_text()

    @cached_property
    def sources(self):
        """The pieces in two files, so that a fault is planted in a file of its own."""
        in_one_file = read_sources(ROOT / "content" / self.journey)[0]
        return {source.key: replace(source, block=None) for source in in_one_file}

    @cached_property
    def pieces(self):
        plan = compile_journey(read_journey(self.definition.encode(), "")[0])
        return {key: read_piece(source, plan)[0] for key, source in self.sources.items()}


shipped = cache(Shipped)


class Planted:
    """A shipped journey in which some texts were exchanged: in its definition, in its programmes, in files of pieces.

    Args:
        journey: its key.
        definition: texts of the definition, each with its replacement.
        programmes: the same in its programmes.
        files: by `piece/file`, the same; None where the file is gone, an empty first text where it is added to.
    """

    def __init__(self, journey, definition=(), programmes=(), files=None):
        original = shipped(journey)
        self.text = exchanged(original.definition, definition)
        self.programmes = exchanged(original.programmes, programmes)
        self.journey, self.read = read_journey(self.text.encode(), "planted.yaml")
        self.sources, self.pieces = dict(original.sources), dict(original.pieces)
        for name, change in (files or {}).items():
            key, _, file = name.partition("/")
            files_kept = dict(self.sources[key].files)
            before = files_kept.pop(file)
            if change is not None:
                files_kept[file] = exchanged(before.decode(), change).encode()
            self.sources[key] = replace(self.sources[key], files=files_kept)
            piece, piece_problems = read_piece(self.sources[key], compile_journey(self.journey))
            self.read += piece_problems
            self.pieces.pop(key)
            if piece is not None:
                self.pieces[key] = piece

    @cached_property
    def problems(self):
        """Everything that lint finds, but for what it says of single words."""
        beside, programme_problems = read_programmes(self.programmes.encode(), "planted.programmes.yaml")
        return [
            *self.read,
            *programme_problems,
            *lint_journey(self.journey, self.pieces, list(self.sources.values()), beside),
        ]

    @cached_property
    def release(self):
        return make_release(self.journey)

    @cached_property
    def prover(self):
        return PropertyProver(self.release, Catalogue(self.release.plan, self.pieces))

    def verdicts(self, rule, words=""):
        """What one rule says, decided only as it is asked for; properties that have the words come first."""
        if rule == "property":
            declared = sorted(self.prover.journey.properties, key=lambda declared: words not in declared.in_words)
            return map(self.prover.property, declared)
        decide = next(decider for decider in DECIDERS if decider.__name__ == rule.replace("-", "_"))
        return iter(decide(self.prover))

    @property
    def unproven(self):
        """All properties that are not proven."""
        return [
            verdict for verdict in [*self.prover.properties(), *built_in(self.prover)] if verdict.result != "proven"
        ]

    def line(self, text):
        """The line of the definition that begins with a text."""
        return next(
            number for number, line in enumerate(self.text.splitlines(), 1) if line.strip(" -").startswith(text)
        )

    def play(self, verdict):
        """The story of a counter-example, played with what the patient sees at its end; it must come out so."""
        text = verdict.story(self.release.plan)
        story, problems = read_story(text.encode(), "way.yaml")
        assert problems == [], text
        played = play(story, Stage(self.release, Catalogue(self.release.plan, self.pieces)))
        assert (played.problems, played.mismatches) == ((), ()), text
        return played


def exchanged(text, change):
    if not change:
        return text
    before, after = change
    if not before:
        return text.rstrip("\n") + "\n" + after
    assert before in text, before
    return text.replace(before, after, 1)
