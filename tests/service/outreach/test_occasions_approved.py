"""Pages that send themselves and are approved while patients wait make messages then."""

import pytest

from service.demo.reviewers import MEANING, reviewers
from service.outreach.occasions import schedule_occasions
from service.publishing import approvals
from tests.folders import copy_samples
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_occasions import pieces, send_pages, waiting_patient


def sign(reaching, locale: str) -> None:
    service, now = reaching.clinic.service, reaching.clinic.clock()
    for reviewer in reviewers(frozenset({locale})):
        approvals.sign_all(
            service, reviewer, "follow_up", meaning=MEANING, confirmed=approvals.every_question(), now=now
        )


@pytest.fixture
def waiting_before_approval(clinic, tmp_path) -> Reaching:
    """A clinic with a patient who waited before the pages that send themselves were approved."""
    reaching = Reaching(clinic)
    waiting_patient(reaching)
    send_pages(copy_samples(tmp_path))
    clinic.publish(tmp_path / "definitions", tmp_path / "content", signed=False)
    reaching.work()
    assert reaching.messages() == []
    return reaching


def test_the_approval_of_a_page_that_sends_itself_makes_the_messages_of_those_who_wait(waiting_before_approval):
    reaching = waiting_before_approval
    sign(reaching, "en")
    reaching.work()
    assert pieces(reaching) == [("while-you-wait", "scheduled", None)]
    assert schedule_occasions(reaching.clinic.service) == 0


@pytest.mark.parametrize("by", ["the person", "an app"])
def test_another_language_makes_the_messages_that_are_approved_in_it(waiting_before_approval, by):
    reaching = waiting_before_approval
    sign(reaching, "es")
    reaching.work()
    assert reaching.messages() == []
    reaching.learn(by, language="es", time_zone="Europe/Madrid")
    reaching.work()
    assert pieces(reaching) == [("while-you-wait", "scheduled", None)]
