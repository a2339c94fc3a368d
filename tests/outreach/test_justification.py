"""The situation of a message whose piece is not approved: the topic that it was made with still counts."""

from dataclasses import replace

import pytest

from journeys.definition.message_limits import MessageLimits
from journeys.outreach.gate import Final, Wait, decide
from journeys.outreach.justification import Justification, situation_of
from journeys.outreach.preferences import Preferences
from tests.outreach.test_gate import ANA, GRANT, NOW, TEXT


@pytest.mark.parametrize(
    ("recipient", "decision"),
    [
        (replace(ANA, permissions=(replace(GRANT, topic="scans"),)), Wait(TEXT.useful_until, "not_approved")),
        (replace(ANA, permissions=(replace(GRANT, topic="reading"),)), Final("suppressed", "no_permission")),
        (replace(ANA, preferences=Preferences(topics_off=frozenset({"scans"}))), Final("suppressed", "topic_off")),
    ],
)
def test_a_message_keeps_its_topic_where_its_piece_is_not_approved(recipient, decision):
    unapproved = Justification(piece=None, due=TEXT.due, useful_until=TEXT.useful_until)
    situation = replace(situation_of(TEXT, unapproved, None, MessageLimits()), has_ended=False)
    assert decide(situation, recipient, (), NOW) == decision
