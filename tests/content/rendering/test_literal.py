"""What patients write comes out literally on every channel, and is never rendered twice (T3, T4, T5)."""

from html.parser import HTMLParser

import pytest

from journeys.content.rendering import render
from tests.samples.sample import made_piece, plan, world

WRITTEN = [
    "{{7*7}}",
    "{{ goes_by }}",
    "{% if operable %}x{% endif %}",
    "{# gone #}",
    "**bold** _it_ `code` ~~no~~",
    "[a](https://example.org)",
    "[a](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "<https://example.org>",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "| a | b |",
    "    code",
    "[^local]",
    "a\\*b\\\\",
    "&lt;b&gt; &amp; &#60;",
    "<b>x</b>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "</p></main><script>alert(1)</script>",
    "<!--",
    "]]>",
    "<style>*{}</style>",
    "expression(alert(1))",
    '{"a": "</script>"}',
    "\ue0000\ue001",
    "\ue0001\ue001",
    "$1 \\1 \\g<0>",
    "%s %(x)s {0}",
    "O'Neil & Søn < 3",
    "\u202eabc",
]
BODY = (
    "Hello {{ goes_by }}, **dear {{ goes_by }}**!\n\n{{ goes_by }}\n\n- entry {{ goes_by }}\n\n"
    "| a | b |\n|---|---|\n| {{ goes_by }} | x |\n\n`code {{ goes_by }}`\n\n[link {{ goes_by }}](https://example.org)\n"
)
PIECE = made_piece(
    "{% if pack_years is known %}{{ pack_years }} packs.{% endif %}\n" + BODY,
    shared="purpose: support\nwhen: goes_by is known\nchannels: [web, email, sms, push]\n",
    en="---\ntitle: T\nsummary: S\ntext: SMS\npush: Push\n---\n" + BODY,
    es="---\ntitle: T\nsummary: S\ntext: SMS\npush: Push\n---\nTexto.\n",
)


class Reader(HTMLParser):
    """The text of a page, its elements and its attributes."""

    def __init__(self, page):
        super().__init__()
        self.words = []
        self.tags = []
        self.attributes = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(name, value) for name, value in attributes if name not in ("style", "content")]

    def handle_data(self, data):
        self.words.append(data)


def rendered(channel, written):
    return render(PIECE, plan(), world(goes_by=written), locale="en", channel=channel)


@pytest.mark.parametrize("channel", ["web", "page", "email"])
@pytest.mark.parametrize("written", WRITTEN)
def test_html_shows_it_as_text_and_gets_no_element_from_it(written, channel):
    page, plain = (Reader(rendered(channel, words).html) for words in (written, "Maria"))
    assert "".join(page.words).count(written) == 7
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes


@pytest.mark.parametrize("channel", ["text", "email"])
@pytest.mark.parametrize("written", WRITTEN)
def test_plain_text_shows_it_as_it_is(written, channel):
    assert rendered(channel, written).text.count(written) == 7


@pytest.mark.parametrize("written", WRITTEN)
def test_an_e_mail_carries_it_in_both_parts_and_not_in_the_head(written):
    mail = rendered("email", written)
    assert mail.text.count(written) == 7
    assert "".join(Reader(mail.html).words).count(written) == 7
    assert mail.subject == "There is something new for you to read"


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_sms_and_push_hold_no_facts(channel):
    message = rendered(channel, "<b>{{7*7}}</b>")
    assert (message.text, message.html, message.subject) == ({"sms": "SMS", "push": "Push"}[channel], None, None)


def test_control_characters_are_left_out():
    assert "Hello Maria," in rendered("text", "Ma\x00r\x1bi\x9ba").text
