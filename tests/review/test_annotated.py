import itertools
import re
from dataclasses import replace

import pytest

from journeys.content.catalogue.front_matter import AUTHORIZATION
from journeys.review.annotated import annotate
from journeys.review.documents import annotated_document, annotated_fragment, annotated_text
from tests.review.journeys_shipped import made, made_page, page, plan_with, shipped


@pytest.mark.long
def test_each_conditional_paragraph_stands_once_in_place_with_its_rule():
    shown = page("medicine-for-the-whole-body")
    rules = [" and ".join(rule.words for rule in paragraph.rules) for paragraph in shown.paragraphs]
    assert rules == [
        "",
        "“Kind of medicine” is “A targeted drug”",
        "“Kind of medicine” is “Immunotherapy”",
        "“Kind of medicine” is “Chemotherapy”",
        "“Kind of medicine” is “Chemotherapy with immunotherapy”",
        "“Kind of medicine” is “Chemotherapy with a targeted drug”",
        "not (“Kind of medicine” is known)",
        "",
        "“Another cancer medicine goes on”",
        "",
    ]
    assert [meeting.kind for meeting in shown.meetings] == ["instead"]


def test_rules_are_said_in_the_language_of_the_page():
    rules = [rule.words for paragraph in page("scan-plan", "es").paragraphs for rule in paragraph.rules]
    assert rules == [
        "está en «Próximo estudio de imagen en seis meses»",
        "está en «Próximo estudio de imagen en doce meses»",
        "se conoce «Día de su último estudio de imagen»",
    ]


def test_paragraphs_that_can_meet_are_shown_together():
    (meeting,) = page("scan-plan").meetings
    assert [combination.numbers for combination in meeting.combinations] == [(2, 4), (3, 4)]


def test_values_of_programmes_stand_as_placeholders_and_as_each_fills_them():
    shown = page("when-to-call")
    filled = next(paragraph for paragraph in shown.paragraphs if "⟨programme.care_team_phone⟩" in paragraph.text)
    assert set(filled.in_programmes) == {"riverside", "sierra"}
    assert "+1 505 555 0178" in filled.in_programmes["sierra"]
    values_by_name = {placeholder.name: placeholder.in_programmes for placeholder in shown.placeholders}
    assert values_by_name["programme.care_team_phone"]["riverside"] == "+1 312 555 0142"


def test_words_of_the_service_stand_where_the_author_gave_none():
    shown = made_page("Some text.\n")
    own = {line.name: line.text for line in shown.lines if line.own}
    assert own["subject"] == "There is something new for you to read"
    assert own["why"].startswith("For this step: ")


def test_what_is_conditional_inside_a_paragraph_is_marked_there():
    shown = made_page("Walk every day.{% if smoker %} Smoke less.{% endif %}\n")
    (paragraph,) = (paragraph for paragraph in shown.paragraphs if paragraph.inside)
    assert "[Only if " in paragraph.text
    assert "[Only if " not in paragraph.words


def test_every_word_of_a_page_is_escaped():
    shown = made_page(
        "Some text.\n",
        en="---\ntitle: A <script>alert(1)</script> & more\nsummary: '<img src=x onerror=\"x\">'\n---\nSome text.\n",
    )
    made = annotated_document(shown)
    assert "<script>" not in made
    assert "<img" not in made
    assert "A &lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in made


@pytest.mark.long
@pytest.mark.parametrize("locale", ["en", "es"])
def test_headings_of_every_page_go_down_one_level_at_a_time_and_ids_are_unique(locale):
    for key in shipped().catalogue.pieces:
        made = annotated_fragment(page(key, locale), level=2)
        levels = [int(level) for level in re.findall(r"<h([1-6])", made)]
        assert levels[0] == 2
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), key
        ids = re.findall(r' id="([^"]+)"', made)
        assert len(ids) == len(set(ids)), key
        assert set(re.findall(r'href="#([^"]+)"', made)) <= set(ids), key


def test_a_page_is_plain_text_too():
    text = annotated_text(page("scan-plan"))
    assert "[2] Only if in “Next scan in six months”" in text
    assert "Paragraphs 2, 3, 4: as below." in text


@pytest.mark.parametrize("locale", ["en", "es"])
def test_no_sign_of_markdown_is_left_on_a_page(locale):
    """Marks on the page do not change the text."""
    for key in shipped().catalogue.pieces:
        shown = page(key, locale)
        for paragraph in shown.paragraphs:
            assert not re.search(r"\*\*|\[\^|^#|\ue002|\ue003|\ue004", paragraph.html + paragraph.text, re.MULTILINE), (
                key
            )


def test_notes_are_numbered_once_for_the_page_and_lead_to_its_sources():
    shown = page("lobectomy")
    assert [note.id for note in shown.references] == ["pdq", "acs", "calgb"]
    assert "<strong>In a lobectomy" in shown.paragraphs[0].html
    assert '<a href="#lobectomy-en-source-2">[2]</a>' in shown.paragraphs[0].html
    assert "your lung.[1]" in shown.paragraphs[0].text


