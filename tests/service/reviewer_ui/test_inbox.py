"""The inbox of the room: what waits for whom since when, what ends soon, who rejected what."""

from dataclasses import replace

import pytest

from journeys.review.approval import Requirements
from service.access import accounts
from service.demo.reviewers import sign_journey
from service.http.context import EXTENSION
from service.publishing import approvals
from service.publishing.library import Library, Rules
from tests.folders import copy_samples
from tests.service.people import add, add_author

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


def test_without_anything_to_do_there_is_no_inbox(reviewer):
    assert "Inbox" not in reviewer.get("/room/journeys").text


@pytest.mark.usefixtures("_second")
def test_what_waits_says_for_whom_and_since_when(clinic, reviewer):
    add(clinic, "lou", locales=["es"])
    text = reviewer.get("/room/journeys").text
    assert "1 text of follow_up in English waits for medical since 5 July 2026, 08:00 UTC Dr Kim" in text
    assert "Dr Lou" not in text


@pytest.mark.usefixtures("_second")
def test_what_nobody_can_sign_is_said(clinic, visitor):
    add_author(clinic.service)
    add(clinic, "kim")
    accounts.disable_account(clinic.service, "kim")
    assert visitor.sign_in("ada").status == 303
    assert "nobody can sign" in visitor.get("/room/journeys").text


@pytest.mark.usefixtures("_second")
def test_a_rejection_is_in_the_inbox_with_its_author_until_the_text_is_submitted_again(clinic, reviewer):
    clinic.clock.set("2026-07-06T08:00:00")
    reject(clinic, "Say which medicines.")
    reviewer.sign_in("kim")
    text = reviewer.get("/room/journeys").text
    assert "Rejected: 1" in text and "scan-due follow_up, English Dr Lou, 6 July 2026, 08:00 UTC" in text
    assert "Say which medicines." in text and "waits for medical" not in text
    clinic.clock.set("2026-07-06T08:05:00")
    status = scan_due(clinic)
    signer = approvals.Signer("ada", "Ada")
    approvals.submit(
        clinic.service, signer, status.subject, status.digest, comment="As the guideline has it.", now=clinic.clock()
    )
    text = reviewer.get("/room/journeys").text
    assert "Rejected" not in text and "waits for medical since 6 July 2026, 08:05 UTC" in text


@pytest.mark.usefixtures("_second")
def test_signatures_that_can_be_renewed_are_in_the_inbox_and_in_the_queue_with_their_end(clinic, reviewer):
    for_a_year = replace(clinic.service, library=Library(Rules(Requirements(expires_after="P1Y"))))
    clinic.service = clinic.app.extensions[EXTENSION] = for_a_year
    sign_journey(clinic.service, "follow_up")
    assert "Inbox" not in reviewer.get("/room/journeys").text
    clinic.clock.pass_by(days=310)
    reviewer.sign_in("kim")
    assert "Signatures that end soon: 1, the first 5 July 2027, 08:00 UTC" in reviewer.get("/room/journeys").text
    assert "5 July 2027, 08:00 UTC" in reviewer.get(f"{QUEUE}?due=2027-07-05").text
    assert "5 July 2027, 08:00 UTC" not in reviewer.get(f"{QUEUE}?due=2027-07-04").text
