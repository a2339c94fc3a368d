"""A migration of patients to another release has the previewed result, even if it is killed and resumed."""

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journeys.primitives.canonical import canonical
from service.demo.reviewers import sign_everything
from service.enrollments.store import enrollments, log
from service.operations import verify
from service.platform.database import AlreadyMoving
from service.publishing import publish as publishing
from service.releases import store
from service.releases.destination import active_destination
from service.releases.migrate import migrate_patients
from service.releases.plan import plan_migration
from service.releases.policies import MAP
from service.releases.policy import PolicyChoice
from service.releases.preview import preview_enrollments
from tests.faults.child import Child, die
from tests.faults.counting import amount, tally
from tests.faults.tap import AFTER, BEFORE
from tests.service.clinic import CONTENT, DEFINITIONS

MOVED_AT = datetime(2026, 7, 20, 9, tzinfo=UTC)
SURVEILLANCE = "disease.surveillance"
MAPPING = f"{SURVEILLANCE}.under_review: {SURVEILLANCE}.waiting_for_result\n".encode()
CHOSEN = PolicyChoice(MAP, MAPPING, "map.yaml")
#: Renames a state, removes one and shortens a timer.
CHANGES = (
    ("next_scan_later", "next_scan_in_time"),
    (
        "tracks:\n",
        "renamed:\n  disease.surveillance.next_scan_later: disease.surveillance.next_scan_in_time\ntracks:\n",
    ),
    ("delay: P14D, remind", "delay: P3D, remind"),
    ("            after:\n              - {delay: P6W, to: under_review}\n", ""),
    ("  review_discussed: {by: [staff], title: {en: Second look discussed, es: Segunda revisión comentada}}\n", ""),
)


def next_release(folder: Path) -> Path:
    """Write the next release of the sample journey; return the folder of definitions."""
    text = (DEFINITIONS / "follow_up.yaml").read_text()
    for old, new in CHANGES:
        assert old in text, old
        text = text.replace(old, new)
    first, last = text.index("          under_review:"), text.index("      recurrence:\n")
    definitions = folder / "definitions"
    definitions.mkdir()
    (definitions / "follow_up.yaml").write_text(text[:first] + text[last:])
    return definitions


def publish(ward, definitions: Path, chosen: PolicyChoice = CHOSEN):
    done = publishing.publish_from_files(ward.service, definitions, CONTENT, only=["follow_up"], policy=chosen)
    sign_everything(ward.service, done)
    return done


def enroll_patients(ward, count: int) -> list[str]:
    """Enroll patients in every state, some held, some with late reports, some who left; return their ids."""
    ids = []
    for number in range(count):
        patient = ward.enroll_patient(f"p{number}")
        kinds = [("asked_for_help", "2026-06-10", {}), ("scan_done", "2026-06-20", {"last_scan_on": "2026-06-20"})]
        kinds += [
            ("scan_done", "2026-06-04", {"last_scan_on": "2026-06-04"})
        ]  # without a result, so it comes under review
        kinds += [("recurrence_confirmed", "2026-06-15", {}), ("answers_given", "2026-06-03", {"smokes": True}), None]
        for event in (kinds[number % len(kinds)], ("left", "2026-06-28", {}) if number % 11 == 10 else None):
            if event is not None:
                trigger, on, facts = event
                body = {"id": f"e-{trigger}", "type": trigger, "occurred_at": on, "facts": facts}
                by = ward.staff if trigger == "recurrence_confirmed" else ward.phone
                answer = ward.send(patient, body, by)
                assert answer.status == 200, answer.data
        ids.append(patient.id)
    return ids


def order(ward):
    return plan_migration(ward.service, "follow_up", active_destination(ward.service, "follow_up"))


def stored(ward, ids) -> dict[str, bytes]:
    """Return the stored form of each enrollment."""
    with ward.service.database.reading() as connection:
        return {
            enrollment: canonical(enrollments.load(connection, enrollment).enrollment.to_stored()) for enrollment in ids
        }


def foreseen(ward) -> dict[str, bytes]:
    return {
        preview.enrollment: canonical(preview.after.to_stored())
        for preview in preview_enrollments(ward.service, order(ward))
    }


