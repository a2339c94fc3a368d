"""The inbox of the room: what waits for whom since when, what ends soon, who rejected what."""

from dataclasses import replace

import pytest

from journeys.review.approval import Requirements
from service.access import accounts
from service.demo.reviewers import sign_journey
from service.http.context import EXTENSION
from service.publishing import approvals
from service.publishing.library import Library, Rules
from service.publishing.publish import publish_from_files
from tests.folders import copy_samples
from tests.service.people import add, add_author
from tests.service.reviewer_ui.visitor import Visitor

INBOX = "/room/inbox"
QUEUE = "/room/journeys/follow_up/queue"
WORDS = "Bring a list of your medicines."


@pytest.fixture
def files(tmp_path):
    return copy_samples(tmp_path)


@pytest.fixture
def _second(clinic, files):
    """A second version of a piece in English, published on 5 July and signed by nobody."""
    clinic.clock.set("2026-07-05T08:00:00")
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text().rstrip("\n") + f"\n\n{WORDS}\n")
    clinic.publish(files / "definitions", files / "content", signed=False)


def scan_due(clinic):
    statuses = approvals.list_statuses(clinic.service, "follow_up")
    return next(status for status in statuses if (status.subject.key, status.subject.locale) == ("scan-due", "en"))


def reject(clinic, comment):
    signer = approvals.Signer("lou", "Dr Lou", frozenset({"medical"}), frozenset({"en"}))
    status = scan_due(clinic)
    approvals.reject(
        clinic.service,
        signer,
        status.subject,
        status.digest,
        function="medical",
        comment=comment,
        now=clinic.clock(),
    )


def own(page):
    """What the page says that the signed-in account has to do."""
    return page.text.partition("For you")[2].partition("In all journeys")[0]


def test_without_anything_to_do_the_inbox_says_so(reviewer):
    text = reviewer.get(INBOX).text
    assert "For you 0 Nothing waits for you." in text and "In all journeys" not in text
    assert "In your inbox" not in reviewer.get("/room/journeys").text


@pytest.mark.usefixtures("_second")
def test_what_waits_says_for_whom_and_since_when(clinic, reviewer):
    add(clinic, "lou", locales=["es"])
    assert "In your inbox: 1" in reviewer.get("/room/journeys").text
    page = reviewer.get(INBOX)
    assert "1 text of follow_up in English as medical since 5 July 2026, 08:00 UTC" in own(page)
    assert f"{QUEUE}?function=medical&amp;locale=en" in page.source
    text = page.text
    assert "1 text of follow_up in English waits for medical since 5 July 2026, 08:00 UTC Dr Kim" in text
    assert "Dr Lou" not in text


@pytest.mark.usefixtures("_second")
def test_what_nobody_can_sign_is_said(clinic, visitor):
    add_author(clinic.service)
    add(clinic, "kim")
    accounts.disable_account(clinic.service, "kim")
    assert visitor.sign_in("ada").status == 303
    page = visitor.get(INBOX)
    assert "nobody can sign" in page.text and "Nothing waits for you." in own(page)


@pytest.mark.usefixtures("_second")
def test_a_rejection_is_in_the_inbox_with_its_author_until_the_text_is_submitted_again(clinic, reviewer):
    clinic.clock.set("2026-07-06T08:00:00")
    reject(clinic, "Say which medicines.")
    reviewer.sign_in("kim")
    text = reviewer.get(INBOX).text
    assert "Rejected: 1" in text and "scan-due follow_up, English Dr Lou, 6 July 2026, 08:00 UTC" in text
    assert "Say which medicines." in text and "waits for medical" not in text
    clinic.clock.set("2026-07-06T08:05:00")
    status = scan_due(clinic)
    signer = approvals.Signer("ada", "Ada")
    approvals.submit(
        clinic.service, signer, status.subject, status.digest, comment="As the guideline has it.", now=clinic.clock()
    )
    text = reviewer.get(INBOX).text
    assert "Rejected" not in text and "waits for medical since 6 July 2026, 08:05 UTC" in text


@pytest.mark.usefixtures("_second")
def test_signatures_that_can_be_renewed_are_in_the_inbox_and_in_the_queue_with_their_end(clinic, reviewer):
    for_a_year = replace(clinic.service, library=Library(Rules(Requirements(expires_after="P1Y"))))
    clinic.service = clinic.app.extensions[EXTENSION] = for_a_year
    sign_journey(clinic.service, "follow_up")
    assert "Nothing waits for you." in reviewer.get(INBOX).text
    clinic.clock.pass_by(days=310)
    reviewer.sign_in("kim")
    page = reviewer.get(INBOX)
    assert "Signatures that end soon: 1, the first 5 July 2027, 08:00 UTC" in page.text
    assert "Signatures that you can renew scan-due" in own(page) and "ends 5 July 2027, 08:00 UTC" in own(page)
    assert "5 July 2027, 08:00 UTC" in reviewer.get(f"{QUEUE}?due=2027-07-05").text
    assert "5 July 2027, 08:00 UTC" not in reviewer.get(f"{QUEUE}?due=2027-07-04").text


