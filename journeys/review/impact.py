"""The impact of a changed file: pieces, languages, renderings and signatures. It does not compare contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from journeys.content.catalogue import Piece, PieceSource
from journeys.content.templates import OfProgramme, Words, included_names, renderings, walk
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import references_in
from journeys.primitives.state_path import is_within
from journeys.review.order import in_order

Because = Literal["words", "shared", "picture", "partial", "programme", "declared", "glossary"]

DEFINITION, PROGRAMMES = "definition", "programmes"
_PARTIALS, _GLOSSARY = "_partials", "glossary.yaml"
_PICTURES = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Touched:
    """A piece in a language that a change touches: the reason, its number of renderings, and its leaf states."""

    key: str
    locale: str
    title: str
    because: Because
    renderings: int
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of a change of one file. `structure` are the languages whose words outside pieces it may change."""

    file: str
    pieces: tuple[Touched, ...]
    structure: tuple[str, ...] = ()

    @property
    def leaves(self) -> frozenset[str]:
        """Every leaf state in which patients are shown an affected piece."""
        return frozenset(leaf for piece in self.pieces for leaf in piece.leaves)

    @property
    def signatures(self) -> tuple[tuple[str | None, str], ...]:
        """The content that may need a new signature, by key (None: the structure) and language.

        Programme values are signed with the structure; the glossary is not signed.
        """
        pieces = ((piece.key, piece.locale) for piece in self.pieces if piece.because not in ("programme", "glossary"))
        return (*((None, locale) for locale in self.structure), *pieces)


def impact_of(
    file: str, path: str, plan: ReleasePlan, pieces: Mapping[str, Piece], sources: Iterable[PieceSource]
) -> Impact:
    """The impact of a change of a file.

    Args:
        file: the name of the file in the result.
        path: `definition`, `programmes`, or the path within `content/<journey>/`.
        plan: the release of the current files.
        pieces: the pieces of the release.
        sources: the files of the pieces.
    """
    reader = _ImpactReader(plan, pieces, {source.key: source for source in sources})
    structure = plan.journey.locales if path in (DEFINITION, PROGRAMMES) else ()
    return Impact(file, tuple(reader.touched(PurePosixPath(path))), structure)


class _ImpactReader:
    def __init__(self, plan: ReleasePlan, pieces: Mapping[str, Piece], sources: Mapping[str, PieceSource]) -> None:
        self.plan = plan
        self.pieces = in_order(pieces.values(), plan)
        self.sources = sources

    def touched(self, path: PurePosixPath) -> Iterator[Touched]:
        if path.name == DEFINITION:
            yield from self.touched_texts(_reads_declared, "declared")
        elif path.name == PROGRAMMES:
            yield from self.touched_texts(_shows_programme, "programme")
        elif path.parts[:1] == (_PARTIALS,):
            yield from self.touched_texts(lambda piece, locale: self.includes(piece, locale, path.name), "partial")
        elif str(path) == _GLOSSARY:
            yield from self.touched_texts(lambda *_: True, "glossary")
        else:
            yield from self.of_piece(path)

    def touched_texts(self, is_touched: Callable[[Piece, str], bool], because: Because) -> Iterator[Touched]:
        for piece in self.pieces:
            for locale in piece.texts:
                if is_touched(piece, locale):
                    yield self.touched_text(piece, locale, because)

    def of_piece(self, path: PurePosixPath) -> Iterator[Touched]:
        """The touched texts of a file in a piece's folder: Markdown touches one language, other files touch all.

        Markdown with the settings of the piece touches all languages too.
        """
        piece = next((candidate for candidate in self.pieces if candidate.place == str(path.parent)), None)
        if piece is None:
            return
        is_shared = path.name == self.sources[piece.key].shared_file
        for locale in piece.texts:
            if path.name == f"{locale}.md":
                yield self.touched_text(piece, locale, "words")
            elif is_shared:
                yield self.touched_text(piece, locale, "shared")
            elif path.suffix in _PICTURES:
                yield self.touched_text(piece, locale, "picture")

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

    def touched_text(self, piece: Piece, locale: str, because: Because) -> Touched:
        text = piece.texts[locale]
        leaves = tuple(
            f"{track.name}.{leaf}"
            for track in self.plan.tracks.values()
            for leaf in track.leaves
            if any(is_within(f"{track.name}.{leaf}", state) for state in piece.states)
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
    """Whether the text uses anything that the definition declares: facts, conditions, states, triggers."""
    text = piece.texts[locale]
    reports = piece.action is not None and piece.action.kind == "report"
    return (
        reports
        or piece.when is not None
        or text.why is None
        or any(not isinstance(node, Words) for node in walk(text.body.body))
        or _shows_programme(piece, locale)
    )
