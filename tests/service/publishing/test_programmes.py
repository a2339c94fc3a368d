"""Programmes: every enrollment belongs to one, and what one sets reaches everybody in it at once."""

from datetime import time, timedelta

import pytest

from journeys.definition.message_limits import Cap, MessageLimits
from service.demo.reviewers import publish_signed
from service.operations.verify import verify_all
from service.platform.database import downgrade, upgrade
from service.publishing.library import Library
from service.publishing.publish import publish_from_files
from service.publishing.review import open_piece, open_release
from service.publishing.store.releases import open_publication
from service.reviewer_ui.preview_page import previews_of
from tests.folders import copy_samples
from tests.service.clinic import joining

DECLARED = """
programme:
  desk_phone: {type: phone, title: {en: The desk, es: La recepción}}
  desk_hours: {type: text, title: {en: Hours, es: Horario}}
contacts:
  care_team: {title: {en: Your care team, es: Su equipo}, phone: desk_phone, hours: desk_hours}
"""
NORTH = '  north:\n    title: {en: North, es: Norte}\n    values: {desk_phone: "555 0100", desk_hours: 9-17}\n'
SOUTH = (
    "  south:\n    title: {en: South, es: Sur}\n"
    '    values: {desk_phone: "555 0199", desk_hours: {en: Mornings, es: Por las mañanas}}\n'
)
MESSAGES = """    messages:
      quiet: ["20:00", "09:00"]
      apart: PT4H
      caps: [{purposes: [education, support], day: 1, week: 3}]
"""
LIMITS = MessageLimits(
    quiet=(time(20), time(9)),
    apart=timedelta(hours=4),
    caps=(Cap(purposes=frozenset({"education", "support"}), day=1, week=3),),
)
FRONT = (
    "---\ntitle: Call {{ programme.desk_phone }}\nsummary: S\naction: Call {{ programme.desk_hours }}\n"
    "text: Open {{ programme.desk_hours }}\n---\n"
)


@pytest.fixture
def files(tmp_path):
    """The sample journey with values that programmes set, and a piece that shows them."""
    copy_samples(tmp_path)
    definition = tmp_path / "definitions/follow_up.yaml"
    definition.write_text(definition.read_text() + DECLARED)
    piece = tmp_path / "content/follow_up/support/where-to-ask"
    (piece / "figure.svg").unlink()
    (piece / "piece.yaml").write_text("purpose: support\norder: 90\naction: {call: desk_phone}\n")
    for locale in ("en", "es"):
        (piece / f"{locale}.md").write_text(FRONT + "The desk is open: {{ programme.desk_hours }}.\n")
    set_programmes(tmp_path, NORTH, SOUTH)
    return tmp_path


def set_programmes(files, *programmes):
    (files / "definitions/follow_up.programmes.yaml").write_text("programmes:\n" + "".join(programmes))


def publish(clinic, files):
    return publish_signed(clinic.service, files / "definitions", files / "content")


@pytest.fixture
def sites(clinic, files):
    done = publish(clinic, files)
    assert done.is_done, [str(problem) for problem in done.problems]
    return clinic


def asked(clinic, enrollment, locale="en"):
    """The title and text of the piece that shows the values, and the ETag."""
    answer = clinic.get(f"/v1/enrollments/{enrollment}/content?format=text&locale={locale}", clinic.phone)
    (piece,) = [piece for piece in answer["items"] if piece["key"] == "where-to-ask"]
    return piece["title"], piece["text"].splitlines()[2], answer.headers["ETag"]


def test_an_enrollment_reads_the_values_of_its_programme(sites):
    north, south = (sites.enroll(name, programme=name) for name in ("north", "south"))
    assert asked(sites, north)[:2] == ("Call 555 0100", "The desk is open: 9-17.")
    assert asked(sites, south)[:2] == ("Call 555 0199", "The desk is open: Mornings.")
    assert asked(sites, south, "es")[1] == "The desk is open: Por las mañanas."
    assert [sites.read(entry, sites.phone)["programme"] for entry in (north, south)] == ["north", "south"]


