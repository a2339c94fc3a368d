"""Changing a journey that people are in: what would become of whom, by which policy, forth and back."""

import pytest

from journeys.authoring.lint import lint_files
from journeys.primitives.errors import Refused
from service.enrollments import report
from service.enrollments.store import enrollments
from service.operations import verify
from service.platform import errors
from service.publishing import publish as publishing
from service.releases import backtest, store
from service.releases.backtest import Candidate
from service.releases.destination import active_destination, find_destination
from service.releases.migrate import give_up_migration, migrate_patients
from service.releases.plan import plan_migration
from service.releases.policies import FOLLOW, MAP, PIN
from service.releases.policy import PolicyChoice
from service.releases.preview import measure_impact, preview_enrollments
from tests.faults.test_moves import CHOSEN, MOVED_AT, SURVEILLANCE, next_release, publish
from tests.service.clinic import CONTENT, DEFINITIONS


@pytest.fixture
def definitions(tmp_path):
    """The next release of the sample journey: a state renamed, one removed, a timer shortened."""
    return next_release(tmp_path)


@pytest.fixture
def standing(clinic):
    """People in every state: p0 in follow-up, p1 waits, of p2 somebody looks again, p3 is held, p4 has left."""
    results = {name: clinic.enroll(name) for name in ("p0", "p1", "p2", "p3", "p4")}
    clinic.report(results["p1"], clinic.phone, "scan_done", "2026-06-20", facts={"last_scan_on": "2026-06-20"})
    clinic.report(results["p2"], clinic.phone, "scan_done", "2026-06-04", facts={"last_scan_on": "2026-06-04"})
    clinic.report(results["p3"], clinic.staff, "recurrence_confirmed", "2026-06-15")
    clinic.report(results["p4"], clinic.phone, "left", "2026-06-28")
    clinic.clock.now = MOVED_AT
    return results


def order(clinic, number=None, chosen=None):
    to = find_destination(clinic.service, "follow_up", str(number)) if number else None
    return plan_migration(clinic.service, "follow_up", to or active_destination(clinic.service, "follow_up"), chosen)


def places(clinic, standing):
    return {name: clinic.places(entry)["disease"] for name, entry in standing.items() if name != "p4"}


def test_nothing_is_published_while_somebody_would_have_no_place(clinic, standing, definitions):
    refused = publish(clinic, definitions, PolicyChoice(FOLLOW))
    assert not refused.is_done
    (problem,) = [problem for problem in refused.problems if problem.level == "error"]
    assert problem.rule == "moving"
    assert problem.message.startswith(
        "1 patient is in 'disease.surveillance.under_review' of release 1, which has no target in the new release"
    )
    assert active_destination(clinic.service, "follow_up").number == 1


def test_pinned_people_stay_whatever_is_published(clinic, standing, definitions):
    assert publish(clinic, definitions, PolicyChoice(PIN)).is_done
    assert places(clinic, standing)["p2"] == "surveillance.under_review"
    with pytest.raises(errors.Conflict, match="Release 2 is pinned"):
        order(clinic)
    assert order(clinic, chosen=CHOSEN).missing == ()


def test_a_mapping_that_names_what_is_not_there_is_refused_with_its_line(clinic, standing, definitions):
    wrong = PolicyChoice(MAP, b"disease.surveillance.under_reviw: disease.recurrence\n", "map.yaml")
    refused = publish(clinic, definitions, wrong)
    assert [str(problem).partition(" Did")[0] for problem in refused.problems if problem.level == "error"] == [
        "map.yaml:1:1 error mapping Unknown state 'disease.surveillance.under_reviw' of an earlier release. "
        "Write the full path with its track."
    ]
    assert publish(clinic, definitions).is_done
    with pytest.raises(Refused):
        order(clinic, chosen=wrong)


