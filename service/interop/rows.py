"""Rows of other systems as reports: each is applied once by its source and id, whatever becomes of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from typing import Literal, get_args

from sqlalchemy import Connection

from journeys.definition.compiler import ReleasePlan
from journeys.engine import Report, admit
from journeys.interop.rows import ROW, NumberedRow, RowEvent, RowSource, event_of_row, read_row_sources
from journeys.primitives.errors import CallerError, Refused
from service.access.caller import Caller
from service.enrollments.answers import count_report
from service.enrollments.content import ContentOptions
from service.enrollments.report import IncomingReport
from service.enrollments.requests import digest_of
from service.enrollments.store import enrollments, log
from service.enrollments.together import report_all
from service.interop.row_claims import RowClaim, add_claims, find_claims
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import releases, row_sources

RowStatus = Literal["new", "known", "unmapped", "conflict", "mistaken"]
STATUSES: tuple[RowStatus, ...] = get_args(RowStatus)
MOST_AT_ONCE = 500
#: Rows that are looked up, and claimed, in one transaction.
NO_SOURCE = "No published journey declares a source of this name."
NO_ENROLLMENT = "No enrollment in this journey has this reference."
SEVERAL = "The patient has more than one enrollment in this journey."
OTHER_CONTENT = "This id was already used for a row that says something else. Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """What became of a row, or in a dry run would.

    `status` is `new` (its event is reported), `known` (it was, by the same row before), `unmapped` (no rule fits it),
    `conflict` (the id belongs to a row that says something else) or `mistaken`, with the mistakes by column. Nothing
    here repeats a cell.
    """

    number: int
    status: RowStatus
    trigger: str | None = None
    enrollment: str | None = None
    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do about the row."""
        return self.status not in ("conflict", "mistaken")


@dataclass(frozen=True, slots=True)
class _AddressedRow:
    """A row with its event, the enrollment that it concerns, and the keyed digests of its id and its content."""

    number: int
    event: RowEvent
    enrollment: str
    claim: RowClaim

    def verdict(self, status: RowStatus, mistakes: Mapping[str, Sequence[str]] | None = None) -> RowVerdict:
        return RowVerdict(
            number=self.number,
            status=status,
            trigger=self.event.trigger,
            enrollment=self.enrollment,
            mistakes=mistakes or {},
        )


def load_source(service: Service, name: str) -> RowSource:
    """The declared source of a name, as it was published last.

    Raises:
        NotFound: no journey declares it.
    """
    with service.database.reading() as connection:
        stored = next((source for source in row_sources.list_row_sources(connection) if source.name == name), None)
        newest = releases.newest_publication(connection, stored.journey) if stored is not None else None
        if stored is None or newest is None:
            raise errors.NotFound(NO_SOURCE)
        plan = service.library.releases(connection)[newest.release].plan
    return read_row_sources(stored.declaration, stored.name, plan)[0][name]


def report_rows(
    service: Service, source: RowSource, rows: Iterable[NumberedRow], *, dry_run: bool = False
) -> Iterator[RowVerdict]:
    """Reports the events of rows and yields what became of each, in their order; a row that is refused stops no other.

    A row is named by its source and id. The same row again changes nothing; another row under its id is a conflict.
    An interrupted call is completed by the same rows again.

    Args:
        service: the process.
        source: the declared source.
        rows: the rows; they are read as they are needed.
        dry_run: whether to store nothing.

    Raises:
        Unavailable: the database cannot be used; the rows before were reported.
    """
    reporting = _Reporting(service, source, dry_run)
    remaining = iter(rows)
    while part := list(islice(remaining, MOST_AT_ONCE)):
        yield from reporting.report(part)