def test_the_view_says_whom_to_turn_to_and_what_to_call(sites, files):
    enrollment = sites.enroll(programme="south")
    view = sites.get(f"/v1/enrollments/{enrollment}/view?locale=es", sites.phone)
    assert view["contacts"] == {
        "care_team": {
            "title": "Su equipo",
            "name": None,
            "phone": "555 0199",
            "email": None,
            "hours": "Por las mañanas",
        }
    }
    (card,) = [card for card in view["cards"] if card["key"] == "where-to-ask"]
    assert card["title"] == "Call 555 0199"
    assert card["action"] == {"label": "Call Por las mañanas", "kind": "call", "target": "555 0199"}
    set_programmes(files, NORTH, SOUTH.replace("0199", "0188"))
    publish(sites, files)
    after = sites.get(
        f"/v1/enrollments/{enrollment}/view?locale=es", sites.phone, headers={"If-None-Match": view.headers["ETag"]}
    )
    assert (after.status, after["contacts"]["care_team"]["phone"]) == (200, "555 0188")


def test_whom_to_call_stays_where_nobody_signed_anew(sites):
    enrollment = sites.enroll(programme="south")
    sites.clock.pass_by(days=366)
    view = sites.get(f"/v1/enrollments/{enrollment}/view", sites.phone)
    assert (view["cards"], view["title"]) == ([], "")
    assert view["contacts"]["care_team"]["phone"] == "555 0199"


def test_who_names_no_programme_belongs_to_the_first(sites):
    assert sites.post("/v1/enrollments", sites.phone, joining())["programme"] == "north"


def test_a_programme_that_is_none_is_refused(sites):
    answer = sites.post("/v1/enrollments", sites.phone, joining(programme="nort"))
    assert answer["errors"] == {"programme": ["Unknown programme 'nort'. Did you mean 'north'?"]}
    assert sites.pages("/v1/enrollments?patient_ref=p1", sites.staff) == []


def test_the_only_programme_need_not_be_said(clinic, files):
    set_programmes(files, NORTH)
    publish(clinic, files)
    assert clinic.read(clinic.enroll(), clinic.phone)["programme"] == "north"


def test_a_journey_without_programmes_takes_none(clinic):
    answer = clinic.post("/v1/enrollments", clinic.phone, joining(programme="north"))
    assert answer["errors"] == {"programme": ["This journey has no programmes. Leave this field out."]}
    assert clinic.read(clinic.enroll(), clinic.phone)["programme"] is None


def test_another_programme_under_the_same_key_is_another_body(sites):
    body = joining(programme="north")
    first = sites.post("/v1/enrollments", sites.phone, body)
    again = sites.post("/v1/enrollments", sites.phone, body)
    assert (again["id"], again.headers["Idempotent-Replay"]) == (first["id"], "true")
    assert sites.post("/v1/enrollments", sites.phone, body | {"programme": "south"}).status == 409


def test_a_changed_value_reaches_everybody_and_changes_the_tag(sites, files):
    enrollment = sites.enroll(programme="north")
    other = sites.enroll("p2", programme="south")
    before, before_other = asked(sites, enrollment), asked(sites, other)
    set_programmes(files, NORTH.replace("0100", "0123"), SOUTH)
    done = publish(sites, files)
    assert (done.journeys[0].programmes, done.journeys[0].is_new_release) == (("north",), False)
    assert asked(sites, enrollment)[0] == "Call 555 0123"
    assert asked(sites, enrollment)[2] != before[2]
    assert asked(sites, other) == before_other
    set_programmes(files, NORTH, SOUTH)
    publish(sites, files)
    assert asked(sites, enrollment) == before


def test_publishing_the_same_programmes_again_changes_nothing(sites, files):
    assert [journey.is_changed for journey in publish(sites, files).journeys] == [False]


def test_a_missing_value_stops_publishing_and_no_page(sites, files):
    enrollment = sites.enroll(programme="north")
    before = asked(sites, enrollment)
    set_programmes(files, NORTH.replace('desk_phone: "555 0100", ', ""), SOUTH)
    done = publish(sites, files)
    assert not done.is_done
    assert [problem.rule for problem in done.problems] == ["missing-programme-value"]
    assert asked(sites, enrollment) == before


def test_a_programme_with_enrollments_may_not_disappear(sites, files):
    enrollment = sites.enroll(programme="south")
    before = sites.get("/v1/journeys", sites.staff)["items"]
    set_programmes(files, NORTH)
    done = publish(sites, files)
    assert not done.is_done
    assert "The programme 'south' has enrollments and cannot be removed. Put it back." in str(done.problems[-1])
    assert sites.get("/v1/journeys", sites.staff)["items"] == before
    assert asked(sites, enrollment)[0] == "Call 555 0199"
    set_programmes(files, SOUTH)
    assert publish(sites, files).journeys[0].programmes == ("north",)