def test_a_move_says_who_stands_where_and_who_would_see_other_content(clinic, standing, definitions):
    assert publish(clinic, definitions).is_done
    result = order(clinic)
    release = next(iter(result.lenses))
    assert result.counts == {
        (release, f"{SURVEILLANCE}.scan_due"): 1,
        (release, f"{SURVEILLANCE}.waiting_for_result"): 1,
        (release, f"{SURVEILLANCE}.under_review"): 1,
        (release, "disease.recurrence"): 1,
        (release, "support.managing"): 4,
    }
    assert (result.total, result.stranded) == (4, ())
    seen = []
    outlook = measure_impact(clinic.service, result, each=lambda one, place: seen.append(one))
    moved = {(release, f"{SURVEILLANCE}.under_review", f"{SURVEILLANCE}.waiting_for_result"): 1}
    assert outlook.moving == moved
    assert seen == []  # of p2 something is held: what they see is frozen
    foreseen = {
        preview_enrollment.enrollment: [each.in_words() for each in preview_enrollment.differences]
        for preview_enrollment in preview_enrollments(clinic.service, result)
    }
    assert foreseen.keys() == {standing[name] for name in ("p0", "p1", "p2", "p3")}
    assert foreseen[standing["p1"]] == [
        f"timer {SURVEILLANCE}.waiting_for_result: to {SURVEILLANCE}.under_review: due -> none"
    ]


def test_nobody_is_moved_to_a_release_that_nobody_signed(clinic, standing, definitions):
    done = publishing.publish_from_files(clinic.service, definitions, CONTENT, policy=CHOSEN)
    assert done.is_done
    result = order(clinic, 2)
    assert len(list(preview_enrollments(clinic.service, result))) == 4
    with pytest.raises(errors.Conflict, match="Release 2 is not approved"):
        migrate_patients(clinic.service, result)
    assert active_destination(clinic.service, "follow_up").number == 1


def test_without_a_target_nobody_is_moved(clinic, standing, definitions):
    assert publish(clinic, definitions).is_done
    result = order(clinic, chosen=PolicyChoice(FOLLOW))
    assert [entry.state for entry in result.missing] == [f"{SURVEILLANCE}.under_review"]
    with pytest.raises(Refused):
        migrate_patients(clinic.service, result)
    with clinic.service.database.reading() as connection:
        assert store.unfinished(connection, "follow_up") is None


SCANS = """
  scans:
    initial: none_due
    states:
      none_due: {title: {en: No scan is due, es: No toca un estudio}, on: {scan_done: due}}
      due: {title: {en: A scan is due, es: Toca un estudio}, on: {scan_done: none_due}}
"""
REVIEWED, DUE = f"{SURVEILLANCE}.waiting_for_result", f"{SURVEILLANCE}.scan_due"
TO_SCANS = f"{SURVEILLANCE}.under_review: {REVIEWED}\n{DUE}: [{DUE}, scans.due]\n"
BACK = f"scans: dropped\n{SURVEILLANCE}.next_scan_in_time: {SURVEILLANCE}.next_scan_later\n"


def with_scans(definitions):
    """Add a track for scans to the next release."""
    file = definitions / "follow_up.yaml"
    file.write_text(file.read_text().rstrip() + SCANS)
    return PolicyChoice(MAP, TO_SCANS.encode(), "map.yaml")


