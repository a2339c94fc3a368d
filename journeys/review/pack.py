"""The review pack of a release: its cover, the changes, every annotated page, and the proof of each. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.analysis.paths import Path
from journeys.content.catalogue import Catalogue, Piece
from journeys.content.screen import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.graph import reachable_leaves
from journeys.definition.programmes import Programmes
from journeys.review.annotated import AnnotatedPage, annotate
from journeys.review.changes import TextChange, compare_pages, compare_structures
from journeys.review.claims import SourcedSentence, claims_of
from journeys.review.framed import FramedMessage, framed_messages
from journeys.review.naming import Naming
from journeys.review.order import in_order
from journeys.review.proof import Proof, RenderingCount, prove
from journeys.review.stored import to_json
from journeys.review.structure import StructurePage, annotate_structure
from journeys.review.ways import way_in_words

FORM = "journeys-pack/1"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A piece in one language: its page, its renderings, and a path that shows it, in words (may be empty).

    `messages` are those of a page that is sent, each in the frame of its channel.
    """

    page: AnnotatedPage
    proof: Proof
    way: str = ""
    problems: tuple[str, ...] = ()
    messages: tuple[FramedMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Everything in one language: the structure, the claims, then the pieces in the order of the journey."""

    locale: str
    structure: StructurePage
    claims: tuple[SourcedSentence, ...]
    chapters: tuple[Chapter, ...]

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """The problems: the key of the piece and the sentence."""
        problems = [(chapter.page.key, problem) for chapter in self.chapters for problem in chapter.problems]
        return tuple(dict.fromkeys(problems))

    @property
    def counts(self) -> tuple[RenderingCount, ...]:
        """The counts of every piece and channel."""
        return tuple(count for chapter in self.chapters for count in chapter.proof.counts)


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack of a release. `changes` is None without an earlier pack to compare with."""

    journey: str
    title: str
    release: str
    programmes: Mapping[str, str]
    parts: tuple[Part, ...]
    changes: tuple[TextChange, ...] | None = None
    since: str = ""
    form: str = FORM

    @property
    def counts(self) -> tuple[RenderingCount, ...]:
        """The counts of every piece, language and channel."""
        return tuple(count for part in self.parts for count in part.counts)

    @property
    def is_complete(self) -> bool:
        """Whether both counts of all renderings agree."""
        return all(count.agrees for count in self.counts)


def make_pack(
    plan: ReleasePlan,
    pieces: Iterable[Piece],
    programmes: Programmes | None = None,
    *,
    locales: Sequence[str] = (),
    ways: Mapping[str, Path] | None = None,
    since: Mapping[str, Any] | None = None,
    since_name: str = "",
) -> Pack:
    """The pack of a release.

    Args:
        plan: the release.
        pieces: all pieces of the release.
        programmes: the programmes that fill its values.
        locales: the languages of the pack; all declared ones by default.
        ways: for each piece a path that shows it, from `ways_to`; a piece without a path is then a problem.
        since: an earlier pack in its JSON form, to list the changes first.
        since_name: the name of the earlier pack on the cover.
    """
    chosen_locales = tuple(locales) or plan.journey.locales
    reachable = reachable_leaves(plan.journey)
    ordered = in_order(pieces, plan)
    parts = tuple(_part(plan, ordered, programmes, locale, reachable, ways) for locale in chosen_locales)
    changes = tuple(_changes(since, parts)) if since is not None else None
    title = (
        in_locale(plan.journey.title, chosen_locales[0], plan.journey.locales)
        if plan.journey.title
        else plan.journey.key
    )
    naming = Naming(plan, chosen_locales[0])
    programmes_by_key = programmes.by_key if programmes is not None else {}
    called = {key: naming.title(programme.title, key) for key, programme in programmes_by_key.items()}
    return Pack(plan.journey.key, title, plan.id, called, parts, changes, since_name)


def sums(counts: Iterable[RenderingCount]) -> list[tuple[str, str, int, int]]:
    """For each language and channel, the number of renderings made and counted."""
    made: Counter[tuple[str, str]] = Counter()
    counted: Counter[tuple[str, str]] = Counter()
    for count in counts:
        made[count.locale, count.channel] += count.made
        counted[count.locale, count.channel] += count.counted or 0
    return [(locale, channel, number, counted[locale, channel]) for (locale, channel), number in made.items()]


def _part(
    plan: ReleasePlan,
    pieces: Sequence[Piece],
    programmes: Programmes | None,
    locale: str,
    reachable: frozenset[str],
    ways: Mapping[str, Path] | None,
) -> Part:
    naming = Naming(plan, locale)
    catalogue = Catalogue(plan, {piece.key: piece for piece in pieces})
    chapters = []
    for piece in pieces:
        page = annotate(piece, plan, locale, programmes, reachable=reachable)
        proof = prove(piece, plan, locale, reachable=reachable)
        problems = [*page.problems, *proof.problems]
        path_text = ""
        if ways is not None and piece.key in ways:
            path_text = way_in_words(ways[piece.key], naming)
        elif ways is not None and piece.kind == "page" and not page.problems:
            problems.append(naming.label("problem_no_way"))
        messages = tuple(framed_messages(piece, catalogue, locale))
        chapters.append(Chapter(page, proof, path_text, tuple(problems), messages))
    claims = claims_of(chapter.page for chapter in chapters)
    return Part(locale, annotate_structure(plan, locale, programmes), claims, tuple(chapters))


def _changes(since: Mapping[str, Any], parts: Sequence[Part]) -> Iterator[TextChange]:
    """The changes since an earlier pack, in the order of the new pack; removed pages come last."""
    earlier = {part["locale"]: part for part in since["parts"]}
    for part in parts:
        before = earlier.get(part.locale, {"structure": None, "chapters": []})
        pages = {chapter["page"]["key"]: chapter["page"] for chapter in before["chapters"]}
        changes = [compare_structures(before["structure"], to_json(part.structure))]
        changes += [
            compare_pages(pages.pop(chapter.page.key, None), to_json(chapter.page)) for chapter in part.chapters
        ]
        changes += [compare_pages(page, None) for page in pages.values()]
        yield from (change for change in changes if change is not None)