def test_a_value_that_an_older_release_shows_outlives_its_declaration(sites, files):
    """Patients in the older release still see the last published value."""
    old = sites.enroll(programme="north")
    definition = files / "definitions/follow_up.yaml"
    text = definition.read_text().replace("  desk_hours: {type: text, title: {en: Hours, es: Horario}}\n", "")
    definition.write_text(
        text.replace(", hours: desk_hours", "").replace(
            "desk_phone: {", "new: {type: text, title: {en: N, es: N}}\n  desk_phone: {"
        )
    )
    for locale in ("en", "es"):
        piece = files / "content/follow_up/support/where-to-ask" / f"{locale}.md"
        piece.write_text(FRONT.replace("desk_hours", "new") + "What is new here: {{ programme.new }}.\n")
    set_programmes(files, NORTH.replace("desk_hours: 9-17", "new: fresh"))
    done = publish(sites, files)
    assert done.is_done, [str(problem) for problem in done.problems]
    assert [misfit.piece for misfit in done.journeys[0].misfits] == ["where-to-ask"]
    assert asked(sites, old)[1] == "The desk is open: 9-17."
    assert asked(sites, sites.enroll("p2"))[1] == "What is new here: fresh."


def test_who_enrolled_before_there_were_programmes_reads_the_first(clinic, files):
    enrollment = clinic.enroll()
    publish(clinic, files)
    body = clinic.read(enrollment, clinic.phone)
    assert body["programme"] is None
    assert "where-to-ask" in clinic.seen(enrollment, clinic.phone)
    assert list(verify_all(clinic.service)) == []


def test_an_app_can_list_the_programmes(sites):
    (journey,) = sites.get("/v1/journeys?locale=es", sites.phone)["items"]
    assert journey["programmes"] == [{"key": "north", "title": "Norte"}, {"key": "south", "title": "Sur"}]


def test_a_store_from_before_programmes_goes_on(database, clinic):
    enrollment = clinic.enroll()
    downgrade(database, "0002")
    upgrade(database)
    assert clinic.read(enrollment, clinic.phone)["programme"] is None


def test_reviewers_see_the_size_of_a_text_message_with_the_longest_value(sites):
    piece = open_piece(sites.service, "follow_up", 2, "where-to-ask", 2)
    previews = previews_of(piece.piece, piece.release, (), frozenset())
    assert [preview.size.units for preview in previews] == [len("Open Mornings"), len("Open Por las mañanas")]


def limits_of(clinic, programme, library=None):
    """The limits of messages that a programme has for its patients now."""
    library, now = library or clinic.service.library, clinic.clock()
    with clinic.service.database.reading() as connection:
        publication, revision = open_publication(connection, "follow_up", now)
        release = library.releases(connection)[publication.release]
        return library.servable_content(connection, release, revision, programme, locale="en", now=now).catalogue.limits


def test_the_limits_of_a_programme_are_stored_with_it(sites, files):
    set_programmes(files, SOUTH, NORTH + MESSAGES)
    assert publish(sites, files).journeys[0].programmes == ("north",)
    restarted = Library(sites.service.library.rules)
    for library in (None, restarted):
        assert limits_of(sites, "north", library) == LIMITS
        assert limits_of(sites, "south", library) == MessageLimits()
        assert limits_of(sites, "removed", library) == MessageLimits()
    reviewed = open_release(sites.service, "follow_up", 2).programmes
    assert {key: programme.messages for key, programme in reviewed.by_key.items()} == {
        "north": LIMITS,
        "south": MessageLimits(),
    }


def test_a_patient_without_a_programme_has_the_limits_of_the_first(sites, files):
    set_programmes(files, NORTH + MESSAGES, SOUTH)
    publish(sites, files)
    assert limits_of(sites, None) == LIMITS


def test_limits_hold_from_their_signature_until_they_are_removed(sites, files):
    set_programmes(files, NORTH + MESSAGES, SOUTH)
    publish_from_files(sites.service, files / "definitions", files / "content")
    assert limits_of(sites, "north") == MessageLimits()
    publish(sites, files)
    assert limits_of(sites, "north") == LIMITS
    set_programmes(files, NORTH, SOUTH)
    publish(sites, files)
    assert limits_of(sites, "north") == MessageLimits()