def test_a_state_is_migrated_to_states_of_several_tracks(clinic, standing, definitions):
    chosen = with_scans(definitions)
    assert publish(clinic, definitions, chosen).is_done
    for policy in (None, chosen):  # the mapping of the release, or one of its own
        result = order(clinic, chosen=policy)
        lens = next(iter(result.lenses.values()))
        assert (result.missing, lens.map[DUE]) == ((), [DUE, "scans.due"])
    outlook = measure_impact(clinic.service, result)
    assert outlook.moving[lens.old.id, DUE, "scans.due"] == 1
    foreseen = {
        preview.enrollment: [each.in_words() for each in preview.differences]
        for preview in preview_enrollments(clinic.service, result)
    }
    assert "place scans: none -> scans.due" in foreseen[standing["p0"]]
    assert "place scans: none -> scans.none_due" in foreseen[standing["p1"]]
    done = migrate_patients(clinic.service, result)
    assert (done.moved, done.failed) == (4, ())
    with clinic.service.database.reading() as connection:
        tracks = enrollments.load(connection, standing["p0"]).enrollment.state.tracks
    assert (tracks["disease"][-1].state, tracks["scans"][-1].state) == ("surveillance.scan_due", "due")
    assert tracks["scans"][-1].since == tracks["disease"][-1].since
    assert list(verify.verify_all(clinic.service)) == []
    back = order(clinic, 1)
    assert [entry.state for entry in back.missing] == ["scans.none_due", "scans.due"]
    home = order(clinic, 1, PolicyChoice(MAP, BACK.encode(), "map.yaml"))
    assert migrate_patients(clinic.service, home).moved == 4
    assert list(verify.verify_all(clinic.service)) == []


def test_a_migration_whose_list_is_wrong_is_refused_with_its_state(clinic, standing, definitions):
    chosen = with_scans(definitions)
    assert publish(clinic, definitions, chosen).is_done
    release = find_destination(clinic.service, "follow_up", "2").release.id
    mapping = next(iter(order(clinic).lenses.values())).map
    for listed, problem in {
        (DUE, "scans.lost"): "Unknown state 'scans.lost' of the new release. Write the full path with its track.",
        (DUE, "scans.due", "scans.none_due"): "'scans.due' and 'scans.none_due' are both in the track 'scans'; "
        "a list takes one state a track.",
    }.items():
        with pytest.raises(Refused) as refused:
            report.migrate(
                clinic.service,
                enrollment=standing["p0"],
                to=release,
                mapping=mapping | {DUE: list(listed)},
                id="move-x",
            )
        assert refused.value.fields == {f"map.{DUE}": [problem]}
    twice = PolicyChoice(MAP, f"{DUE}: [{DUE}, {REVIEWED}]\n".encode(), "map.yaml")
    with pytest.raises(Refused) as refused:
        order(clinic, chosen=twice)
    assert "are both in the track 'disease'" in str(refused.value.fields)


def test_a_rollback_goes_the_way_back_and_says_what_cannot_be_told_apart(clinic, standing, definitions):
    before = places(clinic, standing)
    assert publish(clinic, definitions).is_done
    assert migrate_patients(clinic.service, order(clinic)).moved == 4
    assert places(clinic, standing)["p2"] == "surveillance.waiting_for_result"
    back = order(clinic, 1)
    assert back.missing == ()
    assert back.notes == (
        f"Patients who came to '{SURVEILLANCE}.waiting_for_result' from {SURVEILLANCE}.under_review go back to "
        f"'{SURVEILLANCE}.waiting_for_result': the new release does not tell them apart.",
    )
    assert back.lenses[next(iter(back.lenses))].map == {
        f"{SURVEILLANCE}.next_scan_in_time": f"{SURVEILLANCE}.next_scan_later"
    }
    done = migrate_patients(clinic.service, back)
    assert (done.moved, done.failed) == (4, ())
    assert places(clinic, standing) == before | {"p2": "surveillance.waiting_for_result"}
    assert list(verify.verify_all(clinic.service)) == []


def test_another_move_waits_until_the_first_is_over_or_given_up(clinic, standing, definitions):
    assert publish(clinic, definitions).is_done
    moved = []

    def stop(_):
        moved.append(1)
        if len(moved) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_patients(clinic.service, order(clinic), batch=1, progress=stop)
    with pytest.raises(errors.Conflict, match="The migration to release 2 is unfinished"):
        migrate_patients(clinic.service, order(clinic, 1))
    assert give_up_migration(clinic.service, "follow_up").number == 1
    assert give_up_migration(clinic.service, "follow_up") is None
    assert migrate_patients(clinic.service, order(clinic, 1)).moved == 2


