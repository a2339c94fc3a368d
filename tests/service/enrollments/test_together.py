"""Late events of one call are folded together, from the last checkpoint before them, and SQLite's lock is not held."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from journeys.engine import verify
from journeys.engine.checkpoints import EVERY
from journeys.engine.fold import Fold
from service.enrollments import transaction
from service.enrollments.store import checkpoints, enrollments, log
from service.platform.database.tables import checkpoints as rows

LATE = [
    ("scan_done", "2026-06-05", {"last_scan_on": "2026-06-05"}),
    ("asked_for_help", "2026-06-10", {}),
    ("scan_result_reported", "2026-06-12", {"scan_result": "clear"}),
    ("answers_given", "2026-06-15", {"smokes": True}),
    ("scan_done", "2026-06-20", {"last_scan_on": "2026-06-20"}),
]


def items(enrollment, events=LATE):
    return [
        {"enrollment": enrollment, "id": f"event-{number}", "type": trigger, "occurred_at": on, "facts": facts}
        for number, (trigger, on, facts) in enumerate(events)
    ]


def send(clinic, batch, token=None):
    return clinic.post("/v1/events", token or clinic.staff, {"events": batch})["items"]


def differences(clinic, enrollment):
    with clinic.service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        arrivals = [entry.arrival for entry in log.read_log(connection, enrollment)]
        return verify(clinic.service.library.releases(connection), stored.enrollment, arrivals)


def groups(clinic, enrollment):
    """Return the numbers of events that arrived together."""
    with clinic.service.database.reading() as connection:
        arrivals = [entry.arrival for entry in log.read_log(connection, enrollment)]
    return [
        sum(1 for _ in run) + 1 for joined, run in itertools.groupby(event.together for event in arrivals) if joined
    ]


def test_they_lead_to_the_state_of_reports_one_by_one(clinic):
    alone, batch = clinic.enroll("p1"), clinic.enroll("p2")
    clinic.report(alone, clinic.phone, "asked_for_help", "2026-06-30")
    clinic.report(batch, clinic.phone, "asked_for_help", "2026-06-30")
    for item in items(alone):
        send(clinic, [item])
    answers = send(clinic, items(batch))
    assert [answer["status"] for answer in answers] == [200] * len(LATE)
    assert (groups(clinic, alone), groups(clinic, batch)) == ([], [len(LATE)])
    first, second = (clinic.read(enrollment, clinic.staff)["now"]["state"] for enrollment in (alone, batch))
    assert [state["state"] for state in first.values()] == [state["state"] for state in second.values()]
    assert differences(clinic, alone) == differences(clinic, batch) == []


def test_each_item_has_its_own_answer_and_a_repeated_batch_the_same(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-30")
    batch = items(enrollment)
    batch[2] = batch[2] | {"type": "no_such_trigger"}
    batch.insert(4, batch[0])
    batch.append(batch[1] | {"facts": {"smokes": True}})
    first = send(clinic, batch)
    assert [answer["status"] for answer in first] == [200, 200, 422, 200, 200, 200, 409]
    assert [answer.get("replay") for answer in first] == [False, False, None, False, True, False, None]
    again = send(clinic, batch)
    assert [answer.get("decision") for answer in again] == [answer.get("decision") for answer in first]
    assert all(answer.get("replay", True) for answer in again)
    assert differences(clinic, enrollment) == []


def test_events_of_staff_arrive_one_by_one_where_news_is(clinic):
    """The second of them is news to the patient; those before it and after it arrive together."""
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-30")
    events = [*LATE[:2], ("scan_result_reported", "2026-06-12", {"scan_result": "suspicious"}), *LATE[3:]]
    answers = send(clinic, items(enrollment, events))
    assert [answer["status"] for answer in answers] == [200] * len(events)
    assert clinic.read(enrollment, clinic.staff)["now"]["held"]
    assert sum(groups(clinic, enrollment)) < len(events)
    assert differences(clinic, enrollment) == []


@pytest.fixture
def reads(clinic, monkeypatch):
    """For each reading of a log, whether SQLite's write lock was held; `meanwhile` is what the test does then."""
    if not clinic.service.database.is_sqlite:
        pytest.skip("PostgreSQL locks the enrollment alone")

    class Reads(list):
        def before(self):
            pass

        def meanwhile(self):
            pass

    held, read_log = Reads(), log.read_log

    def spy(*arguments):
        held.append(clinic.service.database._writer.lock.locked())
        held.before()
        entries = read_log(*arguments)
        held.meanwhile()
        return entries

    monkeypatch.setattr(log, "read_log", spy)
    monkeypatch.setattr(transaction, "MOST_UNDER_LOCK", 1)
    return held


