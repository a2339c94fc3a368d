"""Consent texts, replies and message frames: what each must say, and that no patient's screen has them."""

from dataclasses import fields

import pytest

from journeys.content.catalogue import Catalogue, PieceSource, explain, find, framed, in_frame, read_piece, select
from journeys.content.catalogue.front_matter import AUTHORIZATION
from journeys.content.rendering import Renderer, render, with_code, with_sign_in, with_unsubscribe
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.permission import Authorization
from tests.samples.sample import FOLDER, FRONT, NOW, pieces, plan, view, world

CONTACTS = b"""
programme:
  office: {type: email, title: {en: Office, es: Oficina}}
  street: {type: text, title: {en: Street, es: Calle}}
  help_line: {type: phone, title: {en: Help, es: Ayuda}}
contacts:
  sender: {email: office, address: street}
  emergency: {title: {en: Emergency, es: Emergencia}, phone: help_line}
"""
CONSENT = "kind: consent\npurpose: education\ngrants: {purpose: [education, treatment], channels: [email, sms]}\n"
MARKETING = "kind: consent\npurpose: marketing\ngrants: {purpose: marketing, channels: [email]}\n"
SIGN_IN = "kind: sign_in\npurpose: support\n"
VERIFICATION = "kind: verification\npurpose: support\n"
REPLY = "kind: reply\npurpose: support\nanswers: help\n"
EMAIL, SMS, PUSH, POST = (
    f"kind: frame\npurpose: support\nframes: {channel}\n" for channel in ("email", "sms", "push", "post")
)
AROUND = "{{ message }}\n\n[Stop]({{ unsubscribe }})\n\n{{ programme.street }}\n"
SEEN = world(last_scan_on="2026-01-05", spread_sites=["bone"])
ELEMENTS = {line.key: f"The {line.key}." for line in AUTHORIZATION}


def front(**lines):
    more = "".join(f'{key}: "{line}"\n' for key, line in lines.items())
    return f"---\ntitle: A title\nsummary: A summary.\n{more}---\n"


def with_contacts():
    """The sample journey with a postal address and an emergency line."""
    journey, problems = read_journey((FOLDER / "journey.yaml").read_bytes() + CONTACTS, "journey.yaml")
    assert journey is not None, problems
    return compile_journey(journey)


def read(shared, words, key="made-up", place="", of=None):
    files = {"piece.yaml": shared, "en.md": words, "es.md": words}
    source = PieceSource(key, place or f"_texts/{key}", {name: text.encode() for name, text in files.items()})
    return read_piece(source, of or plan())


def mistakes(shared, words, **options):
    """(file, line, column, message) of every problem, once for both languages."""
    problems = read(shared, words, **options)[1]
    shown = [(problem.file.rpartition("/")[2], problem.line, problem.column, problem.message) for problem in problems]
    return [problem for problem in shown if problem[0] != "es.md"]


def test_what_a_consent_text_asks_for_is_read():
    piece, problems = read(CONSENT, front() + "May we write to you?\n")
    assert problems == []
    assert (piece.kind, piece.states, piece.channels) == ("consent", (), ("web",))
    assert (piece.grants.purposes, piece.grants.channels) == (("education", "treatment"), ("email", "sms"))


@pytest.mark.parametrize("purpose", ["measurement", "share:Riverside Pharmacy"])
def test_measuring_and_sharing_need_no_channel(purpose):
    piece, problems = read(
        f"kind: consent\npurpose: support\ngrants: {{purpose: '{purpose}'}}\n", front() + "May we?\n"
    )
    assert problems == []
    assert (piece.grants.purposes, piece.grants.channels) == ((purpose,), ())


def test_a_consent_text_for_marketing_states_every_element_of_an_authorization():
    piece, problems = read(MARKETING, front(**ELEMENTS) + "May we send you ads?\n")
    assert problems == []
    assert piece.texts["en"].authorization == ELEMENTS
    signature = {"signed_by": "A person", "signed_on": "2026-01-15"}
    elements = {field.name for field in fields(Authorization)}
    assert elements == ELEMENTS.keys() | signature.keys()


@pytest.mark.parametrize("element", ELEMENTS)
def test_no_element_may_be_missing(element):
    words = front(**{name: line for name, line in ELEMENTS.items() if name != element}) + "May we send you ads?\n"
    assert mistakes(MARKETING, words) == [
        ("en.md", 1, 1, f"The text asks for marketing, so the front matter needs '{element}'.")
    ]


