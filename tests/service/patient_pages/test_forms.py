"""The form of every question of both shipped journeys, and how it is read again."""

import re

import pytest
from flask import g
from werkzeug.datastructures import MultiDict

from journeys.content.screen import question_cards
from journeys.definition.questions import declared_questions
from service.patient_pages.answers import declined_facts, facts_of_form
from service.patient_pages.questions import OfferedQuestion, _question_page
from tests.questions.journeys import shipped
from tests.service.reviewer_ui.visitor import Page

JOURNEYS = ["nsclc", "diabetes"]


def cards(journey: str, locale: str) -> list:
    plan = shipped(journey)[0].plan
    names = [question.name for question in declared_questions(plan.journey)]
    return list(question_cards(plan, names, locale))


def drawn(clinic, card, locale: str) -> Page:
    """The page of a question, for a browser in which nobody is signed in."""
    with clinic.app.test_request_context(f"/account/questions?language={locale}"):
        g.secret, g.patient = "s" * 43, None
        return Page(_question_page(OfferedQuestion("made-up", card, locale), []))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_question_has_a_form_whose_parts_name_each_other(clinic, journey, locale):
    kinds = set()
    for card in cards(journey, locale):
        page = drawn(clinic, card, locale)
        assert card.question in page.text and (card.why or "") in page.text
        ids = re.findall(r'\bid="([^"]+)"', page.source)
        assert len(ids) == len(set(ids)), card.key
        pointed = re.findall(r'\bfor="([^"]+)"', page.source)
        pointed += " ".join(re.findall(r'aria-describedby="([^"]+)"', page.source)).split()
        assert set(pointed) <= set(ids), card.key
        for field in card.fields:
            kinds.add(field.kind)
            assert field.name in ids and f'name="{field.name}"' in page.source
            assert all(f'value="{choice.value}"' in page.source for choice in field.choices)
    assert {"choice", "boolean", "date"} & kinds


@pytest.mark.parametrize("journey", JOURNEYS)
def test_what_a_form_sends_is_read_as_its_facts(journey):
    values = {"boolean": "false", "integer": " 12 ", "date": "2026-01-20", "text": " a word "}
    read = {"boolean": False, "integer": 12, "date": "2026-01-20", "text": "a word"}
    for card in cards(journey, "en"):
        form, expected = MultiDict[str, str](), {}
        for field in card.fields:
            form.add("fact", f"{field.kind} {field.name}")
            chosen = [choice.value for choice in field.choices][:2]
            sent = chosen[: 2 if field.kind == "set" else 1] or [values[field.kind]]
            form.setlist(field.name, sent)
            expected[field.name] = read.get(field.kind, sent if field.kind == "set" else sent[0])
        assert facts_of_form(form) == expected
        assert declined_facts(form) == {name: {"declined": True} for name in expected}


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("boolean", ["maybe"], None),
        ("boolean", [], None),
        ("integer", ["1.5"], "1.5"),
        ("integer", ["9" * 10], "9" * 10),
        ("set", ["", " "], None),
        ("date", [""], None),
    ],
)
def test_what_is_no_answer_of_its_kind_is_not_made_one(kind, sent, value):
    form = MultiDict([("fact", f"{kind} thing"), *(("thing", text) for text in sent)])
    assert facts_of_form(form) == {"thing": value}
