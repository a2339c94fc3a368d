"""The order of a reviewer's queue follows from what pieces and their journey declare; filters leave a part of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journeys.review.approval import Subject
from journeys.review.queue import QueueFilter, TextToSign, narrowed, next_open, queue_of, risk_of
from tests.review.journeys_shipped import shipped

END = datetime(2027, 1, 1, tzinfo=UTC)


def waiting(key, locale="en", kind="piece", due=None):
    return TextToSign(Subject("nsclc", kind, key, locale), f"digest of {key} in {locale}", due)


def queue(*texts):
    lint = shipped()
    return queue_of(lint.plan, lint.catalogue.pieces.values(), texts)


@pytest.mark.parametrize(
    ("journey", "key", "risk"),
    [
        ("nsclc", "what-hospice-is", "held"),  # its state is held, and it has the tag too
        ("nsclc", "after-radiotherapy", "held"),  # its condition reads a held fact
        ("nsclc", "grief-before-and-after", "end_of_life"),
        ("nsclc", "oxygen-at-home", "treatment"),
        ("diabetes", "help-with-mood", "safety"),
        ("nsclc", "consent-to-messages", "other"),
    ],
)
def test_the_risk_of_a_piece_follows_from_its_states_its_condition_its_tags_its_purpose_and_the_properties(
    journey, key, risk
):
    lint = shipped(journey)
    assert risk_of(lint.catalogue.pieces[key], lint.plan) == risk


def test_a_critical_piece_is_about_safety():
    lint = shipped()
    assert risk_of(replace(lint.catalogue.pieces["consent-to-messages"], is_critical=True), lint.plan) == "safety"


def test_the_greatest_risk_comes_first_and_the_structure_last():
    keys = ("consent-to-messages", "oxygen-at-home", "grief-before-and-after", "what-hospice-is")
    items = queue(waiting(shipped().plan.id, kind="structure"), *map(waiting, keys))
    assert [item.risk for item in items] == ["held", "end_of_life", "treatment", "other", "structure"]
    assert [item.key for item in items[:4]] == list(reversed(keys))


def test_both_languages_of_a_piece_are_one_item_in_the_declared_order():
    (item,) = queue(waiting("oxygen-at-home", "es"), waiting("oxygen-at-home", "en"))
    assert [text.subject.locale for text in item.texts] == ["en", "es"]


def test_another_release_does_not_wait_in_this_queue():
    assert queue(waiting("another release", kind="structure")) == []


def test_a_queue_is_narrowed_by_state_with_the_states_inside_it_by_language_and_by_the_end_of_the_approval():
    items = queue(
        waiting("oxygen-at-home"),
        waiting("oxygen-at-home", "es", due=END),
        waiting("what-hospice-is", due=END + timedelta(days=1)),
        waiting(shipped().plan.id, kind="structure"),
    )
    hospice = narrowed(items, QueueFilter(state="disease.hospice"))
    assert "what-hospice-is" in [item.key for item in hospice] and "structure" not in [item.kind for item in hospice]
    assert [item.key for item in narrowed(items, QueueFilter(state="disease"))] != []
    (spanish,) = narrowed(items, QueueFilter(locale="es"))
    assert [text.subject.locale for text in spanish.texts] == ["es"]
    (due,) = narrowed(items, QueueFilter(due_before=END + timedelta(hours=1)))
    assert (due.key, due.due) == ("oxygen-at-home", END)
    assert narrowed(items, QueueFilter()) == items


def test_the_next_open_item_is_the_first_from_a_position_on_and_after_the_last_from_the_beginning():
    items = queue(*map(waiting, ("oxygen-at-home", "what-hospice-is", "consent-to-messages")))
    assert next_open(items, 1, lambda item: True) == items[1]
    assert next_open(items, 1, lambda item: item != items[1]) == items[2]
    assert next_open(items, 2, lambda item: item == items[0]) == items[0]
    assert next_open(items, 1, lambda item: False) is None