@pytest.mark.parametrize(
    ("shared", "position", "words"),
    [
        ("kind: consnet\npurpose: support\n", (1, 7), "Did you mean 'consent'?"),
        ("kind: consent\npurpose: support\n", (1, 1), "A consent text needs 'grants': `{purpose: …, channels: …}`."),
        ("kind: reply\npurpose: support\n", (1, 1), "A reply needs 'answers': `opt_out`, `help`, `unknown`."),
        ("kind: frame\npurpose: support\n", (1, 1), "A message frame needs 'frames': `email`, `sms`, `push`, `post`."),
        (
            "purpose: support\n",
            (1, 1),
            "A piece in '_texts' needs 'kind': `consent`, `reply`, `frame`, `verification`, `sign_in`.",
        ),
        (f"{CONSENT}when: operable\n", (4, 1), "'when' has no meaning in a consent text, only in a page."),
        (f"{CONSENT}show_in: [care]\n", (4, 1), "'show_in' has no meaning in a consent text"),
        (f"{CONSENT}channels: [web]\n", (4, 1), "'channels' has no meaning in a consent text"),
        (f"{REPLY}reminder: true\n", (4, 1), "'reminder' has no meaning in a reply"),
        (f"{REPLY}grants: {{purpose: support, channels: [sms]}}\n", (4, 1), "only in a consent text"),
        (f"{EMAIL}answers: help\n", (4, 1), "'answers' has no meaning in a message frame, only in a reply."),
        (CONSENT.replace("[education, treatment]", "[]"), (3, 10), "'purpose' of 'grants' is empty"),
        (REPLY.replace("support", "marketing"), (2, 1), "A reply cannot advertise; write another purpose."),
        (REPLY.replace("help", "hlep"), (3, 10), "Did you mean 'help'?"),
        (SMS.replace("sms", "fax"), (3, 9), "Accepted: email, post, push, sms."),
        (
            CONSENT.replace("treatment", "advice"),
            (3, 31),
            "Accepted: education, treatment, adherence, support, marketing",
        ),
        (CONSENT.replace("treatment", "'share:'"), (3, 31), "measurement, share:<recipient>."),
        (CONSENT.replace("sms", "web"), (3, 61), "'web' in 'channels' of 'grants' is not a channel."),
        (
            CONSENT.replace(", channels: [email, sms]", ""),
            (3, 9),
            "'grants' needs 'channels': messages go out by email",
        ),
        (CONSENT.replace("treatment", "measurement"), (3, 10), "'measurement' needs a consent text of its own"),
        (MARKETING.replace("purpose: marketing\n", "purpose: support\n"), (2, 1), "needs 'purpose: marketing'"),
    ],
)
def test_mistakes_in_piece_yaml(shared, position, words):
    problems = [problem for problem in mistakes(shared, front(text="Hello") + "Hello.\n") if problem[0] == "piece.yaml"]
    assert any(problem[1:3] == position and words in problem[3] for problem in problems), problems


@pytest.mark.parametrize("place", ["care/follow_up/made-up", "_texts/consent/made-up"])
def test_a_text_of_a_kind_has_one_place(place):
    (problem,) = mistakes(CONSENT, FRONT + "May we write?\n", place=place)
    assert problem == ("piece.yaml", 1, 1, "A consent text belongs in the folder _texts/made-up/.")


def test_each_language_is_needed():
    source = PieceSource(
        "made-up", "_texts/made-up", {"piece.yaml": CONSENT.encode(), "en.md": FRONT.encode() + b"May we?\n"}
    )
    (problem,) = read_piece(source, plan())[1]
    assert problem.message == "The piece 'made-up' has no es.md; the journey declares the locales en, es."


@pytest.mark.parametrize(
    ("body", "position"),
    [
        ("May we write?\n\n{% if operable %}Yes.{% endif %}\n", (7, 1)),
        ("{% if goes_by is known %}\nMay we write, {{ goes_by }}?\n{% endif %}\n", (5, 1)),
    ],
)
def test_a_consent_text_is_the_same_for_everybody(body, position):
    problems = mistakes(CONSENT, FRONT + body)
    assert problems[0][1:3] == position
    assert "is the same for everybody, without facts and conditions; accepted are" in problems[0][3]


# --- replies ------------------------------------------------------------------------------------------------------


def test_a_reply_has_the_text_message_and_the_mail():
    piece, problems = read(REPLY, front(text="Call us.") + "Call us.\n")
    assert problems == []
    assert (piece.answers, piece.channels, piece.texts["es"].text) == ("help", ("email", "sms"), "Call us.")
    assert mistakes(REPLY, FRONT + "Call us.\n") == [
        ("en.md", 1, 1, "The piece goes out by sms, so the front matter needs 'text'.")
    ]


def test_a_reply_shows_the_emergency_line_where_the_journey_has_one():
    shown = "Call {{ programme.help_line }}."
    assert read(REPLY, front(text=shown) + f"{shown}\n", of=with_contacts())[1] == []
    assert mistakes(REPLY, front(text="Call us.") + "Call us.\n", of=with_contacts()) == [
        ("en.md", 4, 7, "'text' of a reply shows the emergency line, {{ programme.help_line }}."),
        ("en.md", 6, 1, "A reply shows the emergency line, {{ programme.help_line }}."),
    ]


