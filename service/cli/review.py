"""The commands of those who review: the pack of a journey, and what a change of files touches."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.authoring.lint import Linted, lint_files
from journeys.definition.reading.programmes import SUFFIX
from journeys.engine.machine import make_release
from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted, did_you_mean, only_errors
from journeys.review import (
    DEFINITION,
    FORM,
    PROGRAMMES,
    Impact,
    impact_of,
    make_pack,
    pack_document,
    pack_text,
    to_json,
    ways_to,
)
from service.cli.files import Files, refuse
from service.cli.options import content_option, database_option, definitions_option, format_option
from service.cli.startup import opened
from service.releases import impact as touching
from service.releases.impact import Signable, Signed


@click.command(name="pack")
@click.argument("journey")
@click.option("--locale", "locales", multiple=True, help="A language; may be repeated. All unless given.")
@click.option("--format", "form", type=click.Choice(["html", "text", "json"]), default="html", show_default=True)
@click.option(
    "--since",
    type=click.Path(exists=True, path_type=Path),
    help="Open on what changed since: an earlier pack as JSON, or a folder with the definitions and content of then.",
)
@definitions_option
@content_option
def make(journey: str, locales: tuple[str, ...], form: str, since: Path | None, definitions: str, content: str) -> None:
    """Print the review pack of a journey: every page a patient can meet, each rule in words, and counts that prove it.

    Ends with 1 where the renderings that were made are not as many as were counted.

    Examples: `journeys pack nsclc > pack.html`, `journeys pack nsclc --locale es --format text`
    """
    linted = _clean(Files(Path(definitions), Path(content)).definition(journey), Path(content))
    assert linted.plan is not None
    assert linted.catalogue is not None
    declared = linted.plan.journey.locales
    for locale in locales:
        if locale not in declared:
            raise click.UsageError(f"'{locale}' is no language of this journey.{did_you_mean(locale, declared)}")
    pack = make_pack(
        linted.plan,
        linted.catalogue.pieces.values(),
        linted.programmes,
        locales=locales,
        ways=ways_to(make_release(linted.plan.journey), linted.catalogue),
        since=_earlier(since, linted.plan.journey.key) if since is not None else None,
        since_name=since.name if since is not None else "",
    )
    match form:
        case "html":
            click.echo(pack_document(pack), nl=False)
        case "text":
            click.echo(pack_text(pack), nl=False)
        case _:
            click.echo(json.dumps(to_json(pack), ensure_ascii=False))
    if not pack.is_complete:
        sys.exit(1)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--people", is_flag=True, help="Ask the store who stands where it is shown, and who signed; --database does so too."
)
@database_option
@definitions_option
@content_option
@format_option
def impact(
    files: tuple[str, ...], people: bool, database: str | None, definitions: str, content: str, form: str
) -> None:
    """Say which pieces, languages, renderings, signatures and people a change of files touches.

    FILE is a definition, its programmes, or a file of content: text, piece.yaml, partial, picture, glossary.

    Examples: `journeys impact content/nsclc/glossary.yaml`, `journeys impact definitions/nsclc.yaml --people`
    """
    places = [_placed(Path(file), Path(definitions), Path(content)) for file in files]
    journeys = {one.journey: Path(definitions) / f"{one.journey}.yaml" for one in places}
    linted = {journey: lint_files(definition, Path(content)) for journey, definition in journeys.items()}
    found: dict[str, list[Impact]] = {}
    for place in places:
        read = linted[place.journey]
        if read.plan is None or read.catalogue is None:
            refuse(read)
        one = impact_of(place.file, place.place, read.plan, read.catalogue.pieces, read.sources)
        found.setdefault(place.journey, []).append(one)
    costs = _costs(database, found, linted) if people or database is not None else {}
    if form == "json":
        click.echo(json.dumps(_as_json(found, costs), ensure_ascii=False, indent=1))
        return
    for journey, impacts in found.items():
        for line in _lines(journey, impacts, costs.get(journey)):
            click.echo(line)


# --- the pack ----------------------------------------------------------------------------------------------------


def _clean(definition: Path, content: Path) -> Linted:
    """A journey without errors; a pack of anything less could lack a page."""
    linted = lint_files(definition, content)
    if not linted.is_publishable or only_errors(linted.problems):
        refuse(linted)
    return linted


def _earlier(path: Path, journey: str) -> Mapping[str, Any]:
    """An earlier pack: read, or made of the files of then."""
    if path.is_dir():
        definition = path / "definitions" / f"{journey}.yaml"
        if not definition.is_file():
            raise click.UsageError(f"--since: there is no {definition}; a folder holds definitions/ and content/.")
        linted = _clean(definition, path / "content")
        assert linted.plan is not None
        assert linted.catalogue is not None
        made: Mapping[str, Any] = to_json(make_pack(linted.plan, linted.catalogue.pieces.values(), linted.programmes))
        return made
    try:
        stored = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict) or stored.get("form") != FORM or stored.get("journey") != journey:
        raise click.UsageError(
            f"--since: {path} is no pack of '{journey}'. Keep one with: journeys pack {journey} --format json"
        )
    return stored


# --- impact ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    journey: str
    place: str


def _placed(file: Path, definitions: Path, content: Path) -> _Place:
    """Which journey a file belongs to, and as what; it need not be there any more."""
    whole = file.resolve()
    if whole.parent == definitions.resolve():
        name = file.name
        for suffix, place in ((SUFFIX, PROGRAMMES), (".yaml", DEFINITION)):
            journey = name.removesuffix(suffix)
            if name.endswith(suffix) and "." not in journey and (definitions / f"{journey}.yaml").is_file():
                return _Place(str(file), journey, place)
        journey = name.partition(".")[0]
        if (definitions / f"{journey}.yaml").is_file():
            return _Place(str(file), journey, name)  # such as what FHIR means: no patient meets it
    elif whole.is_relative_to(content.resolve()):
        journey, *rest = whole.relative_to(content.resolve()).parts
        if rest and (definitions / f"{journey}.yaml").is_file():
            return _Place(str(file), journey, "/".join(rest))
    raise click.UsageError(
        f"'{file}' belongs to no journey: it is neither in {definitions} nor in the folder of a journey in {content}."
    )


@dataclass(frozen=True, slots=True)
class _Cost:
    """What the store knows: where everybody stands, and what was signed of what is touched."""

    people: list[frozenset[str]]
    signed: list[Signed]


def _costs(database: str | None, found: Mapping[str, list[Impact]], linted: Mapping[str, Linted]) -> dict[str, _Cost]:
    with opened(database) as service:
        return {
            journey: _Cost(
                touching.standing(service, journey), touching.signed(service, linted[journey], _signables(impacts))
            )
            for journey, impacts in found.items()
        }


def _signables(impacts: list[Impact]) -> set[Signable]:
    return {one for impact in impacts for one in impact.signatures}


def _touched_people(impacts: list[Impact], people: list[frozenset[str]]) -> tuple[int, Counter[str]]:
    """How many people stand where something touched is shown (all, where the structure is), and how many by state."""
    everywhere = any(one.structure for one in impacts)
    leaves = frozenset(leaf for one in impacts for leaf in one.leaves)
    met = [person if everywhere else person & leaves for person in people]
    return sum(1 for one in met if one), Counter(leaf for one in met for leaf in one)


_BECAUSE = {
    "words": "its words",
    "shared": "what its languages share",
    "picture": "its picture",
    "partial": "includes it",
    "programme": "shows values of programmes",
    "declared": "shows or asks what is declared",
    "glossary": "its reading grade alone",
}


def _lines(journey: str, impacts: list[Impact], cost: _Cost | None) -> list[str]:
    lines = []
    for one in impacts:
        lines.append(f"{one.file}: {counted(len({piece.key for piece in one.pieces}), 'piece')} of {journey}")
        if one.structure:
            lines.append(f"  titles and labels of the journey  {', '.join(one.structure)}")
        lines += [
            f"  {piece.key}  {piece.locale}  {counted(piece.renderings, 'rendering')}  {_BECAUSE[piece.because]}"
            for piece in one.pieces
        ]
        if not one.pieces and not one.structure:
            lines.append("  nothing that a patient can meet")
    signables = counted(len(_signables(impacts)), "signature")
    lines.append(f"{journey}: {signables} at stake (for a piece or the structure, in a language each)")
    if cost is not None:
        lines += [f"  {_signed_in_words(one)}" for one in cost.signed]
        number, by_state = _touched_people(impacts, cost.people)
        lines.append(f"{journey}: {number:,} of {len(cost.people):,} people stand where something of it is shown")
        lines += [f"  {state}  {count:,}" for state, count in sorted(by_state.items())]
    return lines


def _signed_in_words(one: Signed) -> str:
    names = ", ".join(f"{step.printed_name} ({step.function}, {step.at.date()})" for step in one.signatures)
    becomes = "still these bytes" if one.is_same else "UNDONE: other bytes"
    return f"{one.key or 'titles and labels'}  {one.locale}  signed by {names}: {becomes}"


def _as_json(found: Mapping[str, list[Impact]], costs: Mapping[str, _Cost]) -> Any:
    made = []
    for journey, impacts in found.items():
        one: dict[str, Any] = {
            "journey": journey,
            "files": [to_json(impact) for impact in impacts],
            "signatures": [
                {"piece": key, "locale": locale}
                for key, locale in sorted(_signables(impacts), key=lambda signable: (signable[0] or "", signable[1]))
            ],
        }
        if journey in costs:
            cost = costs[journey]
            number, by_state = _touched_people(impacts, cost.people)
            one["people"] = {"touched": number, "all": len(cost.people), "by_state": dict(sorted(by_state.items()))}
            one["signed"] = [_signed_as_json(signed) for signed in cost.signed]
        made.append(one)
    return made


def _signed_as_json(one: Signed) -> dict[str, Any]:
    signatures = [
        {"printed_name": step.printed_name, "function": step.function, "at": time_text(step.at)}
        for step in one.signatures
    ]
    return {
        "piece": one.key,
        "locale": one.locale,
        "word": one.word,
        "is_same": one.is_same,
        "signatures": signatures,
    }


COMMANDS = (make, impact)
