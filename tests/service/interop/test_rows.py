"""Rows become events once by source and id, whatever becomes of the rows beside them; a dry run stores nothing."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from journeys.interop.rows import NumberedRow, read_table
from service.interop import rows as reporting
from service.interop.rows import load_source, report_rows
from service.platform import errors
from service.platform.database.tables import events, row_claims
from tests.interop.rows.lab import COLUMNS, row, table


def sent(clinic, *rows, dry_run=False):
    """The verdicts of rows, numbered as in a file."""
    numbered = [NumberedRow(number, cells) for number, cells in enumerate(rows, start=2)]
    return list(report_rows(clinic.service, load_source(clinic.service, "lab"), numbered, dry_run=dry_run))


def statuses(verdicts) -> list[str]:
    return [verdict.status for verdict in verdicts]


def stored(clinic, table=events) -> list:
    with clinic.service.database.reading() as connection:
        return connection.execute(select(table)).all()


def test_a_row_is_reported_to_the_enrollment_that_it_concerns(laboratory):
    second = laboratory.enroll("p2")
    (verdict,) = sent(laboratory, row(patient="p2"))
    assert (verdict.status, verdict.trigger, verdict.enrollment) == ("new", "scan_done", second)
    assert laboratory.places(second)["disease"] == "surveillance.waiting_for_result"
    (event,) = [event for event in stored(laboratory) if event.reporter == "source:lab"]
    assert (event.external_id, event.enrollment) == ("s-1", second)


def test_the_same_row_again_is_known_and_changes_nothing(laboratory):
    assert statuses(sent(laboratory, row())) == ["new"]
    before = stored(laboratory)
    assert statuses(sent(laboratory, row(), row(result="not read"))) == ["known", "known"]
    assert stored(laboratory) == before


@pytest.mark.parametrize(
    "change", [{"taken_on": "2026-06-21"}, {"packs": "4"}, {"status": "final", "result": "N"}, {"patient": "p2"}]
)
@pytest.mark.parametrize("together", [False, True])
def test_the_same_id_with_another_content_is_a_conflict_and_changes_nothing(laboratory, change, together):
    other = laboratory.enroll("p2")
    if together:
        assert statuses(sent(laboratory, row(), row(**change))) == ["new", "conflict"]
    else:
        assert statuses(sent(laboratory, row()) + sent(laboratory, row(**change))) == ["new", "conflict"]
    reported = [event for event in stored(laboratory) if event.reporter == "source:lab"]
    assert [(event.external_id, event.enrollment == other) for event in reported] == [("s-1", False)]


def test_a_bad_row_stops_no_other_and_can_be_put_right(laboratory):
    bad = row(sample="bad", taken_on="20.06.2026")
    verdicts = sent(laboratory, row(sample="a"), bad, row(sample="none", test="blood"), row(sample="b"))
    assert statuses(verdicts) == ["new", "mistaken", "unmapped", "new"]
    assert verdicts[1].mistakes.keys() == {"taken_on"}
    assert [verdict.number for verdict in verdicts] == [2, 3, 4, 5]
    assert statuses(sent(laboratory, row(sample="bad"))) == ["new"]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"patient": "nobody"}, "patient"),
        ({"taken_on": "2026-07-09"}, "taken_on"),
        ({"taken_on": "1815-06-18"}, "taken_on"),
        ({"taken_on": "2026-07-01T09:10:00Z"}, "taken_on"),
    ],
)
def test_what_the_journey_does_not_accept_is_named_by_its_column(laboratory, change, column):
    (verdict,) = sent(laboratory, row(**change))
    assert (verdict.status, verdict.mistakes.keys()) == ("mistaken", {column})
    assert not stored(laboratory, row_claims)


def test_a_patient_with_several_enrollments_is_named(laboratory):
    laboratory.enroll("p1", "k2")
    (verdict,) = sent(laboratory, row())
    assert verdict.mistakes == {"patient": ["The patient has more than one enrollment in this journey."]}


def test_a_row_that_a_crash_left_between_its_claim_and_its_event_is_completed(laboratory, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reporting, "report_all", crash)
    with pytest.raises(KeyboardInterrupt):
        sent(laboratory, row())
    assert len(stored(laboratory, row_claims)) == 1
    monkeypatch.undo()
    assert statuses(sent(laboratory, row(), row(sample="s-2"))) == ["new", "new"]


def test_a_database_that_fails_ends_the_call(laboratory, monkeypatch):
    monkeypatch.setattr(reporting, "report_all", lambda *_: [errors.Unavailable()])
    with pytest.raises(errors.Unavailable):
        sent(laboratory, row())


def test_a_dry_run_says_what_a_run_would_and_stores_nothing(laboratory):
    sent(laboratory, row(sample="known"))
    before = [stored(laboratory), stored(laboratory, row_claims)]
    rows = [
        row(sample="known"),
        row(sample="known", packs="9"),
        row(sample="a"),
        row(sample="a"),
        row(sample="a", patient="p1", packs="1"),
        row(sample="b", patient="nobody"),
        row(sample="c", test="blood"),
    ]
    rehearsed = sent(laboratory, *rows, dry_run=True)
    assert [stored(laboratory), stored(laboratory, row_claims)] == before
    assert statuses(rehearsed) == ["known", "conflict", "new", "known", "conflict", "mistaken", "unmapped"]
    assert sent(laboratory, *rows) == rehearsed


def test_a_dry_run_remembers_the_ids_of_earlier_parts(laboratory, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_AT_ONCE", 1)
    rows = [row(), row(), row(packs="1")]
    assert statuses(sent(laboratory, *rows, dry_run=True)) == ["new", "known", "conflict"]
    assert statuses(sent(laboratory, *rows)) == ["new", "known", "conflict"]


def test_an_id_belongs_to_one_row_of_many_senders(laboratory):
    """Eight senders at once, with two contents of each id: each id is reported once."""
    laboratory.enroll("p2")
    outcomes, start = [], threading.Barrier(8)

    def send(number: int) -> None:
        start.wait()
        for sample in range(5):
            outcomes.extend(sent(laboratory, row(sample=f"s{sample}", patient=f"p{number % 2 + 1}")))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reported = [event.external_id for event in stored(laboratory) if event.reporter == "source:lab"]
    assert sorted(reported) == [f"s{sample}" for sample in range(5)]
    assert statuses(outcomes).count("conflict") == 20


def test_an_event_of_a_row_is_withheld_like_any_other(laboratory):
    own = laboratory.token_of_patient("p1")
    (enrollment,) = laboratory.enrolled
    sent(laboratory, row())
    before = laboratory.get(f"/v1/enrollments/{enrollment}", own).data
    (verdict,) = sent(laboratory, row(sample="s-2", status="final", result="S", taken_on="2026-06-25"))
    assert verdict.status == "new"
    assert laboratory.places(enrollment)["disease"] == "recurrence"
    assert laboratory.get(f"/v1/enrollments/{enrollment}", own).data == before


def test_nothing_of_a_cell_is_logged_stored_in_the_clear_or_said(laboratory, logs):
    cells = row(sample="canary-1", patient="canary-2", status="done", packs="canary-3")
    verdicts = sent(laboratory, cells, row(sample="canary-4", packs="1"), row(sample="canary-4", packs="2"))
    assert statuses(verdicts) == ["mistaken", "new", "conflict"]
    assert "canary" not in repr([logs, verdicts, stored(laboratory, row_claims)])


def test_a_source_that_reports_as_the_patient_sees_what_the_patient_sees(laboratory):
    lab = load_source(laboratory.service, "lab")
    patient = replace(lab, by="patient")
    assert statuses(report_rows(laboratory.service, patient, [NumberedRow(2, row())])) == ["new"]
    refused = NumberedRow(3, row(sample="s-2", status="final", result="N"))
    (verdict,) = report_rows(laboratory.service, patient, [refused])
    assert verdict.status == "mistaken"


def test_a_source_that_is_not_published_is_not_found(laboratory):
    with pytest.raises(errors.NotFound):
        load_source(laboratory.service, "labs")


def test_many_rows_are_taken_in_parts(laboratory):
    lines = b"".join(b"s-%d,nobody,2026-06-20,CT,done,,\r\n" % number for number in range(20_000))
    source = load_source(laboratory.service, "lab")
    verdicts = report_rows(laboratory.service, source, read_table(table(row()) + lines, COLUMNS))
    assert next(verdicts).status == "new"
    assert sum(verdict.status == "mistaken" for verdict in verdicts) == 20_000