# --- verification texts -------------------------------------------------------------------------------------------


def test_a_verification_text_has_the_code_in_both_forms():
    piece, problems = read(VERIFICATION, front(text="{{ code }} is it.") + "It is **{{ code }}**.\n")
    assert problems == []
    assert piece.channels == ("email", "sms")
    renderer = Renderer()
    for channel in ("email", "sms"):
        for code in ("012345", "987654"):
            shown = with_code(renderer.render(piece, plan(), SEEN, locale="en", channel=channel), code)
            assert f"{code}" in shown.text
            assert code in (shown.html or code)
            assert not any(place in f"{shown.text} {shown.html}" for place in ("{{", "⟨"))


@pytest.mark.parametrize(
    ("shared", "words", "position", "message"),
    [
        (
            "",
            front(text="It is.") + "It is {{ code }}.\n",
            (4, 7),
            "'text' of a verification text has {{ code }} once.",
        ),
        ("", front(text="{{ code }}") + "It is sent.\n", (6, 1), "A verification text has {{ code }} once."),
        ("", front(text="{{ code }}", subject="{{ code }}") + "{{ code }}\n", (5, 10), "'subject' is the same for"),
        ("", front() + "{{ code }}\n", (1, 1), "goes out by sms, so the front matter needs 'text'."),
        ("channels: [web]\n", front(text="{{ code }}") + "{{ code }}\n", (3, 1), "in a verification text, only in a"),
    ],
)
def test_mistakes_in_verification_texts(shared, words, position, message):
    (problem,) = mistakes(VERIFICATION + shared, words)
    assert problem[1:3] == position
    assert message in problem[3]


def test_a_sign_in_text_has_the_code_in_both_forms_and_may_have_a_link():
    words = "It is **{{ code }}**. Open [the page]({{ sign_in }}).\n"
    piece, problems = read(SIGN_IN, front(text="{{ code }} is it.") + words)
    assert problems == [] and piece.channels == ("email", "sms")
    address = "https://guide.example.net/sign-in/code/012345"
    shown = with_code(Renderer().render(piece, plan(), SEEN, locale="en", channel="email"), "012345")
    sent = with_sign_in(shown, address)
    assert f'href="{address}"' in sent.html and address in sent.text
    assert "example.org" not in f"{sent.html} {sent.text}"
    _, problems = read(SIGN_IN, front(text="{{ code }} is it.") + "It is {{ code }}.\n")
    assert problems == [], "the link may be left out"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (front(text="It is.") + "It is {{ code }}.\n", "'text' of a sign-in text has {{ code }} once."),
        (front(text="{{ code }}") + "It is sent.\n", "A sign-in text has {{ code }} once."),
        (front(text="{{ code }}") + "{{ code }} {{ sign_in }}\n", "is the target of a link: [words]({{ sign_in }})"),
        (front(text="{{ code }}") + "{{ code }} [stop]({{ unsubscribe }})\n", "unsubscribe"),
    ],
)
def test_mistakes_in_sign_in_texts(words, message):
    (problem,) = mistakes(SIGN_IN, words)
    assert message in problem[3]


# --- frames -------------------------------------------------------------------------------------------------------


def test_a_frame_goes_around_a_message():
    email, problems = read(EMAIL, FRONT + AROUND, of=with_contacts())
    assert problems == []
    assert (email.frames, email.channels) == ("email", ("email",))
    sms, problems = read(SMS, front(text="Care: {{ message }} STOP ends this."))
    assert problems == []
    assert in_frame(sms.texts["en"].text, r"A \1 page") == r"Care: A \1 page STOP ends this."


def test_a_message_is_rendered_in_its_frame_with_its_footnotes():
    mail = read(EMAIL, FRONT + AROUND, of=with_contacts())[0].with_values({"street": "1 Main *Street*"})
    shown = render(framed(pieces()["scan-result"], mail), plan(), SEEN, locale="en", channel="email")
    address = "https://guide.example.net/u/a?b=1&c"
    sent = with_unsubscribe(shown, address)
    order = [
        "<h1",
        "Two doctors look at your scan.",
        '<section class="footnotes">',
        'href="https://guide.example.net/u/a?b=1&amp;c"',
        "1 Main *Street*",
    ]
    places = [sent.html.index(part) for part in order]
    assert places == sorted(places)
    assert sent.text.index("\nSources\n[1] ") < sent.text.index(f"Stop ({address})")
    for rendered in (sent.html, sent.text):
        assert "⟨message⟩" not in rendered
        assert "example.org/unsubscribe" not in rendered


