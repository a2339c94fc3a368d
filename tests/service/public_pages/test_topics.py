"""The page of preferences switches topics off, by names in the language of the person, and never on."""

import pytest

from service.publishing.library import Library
from tests.service.outreach.sample_topics import publish_with_topics
from tests.service.public_pages.visits import everything, link, prefer, revocations, words

OFFER = {
    "en": "Check the topics you no longer want messages about. Tests Things to read",
    "es": "recibir. Pruebas Lecturas",
}
OFF = {"en": "Tests: you no longer get these messages", "es": "Pruebas: ya no recibe estos mensajes"}


@pytest.fixture
def person(reaching, tmp_path):
    """An enrollment of a patient in a journey with topics."""
    publish_with_topics(reaching.clinic, tmp_path)
    return reaching.reachable_patient()


@pytest.fixture
def visit(reaching, person):
    """Opens the page, or sends its form."""
    path = f"/preferences/{link(reaching, person)}"
    return lambda form=None: reaching.clinic.call("POST" if form is not None else "GET", path, data=form)


def topics_off(reaching) -> list[str]:
    topics = reaching.clinic.get("/v1/me/preferences", reaching.clinic.token_of_patient("p1"))["topics"]
    return sorted(topic["key"] for topic in topics if not topic["on"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_topic_is_offered_by_its_name_and_switched_off(reaching, person, visit, language):
    prefer(reaching, person, language=language)
    before = everything(reaching)
    assert OFFER[language] in words(visit())
    assert everything(reaching) == before, "opening the page changes nothing"
    saved = visit({"topic-off": "scans"})
    assert saved.status == 200 and OFF[language] in words(saved)
    assert b'value="scans"' not in saved.data, "it is not offered again"
    assert topics_off(reaching) == ["scans"]


def test_a_topic_stays_off_whatever_the_form_says(reaching, visit):
    for form in ({"topic-off": ["scans", "reading"]}, {"pause": ""}, {"topic-off": "scans"}, {"topic-on": "reading"}):
        assert visit(form).status == 200
    assert topics_off(reaching) == ["reading", "scans"]
    assert "Check the topics" not in words(visit())


@pytest.mark.parametrize("topic", ["smoking", "", "scans\n"])
def test_a_topic_that_the_page_does_not_offer_changes_nothing(reaching, visit, topic):
    visit({"pause": ""})
    before = everything(reaching)
    refused = visit({"topic-off": topic})
    assert (refused.status, refused.type) == (422, "text/html")
    assert "Nothing was saved" in words(refused)
    assert everything(reaching) == before


def test_unsubscribing_reads_no_content(reaching, person, monkeypatch):
    """A release that cannot be read must not keep anybody from ending messages."""
    token = link(reaching, person)
    with monkeypatch.context() as unreadable:
        unreadable.setattr(Library, "servable_content", None)
        assert reaching.clinic.call("POST", f"/u/{token}", data={"List-Unsubscribe": "One-Click"}).status == 200
    assert [entry["channel"] for entry in revocations(reaching, person)] == ["email"]


def test_a_person_without_topics_sees_nothing_of_them(reaching):
    enrollment = reaching.reachable_patient()
    assert "Topics" not in words(reaching.clinic.call("GET", f"/preferences/{link(reaching, enrollment)}"))
