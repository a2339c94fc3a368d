"""The explanation of an enrollment says of each message why it left, waits or did not leave."""

import pytest

from service.outreach.explain import PROVIDER_REASONS
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from tests.service.outreach.people_reached import Reaching

DUE = "2026-07-29T10:00:00"  # noon in Madrid, where the patient lives


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


def explained(reaching, enrollment, token=None):
    path = f"/v1/enrollments/{enrollment}/explain"
    return reaching.clinic.get(path, token or reaching.clinic.staff)["messages"]


@pytest.mark.parametrize(
    ("answer", "status", "channel", "why"),
    [
        (Accepted("p"), "sent", "email", "Sent by e-mail on 2026-07-29 at 12:00 (Europe/Madrid)."),
        (
            AnswerLost(Reason.TIMEOUT),
            "unknown",
            "email",
            "Handed over by e-mail on 2026-07-29 at 12:00 (Europe/Madrid); nobody knows whether it arrived.",
        ),
        (Transient(Reason.BUSY), "scheduled", None, "Waits: the provider is busy."),
        (Permanent(Reason.TOO_LARGE), "failed", None, "Not sent: it is too large for the provider."),
    ],
)
def test_a_message_says_what_became_of_it(reaching, answer, status, channel, why):
    enrollment = reaching.reachable_patient()
    reaching.mail.answers = [answer]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = explained(reaching, enrollment)
    assert (message["status"], message["channel"], message["why"]) == (status, channel, why)
    assert message["piece"] == "scan-reminder"
    assert explained(reaching, enrollment, reaching.clinic.token_of_patient("p1")) == [message]


def test_a_message_that_may_not_leave_says_why(reaching):
    enrollment = reaching.reachable_patient(grants=False)
    assert explained(reaching, enrollment) == []
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = explained(reaching, enrollment)
    assert message["why"] == "Not sent: the patient has not allowed it on any of its channels."
    assert message["at"] == "2026-07-29T10:00:00Z"


def test_every_reason_of_a_provider_has_words():
    assert set(PROVIDER_REASONS) == set(Reason)
