"""Publish definitions and content from files into the database: all of them without errors, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from journeys.authoring.lint import Linted, SourcesFile, lint_files, read_sources_beside
from journeys.content.catalogue import PieceSource, fits
from journeys.definition.programmes import Programme, to_stored
from journeys.definition.reading import definitions_in, passed_over, read_authored
from journeys.primitives.canonical import canonical
from journeys.primitives.problems import Problem, only_errors
from service.publishing.approvals import ApprovalStatus, store_status
from service.publishing.service import Service
from service.publishing.store import approvals, releases, row_sources
from service.publishing.store.releases import Publication, StoredPiece, StoredProgramme, StoredRelease


@dataclass(frozen=True, slots=True)
class Misfit:
    """A version of a piece that an earlier release with patients cannot show; they see an older version."""

    piece: str
    release: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class PublishedJourney:
    """The result of publishing one journey: its release, and the keys of added, changed and withdrawn pieces.

    `programmes` are the keys of added, changed and removed programmes, and `sources` the names of such sources of rows,
    which patients do not see; `in_review` is what waits for signatures.
    """

    journey: str
    release: str
    number: int
    is_new_release: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    misfits: tuple[Misfit, ...]
    programmes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    in_review: tuple[ApprovalStatus, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether there was anything to publish."""
        return self.is_new_release or bool(self.added or self.changed or self.withdrawn or self.programmes)


