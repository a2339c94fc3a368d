"""The fields, steps and answers of a registration."""

import pytest

from journeys.registration import AnswerProblem, Consent, Offer, answer_of, fields_of, first_open, step_after, steps_of
from journeys.registration.fields import cells_offered

MESSAGES = Consent("messages", 3, "en", ("education", "adherence"), ("email", "sms"))
MEASUREMENT = Consent("measuring", 1, "en", ("measurement",), (None,))
OFFER = Offer(("en", "es"), ("new", "treated"), ("email", "sms"), (MESSAGES, MEASUREMENT), ("America/Denver",))
FIELDS = {field.name: field for field in fields_of(OFFER)}
NAMES = ["language", "entry", "contact", "time-zone", "permission-messages", "permission-measuring"]


def check(channel, address):
    """Takes addresses of example.org, and numbers that begin with a plus sign."""
    return address.lower() if address.lower().endswith("@example.org") or address.startswith("+") else None


def answer(name, *sent, offer=OFFER):
    return answer_of(FIELDS[name], sent, offer, check)


def test_the_fields_are_asked_in_one_order_and_a_single_language_is_not_asked():
    assert list(FIELDS) == NAMES
    alone = Offer(("en",), OFFER.entries, OFFER.channels, (), OFFER.zones)
    assert [field.name for field in fields_of(alone)] == ["entry", "contact", "time-zone"]


def test_a_style_has_one_step_or_one_for_each_field():
    fields = fields_of(OFFER)
    assert [(step.name, step.fields) for step in steps_of("one-page", fields)] == [("questions", fields)]
    for style in ("one-question-a-page", "dialogue"):
        assert [step.name for step in steps_of(style, fields)] == NAMES


def test_the_next_step_follows_and_the_last_leads_back_to_what_is_open():
    steps = steps_of("dialogue", fields_of(OFFER))
    assert step_after(steps, "entry", {"entry"}).name == "contact"
    assert step_after(steps, NAMES[-1], set(NAMES) - {"contact"}).name == "contact"
    assert step_after(steps, NAMES[-1], set(NAMES)) is None
    assert first_open(steps, {"language", "contact"}).name == "entry"


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("language", " es ", "es"),
        ("entry", "treated", "treated"),
        ("time-zone", "America/Denver", "America/Denver"),
        ("contact", "Me@Example.org", ["email", "me@example.org"]),
        ("contact", "+1 (505) 555-0178", ["sms", "+15055550178"]),
    ],
)
def test_an_answer_is_kept_in_one_form(name, sent, kept):
    assert answer(name, sent) == kept


@pytest.mark.parametrize(
    ("name", "sent", "text"),
    [
        ("language", "fr", "problem_language"),
        ("entry", "", "problem_entry"),
        ("time-zone", "Mars/Olympus", "problem_time_zone"),
        ("contact", "me@example.net", "problem_contact_email_sms"),
        ("contact", "", "problem_contact_email_sms"),
        ("contact", "a" * 300 + "@example.org", "problem_contact_email_sms"),
        ("permission-messages", "3 en marketing email", "problem_permission"),
        ("permission-messages", "2 en education email", "problem_permission"),
    ],
)
def test_what_is_not_accepted_names_the_field_and_what_is_accepted(name, sent, text):
    assert answer(name, sent) == AnswerProblem(name, text)


def test_a_number_is_no_contact_where_only_mail_is_offered():
    only_mail = Offer(OFFER.languages, OFFER.entries, ("email",), (), OFFER.zones)
    assert answer("contact", "+15055550178", offer=only_mail) == AnswerProblem("contact", "problem_contact_email")


def test_permission_is_given_by_cell_and_nothing_ticked_is_an_answer():
    kept = answer("permission-messages", "3 en adherence sms", "3 en education email")
    assert kept == {"cells": [["education", "email"], ["adherence", "sms"]], "version": 3, "locale": "en"}
    assert answer("permission-measuring", "1 en measurement")["cells"] == [["measurement", None]]
    assert answer("permission-messages")["cells"] == []


def test_cells_are_those_of_reachable_channels_and_of_purposes_not_refused():
    assert cells_offered(("education", "marketing"), ("push", "email"), ("email",)) == (("education",), ("email",))
    assert cells_offered(("measurement",), (), ("email",), ("measurement",)) == ((), (None,))