class _Reporting:
    """The rows of one call: what is looked up once, and in a dry run the claims that were not stored."""

    def __init__(self, service: Service, source: RowSource, dry_run: bool) -> None:
        self._service = service
        self._source = source
        self._dry_run = dry_run
        self._claims: dict[str, RowClaim] = {}
        self._enrollments: dict[str, Sequence[str]] = {}
        self._admitting: dict[str, tuple[ReleasePlan, Collection[str], tzinfo]] = {}
        scopes = frozenset({"report", "staff"} if source.by == "staff" else {"report"})
        self._caller = Caller(token="", name=source.reporter, scopes=scopes, by=source.by)  # nosec B106 # it has none

    def report(self, rows: Sequence[NumberedRow]) -> list[RowVerdict]:
        """What became of some rows, in their order."""
        verdicts: dict[int, RowVerdict] = {}
        addressed: list[_AddressedRow] = []
        with self._service.database.reading() as connection:
            for row in rows:
                read = self._read(connection, row)
                if isinstance(read, RowVerdict):
                    verdicts[row.number] = read
                else:
                    addressed.append(read)
            claims = self._claims | find_claims(connection, [row.claim.digest for row in addressed])
        own, verdicts_of_claims = self._claim(addressed, claims)
        verdicts |= verdicts_of_claims
        verdicts |= {row.number: row.verdict("new") for row in own} if self._dry_run else self._report(own)
        return [verdicts[row.number] for row in rows]

    def _read(self, connection: Connection, row: NumberedRow) -> _AddressedRow | RowVerdict:
        try:
            if isinstance(row.cells, Refused):
                raise row.cells
            event = event_of_row(self._source, row.cells)
            if event is None:
                return RowVerdict(number=row.number, status="unmapped")
            enrollment = self._enrollment(connection, event.patient_ref)
            plan, known, zone = self._admission(connection, enrollment)
            try:
                admit(plan, enrollment, self._report_of(event), self._service.clock(), known=known, zone=zone)
            except Refused as refused:
                raise Refused(_by_column(event, refused)) from None
        except Refused as refused:
            return RowVerdict(number=row.number, status="mistaken", mistakes=refused.fields)
        digest_of_text = self._service.digests.digest_of
        claim = RowClaim(
            digest=digest_of_text(connection, "row", f"{self._source.name}\n{event.id}"),
            content=digest_of_text(connection, "row content", event.content.decode()),
            enrollment=enrollment,
        )
        return _AddressedRow(row.number, event, enrollment, claim)

    def _enrollment(self, connection: Connection, patient_ref: str) -> str:
        """The patient's enrollment in the journey of the source.

        Raises:
            Refused: there is none, or there are several.
        """
        if patient_ref not in self._enrollments:
            journey = self._source.journey
            self._enrollments[patient_ref] = enrollments.ids_in_journey(connection, patient_ref, journey, None)
        ids = self._enrollments[patient_ref]
        if len(ids) != 1:
            raise Refused({self._source.patient: [SEVERAL if ids else NO_ENROLLMENT]})
        return ids[0]

    def _admission(self, connection: Connection, enrollment: str) -> tuple[ReleasePlan, Collection[str], tzinfo]:
        """The release of an enrollment, the facts that its patient knows, and the patient's time zone."""
        if enrollment not in self._admitting:
            stored = enrollments.load(connection, enrollment)
            assert stored is not None
            plan = self._service.library.releases(connection)[stored.enrollment.release].plan
            self._admitting[enrollment] = plan, stored.enrollment.heard_of, stored.zone
        return self._admitting[enrollment]

    def _report_of(self, event: RowEvent) -> Report:
        return Report(
            id=event.id,
            type=event.trigger,
            reporter=self._caller.name,
            by=self._caller.by,
            at=event.at,
            day=event.day,
            facts=event.facts,
        )

    def _claim(
        self, rows: Sequence[_AddressedRow], stored: Mapping[str, RowClaim]
    ) -> tuple[list[_AddressedRow], dict[int, RowVerdict]]:
        """The rows whose events are to be reported, and the verdicts of the others by number."""
        claims = {row.claim.digest: row.claim for row in reversed(rows)} | dict(stored)
        unclaimed = [claim for digest, claim in claims.items() if digest not in stored]
        reported = self._reported(rows) | self._claims.keys()
        if self._dry_run:
            self._claims |= {claim.digest: claim for claim in unclaimed}
        elif unclaimed:
            with self._service.database.writing() as connection:
                add_claims(connection, unclaimed, self._service.clock())
                claims |= find_claims(connection, [claim.digest for claim in unclaimed])
        own: list[_AddressedRow] = []
        verdicts: dict[int, RowVerdict] = {}
        for row in rows:
            if claims[row.claim.digest] != row.claim:
                verdicts[row.number] = row.verdict("conflict", {ROW: [OTHER_CONTENT]})
            elif row.claim.digest in reported:
                verdicts[row.number] = row.verdict("known")
            else:
                own.append(row)
                reported.add(row.claim.digest)
        return own, verdicts

    def _reported(self, rows: Sequence[_AddressedRow]) -> set[str]:
        """The digests of the rows whose events are in the log already."""
        reported: set[str] = set()
        with self._service.database.reading() as connection:
            for enrollment, its_rows in _by_enrollment(rows).items():
                external_ids = [row.event.id for row in its_rows]
                known_ids = log.ids_among(connection, enrollment, self._caller.name, external_ids)
                reported |= {row.claim.digest for row in its_rows if row.event.id in known_ids}
        return reported

    def _report(self, rows: Sequence[_AddressedRow]) -> dict[int, RowVerdict]:
        """Reports the events, those of one enrollment together, and returns the verdicts by number."""
        verdicts: dict[int, RowVerdict] = {}
        for its_rows in _by_enrollment(rows).values():
            incoming = [self._incoming(row) for row in its_rows]
            for row, outcome in zip(its_rows, report_all(self._service, self._caller, incoming), strict=True):
                if isinstance(outcome, errors.Unavailable):
                    raise outcome
                if isinstance(outcome, errors.Conflict):
                    verdicts[row.number] = row.verdict("conflict", {ROW: [OTHER_CONTENT]})
                elif isinstance(outcome, CallerError):
                    verdicts[row.number] = row.verdict("mistaken", _by_column(row.event, outcome))
                else:
                    count_report(outcome)
                    verdicts[row.number] = row.verdict("known" if outcome.is_replay else "new")
        return verdicts

    def _incoming(self, row: _AddressedRow) -> IncomingReport:
        return IncomingReport(
            enrollment=row.enrollment,
            id=row.event.id,
            digest=digest_of("row", row.event.body),
            request=self._report_of(row.event),
            options=ContentOptions(content=False),
        )


def _by_enrollment(rows: Sequence[_AddressedRow]) -> dict[str, list[_AddressedRow]]:
    grouped: dict[str, list[_AddressedRow]] = defaultdict(list)
    for row in rows:
        grouped[row.enrollment].append(row)
    return grouped


def _by_column(event: RowEvent, error: CallerError) -> dict[str, list[str]]:
    """The texts of an error by the column that each speaks of; those of no column are of the whole row."""
    mistakes: dict[str, list[str]] = defaultdict(list)
    for name, texts in (error.fields or {ROW: [error.detail]}).items():
        mistakes[event.columns.get(name, ROW)] += texts
    return dict(mistakes)