def report_late(clinic, enrollment, **options):
    facts = {"last_scan_on": "2026-06-05"}
    return clinic.report(enrollment, clinic.staff, "scan_done", "2026-06-05", facts=facts, **options)


def test_a_long_log_is_folded_before_the_lock_is_taken(clinic, reads):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert report_late(clinic, enrollment)["decision"]["outcome"] == "advanced"
    assert reads == [False]
    assert differences(clinic, enrollment) == []


def test_it_is_folded_again_where_another_report_was_quicker(clinic, reads):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help")

    def meanwhile():
        reads.meanwhile = lambda: None
        clinic.clock.pass_by(hours=1)
        assert clinic.report(enrollment, clinic.phone, "asked_for_help").status == 200

    reads.meanwhile = meanwhile
    assert report_late(clinic, enrollment)["decision"]["outcome"] == "advanced"
    assert reads == [False, False]
    with clinic.service.database.reading() as connection:
        assert enrollments.load(connection, enrollment).log_length == 4
    assert differences(clinic, enrollment) == []


def test_what_another_stores_after_the_row_was_read_is_not_in_the_log_yet(clinic, reads):
    """The same event twice at once: the second has the decision of the first."""
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    others = []

    def before():
        reads.before = lambda: None
        others.append(report_late(clinic, enrollment, id="the-same"))

    reads.before = before
    answer = report_late(clinic, enrollment, id="the-same")
    assert answer["decision"] == others[0]["decision"]
    assert differences(clinic, enrollment) == []


def test_where_others_are_quicker_again_and_again_it_is_folded_under_the_lock(clinic, reads):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help")

    def meanwhile():
        if len(reads) <= transaction.ATTEMPTS:
            clinic.clock.pass_by(hours=1)
            clinic.report(enrollment, clinic.phone, "asked_for_help")

    reads.meanwhile = meanwhile
    assert report_late(clinic, enrollment)["decision"]["outcome"] == "advanced"
    assert reads == [False] * transaction.ATTEMPTS + [True]
    assert differences(clinic, enrollment) == []


@pytest.fixture
def folded(monkeypatch):
    """The number of events of each fold."""
    counts, apply_all = [], Fold.apply_all

    def spy(fold, events, *arguments, **options):
        events = list(events)
        counts.append(len(events))
        return apply_all(fold, events, *arguments, **options)

    monkeypatch.setattr(Fold, "apply_all", spy)
    return counts


@pytest.mark.parametrize("of_staff", [True, False])
@pytest.mark.parametrize("step", [1, -1, 7])
def test_late_events_of_one_call_cost_in_proportion_to_their_number(clinic, folded, of_staff, step):
    """In their order, backwards or shuffled; folded one by one, twice as many would cost four times as much."""
    costs = []
    for count in (20, 40):
        enrollment = clinic.enroll(f"p{count}")
        clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-30", id="last")
        order = [number * step % count for number in range(count)]
        late = [("asked_for_help", f"2026-06-05T10:{number:02}:00Z", {}) for number in order]
        folded.clear()
        answers = send(clinic, items(enrollment, late), clinic.staff if of_staff else clinic.phone)
        assert [answer["status"] for answer in answers] == [200] * count
        costs.append(sum(folded))
    assert costs[1] < 3 * costs[0], costs


def test_a_late_event_reads_what_follows_the_last_checkpoint(clinic, monkeypatch):
    enrollment = clinic.enroll()
    for _ in range(3 * EVERY):
        clinic.clock.pass_by(hours=1)
        clinic.report(enrollment, clinic.phone, "asked_for_help")
        monkeypatch.setattr(log, "read_log", None)  # from now on the whole log is never read
    counts, events_since = [], checkpoints.events_since

    def spy(*arguments):
        events = events_since(*arguments)
        counts.append(len(events))
        return events

    monkeypatch.setattr(log, "events_since", spy)
    late = (clinic.clock() - timedelta(hours=5, minutes=30)).isoformat()
    assert clinic.report(enrollment, clinic.phone, "asked_for_help", late).status == 200
    assert counts and counts[0] <= 2 * EVERY
    monkeypatch.undo()
    assert differences(clinic, enrollment) == []
    with clinic.service.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(rows)).scalar_one() >= 2