class MigrationPolicy(Protocol):
    """What happens to the patients in other releases when a release is published."""

    def problems(self, service: Service, connection: Connection, linted: Linted) -> list[Problem]:
        """The states of patients that have no target in the new release."""

    def store(self, service: Service, connection: Connection, linted: Linted, now: datetime) -> None:
        """Stores the policy with the release."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """All problems, and the published journeys; these are empty where a problem is an error."""

    problems: tuple[Problem, ...]
    journeys: tuple[PublishedJourney, ...]
    is_done: bool


@dataclass(frozen=True, slots=True)
class _CheckedFiles:
    """A journey without errors: its definition and content, the bytes of the definition, its sources of rows."""

    linted: Linted
    data: bytes
    sources: SourcesFile | None

    @property
    def journey(self) -> str:
        assert self.linted.journey is not None
        return self.linted.journey.key


def publish_from_files(
    service: Service,
    definitions: Path,
    content: Path,
    *,
    only: Iterable[str] = (),
    policy: MigrationPolicy | None = None,
    author: str | None = None,
) -> Publishing:
    """Publish every journey of a folder, or some of them; nothing is published where a problem is an error.

    Args:
        service: the service whose database receives the files.
        definitions: the folder of definitions, `<journey>.yaml` each.
        content: the folder that holds a folder of pieces for each journey.
        only: names of definitions without `.yaml`; by default all.
        policy: what happens to the patients in other releases; None: they stay where they are.
        author: the account of the author, who may not sign this work (`author_of`); None: drafts and demonstrations.
    """
    names = set(only)
    files = definitions_in(definitions)
    selected_files = [path for path in files if not names or path.stem in names]
    absent = [definitions / f"{name}.yaml" for name in sorted(names - {path.stem for path in files})]
    if not selected_files and not absent:
        absent = [definitions / "*.yaml"]
    problems = [_problem(path, "This definition does not exist.") for path in absent] + passed_over(definitions)
    clean: list[_CheckedFiles] = []
    for path in selected_files:
        linted = lint_files(path, content)
        problems += linted.problems_of_publishing
        data = (read_authored(path)[0] or b"") if linted.journey is not None else b""
        if linted.journey is not None and linted.journey.digest != hashlib.sha256(data).hexdigest():
            problems.append(_problem(path, "The file changed while it was read. Publish it again."))
        elif linted.is_publishable and linted.plan is not None:
            sources, source_problems = read_sources_beside(str(path), linted.plan)
            problems += source_problems
            clean.append(_CheckedFiles(linted, data, sources))
    if only_errors(problems) or len(clean) < len(selected_files):
        return Publishing(tuple(problems), (), False)
    with service.database.writing() as connection:
        now = service.clock()
        obstacles = [problem for checked in clean for problem in _removed_programmes_in_use(connection, checked.linted)]
        obstacles += _sources_of_others(connection, clean)
        if policy is not None:
            obstacles += [
                problem for checked in clean for problem in policy.problems(service, connection, checked.linted)
            ]
        if obstacles:
            return Publishing((*problems, *obstacles), (), False)
        done = tuple(_publish(service, connection, checked, now, author) for checked in clean)
        if policy is not None:
            for checked in clean:
                policy.store(service, connection, checked.linted, now)
        problems += [problem for checked in clean for problem in _earlier_rules(connection, checked.linted)]
    return Publishing(tuple(problems), done, True)


def _publish(
    service: Service, connection: Connection, files: _CheckedFiles, now: datetime, author: str | None
) -> PublishedJourney:
    linted = files.linted
    assert linted.plan is not None
    journey = linted.plan.journey
    approvals.lock(connection, journey.key)
    before = releases.newest_publication(connection, journey.key)
    is_new = releases.find_release(connection, linted.plan.id) is None
    if is_new:
        number = releases.last_number(connection, journey.key) + 1
        file = Path(journey.file).name
        release = StoredRelease(linted.plan.id, journey.key, number, file, files.data, now, linted.plan.rules)
        releases.add_release(connection, release)
    stored = releases.find_release(connection, linted.plan.id)
    assert stored is not None
    sources = {source.key: source for source in linted.sources}
    new = _store_pieces(connection, journey.key, sources, now)
    versions = {key: source.version for key, source in sources.items()}
    programmes = _store_programmes(connection, linted, now)
    served = before.content if before is not None else {}
    done = PublishedJourney(
        journey=journey.key,
        release=stored.id,
        number=stored.number,
        is_new_release=before is None or before.release != stored.id,
        added=tuple(sorted(versions.keys() - served.keys())),
        changed=tuple(sorted(key for key in versions.keys() & served.keys() if versions[key] != served[key])),
        withdrawn=tuple(sorted(served.keys() - versions.keys())),
        misfits=_misfits(service, connection, journey.key, stored.id, new),
        programmes=_changed(before.programmes if before is not None else (), programmes),
        sources=_store_sources(connection, files, now),
    )
    if done.is_changed:
        number = before.number + 1 if before is not None else 1
        publication = Publication(journey.key, number, stored.id, versions, now, programmes, author)
        releases.add_publication(connection, publication)
    waiting = store_status(service, connection, journey.key, now)
    return replace(done, in_review=waiting)


def _earlier_rules(connection: Connection, linted: Linted) -> Iterator[Problem]:
    """Yield a warning where the same definition was published under earlier rules of the engine, which it keeps."""
    assert linted.plan is not None and linted.journey is not None
    stored = releases.find_release(connection, linted.plan.id)
    if stored is not None and stored.rules < linted.plan.rules:
        text = (
            f"Release {stored.number} with this definition keeps version {stored.rules} of the engine's rules. "
            f"To publish it under version {linted.plan.rules}, change the file; a comment is enough."
        )
        yield Problem(linted.journey.file, 1, 1, "warning", "rules", text)


def _removed_programmes_in_use(connection: Connection, linted: Linted) -> list[Problem]:
    """Return a problem for each removed programme that has enrollments."""
    assert linted.journey is not None
    before = releases.newest_publication(connection, linted.journey.key)
    current_keys = set(linted.programmes.by_key) if linted.programmes is not None else set()
    removed_keys = {key for key, _ in before.programmes} - current_keys if before is not None else set()
    if not removed_keys or linted.programmes is None:
        return []
    used = removed_keys & releases.programmes_in_use(connection, linted.journey.key)
    text = "The programme '{}' has enrollments and cannot be removed. Put it back."
    return [_problem(Path(linted.programmes.file), text.format(key)) for key in sorted(used)]


def _store_programmes(connection: Connection, linted: Linted, now: datetime) -> list[tuple[str, str]]:
    """Store the new versions of programmes, and return the key and version of each programme."""
    assert linted.journey is not None
    journey = linted.journey.key
    if linted.programmes is None or not linted.programmes.by_key:
        return []
    stored_versions = {
        (programme.key, programme.version) for programme in releases.list_programmes(connection, journey)
    }
    versions = []
    for key, programme in linted.programmes.by_key.items():
        source = to_stored(programme)
        version = version_of(programme)
        versions.append((key, version))
        if (key, version) not in stored_versions:
            releases.add_programme(connection, journey, StoredProgramme(key, version, source), now)
    return versions


def _sources_of_others(connection: Connection, clean: Sequence[_CheckedFiles]) -> Iterator[Problem]:
    """Yield a problem for each source of rows whose name another journey uses."""
    published = {files.journey for files in clean}
    owners = {
        source.name: source.journey
        for source in row_sources.list_row_sources(connection)
        if source.journey not in published
    }
    for files in clean:
        for name in files.sources.sources if files.sources is not None else ():
            owner = owners.setdefault(name, files.journey)
            if owner != files.journey and files.sources is not None:
                text = f"The journey '{owner}' has a source '{name}' too. Choose another name."
                yield _problem(Path(files.sources.file), text)


def _store_sources(connection: Connection, files: _CheckedFiles, now: datetime) -> tuple[str, ...]:
    """Store the sources of rows of a journey, and return the names of added, changed and removed ones."""
    stored_sources = [source for source in row_sources.list_row_sources(connection) if source.journey == files.journey]
    before = [(source.name, hashlib.sha256(source.declaration).hexdigest()) for source in stored_sources]
    declaration = files.sources.data if files.sources is not None else b""
    names = files.sources.sources.keys() if files.sources is not None else ()
    after = [(name, hashlib.sha256(declaration).hexdigest()) for name in names]
    changed = _changed(before, after)
    if changed:
        row_sources.replace_row_sources(connection, files.journey, names, declaration, now)
    return changed


def version_of(programme: Programme) -> str:
    """Return the version of a programme: SHA-256 (hexadecimal) of its title, values and limits of messages."""
    return hashlib.sha256(canonical(to_stored(programme))).hexdigest()


def _changed(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the keys that were added, changed or removed, each of them with its version."""
    return tuple(sorted({key for key, _ in {*before} ^ {*after}}))


def _store_pieces(
    connection: Connection, journey: str, sources: Mapping[str, PieceSource], now: datetime
) -> list[PieceSource]:
    """Store the new versions of pieces, and return them."""
    stored_pieces = releases.list_pieces(connection, journey)
    new = []
    versions = {(piece.key, piece.version) for piece in stored_pieces}
    for key, source in sources.items():
        if (key, source.version) not in versions:
            number = 1 + max((piece.number for piece in stored_pieces if piece.key == key), default=0)
            piece = StoredPiece(key, source.version, number, source.to_stored())
            releases.add_piece(connection, journey, piece, now)
            new.append(source)
    return new


def _misfits(
    service: Service, connection: Connection, journey: str, release: str, sources: Iterable[PieceSource]
) -> tuple[Misfit, ...]:
    """Return the new versions that earlier releases with patients cannot show."""
    compiled = service.library.releases(connection)
    earlier = [other for other in releases.releases_in_use(connection, journey) if other != release]
    return tuple(
        Misfit(source.key, other, tuple(problems))
        for other in sorted(earlier)
        for source in sources
        if (problems := fits(source, compiled[other].plan))
    )


def _problem(path: Path, message: str) -> Problem:
    return Problem(str(path), 1, 1, "error", "file", message)
