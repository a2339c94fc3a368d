"""Unsigned content reaches nobody, by any route, channel or language; signed content is kept."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from journeys.permission import ConsentText
from journeys.primitives.errors import Refused
from journeys.review.approval import Requirements, Subject, read_requirements
from journeys.review.checklist import checklist
from service.demo.reviewers import MEANING, PUBLISHER, publish_signed, reviewers, sign_everything
from service.enrollments.content import CHANNELS
from service.enrollments.enroll import NOT_OPEN
from service.enrollments.store.enrollments import load
from service.http.access import ROUTES
from service.http.context import EXTENSION
from service.operations.status import lateness_of, status_of
from service.platform import errors
from service.platform.configuration import Configuration
from service.platform.database.tables import approvals as approval_rows
from service.platform.database.tables import pieces, reminders
from service.platform.database.tables import releases as stored_releases
from service.publishing import approvals
from service.publishing import publish as publishing
from service.publishing.approvals import RecallScope, SignatureRequest, Signer, every_question
from service.publishing.library import Library, Rules
from service.publishing.store.approvals import in_force
from service.publishing.trail import read_trail, verify_trails
from tests.folders import copy_samples
from tests.service.clinic import COMPILED, CONTENT, Clinic, joining

CANARY = "Unseen"
BOTH = frozenset({"en", "es"})
MEDICAL, LEGAL, REGULATORY = reviewers(BOTH)
EVERY = every_question()
#: Every route that gives an answer to be read. Those of the room are for reviewers, who must see what is to be signed.
ADDRESSES = {
    "enrollments.list_of_patient": [
        "/v1/enrollments?patient_ref=p1",
        "/v1/enrollments?journey=follow_up&state=disease.surveillance",
    ],
    "enrollments.list_own": ["/v1/me/enrollments"],
    "enrollments.read": ["/v1/enrollments/{id}?locale={locale}"],
    "enrollments.read_content": [
        f"/v1/enrollments/{{id}}/content?locale={{locale}}&channel={channel}&format={form}"
        for channel in CHANNELS
        for form in ("html", "text")
        if (channel, form) not in (("sms", "html"), ("push", "html"))
    ],
    "enrollments.read_facts": ["/v1/enrollments/{id}/facts?locale={locale}"],
    "enrollments.read_history": ["/v1/enrollments/{id}/history?locale={locale}"],
    "enrollments.read_explanation": ["/v1/enrollments/{id}/explain?locale={locale}"],
    "view.read": ["/v1/enrollments/{id}/view?locale={locale}"],
    "questions.read": ["/v1/enrollments/{id}/questions?locale={locale}"],
    "view.read_piece": ["/v1/enrollments/{id}/content/{key}?locale={locale}"],
    "view.read_picture": ["/v1/enrollments/{id}/content/{key}/image"],
    "feed.read": ["/v1/feed"],
    "messages.list": ["/v1/enrollments/{id}/messages"],
    "caregivers.list": ["/v1/me/caregivers"],
    "disclosures.list": ["/v1/me/disclosures"],
    "persons.read_preferences": ["/v1/me/preferences"],
    "permission.read_permissions": ["/v1/me/permissions"],
    "permission.read_receipt": [],
    "permission.read_consents": ["/v1/journeys/follow_up/consents?locale={locale}"],
    "tasks.list_tasks": ["/v1/tasks"],
    "journeys.read_counts": ["/v1/journeys/follow_up/counts"],
    "journeys.list_journeys": ["/v1/journeys?locale={locale}"],
    "journeys.read_release": ["/v1/journeys/follow_up/releases/{release}?locale={locale}"],
    "health.healthy": ["/healthz"],
    "health.ready": ["/readyz"],
    "documents.root": ["/"],
    "documents.openapi": [],  # its examples quote the sample, the same for everybody
    "documents.page": ["/docs"],
    "documents.asset": [],
    "metrics.expose": ["/metrics"],
}


#: Pages and routes that show no content of journeys, or have tests of their own.
ELSEWHERE = ("public.", "room.", "care.", "registration.", "sign_in.", "patient_pages.", "own_tokens.")


def test_every_route_is_walked_here(clinic):
    readable = {
        rule.endpoint
        for rule in clinic.app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.endpoint.startswith(ELSEWHERE)
    }
    assert readable == set(ADDRESSES) == {name for name in ROUTES if name in ADDRESSES}


@pytest.fixture
def files(tmp_path):
    """The sample with words for every channel."""
    copy_samples(tmp_path)
    channels = "channels: [web, email, sms, push, post]\n"
    for shared in (tmp_path / "content" / "follow_up").rglob("piece.yaml"):
        if "channels" not in shared.read_text():
            shared.write_text(shared.read_text() + channels)
    for text in (tmp_path / "content" / "follow_up").rglob("*.md"):
        front = "---\ntext: Read the page.\npush: There is a page.\nsubject: A page\n"
        text.write_text(text.read_text().replace("---\n", front, 1).replace("piece:\n", f"piece:\n  {channels}"))
    return tmp_path


@pytest.fixture
def house(database, database_url, logs):
    """A service with nothing published yet, whose signatures are good for a year."""
    return Clinic(database, database_url)


def publish(house, files):
    done = publishing.publish_from_files(house.service, files / "definitions", files / "content")
    assert done.is_done, [str(problem) for problem in done.problems]
    return done


def mark(files) -> None:
    """Puts the canary into every word of every piece and picture, and of the definition."""
    for text in (files / "content" / "follow_up").rglob("*.md"):
        _, front, body = text.read_text().split("---\n", 2)
        front = re.sub(r"^(\w+): ", rf"\1: {CANARY} ", front, flags=re.MULTILINE)
        text.write_text(f"---\n{front}---\n{CANARY} {body.lstrip()}")
    for picture in (files / "content" / "follow_up").rglob("*.svg"):
        picture.write_text(picture.read_text().replace("<circle", f"<title>{CANARY}</title><circle"))
    definition = files / "definitions/follow_up.yaml"
    definition.write_text(re.sub(r"\b(en|es): (?=\w)", rf"\1: {CANARY} ", definition.read_text()))


def walk(house, enrollment: str | None) -> dict[str, bytes]:
    """What every route gives anybody, by address."""
    own = house.token_of_patient("p1")
    admin = house.token("operations", "admin")
    keys = [path.parent.name for path in CONTENT.glob("follow_up/**/en.md")]
    with house.service.database.reading() as connection:
        known_values = list(connection.execute(select(stored_releases.c.id)).scalars())
    result = {}
    for addresses in ADDRESSES.values():
        for address in addresses:
            for key in keys if "{key}" in address else ("",):
                for release in known_values if "{release}" in address else ("",):
                    for locale in ("en", "es", "es-MX"):
                        if "{id}" in address and enrollment is None:
                            continue
                        path = address.format(id=enrollment, locale=locale, key=key, release=release)
                        for token in (own, house.phone, house.staff, admin):
                            answer = house.call("GET", path, token)
                            result[f"{path} {token[-4:]}"] = answer.data
    assert result
    return result


def seen(house, enrollment: str | None) -> list[str]:
    """The addresses that give out the canary."""
    return [path for path, data in walk(house, enrollment).items() if CANARY.encode() in data]


def bring_to_reminder(house) -> str:
    """A patient whose scan is due and overdue, so that pieces, cards, a picture, tasks and a reminder are there."""
    enrollment = house.enroll()
    house.clock.pass_by(days=30)
    house.worker().fire_all()
    house.report(enrollment, house.phone, "asked_for_help")
    return enrollment


class TestWhatIsGivenOut:
    """What may not be given out is given out by no route; what may be is, so that the walk means something."""

    def test_unapproved_text_is_given_to_nobody_and_what_was_approved_before_it_still_is(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = bring_to_reminder(house)
        before = house.get(f"/v1/enrollments/{enrollment}/view", house.phone).json
        assert before["cards"]
        mark(files)
        done = publish(house, files)
        assert seen(house, enrollment) == []
        assert house.get(f"/v1/enrollments/{enrollment}/view", house.phone).json == before
        new = house.enroll("p2")
        assert CANARY.encode() not in house.get(f"/v1/enrollments/{new}/view?locale=es", house.phone).data
        answer = house.report(enrollment, house.phone, "answers_given", facts={"smokes": True}, query="?include=view")
        assert answer.status == 200
        assert CANARY.encode() not in answer.data
        sign_everything(house.service, done)
        arguments = " ".join(seen(house, enrollment))
        channels = ("channel=web", "channel=email", "channel=sms", "channel=push", "channel=post")
        for part in (*channels, "locale=es", "/view", "/content/"):
            assert part in arguments
        assert "/image" in arguments

    def test_what_was_never_approved_cannot_be_joined_and_says_nothing(self, house, files):
        mark(files)
        publish(house, files)
        answer = house.post("/v1/enrollments", house.phone, joining())
        assert (answer.status, answer["errors"]) == (422, {"journey": [NOT_OPEN]})
        assert seen(house, None) == []
        assert house.get("/v1/journeys", house.phone)["items"] == []

    def test_one_language_may_be_approved_before_the_other(self, house, files):
        done = publish(house, files)
        sign_everything(house.service, done)
        enrollment = bring_to_reminder(house)
        mark(files)
        publish(house, files)
        only = Signer("rita", "Rita Example", frozenset({"medical"}), frozenset({"es"}))
        approvals.sign_all(house.service, only, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock())
        arguments = seen(house, enrollment)
        assert arguments
        assert all("locale=es" in path or "/image" in path for path in arguments)
        assert not any("/view" in path and "locale=en" in path for path in arguments)

    def test_expired_text_is_given_to_nobody_and_opens_tasks_that_a_new_signature_ends(self, house, files):
        mark(files)
        done = publish_signed(house.service, files / "definitions", files / "content")
        enrollment = bring_to_reminder(house)
        assert seen(house, enrollment)
        house.clock.pass_by(days=366)
        arguments = seen(house, enrollment)
        assert arguments == []
        assert house.post("/v1/enrollments", house.phone, joining("p3")).status == 422
        approvals.refresh_tasks(house.service, house.clock())
        tasks = [page for page in house.pages("/v1/tasks?limit=50", house.staff) if page["kind"] == "approval"]
        assert {task["title"] for task in tasks} >= {
            "The piece 'scan-due' is given to nobody in 'es': no version of it is approved."
        }
        assert {(task["enrollment"], task["assignee"]) for task in tasks} == {(None, "content_team")}
        approvals.refresh_tasks(house.service, house.clock())
        again = [page for page in house.pages("/v1/tasks?limit=50", house.staff) if page["kind"] == "approval"]
        assert again == tasks
        assert all(statuse.is_expired for statuse in approvals.list_statuses(house.service, "follow_up"))
        sign_everything(house.service, done)
        assert seen(house, enrollment)
        assert not [page for page in house.pages("/v1/tasks?limit=50", house.staff) if page["kind"] == "approval"]

    def test_a_byte_altered_in_the_database_is_given_to_nobody_and_the_version_before_is(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        plan = files / "content/follow_up/support/where-to-ask"
        for locale in ("en", "es"):
            text = (plan / f"{locale}.md").read_text()
            (plan / f"{locale}.md").write_text(text.replace("title: ", "title: Now ", 1))
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = house.enroll()
        with house.service.database.writing() as connection:
            where = pieces.c.key == "where-to-ask", pieces.c.number == 2
            source = connection.execute(select(pieces.c.source).where(*where)).scalar_one()
            changed = source.replace(b"title: Now ", b"title: Naw ")
            assert changed != source
            connection.execute(update(pieces).where(*where).values(source=changed))
        renew(house)
        card = card_of(house, enrollment, "where-to-ask")
        assert (card["version"], card["title"]) == (1, "Where to ask")
        assert b"Naw" not in b"".join(walk(house, enrollment).values())

    def test_an_altered_definition_is_given_to_nobody(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = house.enroll()
        with house.service.database.writing() as connection:
            full = connection.execute(select(stored_releases.c.definition)).scalar_one()
            connection.execute(
                update(stored_releases).values(definition=full.replace(b"Scan is due", CANARY.encode() + b" is due"))
            )
        renew(house, compiled=False)
        assert house.get(f"/v1/enrollments/{enrollment}/view", house.phone).status == 503
        assert seen(house, enrollment) == []

    def test_a_byte_altered_in_a_file_waits_for_its_signature(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = house.enroll()
        text = files / "content/follow_up/support/where-to-ask/en.md"
        text.write_text(text.read_text().replace("Where to ask", "Where to esk"))
        publish(house, files)
        assert card_of(house, enrollment, "where-to-ask")["title"] == "Where to ask"
        waiting = [
            statuse for statuse in approvals.list_statuses(house.service, "follow_up") if statuse.word == "in_review"
        ]
        assert [(entry.subject.key, entry.subject.locale, entry.missing) for entry in waiting] == [
            ("where-to-ask", "en", ("medical",))
        ]

    def test_a_recalled_piece_is_given_to_nobody_at_once_also_what_was_queued(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        text = files / "content/follow_up/disease/surveillance/scan_due/scan-reminder/en.md"
        text.write_text(text.read_text().replace("title: ", "title: Really ", 1))
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = bring_to_reminder(house)
        assert house.get(f"/v1/enrollments/{enrollment}/content/scan-reminder", house.phone).status == 200
        assert statuses(house) == ["pending"]
        for key in ("scan-reminder", "where-to-ask", "scan-due"):
            approvals.recall(
                house.service, PUBLISHER, RecallScope("follow_up", key), comment="Wrong.", now=house.clock()
            )
            assert house.get(f"/v1/enrollments/{enrollment}/content/{key}", house.phone).status == 404
            assert house.get(f"/v1/enrollments/{enrollment}/content/{key}/image", house.phone).status == 404
        assert statuses(house) == ["recalled"]
        for path, data in walk(house, enrollment).items():
            if "/tasks" not in path:
                assert b"Where to ask" not in data, path
                assert b"follow-up scan is due" not in data, path
                assert b"still due" not in data, path
        # Who was reading it just now may say so.
        told = house.report(enrollment, house.phone, "seen", piece="where-to-ask")
        assert told.status == 200
        # The same bytes never come back; another version does.
        again = approvals.sign_all(
            house.service, MEDICAL, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock()
        )
        assert again == []
        text.write_text(text.read_text().replace("Really", "Indeed"))
        publish_signed(house.service, files / "definitions", files / "content")
        assert house.get(f"/v1/enrollments/{enrollment}/content/scan-reminder", house.phone)["version"] == 3

    def test_a_signature_that_was_tampered_with_counts_for_nothing(self, house, files):
        publish_signed(house.service, files / "definitions", files / "content")
        enrollment = house.enroll()
        assert card_of(house, enrollment, "where-to-ask")
        with house.service.database.writing() as connection:
            where = approval_rows.c.key == "where-to-ask", approval_rows.c.locale == "en"
            sequence = connection.execute(select(approval_rows.c.sequence).where(*where)).scalar_one()
            connection.execute(update(approval_rows).where(*where).values(printed_name="Dr. Somebody Else"))
        renew(house)
        assert card_of(house, enrollment, "where-to-ask") is None
        assert tampered(house) == [sequence]

    def test_where_a_purpose_needs_no_signature_it_is_given_out_and_its_standing_says_so(self, database, database_url):
        house = Clinic(database, database_url, Rules(Requirements(dict.fromkeys(Requirements().functions, ()))))
        done = house.publish(signed=False)
        approvals.activate(house.service, PUBLISHER, "follow_up", done.journeys[0].release, now=house.clock())
        assert card_of(house, house.enroll(), "where-to-ask")
        result = approvals.list_statuses(house.service, "follow_up")
        assert {(entry.required, entry.signatures, entry.word) for entry in result} == {((), (), "active")}

    def test_drafts_say_that_they_are_drafts_on_every_text_and_answer(self, database, database_url):
        house = Clinic(database, database_url, Rules(drafts=True))
        house.publish(signed=False)
        enrollment = house.enroll()
        view = house.get(f"/v1/enrollments/{enrollment}/view", house.phone)
        assert view.headers["Journeys-Drafts"]
        assert all(text.startswith("[DRAFT, ") for text in [view["title"], *(card["title"] for card in view["cards"])])
        for channel in ("web", "email"):
            path = f"/v1/enrollments/{enrollment}/content?locale=es&channel={channel}"
            for form, begins in (("html", '<p class="draft"'), ("text", "[BORRADOR")):
                for entry in house.get(f"{path}&format={form}", house.phone)["items"]:
                    assert entry[form].startswith(begins)
                    assert entry["title"].startswith("[BORRADOR")


class TestWhoMaySign:
    """Each refusal is a sentence and a line of the record; nothing else changes."""

    @pytest.fixture
    def item(self, house, files):
        publish_by(house, files, "maria")
        result = approvals.list_statuses(house.service, "follow_up")
        return next(entry for entry in result if (entry.subject.key, entry.subject.locale) == ("where-to-ask", "en"))

    def sign(self, house, signer, item, **changed):
        request = SignatureRequest(**{"function": "medical", "meaning": MEANING, "confirmed": EVERY} | changed)
        return approvals.sign(house.service, signer, item.subject, item.digest, request, now=house.clock())

    def test_only_in_their_function_and_language_and_never_their_own_work(self, house, item):
        for signer, says in (
            (LEGAL, "as: legal"),
            (Signer("ed", "Ed", frozenset({"medical"}), frozenset({"es"})), "languages: es"),
            (Signer("maria", "Maria", frozenset({"medical"}), BOTH), "own work"),
            (Signer("ed", "Ed", frozenset({"medical"}), BOTH, frozenset({"where-to-ask"})), "own work"),
        ):
            with pytest.raises(errors.NotPermitted, match=says):
                self.sign(house, signer, item)
        steps = read_trail(house.service, "follow_up")
        assert [(step.kind, step.account) for step in steps] == [
            ("refused", "demo-legal"),
            ("refused", "ed"),
            ("refused", "maria"),
            ("refused", "ed"),
        ]
        assert item.word == "in_review"
        assert not any(statuse.signatures for statuse in approvals.list_statuses(house.service, "follow_up"))

    def test_nobody_signs_a_text_without_a_yes_to_each_question_and_the_record_keeps_them(self, house, item):
        """RF3: the checklist is stored with the approval, in its very words, under the seal."""
        most = EVERY - {"numbers"}
        results = {question.id: question.text for question in checklist("en").questions}
        with pytest.raises(Refused) as refused:
            self.sign(house, MEDICAL, item, confirmed=most)
        assert refused.value.fields["checklist"] == [
            "Whoever signs says yes to each question of the checklist, or rejects it. "
            f"Not confirmed: “{results['numbers']}” (numbers)"
        ]
        with pytest.raises(Refused):
            approvals.sign_all(house.service, MEDICAL, "follow_up", meaning=MEANING, confirmed=most, now=house.clock())
        assert not any(statuse.signatures for statuse in approvals.list_statuses(house.service, "follow_up"))
        self.sign(house, MEDICAL, item)
        assert [step.kind for step in read_trail(house.service)] == ["refused", "approved"]
        assert dict(read_trail(house.service)[-1].confirmed) == results
        assert tampered(house) == []
        for changed in ("[]", "no list", None):
            with house.service.database.writing() as connection:
                connection.execute(
                    approval_rows.update().where(approval_rows.c.step == "approved").values(confirmed=changed)
                )
            assert tampered(house) == [2], changed

    def test_titles_and_words_have_no_checklist(self, house, item):
        result = approvals.list_statuses(house.service, "follow_up")
        result = next(
            result for result in result if (result.subject.kind, result.subject.locale) == ("structure", "en")
        )
        assert item.subject.kind == "piece"
        assert self.sign(house, MEDICAL, result, confirmed=()).confirmed == ()

    def test_a_journey_that_was_never_published_is_answered_with_those_that_were(self, house, item):
        with pytest.raises(errors.NotFound, match=r"'folow_up' has been published\. Did you mean 'follow_up'\?"):
            approvals.list_statuses(house.service, "folow_up")

    def test_only_the_bytes_that_are_there_now(self, house, files, item):
        text = files / "content/follow_up/support/where-to-ask/en.md"
        text.write_text(text.read_text() + "More.\n")
        publish(house, files)
        with pytest.raises(errors.Stale):
            self.sign(house, MEDICAL, item)
        with pytest.raises(errors.NotFound):
            approvals.sign(
                house.service,
                MEDICAL,
                Subject("follow_up", "piece", "nothing", "en"),
                item.digest,
                SignatureRequest("medical", MEANING, EVERY),
                now=house.clock(),
            )

    def test_a_double_click_signs_once_and_a_signature_is_given_anew_before_it_ends(self, house, item):
        first = self.sign(house, MEDICAL, item)
        assert (first.printed_name, first.meaning, first.digest) == (MEDICAL.printed_name, MEANING, item.digest)
        house.clock.pass_by(days=1)
        assert self.sign(house, MEDICAL, item) == first
        house.clock.pass_by(days=340)
        later = self.sign(house, MEDICAL, item)
        assert later.expires_at > first.expires_at

    def test_one_rejection_makes_it_a_draft_and_needs_a_comment(self, house, item):
        def reject(comment: str):
            return approvals.reject(
                house.service,
                MEDICAL,
                item.subject,
                item.digest,
                function="medical",
                comment=comment,
                now=house.clock(),
            )

        with pytest.raises(Refused):
            reject("  ")
        step = reject("The <b>number</b> is wrong.")
        assert reject("The <b>number</b> is wrong.") == step
        with pytest.raises(Refused, match="not accepted"):
            self.sign(house, MEDICAL, item)
        approvals.submit(house.service, MEDICAL, item.subject, item.digest, comment="It is right.", now=house.clock())
        assert self.sign(house, MEDICAL, item).kind == "approved"
        with pytest.raises(Refused):
            reject("Too late.")

    def test_no_release_is_active_before_its_structure_is_approved_and_only_a_publisher_makes_it(self, house, item):
        release = approvals.list_release_statuses(house.service, "follow_up")[0]
        assert release.word == "in_review"
        for signer, refused in ((PUBLISHER, Refused), (MEDICAL, errors.NotPermitted)):
            with pytest.raises(refused):
                approvals.activate(house.service, signer, "follow_up", release.release, now=house.clock())
        approvals.sign_all(house.service, MEDICAL, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock())
        assert approvals.list_release_statuses(house.service, "follow_up")[0].word == "approved"
        approvals.activate(house.service, PUBLISHER, "follow_up", release.release, now=house.clock())
        assert approvals.list_release_statuses(house.service, "follow_up")[0].word == "active"

    def test_marketing_needs_all_three(self, house, files):
        shared = files / "content/follow_up/support/where-to-ask/piece.yaml"
        shared.write_text(shared.read_text().replace("purpose: support", "purpose: marketing"))
        publish(house, files)
        approvals.sign_all(house.service, MEDICAL, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock())
        left = [
            statuse for statuse in approvals.list_statuses(house.service, "follow_up") if statuse.word == "in_review"
        ]
        assert {(entry.subject.key, entry.missing) for entry in left} == {("where-to-ask", ("legal", "regulatory"))}

    @pytest.fixture
    def marketing(self, house, files):
        shared = files / "content/follow_up/support/where-to-ask/piece.yaml"
        shared.write_text(shared.read_text().replace("purpose: support", "purpose: marketing"))
        publish(house, files)

    def of_marketing(self, house):
        result = approvals.list_statuses(house.service, "follow_up")
        return next(entry for entry in result if (entry.subject.key, entry.subject.locale) == ("where-to-ask", "en"))

    def sign_all(self, house, signer):
        approvals.sign_all(house.service, signer, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock())

    @pytest.mark.usefixtures("marketing")
    def test_different_functions_need_different_people(self, house):
        """One person with every right signs in one function, all at once or one by one, and not in the next."""
        everything = Signer("eva", "Eva", frozenset({"medical", "legal", "regulatory"}), BOTH)
        self.sign_all(house, everything)
        self.sign_all(house, everything)
        item = self.of_marketing(house)
        assert (item.missing, item.word, item.open_to("eva")) == (("legal", "regulatory"), "in_review", ())
        assert item.open_to("demo-legal") == ("legal", "regulatory")
        with pytest.raises(errors.NotPermitted, match="signed it as medical; somebody else must sign it as legal"):
            self.sign(house, everything, item, function="legal")
        assert self.sign(house, everything, item).kind == "approved"  # a double click
        self.sign_all(house, LEGAL)
        self.sign_all(house, REGULATORY)
        assert self.of_marketing(house).word == "approved"
        refused = read_trail(house.service, "follow_up")
        assert [(step.account, step.function) for step in refused if step.kind == "refused"] == [("eva", "legal")]

    @pytest.mark.usefixtures("marketing")
    def test_a_renewal_is_by_the_person_of_the_function_or_by_one_who_signed_in_none(self, house):
        for signer in (MEDICAL, LEGAL, REGULATORY):
            self.sign_all(house, signer)
        house.clock.pass_by(days=330)
        item = self.of_marketing(house)
        assert item.open_to("demo-legal") == ("legal",) and set(item.open_to("eva")) == set(item.required)
        self.sign_all(house, replace(LEGAL, functions=MEDICAL.functions | LEGAL.functions))
        assert self.of_marketing(house).ending == ("medical", "regulatory")

    @pytest.mark.usefixtures("marketing")
    def test_a_setting_lets_one_person_sign_in_every_function(self, house):
        house.service = with_rules(house, Rules(read_requirements("different_people=false")))
        self.sign_all(house, Signer("eva", "Eva", frozenset({"medical", "legal", "regulatory"}), BOTH))
        assert self.of_marketing(house).word == "approved"


def test_a_newer_release_supersedes_and_who_is_in_the_older_one_stays_there(house, files):
    first = publish_signed(house.service, files / "definitions", files / "content").journeys[0]
    enrollment = house.enroll()
    mark(files)
    second = publish(house, files).journeys[0]
    assert [
        release_statuse.word for release_statuse in approvals.list_release_statuses(house.service, "follow_up")
    ] == ["in_review", "active"]
    assert release_of(house, house.enroll("p2")) == first.release
    for signer in (MEDICAL, LEGAL):
        approvals.sign_all(house.service, signer, "follow_up", meaning=MEANING, confirmed=EVERY, now=house.clock())
    approvals.activate(house.service, PUBLISHER, "follow_up", second.release, now=house.clock())
    assert [
        release_statuse.word for release_statuse in approvals.list_release_statuses(house.service, "follow_up")
    ] == ["active", "superseded"]
    assert (release_of(house, enrollment), release_of(house, house.enroll("p3"))) == (first.release, second.release)


def test_for_any_patient_and_date_it_is_known_what_was_shown_and_who_had_approved_it(house, files):
    publish_signed(house.service, files / "definitions", files / "content")
    enrollment = house.enroll()
    house.get(f"/v1/enrollments/{enrollment}/view", house.phone)
    then = house.clock()
    house.clock.pass_by(days=3)
    text = files / "content/follow_up/support/where-to-ask/en.md"
    text.write_text(text.read_text().replace("title: ", "title: Now ", 1))
    publish_signed(house.service, files / "definitions", files / "content")
    house.get(f"/v1/enrollments/{enrollment}/view", house.phone)
    house.clock.pass_by(days=1)

    def shown(before):
        arguments = approvals.list_disclosures(house.service, "p1", before=before)
        return [
            (entry.number, entry.first_at, [step.printed_name for step in entry.signatures])
            for entry in arguments
            if entry.piece == "where-to-ask"
        ]

    name = MEDICAL.printed_name
    assert shown(then + timedelta(days=1)) == [(1, then, [name])]
    assert shown(house.clock()) == [(2, then + timedelta(days=3), [name]), (1, then, [name])]


def test_a_change_in_one_language_leaves_the_approval_of_the_other_known(house, files):
    publish_signed(house.service, files / "definitions", files / "content")
    enrollment = house.enroll()
    house.get(f"/v1/enrollments/{enrollment}/view?locale=en", house.phone)
    house.clock.pass_by(days=1)
    text = files / "content/follow_up/support/where-to-ask/es.md"
    text.write_text(text.read_text().replace("title: ", "title: Ahora ", 1))
    publish_signed(house.service, files / "definitions", files / "content")
    (entry,) = (
        entry
        for entry in approvals.list_disclosures(house.service, "p1", before=house.clock())
        if entry.piece == "where-to-ask"
    )
    assert (entry.number, [step.printed_name for step in entry.signatures]) == (1, [MEDICAL.printed_name])


def test_of_a_consent_text_it_is_known_which_version_was_approved_at_any_instant(house, files):
    folder = files / "content/follow_up/_texts/may-we-write"
    folder.mkdir(parents=True)
    grants = "{purpose: [education, treatment], channels: [email]}"
    (folder / "piece.yaml").write_text(f"kind: consent\npurpose: education\ngrants: {grants}\n")
    for locale, words in (("en", "May we write to you?"), ("es", "¿Podemos escribirle a usted?")):
        (folder / f"{locale}.md").write_text(f"---\ntitle: {words}\nsummary: {words}\n---\n{words}\n")
    unpublished = house.clock()
    house.clock.pass_by(days=1)
    publish_signed(house.service, files / "definitions", files / "content")
    signed = house.clock()
    content = servable(house, "es")
    (piece,) = content.catalogue.of_kind("consent")
    assert (piece.key, piece.texts["es"].title) == ("may-we-write", "¿Podemos escribirle a usted?")
    number = content.numbers[piece.key]
    subject = Subject("follow_up", "piece", piece.key, "es")
    (digest,) = {step.digest for step in read_trail(house.service) if step.subject == subject}
    text = ConsentText(piece.key, piece.version, digest, "es")
    house.clock.pass_by(days=1)
    approvals.recall(house.service, PUBLISHER, RecallScope("follow_up", text.key), comment="Wrong.", now=house.clock())
    assert servable(house).catalogue.of_kind("consent") == ()
    with house.service.database.reading() as connection:
        named = approvals.NamedText("follow_up", piece.key, number, "es")
        instants = (unpublished, signed, house.clock())
        found = [approvals.find_approved_consent(house.service, connection, named, at) for at in instants]
        assert found == [None, (text, piece.grants), None]
        for wrong in ({"number": 2}, {"locale": "fr"}, {"key": "scan-due"}):
            other = replace(named, **wrong)
            assert approvals.find_approved_consent(house.service, connection, other, signed) is None


def test_the_record_is_whole_and_shows_what_was_taken_out(house, files):
    publish_signed(house.service, files / "definitions", files / "content")
    steps = read_trail(house.service)
    assert [step.sequence for step in steps] == list(range(1, len(steps) + 1))
    assert {step.kind for step in steps} == {"approved", "activated"}
    assert tampered(house) == []
    with house.service.database.writing() as connection:
        connection.execute(approval_rows.delete().where(approval_rows.c.sequence == 3))
    assert tampered(house) == [4]


def test_the_record_is_sealed_with_a_key_that_the_database_does_not_have(house, files):
    publish_signed(house.service, files / "definitions", files / "content")
    count = len(read_trail(house.service))
    house.service = with_rules(house, Rules(key=b"another key"))
    assert len(tampered(house)) == count


def test_approvals_that_end_soon_or_have_ended_are_named_until_they_are_signed_anew(house, files):
    """By the status; and a signature is given anew once. Of what was recalled nothing ends."""

    def line(**settings):
        result = status_of(house.service, lateness_of(Configuration(**settings)))
        (entry,) = [entry for entry in result.lines if entry.name == "approvals"]
        results = {(ending.subject.key, ending.subject.locale) for ending in result.endings}
        assert len(results) == len(result.endings)
        return entry.is_good, entry.result, results

    def sign(*locales):
        signer = replace(MEDICAL, locales=frozenset(locales))
        arguments = {"meaning": MEANING, "confirmed": EVERY, "now": house.clock()}
        return len(approvals.sign_all(house.service, signer, "follow_up", **arguments))

    publish_signed(house.service, files / "definitions", files / "content")
    approvals.recall(
        house.service, PUBLISHER, RecallScope("follow_up", "scan-due"), comment="Wrong.", now=house.clock()
    )
    assert line() == (True, "none ends", set())
    assert sign("en", "es") == 0
    house.clock.pass_by(days=340)
    assert line(late_approval=86_400)[0]
    good, results, names = line()
    assert (good, results) == (False, f"0 ended, {len(names)} end soon")
    assert ("where-to-ask", "es") in names and ("scan-due", "es") not in names
    half = len(names) // 2
    assert [sign("en"), sign("en")] == [half, 0]
    assert line()[1] == f"0 ended, {half} end soon"
    house.clock.pass_by(days=30)
    assert line()[1] == f"{half} ended, 0 end soon"
    assert {locale for _, locale in line()[2]} == {"es"}
    assert sign("en", "es") == half
    assert line() == (True, "none ends", set())


# --- what the tests above are made of ----------------------------------------------------------------------------


def tampered(house) -> list[int]:
    """Return the positions of the steps that were changed after they were written."""
    return [step.sequence for step in verify_trails(house.service, house.service.library.rules.key)]


def renew(house, *, compiled: bool = True) -> None:
    """Another process serves from now on: it has read nothing yet."""
    house.service = with_rules(house, house.service.library.rules, compiled=compiled)
    house.app.extensions[EXTENSION] = house.service


def with_rules(house, rules: Rules, *, compiled: bool = True):
    return replace(house.service, library=Library(rules, COMPILED if compiled else None))


def publish_by(house, files, author: str) -> None:
    done = publishing.publish_from_files(house.service, files / "definitions", files / "content", author=author)
    assert done.is_done


def card_of(house, enrollment: str, key: str):
    cards = json.loads(house.get(f"/v1/enrollments/{enrollment}/view", house.phone).data)["cards"]
    return next((card for card in cards if card["key"] == key), None)


def servable(house, locale: str = "en"):
    """The content that patients of the release in force may see."""
    with house.service.database.reading() as connection:
        current = in_force(connection, "follow_up")
        release = house.service.library.releases(connection)[current.release]
        return house.service.library.servable_content(
            connection, release, current.revision, locale=locale, now=house.clock()
        )


def release_of(house, enrollment: str) -> str:
    with house.service.database.reading() as connection:
        return load(connection, enrollment).enrollment.release


def statuses(house) -> list[str]:
    with house.service.database.reading() as connection:
        result = connection.execute(select(reminders.c.status).where(reminders.c.piece == "scan-reminder"))
        return list(result.scalars())