def comment_on_scan_due(visitor, text="Which medicines?"):
    """Comment on the second version, and return the address of the comment."""
    address = "/room/journeys/follow_up/releases/1/pieces/scan-due/versions/2/comments"
    answer = visitor.post(address, {"locale": "en", "sentence": WORDS, "text": text})
    assert answer.status == 303
    return f"{address}/{answer.location.partition('#comment-')[2]}"


@pytest.fixture
def author(clinic):
    """An author who wrote the second version of a piece, signed in."""
    add_author(clinic.service)
    visitor = Visitor(clinic.app)
    assert visitor.sign_in("ada").status == 303
    return visitor


@pytest.fixture
def _of_the_author(clinic, author, files):
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text().rstrip("\n") + f"\n\n{WORDS}\n")
    done = publish_from_files(clinic.service, files / "definitions", files / "content", author="ada")
    assert done.is_done


@pytest.mark.usefixtures("_of_the_author")
def test_a_rejection_waits_for_whoever_wrote_the_text_with_its_reason(clinic, author, reviewer):
    reject(clinic, "Say which medicines.")
    page = author.get(INBOX)
    assert "Rejected, of what you wrote or signed scan-due follow_up, English Dr Lou" in own(page)
    assert "Say which medicines." in own(page)
    page = reviewer.get(INBOX)
    assert "Nothing waits for you." in own(page) and "Say which medicines." in page.text


@pytest.mark.usefixtures("_of_the_author")
def test_a_comment_waits_for_the_author_until_answered_and_then_for_whoever_asked(author, reviewer):
    address = comment_on_scan_due(reviewer)
    assert "Open comments" not in own(reviewer.get(INBOX)), "who spoke last waits for others"
    text = own(author.get(INBOX))
    assert "Open comments for you scan-due follow_up, English; you wrote this text Which medicines? Dr Kim" in text
    author.post(address, {"step": "answered", "text": "All of them."})
    assert "Open comments" not in own(author.get(INBOX))
    text = own(reviewer.get(INBOX))
    assert "you take part Which medicines?" in text and "All of them. Dr Ada" in text
    reviewer.post(address, {"step": "resolved"})
    assert all("Which medicines?" not in visitor.get(INBOX).text for visitor in (author, reviewer))


@pytest.mark.usefixtures("_second")
def test_a_comment_waits_for_whoever_signed_the_text_in_that_language(clinic, reviewer):
    status = scan_due(clinic)
    signer = approvals.Signer("lou", "Dr Lou", frozenset({"medical"}), frozenset({"en"}))
    request = approvals.SignatureRequest("medical", "I have read this.", approvals.every_question())
    approvals.sign(clinic.service, signer, status.subject, status.digest, request, now=clinic.clock())
    comment_on_scan_due(reviewer)
    for name, expected in (("lou", "you signed this text"), ("max", "Nothing waits for you.")):
        add(clinic, name)
        visitor = Visitor(clinic.app)
        visitor.sign_in(name)
        assert expected in own(visitor.get(INBOX)), name


@pytest.mark.usefixtures("_second")
def test_a_comment_in_the_inbox_leads_to_the_newest_version(reviewer, clinic, files):
    comment_on_scan_due(reviewer)
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text().replace(WORDS, "Bring a list of all your medicines."))
    clinic.publish(files / "definitions", files / "content", signed=False)
    link = next(link for link in reviewer.get(INBOX).links if "#comment-" in link)
    page = reviewer.get(link)
    assert "/versions/3#" in link and "Written on version 2; the sentence has changed." in page.text
    assert f'id="{link.partition("#")[2]}"' in page.source


def test_an_account_switches_its_digest_off_and_on(clinic, visitor):
    add(clinic, "kim", email="kim@clinic.example")
    visitor.sign_in("kim")
    assert "goes to kim@clinic.example" in visitor.get(INBOX).text
    answer = visitor.post(f"{INBOX}/digest", {"digest": "off"})
    assert answer.location == f"{INBOX}#digest" and "The digest is off." in visitor.get(INBOX).text
    visitor.post(f"{INBOX}/digest", {"digest": "on"})
    assert "goes to kim@clinic.example" in visitor.get(INBOX).text


def test_an_account_without_an_address_is_told_who_sets_it(reviewer):
    text = reviewer.get(INBOX).text
    assert "Your account has no mail address. An administrator can set it" in text and "Switch" not in text