def test_a_move_again_moves_nobody(clinic, standing, definitions):
    assert publish(clinic, definitions).is_done
    assert migrate_patients(clinic.service, order(clinic)).moved == 4
    again = migrate_patients(clinic.service, order(clinic))
    assert (again.moved, again.is_resumed) == (0, False)


def test_one_that_cannot_be_moved_stays_and_the_others_go_on(clinic, standing, definitions, monkeypatch, logs):
    assert publish(clinic, definitions).is_done
    result = standing["p1"]

    def migrate(service, *, enrollment, **more):
        if enrollment == result:
            raise ValueError("something of this person")
        return report_migrate(service, enrollment=enrollment, **more)

    report_migrate = report.migrate
    monkeypatch.setattr(report, "migrate", migrate)
    done = migrate_patients(clinic.service, order(clinic))
    assert (done.moved, done.failed) == (3, (result,))
    assert next(line for line in logs if line["event"] == "not moved")["error"] == "ValueError"
    assert "something" not in str(logs)
    monkeypatch.undo()
    assert migrate_patients(clinic.service, order(clinic)).moved == 1


def test_a_release_that_is_not_there_is_said_with_those_that_are(clinic):
    for entry in ("7", "0000000000", "abc"):
        with pytest.raises(errors.NotFound, match=r"Accepted: 1 \("):
            find_destination(clinic.service, "follow_up", entry)
    with pytest.raises(errors.NotFound, match="No journey with the key 'other' has been published"):
        find_destination(clinic.service, "other", "1")
    with pytest.raises(errors.NotFound, match="No journey with the key 'other' has been published"):
        active_destination(clinic.service, "other")
    other = active_destination(clinic.service, "follow_up")
    assert find_destination(clinic.service, "follow_up", other.release.id[:8]).release.id == other.release.id


def tried(clinic, definitions, *, workers=1, mapping=None, **more):
    candidate = Candidate(definition=(definitions / "follow_up.yaml").read_bytes(), file="follow_up.yaml")
    return backtest.run_backtest(clinic.service, "follow_up", candidate, mapping or {}, workers=workers, **more)


def test_a_backtest_of_the_same_release_finds_nothing(clinic, standing):
    result = tried(clinic, DEFINITIONS)
    assert (result.people, result.events) == (5, 9)
    assert not result.is_different
    assert (result.beginning, result.moved, result.staying) == ({}, {}, 1)
    published = Candidate(active_destination(clinic.service, "follow_up").release.id)
    again = backtest.run_backtest(clinic.service, "follow_up", published, {})
    assert (again.people, again.is_different) == (5, False)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_backtest_counts_every_difference_and_changes_nothing(clinic, standing, definitions, workers):
    before = {entry: clinic.read(entry, clinic.staff) for entry in standing.values()}
    seen, steps = [], []
    result = tried(clinic, definitions, workers=workers, each=seen.append, progress=steps.append)
    words = {entry.in_words(): count for entry, count in result.beginning.items()}
    assert words[f"place disease: {SURVEILLANCE}.under_review -> {SURVEILLANCE}.waiting_for_result"] == 1
    assert words[f"hold {SURVEILLANCE}.under_review: held -> none"] == 1
    assert (result.people, sum(steps), result.staying) == (5, 5, 2)
    assert {entry.enrollment for entry in seen} <= set(standing.values())
    assert standing["p2"] in {entry.enrollment for entry in seen}
    assert {entry: clinic.read(entry, clinic.staff) for entry in standing.values()} == before


def test_a_backtest_compares_what_is_shown(clinic, standing, tmp_path):
    linted = lint_files(DEFINITIONS / "follow_up.yaml", CONTENT)
    sources = tuple(source.to_stored() for source in linted.sources if source.key != "where-to-ask")
    candidate = Candidate(
        definition=(DEFINITIONS / "follow_up.yaml").read_bytes(), file="follow_up.yaml", pieces=sources
    )
    result = backtest.run_backtest(clinic.service, "follow_up", candidate, {})
    assert {entry.in_words() for entry in result.beginning} == {"piece where-to-ask: shown -> none"}
