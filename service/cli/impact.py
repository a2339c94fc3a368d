"""`journeys impact`: the effect of changed files on pieces, signatures and patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.files import Files, files_options, refuse
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened

if TYPE_CHECKING:
    from journeys.authoring.lint import Linted
    from journeys.review.impact import Impact
    from service.releases.impact import Signable, Signed


@dataclass(frozen=True, slots=True)
class StoredImpact:
    """What the database adds to an impact: the state paths of each patient, and the signatures of changed content."""

    patients: list[frozenset[str]]
    signed: list[Signed]


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """The impact of changed files by journey, and its effect on patients and signatures where the database was read."""

    impacts: dict[str, list[Impact]]
    stored: dict[str, StoredImpact]


@click.command()
@click.argument("changed_files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--people",
    is_flag=True,
    help="Count the patients who see changed content, and list its signatures; --database implies this.",
)
@database_option
@files_options
@format_option
def impact(changed_files: tuple[Path, ...], people: bool, database: str | None, files: Files, form: str) -> None:
    """List the pieces, languages, renderings, signatures and patients that a change of files affects.

    FILE is a definition, its programmes, or a file of content: text, piece.yaml, partial, picture, glossary.

    Examples: `journeys impact content/nsclc/glossary.yaml`, `journeys impact definitions/nsclc.yaml --people`
    """
    from journeys.review.impact import impact_of

    changes = [_locate(file, files) for file in changed_files]
    journeys = dict.fromkeys(change.journey for change in changes)
    linted = {journey: files.lint(files.definitions / f"{journey}.yaml") for journey in journeys}
    impacts: dict[str, list[Impact]] = {}
    for change in changes:
        result = linted[change.journey]
        if result.plan is None or result.catalogue is None:
            refuse(result)
        file_impact = impact_of(change.file, change.role, result.plan, result.catalogue.pieces, result.sources)
        impacts.setdefault(change.journey, []).append(file_impact)
    stored = _read_stored(database, impacts, linted) if people or database is not None else {}
    REPORT.write(ImpactReport(impacts, stored), form)


@dataclass(frozen=True, slots=True)
class _ChangedFile:
    """A file, the journey that it belongs to, and its role there: definition, programmes, or a path of content."""

    file: str
    journey: str
    role: str


def _locate(file: Path, files: Files) -> _ChangedFile:
    """The journey and the role of a file, which may have been deleted."""
    from journeys.definition.reading.programmes import SUFFIX
    from journeys.review.impact import DEFINITION, PROGRAMMES

    definitions, content = files.definitions, files.content
    full_path = file.resolve()
    if full_path.parent == definitions.resolve():
        name = file.name
        for suffix, role in ((SUFFIX, PROGRAMMES), (".yaml", DEFINITION)):
            journey = name.removesuffix(suffix)
            if name.endswith(suffix) and "." not in journey and (definitions / f"{journey}.yaml").is_file():
                return _ChangedFile(str(file), journey, role)
        journey = name.partition(".")[0]
        if (definitions / f"{journey}.yaml").is_file():
            return _ChangedFile(str(file), journey, name)  # such as a FHIR mapping: patients are not shown it
    elif full_path.is_relative_to(content.resolve()):
        journey, *rest = full_path.relative_to(content.resolve()).parts
        if rest and (definitions / f"{journey}.yaml").is_file():
            return _ChangedFile(str(file), journey, "/".join(rest))
    raise click.UsageError(
        f"'{file}' does not belong to a journey: it must be in {definitions}, or in a journey's folder in {content}."
    )


def _read_stored(
    database: str | None, impacts: Mapping[str, list[Impact]], linted: Mapping[str, Linted]
) -> dict[str, StoredImpact]:
    from service.releases.impact import list_signed
    from service.releases.population import list_leaf_sets

    with opened(database) as service:
        return {
            journey: StoredImpact(
                list(list_leaf_sets(service, journey)),
                list_signed(service, linted[journey], _signables(of_journey)),
            )
            for journey, of_journey in impacts.items()
        }


def _signables(impacts: list[Impact]) -> set[Signable]:
    return {signable for impact in impacts for signable in impact.signatures}


def _affected_patients(impacts: list[Impact], patients: list[frozenset[str]]) -> tuple[int, Counter[str]]:
    """The number of patients who are shown changed content (all, if the structure changed), and the number by state."""
    is_structure = any(impact.structure for impact in impacts)
    leaves = frozenset(leaf for impact in impacts for leaf in impact.leaves)
    affected = [states if is_structure else states & leaves for states in patients]
    return sum(1 for states in affected if states), Counter(leaf for states in affected for leaf in states)


_BECAUSE = {
    "words": "its words",
    "shared": "the part that its languages share",
    "picture": "its picture",
    "partial": "includes it",
    "programme": "shows values of programmes",
    "declared": "shows or asks for facts of the definition",
    "glossary": "only its reading grade",
}


def _lines(report: ImpactReport) -> Iterator[str]:
    for journey, impacts in report.impacts.items():
        yield from _journey_lines(journey, impacts, report.stored.get(journey))


def _journey_lines(journey: str, impacts: list[Impact], stored: StoredImpact | None) -> Iterator[str]:
    for impact in impacts:
        yield f"{impact.file}: {counted(len({piece.key for piece in impact.pieces}), 'piece')} of {journey}"
        if impact.structure:
            yield f"  titles and labels of the journey  {', '.join(impact.structure)}"
        for piece in impact.pieces:
            yield f"  {piece.key}  {piece.locale}  {counted(piece.renderings, 'rendering')}  {_BECAUSE[piece.because]}"
        if not impact.pieces and not impact.structure:
            yield "  no effect on patients"
    signables = counted(len(_signables(impacts)), "signature")
    yield f"{journey}: {signables} affected (one for each piece or structure, in each language)"
    if stored is not None:
        yield from (f"  {_signed_in_words(signed)}" for signed in stored.signed)
        number, by_state = _affected_patients(impacts, stored.patients)
        yield f"{journey}: {number:,} of {counted(len(stored.patients), 'patient')} in a state that shows it"
        yield from (f"  {state}  {count:,}" for state, count in sorted(by_state.items()))


def _signed_in_words(signed: Signed) -> str:
    names = ", ".join(f"{step.printed_name} ({step.function}, {step.at.date()})" for step in signed.signatures)
    effect = "unchanged" if signed.is_same else "UNDONE: the content changed"
    return f"{signed.key or 'titles and labels'}  {signed.locale}  signed by {names}: {effect}"


def _as_json(report: ImpactReport) -> list[dict[str, Any]]:
    from journeys.review.stored import to_json

    rows = []
    for journey, impacts in report.impacts.items():
        row: dict[str, Any] = {
            "journey": journey,
            "files": [to_json(impact) for impact in impacts],
            "signatures": [
                {"piece": key, "locale": locale}
                for key, locale in sorted(_signables(impacts), key=lambda signable: (signable[0] or "", signable[1]))
            ],
        }
        if journey in report.stored:
            stored = report.stored[journey]
            number, by_state = _affected_patients(impacts, stored.patients)
            row["people"] = {
                "touched": number,
                "all": len(stored.patients),
                "by_state": dict(sorted(by_state.items())),
            }
            row["signed"] = [_signed_as_json(signed) for signed in stored.signed]
        rows.append(row)
    return rows


def _signed_as_json(signed: Signed) -> dict[str, Any]:
    signatures = [
        {"printed_name": step.printed_name, "function": step.function, "at": time_text(step.at)}
        for step in signed.signatures
    ]
    return {
        "piece": signed.key,
        "locale": signed.locale,
        "word": signed.word,
        "is_same": signed.is_same,
        "signatures": signatures,
    }


REPORT: Writers[ImpactReport] = Writers(as_text=_lines, as_json=_as_json, indent=1)

COMMANDS = (impact,)