def migrate_in_child(deployment, prepare, batch: int) -> Child:
    """Migrate everybody in a separate process; `prepare(say)` returns its watch on the database and its progress."""

    def work(say) -> None:
        watch, progress = prepare(say)
        with deployment.open(hurried=True, watch=watch) as ward:
            ward.clock.now = MOVED_AT
            done = migrate_patients(ward.service, order(ward), batch=batch, progress=progress)
            say([done.moved, len(done.failed), done.is_resumed])

    return Child(work)


def at_progress(count: int):
    """Die after `count` enrollments have been migrated."""

    def prepare(say):
        moved = Counter()

        def progress(more: int) -> None:
            moved["all"] += more
            if moved["all"] == count:
                die()

        return None, progress

    return prepare


def at_call(call: str, when: str, times: int = 2):
    """Die before or after a call to the driver, at its `times`-th occurrence."""

    def prepare(say):
        seen = Counter()

        def watch(name, moment) -> None:
            seen[name, moment] += 1
            if seen[call, when] == times:
                die()

        return watch, None

    return prepare


POINTS = {
    "half-way": None,
    "before the second batch is noted": at_call("INSERT move_batches", BEFORE),
    "after the second batch is noted": at_call("INSERT move_batches", AFTER),
    "while a patient is migrated": at_call("INSERT events", AFTER, 37),
    "before the end is noted": at_call("UPDATE moves", BEFORE, 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_migration_resumes_with_the_previewed_result(deployment, tmp_path, point):
    """Every enrollment has the previewed bytes and is migrated once; patients who left stay as they were."""
    count = amount(120, 1000) if point == "half-way" else max(48, amount(48, 200))  # enough for the 37th event
    batch = count // 10
    definitions = next_release(tmp_path)
    with tally("R1", f"a migration killed {point}", deployment.url) as counts:
        with deployment.open(hurried=True) as ward:
            ids = enroll_patients(ward, count)
            ward.clock.now = MOVED_AT
            done = publish(ward, definitions)
            assert done.is_done, [str(problem) for problem in done.problems]
            to = done.journeys[0].release
            expected, before = foreseen(ward), stored(ward, ids)
        child = migrate_in_child(deployment, POINTS[point] or at_progress(count // 2), batch)
        assert child.end() == []
        assert child.status == -9
        with deployment.open(hurried=True) as ward:
            ward.clock.now = MOVED_AT
            with ward.service.database.reading() as connection:
                moved = sum(now != before[enrollment] for enrollment, now in stored(ward, ids).items())
                assert store.unfinished(connection, "follow_up") is not None
            assert 0 < moved <= len(expected)
            counts.rounds += 1
            again = migrate_patients(ward.service, order(ward), batch=batch)
            assert (again.is_resumed, again.failed) == (True, ())
            after = stored(ward, ids)
            counts.errors += sum(after[enrollment] != state for enrollment, state in expected.items())
            counts.errors += sum(
                after[enrollment] != before[enrollment] for enrollment in ids if enrollment not in expected
            )
            counts.errors += len(list(verify.verify_all(ward.service)))
            with ward.service.database.reading() as connection:
                assert store.unfinished(connection, "follow_up") is None
                assert {release for _, release in store.to_move(connection, "follow_up", to, "", 10)} == set()
            for enrollment in ids:
                counts.doubled += migrations_of(ward, enrollment) - (enrollment in expected)


def migrations_of(ward, enrollment: str) -> int:
    """Return how often an enrollment was migrated, by its own log."""
    with ward.service.database.reading() as connection:
        return sum(entry.arrival.kind == "migrated" for entry in log.read_log(connection, enrollment))


def test_a_second_concurrent_migration_is_refused(deployment, tmp_path):
    definitions = next_release(tmp_path)
    with deployment.open(hurried=True) as ward:
        enroll_patients(ward, 12)
        assert publish(ward, definitions).is_done

    def prepare(say):
        def progress(_: int) -> None:
            say("moving")
            time.sleep(60)  # until it is killed

        return None, progress

    child = migrate_in_child(deployment, prepare, 4)
    assert child.hear() == "moving"
    with (
        deployment.open(hurried=True) as ward,
        pytest.raises(AlreadyMoving, match="migrating patients on this database"),
    ):
        migrate_patients(ward.service, order(ward))
    child.kill()
    child.end()
    with deployment.open(hurried=True) as ward:
        assert migrate_patients(ward.service, order(ward)).is_resumed
