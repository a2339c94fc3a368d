"""What a change of a file touches: pieces, languages, renderings and signatures. It does not look at what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from journeys.content.catalogue import Piece, PieceSource
from journeys.content.templates import OfProgramme, Words, included_names, renderings, walk
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import references_in
from journeys.review.annotated import in_order
from journeys.review.reach import is_inside

Because = Literal["words", "shared", "picture", "partial", "programme", "declared", "glossary"]

DEFINITION, PROGRAMMES = "definition", "programmes"
_PARTIALS, _SHARED, _GLOSSARY = "_partials", "piece.yaml", "glossary.yaml"
_PICTURES = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Touched:
    """A piece in a language, why it is touched, how many renderings it has, and the leaf states that show it."""

    key: str
    locale: str
    title: str
    because: Because
    renderings: int
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of one file touches. `structure` are the languages whose words outside pieces it may change."""

    file: str
    pieces: tuple[Touched, ...]
    structure: tuple[str, ...] = ()

    @property
    def leaves(self) -> frozenset[str]:
        """Every leaf state in which patients are shown something of it."""
        return frozenset(leaf for one in self.pieces for leaf in one.leaves)

    @property
    def signatures(self) -> tuple[tuple[str | None, str], ...]:
        """What may have to be signed anew, by key (None: the structure) and language.

        What programmes set is signed with the structure; the glossary is signed by nobody.
        """
        pieces = ((one.key, one.locale) for one in self.pieces if one.because not in ("programme", "glossary"))
        return (*((None, locale) for locale in self.structure), *pieces)


def impact_of(
    file: str, place: str, plan: ReleasePlan, pieces: Mapping[str, Piece], sources: Iterable[PieceSource]
) -> Impact:
    """What a change of a file touches.

    Args:
        file: what the answer calls it.
        place: `definition`, `programmes`, or its path within `content/<journey>/`.
        plan: the release that the files make now.
        pieces: its pieces.
        sources: their files.
    """
    reader = _Reader(plan, pieces, {source.key: source for source in sources})
    structure = plan.journey.locales if place in (DEFINITION, PROGRAMMES) else ()
    return Impact(file, tuple(reader.touched(PurePosixPath(place))), structure)


class _Reader:
    def __init__(self, plan: ReleasePlan, pieces: Mapping[str, Piece], sources: Mapping[str, PieceSource]) -> None:
        self.plan = plan
        self.pieces = in_order(pieces.values(), plan)
        self.sources = sources

    def touched(self, place: PurePosixPath) -> Iterator[Touched]:
        if place.name == DEFINITION:
            yield from self.those(_reads_declared, "declared")
        elif place.name == PROGRAMMES:
            yield from self.those(_shows_programme, "programme")
        elif place.parts[:1] == (_PARTIALS,):
            yield from self.those(lambda piece, locale: self.includes(piece, locale, place.name), "partial")
        elif str(place) == _GLOSSARY:
            yield from self.those(lambda *_: True, "glossary")
        else:
            yield from self.of_piece(place)

    def those(self, is_touched: Callable[[Piece, str], bool], because: Because) -> Iterator[Touched]:
        for piece in self.pieces:
            for locale in piece.texts:
                if is_touched(piece, locale):
                    yield self.one(piece, locale, because)

    def of_piece(self, place: PurePosixPath) -> Iterator[Touched]:
        """A file in a piece's own folder: of one language its Markdown, of all what they share."""
        piece = next((one for one in self.pieces if one.place == str(place.parent)), None)
        if piece is None:
            return
        locales: Sequence[str] = tuple(piece.texts)
        because: Because = "shared" if place.name == _SHARED else "picture"
        if place.suffix == ".md":
            locales, because = [locale for locale in piece.texts if locale == place.stem], "words"
        elif place.name != _SHARED and place.suffix not in _PICTURES:
            return
        for locale in locales:
            yield self.one(piece, locale, because)

    def includes(self, piece: Piece, locale: str, partial: str) -> bool:
        """Whether the text of a locale includes a partial, directly or through others."""
        source = self.sources[piece.key]
        partials = source.partials_of(locale)
        waiting = list(included_names(source.files[f"{locale}.md"].decode()))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if f"{name}.{locale}.md" == partial:
                return True
            if name in partials and name not in seen:
                seen.add(name)
                waiting += included_names(partials[name].decode())
        return False

    def one(self, piece: Piece, locale: str, because: Because) -> Touched:
        text = piece.texts[locale]
        leaves = tuple(
            f"{track.name}.{leaf}"
            for track in self.plan.tracks.values()
            for leaf in track.leaves
            if any(is_inside(f"{track.name}.{leaf}", state) for state in piece.states)
        )
        return Touched(piece.key, locale, text.title, because, len(renderings(text.body, self.plan)), leaves)


def _shows_programme(piece: Piece, locale: str) -> bool:
    text = piece.texts[locale]
    calls = piece.action is not None and piece.action.kind == "call"
    return (
        calls
        or any(references_in(line) for line in text.lines.values())
        or any(isinstance(node, OfProgramme) for node in walk(text.body.body))
    )


def _reads_declared(piece: Piece, locale: str) -> bool:
    """Whether it shows, asks or names something that the definition declares: facts, conditions, states, triggers."""
    text = piece.texts[locale]
    reports = piece.action is not None and piece.action.kind == "report"
    return (
        reports
        or piece.when is not None
        or text.why is None
        or any(not isinstance(node, Words) for node in walk(text.body.body))
        or _shows_programme(piece, locale)
    )