def test_a_letter_is_rendered_in_its_frame_without_a_link_that_ends_letters():
    letter, problems = read(POST, FRONT + "{{ message }}\n\nSee you soon.\n")
    assert problems == []
    piece = pieces()["scan-result"]
    shown = render(framed(piece, letter), plan(), SEEN, locale="en", channel="post")
    alone = render(piece, plan(), SEEN, locale="en", channel="web")
    assert shown.html == f"{alone.html}<p>See you soon.</p>\n"
    assert (shown.subject, shown.text) == (piece.texts["en"].title, "")


@pytest.mark.parametrize(("shared", "line", "channel"), [(SMS, "text", "sms"), (PUSH, "push", "push")])
def test_a_short_message_is_rendered_in_its_frame(shared, line, channel):
    frame = read(shared, front(**{line: "Guide: {{ message }} Bye."}))[0]
    piece = pieces()["scan-result"]
    shown = render(framed(piece, frame), plan(), SEEN, locale="en", channel=channel)
    assert shown.text == f"Guide: {render(piece, plan(), SEEN, locale='en', channel=channel).text} Bye."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (AROUND.replace("{{ message }}", "Hello."), "has the place of the message once, as a paragraph"),
        (AROUND + "\n{{ message }}\n", "has the place of the message once, as a paragraph"),
        (AROUND.replace("{{ message }}", "Hello {{ message }}"), "has the place of the message once, as a paragraph"),
        (AROUND.replace("{{ message }}\n", "{{ message }}"), "has the place of the message once, as a paragraph"),
        (AROUND.replace("{{ unsubscribe }}", "https://example.org"), "a link that ends the messages: [words]({{ unsub"),
        (AROUND.replace("[Stop]({{ unsubscribe }})", "{{ unsubscribe }}"), "is the target of a link: [words]({{ unsub"),
        (AROUND.replace("{{ message }}", "[Hello]({{ message }})"), "'{{ message }}' cannot be in a link"),
        (AROUND.replace("{{ message }}", "{{ mesage }}"), "Did you mean 'message'?"),
        (AROUND.replace("{{ programme.street }}", "A street"), "shows the postal address, {{ programme.street }}."),
        ("", "The body is empty."),
    ],
)
def test_mistakes_in_the_frame_of_mail(body, words):
    problems = mistakes(EMAIL, FRONT + body, of=with_contacts())
    assert any(line >= 5 and words in message for _, line, _, message in problems), problems


def test_without_a_postal_address_the_frame_says_where_to_declare_it():
    (problem,) = mistakes(EMAIL, FRONT + AROUND.replace("{{ programme.street }}", "A street"))
    assert problem[1:3] == (5, 1)
    assert "name a value of the programme as 'address' of the contact 'sender'" in problem[3]


@pytest.mark.parametrize(
    ("shared", "words", "position", "message"),
    [
        (SMS, front(text="Hello"), (4, 7), "'text' of a message frame has {{ message }} once, for the message."),
        (PUSH, front(push="{{ message }} {{ message }}"), (4, 7), "'push' of a message frame has {{ message }} once"),
        (SMS, front(text="{{ message }}", push="{{ message }}"), (5, 7), "'push' is the same for everybody"),
        (POST, front() + "Hello.\n", (5, 1), "A frame of letters has the place of the message once, as a paragraph"),
        (POST, front() + "{{ message }}\n\n[Stop]({{ unsubscribe }})\n", (7, 8), "Unknown fact 'unsubscribe'."),
        (SMS, front(), (1, 1), "The piece goes out by sms, so the front matter needs 'text'."),
        (SMS, front(text="{{ message }}") + "Hello.\n", (6, 1), "A frame for sms has no body; remove it."),
        (CONSENT, front() + "Hello {{ message }}\n", (5, 7), "Unknown fact 'message'."),
    ],
)
def test_mistakes_in_other_frames(shared, words, position, message):
    (problem,) = mistakes(shared, words)
    assert problem[1:3] == position
    assert message in problem[3]


# --- the catalogue ------------------------------------------------------------------------------------------------


def test_no_screen_has_texts_of_a_kind_and_the_catalogue_lists_them():
    consent = read(CONSENT, FRONT + "May we write?\n", key="a-consent")[0]
    reply = read(REPLY, front(text="Call us.") + "Call us.\n", key="a-reply")[0]
    pages = pieces()
    catalogue = Catalogue(plan(), {**pages, "a-reply": reply, "a-consent": consent})
    without = Catalogue(plan(), pages)
    now = view(last_scan_on="2026-01-10")
    assert select(catalogue, now, NOW) == select(without, now, NOW)
    assert explain(catalogue, now, NOW) == explain(without, now, NOW)
    assert find(catalogue, now, NOW, "a-consent") is None
    assert catalogue.pages == pages
    assert catalogue.of_kind("consent") == (consent,)
    assert catalogue.of_kind("frame") == ()
