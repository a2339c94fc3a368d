"""Publishing: all that lints clean or nothing; a correction reaches everybody, a recalled piece nobody."""

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import update

from service.demo.reviewers import publish_signed
from service.operations.verify import verify_all
from service.platform.database.tables import releases
from service.publishing import publish
from service.publishing.library import Library
from tests.folders import copy_samples
from tests.service.clinic import CONTENT, application


@pytest.fixture
def files(tmp_path):
    """Definitions and content of the sample, to be changed."""
    return copy_samples(tmp_path)


def published(clinic, files):
    return publish_signed(clinic.service, files / "definitions", files / "content")


def plan_of(files):
    return files / "content/follow_up/disease/surveillance/follow-up-plan"


def rewrite(path, old, new) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_publishing_again_what_is_published_changes_nothing(clinic, files):
    done = published(clinic, files)
    assert done.is_done
    assert [journey.is_changed for journey in done.journeys] == [False]
    (journey,) = clinic.get("/v1/journeys", clinic.staff)["items"]
    assert (journey["key"], journey["release_number"]) == ("follow_up", 1)


def test_a_broken_definition_says_every_problem_and_changes_nothing(clinic, files):
    before = clinic.get("/v1/journeys", clinic.staff).json
    rewrite(files / "definitions/follow_up.yaml", "scan_done: waiting_for_result", "scan_done: waiting_for_reslt")
    rewrite(files / "definitions/follow_up.yaml", "smokes and pack_years >= 20", "smokes and pack_year >= 20")
    rewrite(plan_of(files) / "en.md", "early signs", "early {{ signs }}")
    done = published(clinic, files)
    assert (done.is_done, done.journeys) == (False, ())
    texts = "\n".join(map(str, done.problems))
    assert "waiting_for_reslt" in texts
    assert "pack_year" in texts
    assert clinic.get("/v1/journeys", clinic.staff).json == before
    assert clinic.post("/v1/enrollments", clinic.phone, {}).status == 422
    clinic.enroll()


def test_one_broken_journey_keeps_the_others_from_being_published(clinic, files):
    rewrite(plan_of(files) / "en.md", "Your follow-up plan", "A new plan")
    (files / "definitions/broken.yaml").write_text("journey: broken\n")
    assert not published(clinic, files).is_done
    assert clinic.read(clinic.enroll(), clinic.phone)["now"]["content"][0]["title"] == "Your follow-up plan"


def test_a_correction_reaches_everybody_at_once(clinic, files):
    enrollment = clinic.enroll()
    assert clinic.read(enrollment, clinic.phone)["now"]["content"][0]["version"] == 1
    rewrite(plan_of(files) / "en.md", "Your follow-up plan", "Your plan")
    done = published(clinic, files)
    assert (done.journeys[0].changed, done.journeys[0].is_new_release) == (("follow-up-plan",), False)
    piece = clinic.read(enrollment, clinic.phone)["now"]["content"][0]
    assert (piece["title"], piece["version"]) == ("Your plan", 2)
    rewrite(plan_of(files) / "en.md", "Your plan", "Your follow-up plan")
    published(clinic, files)
    assert clinic.read(enrollment, clinic.phone)["now"]["content"][0]["version"] == 1


def test_a_recalled_piece_reaches_nobody(clinic, files):
    enrollment = clinic.enroll()
    shutil.rmtree(plan_of(files))
    shutil.copytree(CONTENT / "follow_up/support/where-to-ask", files / "content/follow_up/disease/where-next")
    rewrite(files / "content/follow_up/disease/where-next/piece.yaml", "order: 90", "order: 80")
    done = published(clinic, files)
    assert done.is_done, [str(problem) for problem in done.problems]
    assert done.journeys[0].withdrawn == ("follow-up-plan",)
    assert clinic.seen(enrollment, clinic.phone) == ["where-next", "where-to-ask"]


def test_enrollments_keep_their_release_and_new_ones_get_the_newest(clinic, files):
    old = clinic.enroll("p1")
    rewrite(files / "definitions/follow_up.yaml", "Next scan in six months", "Next scan in half a year")
    done = published(clinic, files)
    assert (done.journeys[0].is_new_release, done.journeys[0].number) == (True, 2)
    new = clinic.enroll("p2")
    titles = [clinic.read(entry, clinic.phone)["now"]["state"]["disease"]["title"] for entry in (old, new)]
    assert titles == ["Next scan in six months", "Next scan in half a year"]
    assert clinic.read(old, clinic.phone)["release"] != clinic.read(new, clinic.phone)["release"]
    assert clinic.report(old, clinic.phone, "asked_for_help")["decision"]["outcome"] == "advanced"


def test_a_version_that_does_not_fit_an_older_release_is_named_and_not_shown_there(clinic, files):
    """Patients in the older release still see the earlier version."""
    old = clinic.enroll("p1")
    definition = files / "definitions/follow_up.yaml"
    rewrite(definition, "  smokes:", "  likes_walking: {type: boolean, title: {en: Walks, es: Camina}}\n  smokes:")
    for locale in ("en", "es"):
        path = plan_of(files) / f"{locale}.md"
        path.write_text(path.read_text() + "\n{% if likes_walking %}\nWalk on. Siga así.\n{% endif %}\n")
    done = published(clinic, files)
    assert done.is_done, [str(problem) for problem in done.problems]
    (misfit,) = done.journeys[0].misfits
    assert misfit.piece == "follow-up-plan"
    new = clinic.enroll("p2")
    versions = [clinic.read(entry, clinic.phone)["now"]["content"][0]["version"] for entry in (old, new)]
    assert versions == [1, 2]