def test_a_note_in_a_later_paragraph_keeps_the_number_of_the_page():
    body = "One.[^a]\n\n{% if smoker %}\nTwo.[^b] Three.[^a]\n{% endif %}\n"
    shared = "purpose: education\nreferences:\n  a: {title: First}\n  b: {title: Second}\n"
    shown = made_page(body, shared=shared)
    assert [paragraph.text for paragraph in shown.paragraphs] == ["One.[1]", "Two.[2] Three.[1]"]


def test_the_target_of_each_link_is_printed_behind_it():
    document = annotated_document(page("when-to-call"))
    assert re.search(r'<a href="tel:[^"]+"[^>]*>[^<]*</a> <code class="target"[^>]*>tel:\+15055550178</code>', document)
    source = annotated_document(page("lobectomy"))
    assert re.search(r'<a href="(https://[^"]+)"[^>]*>[^<]*</a> <code class="target"[^>]*>\1</code>', source)


def test_a_page_in_a_right_to_left_language_has_its_direction():
    document = annotated_document(replace(page("when-to-call"), locale="ar"))
    assert '<html lang="ar" dir="rtl">' in document
    assert 'lang="ar" dir="rtl">' in document.partition("<article")[2].partition("\n")[0]
    assert 'dir="rtl"' not in annotated_document(page("when-to-call"))


def test_telephone_numbers_of_a_right_to_left_page_read_as_patients_read_them():
    """Between Arabic words, digits with hyphens change their order unless the link is marked left to right."""
    document = annotated_document(replace(page("when-to-call"), locale="ar"))
    assert '<a dir="ltr" href="tel:+15055550178"' in document
    assert '<a href="tel:' not in document
    assert '<a dir="ltr"' not in annotated_document(page("when-to-call"))


@pytest.mark.parametrize(
    ("key", "locale", "kind"),
    [
        (
            "consent-to-measurement",
            "en",
            "Consent text: who agrees allows measuring what messages achieve; by any channel",
        ),
        ("reply-to-stop", "es", "Respuesta a una palabra como ALTO, sola"),
        ("verification-code", "en", "Verification text: brings the code that confirms an address"),
        ("sign-in-code", "en", "Sign-in text: brings the code by which a patient signs in"),
        ("frame-of-sms", "en", "Frame around each message by text message"),
    ],
)
def test_a_message_text_says_what_it_is_for(key, locale, kind):
    shown = page(key, locale)
    assert shown.kind.startswith(kind)
    assert shown.problems == ()
    assert kind in annotated_text(shown)
    assert kind in annotated_fragment(shown)


def test_the_page_of_a_frame_shows_the_places_that_are_filled_in():
    mail, message = page("frame-of-email"), page("frame-of-sms")
    assert "⟨message⟩" in mail.paragraphs[0].text
    assert {"message", "unsubscribe"} <= {placeholder.name for placeholder in mail.placeholders}
    assert "⟨message⟩" in next(line.text for line in message.lines if line.name == "text")


def test_the_page_of_a_consent_text_for_marketing_has_every_element_of_the_authorization():
    elements = {name: f"Words about {name}." for name in (line.key for line in AUTHORIZATION)}
    lines = "".join(f"{name}: {words}\n" for name, words in elements.items())
    text = f"---\ntitle: A title\nsummary: A summary.\n{lines}---\nMay we send you ads?\n"
    shared = "kind: consent\npurpose: marketing\ngrants: {purpose: marketing, channels: [email]}\n"
    shown = made_page("", shared=shared, place="_texts/ads", en=text, es=text)
    assert {line.name: line.text for line in shown.lines if line.name in elements} == elements


def words_of_topic(topics, shared=""):
    """What the page of a piece with the topic `new_things` says of its sending."""
    plan = plan_with("tracks:\n", f"{topics}tracks:\n")
    return annotate(made(of=plan, shared=f"purpose: support\n{shared}topic: new_things\n"), plan, "en").sent


def test_the_page_of_a_piece_that_is_sent_says_when():
    send = '{on: entry, delay: P1D, at: "09:00"}'
    shared = f"purpose: treatment\nsend: {send}\nchannels: [email, sms]\nuseful_for: P3D\nnot_again: P14D\n"
    shared += "fallback: P1D\ncritical: true\n"
    text = "---\ntitle: A title\nsummary: A summary.\ntext: A text.\n---\nSome text.\n"
    assert made_page("", shared=shared, en=text, es=text).sent == (
        "sent 1 day after entry into a state that shows it",
        "at 09:00 of the patient’s day at the earliest",
        "not sent if more than 3 days late",
        "to one person at most every 14 days",
        "on the next channel after 1 day without a receipt",
        "passes limits on the number of messages",
    )
    new_things = "topics:\n  new_things: {title: {en: New things, es: Novedades}, on_request: false}\n"
    assert words_of_topic(new_things, "send: {after: welcome, delay: P2D}\n") == (
        "sent 2 days after the piece welcome",
        "not shown to a patient who declined the topic “New things”, and not sent to a person who switched it off",
    )
    assert words_of_topic(new_things.replace("false", "true")) == (
        "only for patients who ask for the topic “New things”, which is never sent",
    )
