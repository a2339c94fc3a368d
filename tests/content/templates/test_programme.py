"""Values of a programme: always known, put in last and literally, and safe where a link leads to them."""

from functools import lru_cache

import pytest

from journeys.content.catalogue import read_piece
from journeys.content.rendering import render
from journeys.content.templates import renderings
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from tests.samples.sample import FOLDER, made_source, world

DECLARED = b"""
programme:
  team: {type: text, title: {en: Team, es: Equipo}}
  phone: {type: phone, title: {en: Telephone, es: Tel\xc3\xa9fono}}
  mail: {type: email, title: {en: Mail, es: Correo}}
  site: {type: url, title: {en: Pages, es: P\xc3\xa1ginas}}
"""
VALUES = {
    "team": {"en": "the ward", "es": "la sala"},
    "phone": "+1 (555) 010-0100 ext. 12",
    "mail": "ward@example.org",
    "site": "https://example.org/a_(b)?c=d&e=*f*",
}
SPANISH = "---\ntitle: Un título\nsummary: Un resumen.\n---\nLlame a {{ programme.team }}.\n"


@lru_cache
def plan():
    journey, problems = read_journey((FOLDER / "journey.yaml").read_bytes() + DECLARED, "journey.yaml")
    assert problems == []
    return compile_journey(journey)


def read(body, **parts):
    parts.setdefault("es", SPANISH)
    return read_piece(made_source(body, **parts), plan())


def shown(body, *, values=VALUES, locale="en", channel="web", **parts):
    piece, problems = read(body, **parts)
    assert problems == []
    return render(piece.with_values(values), plan(), world(), locale=locale, channel=channel)


def messages(body, **parts):
    return [(problem.line, problem.column, problem.message) for problem in read(body, **parts)[1]]


def test_a_value_is_shown_in_the_locale_of_the_text():
    assert shown("Call {{ programme.team }}.\n").html == "<p>Call the ward.</p>\n"
    assert shown("Call.\n", locale="es").html == "<p>Llame a la sala.</p>\n"


def test_it_needs_no_certainty_and_stands_in_partials_and_arms():
    text = "{% if operable is known %}yes{% else %}{{ programme.team }}{% endif %} {% include 'who' %}\n"
    partials = {"who.en.md": "Call {{ programme.phone }}.\n"}
    assert "the ward Call +1 (555) 010-0100 ext. 12." in shown(text, partials=partials).html


@pytest.mark.parametrize("text", ["{{7*7}}", "**bold**", "<b>x</b>", "{{ programme.phone }}", "$1 \\1 \\g<0>"])
def test_a_value_comes_out_literally_on_every_channel(text):
    front = "---\ntitle: Ask {{ programme.team }}\nsummary: S\nsubject: Ask {{ programme.team }}\n---\n"
    for channel in ("text", "email"):
        rendered = shown("", values={"team": text}, channel=channel, en=front + "Ask {{ programme.team }} now.\n")
        assert rendered.title == f"Ask {text}"
        assert f"Ask {text} now." in rendered.text
        assert rendered.subject in (None, f"Ask {text}")
    page = shown("", values={"team": text}, channel="page", en=front + "Now.\n").html
    assert "<b>x" not in page


def test_lines_for_locked_screens_take_values_of_the_programme():
    front = (
        "---\ntitle: T\nsummary: Call {{programme.phone}}\ntext: 'Call {{ programme.phone }}'\n"
        "push: Call {{ programme.team }}\n---\n"
    )
    parts = {
        "en": front + "Text.\n",
        "es": front + "Texto.\n",
        "shared": "purpose: support\nchannels: [web, sms, push]\n",
    }
    assert shown("", channel="sms", **parts).text == "Call +1 (555) 010-0100 ext. 12"
    assert shown("", channel="push", locale="es", **parts).text == "Call la sala"
    assert shown("", **parts).summary == "Call +1 (555) 010-0100 ext. 12"


def test_a_link_leads_to_a_value_of_its_type():
    html = shown(
        "[{{ programme.phone }}](tel:{{ programme.phone }}) [w](mailto:{{ programme.mail }}) [p]({{programme.site}})\n"
    ).html
    assert '<a href="tel:+15550100100;ext=12" rel="noopener noreferrer">+1 (555) 010-0100 ext. 12</a>' in html
    assert 'href="mailto:ward@example.org"' in html
    assert 'href="https://example.org/a_%28b%29?c=d&amp;e=%2Af%2A"' in html
    text = shown("Call [the ward](tel:{{ programme.phone }}).\n", channel="text").text
    assert "the ward (+15550100100;ext=12)" in text
    text = shown("Call [{{ programme.phone }}](tel:{{ programme.phone }}).\n", channel="text").text
    assert text.endswith("Call +1 (555) 010-0100 ext. 12.\n")


def test_a_link_to_anything_else_is_refused():
    assert messages("[x](tel:{{ programme.mail }})\n") == [
        (5, 9, "A link to 'tel:' needs a value of type phone. Accepted: phone.")
    ]
    for target in ("https://example.org/{{ programme.phone }}", "javascript:{{ programme.phone }}", "{{ goes_by }}"):
        assert messages(f"[x]({target})\n", shared="purpose: support\nwhen: goes_by is known\n"), target


def test_an_unknown_value_is_refused_at_its_place():
    assert messages("Call\n{{ programme.fone }}\n") == [(6, 1, "Unknown value 'programme.fone'. Did you mean 'phone'?")]
    front = "---\ntitle: Ask {{ programme.teem }}\nsummary: S\n---\n"
    ((line, _, message),) = messages("", en=front + "Text.\n")
    assert (line, message) == (2, "'programme.teem' is not a declared value of the programme. Did you mean 'team'?")


@pytest.mark.parametrize("tag", ["{{ programme }}", "{{ programme.phone.x }}", "{{ programme.phone | date }}"])
def test_nothing_but_a_value_is_accepted(tag):
    assert messages(f"Call {tag}\n")
    assert messages("{% if programme.phone %}x{% endif %}\n")


def test_a_rendering_names_the_value():
    piece, _ = read("Call {{ programme.team }}: [now](tel:{{ programme.phone }})\n")
    (only,) = renderings(piece.texts["en"].body, plan())
    assert only.text == "Call ⟨programme.team⟩: [now](tel:programme.phone)\n"


def test_a_value_that_was_never_set_does_not_stop_a_page():
    assert shown("Call {{ programme.team }}.\n", values={}).html == "<p>Call .</p>\n"


def test_a_piece_without_values_is_the_same_in_every_programme():
    piece, _ = read("Text.\n", es=SPANISH.replace("{{ programme.team }}", "x"))
    assert piece.with_values(VALUES) is piece