def test_a_release_can_be_read_with_its_diagram(clinic):
    release = clinic.get("/v1/journeys", clinic.staff)["items"][0]["release"]
    answer = clinic.get(f"/v1/journeys/follow_up/releases/{release}?locale=es", clinic.staff)
    assert (answer["release_number"], answer["title"]) == (1, "Seguimiento después del tratamiento")
    assert "stateDiagram-v2" in answer["diagram"]
    assert {"state": "disease.recurrence", "title": "El cáncer ha vuelto"} in answer["states"]
    triggers = {trigger["type"]: trigger for trigger in answer["triggers"]}
    assert triggers["scan_done"] == {
        "type": "scan_done",
        "title": "Prueba hecha",
        "by": ["patient", "staff"],
        "requires": ["last_scan_on"],
        "resets": [],
        "ends": False,
    }
    for path in (f"/v1/journeys/other/releases/{release}", "/v1/journeys/follow_up/releases/nothing"):
        assert clinic.get(path, clinic.staff).status == 404


def test_only_named_journeys_are_published(clinic, files):
    done = publish.publish_from_files(
        clinic.service, files / "definitions", files / "content", only=["follow_up", "nothing"]
    )
    assert not done.is_done
    assert "nothing.yaml" in str(done.problems[-1]) or any("nothing.yaml" in str(problem) for problem in done.problems)


def test_an_enrollment_moves_to_another_release_as_an_event(clinic, files):
    from service.enrollments.report import migrate

    enrollment = clinic.enroll("p1")
    before = clinic.read(enrollment, clinic.phone)
    definition = files / "definitions/follow_up.yaml"
    text = definition.read_text().replace("next_scan_later", "next_scan_in_time")
    definition.write_text(text)
    content = files / "content/follow_up/disease/surveillance"
    done = published(clinic, files)
    assert done.is_done, [str(problem) for problem in done.problems]
    assert content.is_dir()
    moved = {"disease.surveillance.next_scan_later": "disease.surveillance.next_scan_in_time"}
    to = done.journeys[0].release
    answer = migrate(clinic.service, enrollment=enrollment, to=to, mapping=moved, id="move-1")
    assert not answer.is_replay
    after = clinic.read(enrollment, clinic.phone)
    assert after["release"] == to != before["release"]
    assert after["now"]["state"]["disease"]["state"] == "surveillance.next_scan_in_time"
    assert after["now"]["state"]["disease"]["since"] == before["now"]["state"]["disease"]["since"]
    assert migrate(clinic.service, enrollment=enrollment, to=to, mapping=moved, id="move-1").is_replay


def test_a_migration_goes_on_in_the_told_view(clinic, files):
    from service.enrollments.report import migrate

    enrollment, token = clinic.enroll("p1"), clinic.token_of_patient("p1")
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    paths = [f"/v1/enrollments/{enrollment}{path}" for path in ("", "/content", "/history", "/explain")]
    definition = files / "definitions/follow_up.yaml"
    definition.write_text(definition.read_text().replace("next_scan_later", "next_scan_in_time"))
    to = published(clinic, files).journeys[0].release
    before = [clinic.get(path, token).data for path in paths]
    migrate(
        clinic.service,
        enrollment=enrollment,
        to=to,
        mapping={"disease.surveillance.next_scan_later": "disease.surveillance.next_scan_in_time"},
        id="move-1",
    )
    assert clinic.read(enrollment, clinic.staff)["release"] == to
    after = [clinic.get(path, token).data for path in paths]
    assert b"next_scan_in_time" in after[0]
    assert not any(b"recurrence" in data for data in before + after)


def under_first_rules(clinic) -> None:
    """Make the published release one of a database from before the rules had versions."""
    with clinic.service.database.writing() as connection:
        connection.execute(update(releases).values(rules=1))
    # Its own compiled releases: the others of this process are under the rules of today.
    clinic.service = replace(clinic.service, library=Library(clinic.service.library.rules))
    clinic.app = application(clinic.service)


def test_a_release_keeps_the_rules_under_which_it_was_published(clinic, files):
    under_first_rules(clinic)
    old = clinic.enroll("p1")
    assert clinic.report(old, clinic.phone, "scan_done")["decision"]["outcome"] == "advanced"
    again = published(clinic, files)
    assert [(problem.level, problem.rule) for problem in again.problems] == [("warning", "rules")]
    assert "change the file; a comment is enough" in again.problems[0].message
    rewrite(
        files / "definitions/follow_up.yaml", "journey: follow_up", "# Under the rules of today.\njourney: follow_up"
    )
    assert not published(clinic, files).problems
    new = clinic.enroll("p2")
    decision = clinic.report(new, clinic.phone, "scan_done")["decision"]
    assert (decision["outcome"], decision["waiting_for"]) == ("waiting", ["last_scan_on"])
    assert list(verify_all(clinic.service)) == []


def test_a_patient_who_is_migrated_comes_under_the_rules_of_the_new_release(clinic, files):
    from service.enrollments.report import migrate

    under_first_rules(clinic)
    enrollment = clinic.enroll("p1")
    rewrite(
        files / "definitions/follow_up.yaml", "journey: follow_up", "# Under the rules of today.\njourney: follow_up"
    )
    release = published(clinic, files).journeys[0].release
    migrate(clinic.service, enrollment=enrollment, to=release, mapping={}, id="move-1")
    clinic.clock.set("2026-08-20T12:00")
    assert clinic.report(enrollment, clinic.phone, "scan_done")["decision"]["outcome"] == "waiting"
