"""A piece is checked whole: every problem at once, with file, line, column and what would be accepted."""

from dataclasses import replace
from datetime import time

import pytest

from journeys.content.catalogue import PieceSource, Send, fits, read_piece
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.primitives.durations import parse_duration
from tests.samples.sample import FOLDER, FRONT, made_piece, made_source, pieces, plan, problems_of, sources

ON_TWO = "purpose: support\nreminder: true\nchannels: [email, sms]\n"
FILE = f"content/sample/{made_source().place}"


def places(source) -> list[tuple[str, int, int]]:
    return [
        (problem.file.removeprefix(f"{FILE}/"), problem.line, problem.column)
        for problem in problems_of(source)
        if problem.level == "error"
    ]


def test_the_sample_is_read_whole():
    piece = pieces()["scan-result"]
    assert piece.states == ("care.follow_up.waiting",)
    assert piece.when is not None
    assert piece.when.text == "last_scan_on is known"
    assert piece.channels == ("web", "email", "sms", "push")
    assert (piece.purpose, piece.tags, piece.order, piece.is_reminder) == ("education", ("imaging",), 20, False)
    assert piece.references["asco2019"].url == "https://example.org/asco"
    assert piece.texts["es"].subject == "Noticias de su seguimiento"
    assert piece.version == sources()["scan-result"].version


def test_what_is_not_given_has_a_default():
    piece = made_piece("Text.\n")
    assert (piece.channels, piece.order, piece.when, piece.references) == (("web", "email"), 100, None, {})
    assert pieces()["welcome"].states == ("care",)


def test_a_line_of_the_front_matter_in_piece_yaml_is_sent_there():
    problems = problems_of(made_source("Text.\n", shared="purpose: support\ntext_parts: 2\n"))
    assert [problem.message for problem in problems if "text_parts" in problem.message] == [
        "'text_parts' is not a key of a piece. Write it in the front matter of each language, such as en.md."
    ]


def test_show_in_takes_states_and_tracks():
    piece = made_piece(
        "Text.\n",
        shared="purpose: support\nshow_in: [due, support, support.none_needed]\n".replace("due", "follow_up.due"),
    )
    assert piece.states == ("care.follow_up.due", "support", "support.none_needed")


def test_what_is_sent_is_read_with_its_positions():
    shared = "purpose: treatment\nsend: {on: entry, delay: P1D, at: '09:00'}\nuseful_for: P2D\ncritical: true\n"
    piece = made_piece("Text.\n", shared=shared)
    assert piece.send == Send(parse_duration("P1D"), None, time(9))
    assert (piece.useful_for, piece.not_again, piece.is_critical) == (
        parse_duration("P2D"),
        parse_duration("P7D"),
        True,
    )
    position = piece.positions["send.at"]
    assert (position.file, position.line, position.column) == (f"{FILE}/piece.yaml", 2, 31)
    after = made_piece("Text.\n", shared="purpose: support\nsend: {after: welcome}\nnot_again: P1M\n")
    assert (after.send, after.not_again) == (Send(parse_duration("P0D"), "welcome"), parse_duration("P1M"))
    assert (after.useful_for, after.fallback) == (None, None)


@pytest.mark.parametrize(
    "shared",
    [
        "purpose: support\nreminder: true\nchannels: [email, sms]\nuseful_for: P3D\nfallback: P2D\n",
        "purpose: support\nsend: {on: entry}\nchannels: [web, email, push]\nfallback: P2D\n",
    ],
)
def test_the_next_channel_is_tried_after_the_fallback(shared):
    text = FRONT.replace("summary: A summary.", "summary: A summary.\ntext: A text.\npush: A text.") + "Text.\n"
    piece = made_piece("", shared=shared, en=text, es=text)
    assert piece.fallback == parse_duration("P2D")


@pytest.mark.parametrize(
    ("shared", "position", "words"),
    [
        (
            "purpose: treatment\nsend: {on: entry}\ncritical: true\ntopic: scans\n",
            (4, 1),
            "A critical message cannot be switched off; remove 'topic'.",
        ),
        ("purpose: support\nsend: {delay: P1D}\n", (2, 7), "'send' needs one of 'on' and 'after', and one only."),
        ("purpose: support\nsend: {on: entry, after: welcome}\n", (2, 7), "one of 'on' and 'after', and one only."),
        ("purpose: support\nsend: {on: exit}\n", (2, 12), "Accepted: entry."),
        ("purpose: support\nsend: {on: entry, delay: -P1D}\n", (2, 19), "without '-', such as P1D"),
        ("purpose: support\nsend: {on: entry, at: 9 am}\n", (2, 23), "'at' of 'send' is '9 am'; write a time such"),
        ("purpose: support\nsend: {on: entry, at: '24:00'}\n", (2, 23), 'write a time such as "09:00".'),
        ("purpose: support\nchannels: [web]\nsend: {on: entry}\n", (3, 1), "one of email, sms, push, post"),
        ("purpose: support\nreminder: true\nsend: {on: entry}\n", (3, 1), "remove 'send' or 'reminder'"),
        ("purpose: support\nuseful_for: P1D\n", (2, 1), "'useful_for' has no meaning without 'send' or 'reminder'."),
        ("purpose: support\nnot_again: P1D\n", (2, 1), "'not_again' has no meaning without 'send' or 'reminder'."),
        ("purpose: support\nreminder: true\nuseful_for: P0D\n", (3, 1), "more than zero, such as P3D"),
        ("purpose: support\nreminder: true\nnot_again: P366D\n", (3, 1), "is P366D; accepted are durations up to P1Y."),
        ("purpose: support\nreminder: true\nnot_again: P13M\n", (3, 1), "is P13M; accepted are durations up to P1Y."),
        ("purpose: support\nreminder: true\nuseful_for: soon\n", (3, 13), "an ISO 8601 duration"),
        ("purpose: support\nreminder: true\ncritical: true\n", (3, 1), "only with 'purpose: treatment'"),
        ("purpose: support\nfallback: P1D\n", (2, 1), "'fallback' has no meaning without 'send' or 'reminder'."),
        (f"{ON_TWO}fallback: P0D\n", (4, 1), "'fallback' must be a duration of more than zero, such as P3D."),
        (f"{ON_TWO}fallback: later\n", (4, 11), "an ISO 8601 duration"),
        (f"{ON_TWO}fallback: P1M\nuseful_for: P31D\n", (4, 1), "shorter than 'useful_for', which is P31D."),
        (
            "purpose: support\nreminder: true\nchannels: [web, sms]\nfallback: P1D\n",
            (4, 1),
            "'fallback' needs two or more of the channels email, sms, push, post.",
        ),
        ("kind: reply\nfallback: P1D\n", (2, 1), "'fallback' has no meaning in a reply, only in a page."),
        ("purpose: eduction\n", (1, 10), "Did you mean 'education'?"),
        ("tags: [a]\n", (1, 1), "needs 'purpose'"),
        ("purpose: support\nchanels: [web]\n", (2, 1), "Did you mean 'channels'?"),
        ("purpose: support\nchannels: [web, fax]\n", (2, 17), "not a channel"),
        ("purpose: support\nwhen: operabel\n", (2, 7), "Did you mean 'operable'?"),
        ("purpose: support\nshow_in: [care.folow_up]\n", (2, 11), "Did you mean 'care.follow_up'?"),
        ("purpose: support\nshow_in: []\n", (2, 1), "is empty"),
        ("purpose: support\norder: first\n", (2, 8), "whole number"),
        ("purpose: support\nreminder: perhaps\n", (2, 11), "true or false"),
        ("purpose: support\ntags: [No Tag]\n", (2, 8), "lower case"),
        ("purpose: support\nreferences:\n  a: {source: x}\n", (3, 6), "needs 'title'"),
        ("purpose: support\nreferences:\n  a: {title: x, url: 'http://x.org'}\n", (3, 17), "begin with https://"),
        ("purpose: support\nreferences:\n  a: {title: x, url: 'https:x'}\n", (3, 17), "begin with https://"),
        ("purpose: support\nreferences:\n  a b: {title: x}\n", (3, 3), "letters, digits"),
        ("purpose: support\nimage: {file: figure.svg}\n", (2, 9), "The picture 'figure.svg' is not beside"),
        ("purpose: support\nimage: figure.svg\n", (2, 8), "'image'"),
        ("purpose: support\naction: {}\n", (2, 9), "needs one of report, call, link, and one only"),
        ("purpose: support\naction: {report: a, link: b}\n", (2, 9), "needs one of report, call, link, and one only"),
        ("purpose: support\naction: {reprot: a}\n", (2, 10), "Did you mean 'report'?"),
        ("purpose: support\naction: {report: scan_dnoe}\n", (2, 10), "'scan_dnoe' in 'action' is not a trigger"),
        ("purpose: support\naction: {link: 'http://example.org'}\n", (2, 10), "must begin with https://"),
        ("purpose: support\naction: {call: phone}\n", (2, 10), "is not a declared value of the programme"),
        ("purpose: support\nreviewed: {by: A nurse, on: May}\n", (2, 25), "must be a date"),
        ("purpose: support\nreviewed: {by: A nurse}\n", (2, 11), "needs 'on'"),
        ("purpose: [\n", (2, 1), "not YAML"),
        ("purpose: &a support\n", (1, 10), "Anchors"),
        ("", (1, 1), "is empty"),
    ],
)
def test_mistakes_in_piece_yaml(shared, position, words):
    problems = [problem for problem in problems_of(made_source(shared=shared)) if problem.file.endswith("piece.yaml")]
    assert any((problem.line, problem.column) == position and words in problem.message for problem in problems), (
        problems
    )


@pytest.mark.parametrize(
    ("front", "line", "words"),
    [
        ("title: A\n", 2, "needs 'summary'"),
        ("title: A\nsummary: B\nsubjet: C\n", 4, "Did you mean 'subject'?"),
        ("title: Hello {{ goes_by }}\nsummary: B\n", 2, "same for everybody"),
        ("title: A\nsummary: '{% if operable %}'\n", 3, "same for everybody"),
        ("title: A\nsummary: B\nsubject: '{{ goes_by }}'\n", 4, "same for everybody"),
        ("title: A\nsummary: B\npush: '{{ goes_by }}'\n", 4, "same for everybody"),
        ("title: A\nsummary: B\ntext: '{# x #}'\n", 4, "same for everybody"),
        (f"title: A\nsummary: B\ntext: {'x' * 161}\n", 4, "at most 160"),
        (f"title: A\nsummary: B\ntext: {'x' * 307}\ntext_parts: 2\n", 4, "at most 306"),
        (f"title: A\nsummary: B\ntext: {'x' * 306}\ntext_parts: 2\n", None, None),
        ("title: A\nsummary: B\ntext: Hello\ntext_parts: 5\n", 5, "'text_parts' is 5; accepted are 1 to 4."),
        ("title: A\nsummary: B\ntext: Hello\ntext_parts: two\n", 5, "must be a whole number"),
        ("title: A\nsummary: B\ntext_parts: 2\n", 4, "'text_parts' has no meaning without 'text'."),
        ('title: A\nsummary: B\nsubject: "A\\r\\nBcc: x@example.org"\n', 4, "one line"),
        ("title: 'News #1 today'\nsummary: B\n# a comment\n", None, None),
        ("title: News # today\nsummary: B\n", 2, "counts as a comment"),
        ("title: A\nsummary: B\naction: Go\n", 4, "'action' has no meaning without 'action' in piece.yaml"),
        ("title: A\nsummary: B\nimage_alt: A lung\n", 4, "'image_alt' has no meaning without 'image' in piece.yaml"),
        ("title: A\nsummary: B\nwhy: Because {{ goes_by }}\n", 4, "same for everybody"),
        ("title: A\nsummary: B\nwhy: Because it is time.\n", None, None),
        ("title: Cancer: what now\nsummary: B\n", 2, "must be in quotes"),
    ],
)
def test_mistakes_in_the_front_matter(front, line, words):
    problems = problems_of(made_source(en=f"---\n{front}---\nText.\n"))
    if line is None:
        assert problems == []
    else:
        assert any(problem.line == line and words in problem.message for problem in problems), problems


@pytest.mark.parametrize("text", ["", "Text.\n", "---\ntitle: A\nsummary: B\nText.\n", "\n---\ntitle: A\n---\n"])
def test_a_file_begins_with_front_matter(text):
    problems = problems_of(made_source(en=text))
    assert "must begin with front matter" in problems[0].message


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("One.\n\nTwo.[^nobody]\n", 7, "'[^nobody]' has no reference in piece.yaml"),
        ("One.[^known]\n\n[^known]: a note\n", 7, "remove '[^known]: …'"),
        ("One.\n\n# Two\n", 7, "begin at '##'"),
        ("One.\n\n![a scan](scan.png)\n", 7, "name it as 'image' in piece.yaml"),
        ("One.\nTwo <b>three</b>\n", 6, "HTML ('<b>') is not accepted"),
        ("One.\n\n<div>three</div>\n", 7, "HTML ('<div>') is not accepted"),
        ("A [link](http://example.org)\n", 5, "accepted are https, mailto, tel"),
        ("A [link](javascript:alert(1))\n", 5, "accepted are https, mailto, tel"),
        ("A [link](/relative)\n", 5, "accepted are https, mailto, tel"),
        ("A [link](https://user@example.org)\n", 5, "accepted are https, mailto, tel"),
        ("A [link](data:text/html;base64,AAAA)\n", 5, "accepted are https, mailto, tel"),
        ("{% if goes_by is known %}\n[x](https://example.org/{{ goes_by }})\n{% endif %}\n", 6, "{{ 0 }}"),
        ("A <javascript:alert(1)>\n", 5, "not accepted"),
        (" \n", 5, "The body is empty"),
        ("a\n\n{{ nobody }}\n", 7, "Unknown fact"),
    ],
)
def test_mistakes_in_the_body(body, line, words):
    source = made_source(body, shared="purpose: support\nreferences: {known: {title: Known}}\n")
    problems = [problem for problem in problems_of(source) if problem.file.endswith("en.md")]
    assert any(problem.line == line and words in problem.message for problem in problems), problems


def test_links_to_https_telephones_and_mail_are_accepted():
    body = "[a](https://example.org/x?y=1#z), [b](tel:+15550100), <mailto:nurse@example.org>, `<b>`, 3 < 4\n"
    assert problems_of(made_source(body)) == []


def test_footnotes_and_references_belong_together():
    shared = "purpose: support\nreferences:\n  one: {title: One}\n  two: {title: Two}\n"
    problems = problems_of(made_source("A claim.[^one]\n", shared=shared))
    assert [(problem.line, problem.level) for problem in problems] == [(3, "warning"), (4, "error")]
    assert "not cited in es.md" in problems[0].message
    assert "'two' is never cited" in problems[1].message


def test_a_footnote_in_a_partial_needs_its_reference_too():
    source = made_source("{% include 'p' %}\n", partials={"p.en.md": "Claim.[^x]\n"})
    assert [(problem.file, problem.line) for problem in problems_of(source)] == [
        ("content/sample/_partials/p.en.md", 1)
    ]


def test_every_declared_locale_has_a_file_and_no_other():
    source = sources()["welcome"]
    french = {**source.files, "fr.md": source.files["en.md"]}
    del french["es.md"]
    changed = type(source)(source.key, source.place, french)
    assert [problem.message for problem in problems_of(changed)] == [
        "The piece 'welcome' has no es.md; the journey declares the locales en, es.",
        "Unknown locale 'fr'. Accepted: en, es.",
    ]


def test_a_channel_needs_its_text():
    problems = problems_of(made_source(shared="purpose: support\nchannels: [sms, push]\n"))
    assert {problem.message for problem in problems} == {
        "The piece goes out by sms, so the front matter needs 'text'.",
        "The piece goes out by push, so the front matter needs 'push'.",
    }


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("cure/follow_up/x", "'cure' is not a track of the journey. Did you mean 'care'?"),
        ("care/follow_up/wating/x", "is not a state of the track 'care'. Did you mean 'follow_up/waiting'?"),
    ],
)
def test_the_folder_names_a_state(folder, words):
    assert any(words in problem.message for problem in problems_of(made_source(place=folder)))


def test_all_problems_of_all_files_come_at_once():
    source = made_source(shared="purpose: x\norder: y\n", en=FRONT + "{{ a }}\n\n{{ b }} <i>\n", es="nothing")
    assert places(source) == [
        ("en.md", 5, 1),
        ("en.md", 7, 1),
        ("en.md", 7, 1),
        ("es.md", 1, 1),
        ("piece.yaml", 1, 10),
        ("piece.yaml", 2, 8),
    ]


def test_a_piece_that_can_never_be_shown_is_warned_of():
    source = made_source(shared="purpose: support\nwhen: operable and not operable\n")
    assert {problem.message for problem in problems_of(source)} == {
        "The piece is never shown: its 'when' is never true in its states."
    }


def test_a_version_may_fit_one_release_and_not_another():
    assert fits(sources()["next-scan"], plan()) == []
    data = (FOLDER / "journey.yaml").read_bytes().replace(b"  operable: {type: boolean}\n", b"")
    journey, _ = read_journey(data, "journey.yaml")
    assert journey is not None
    problems = fits(sources()["next-scan"], compile_journey(journey))
    assert len(problems) == 1
    assert problems[0].message.startswith("Unknown fact or condition 'operable'. Accepted: days_in_state, ")
    assert read_piece(sources()["welcome"], compile_journey(journey))[0] is not None


def test_a_piece_with_a_topic_fits_the_releases_that_declare_the_topic():
    """So that a page of a topic on request is never shown unasked to patients of a release that knows no requests."""
    source = made_source(shared="purpose: education\ntopic: outlook\n")
    (problem,) = fits(source, plan())
    assert problem.message == "Unknown topic 'outlook'. None is declared."
    topics = b"topics:\n  outlook: {title: {en: Outlook, es: Futuro}, on_request: true}\ntracks:\n"
    journey, _ = read_journey((FOLDER / "journey.yaml").read_bytes().replace(b"tracks:\n", topics), "journey.yaml")
    assert journey is not None
    assert fits(source, compile_journey(journey)) == []


FIGURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'


def with_picture(shared, front="", **pictures):
    words = f"---\ntitle: A title\nsummary: A summary.\n{front}---\nText.\n"
    source = made_source(shared=f"purpose: support\n{shared}", en=words, es=words)
    return replace(source, pictures={f"{name}.svg": data for name, data in pictures.items()})


def test_a_picture_needs_its_words_in_every_language():
    shared = "image: {file: figure.svg}\n"
    piece, problems = read_piece(with_picture(shared, "image_alt: A lung\n", figure=FIGURE), plan())
    assert problems == []
    assert (piece.image.media_type, piece.image.data) == ("image/svg+xml", FIGURE)
    assert piece.texts["es"].image_alt == "A lung"
    needed = problems_of(with_picture(shared, figure=FIGURE))
    assert [(problem.file[-5:], problem.message) for problem in needed] == [
        (f"{locale}.md", "The piece has 'image', so the front matter needs 'image_alt'.") for locale in ("en", "es")
    ]


def test_a_piece_has_one_picture_and_shows_it():
    assert "is not shown" in problems_of(with_picture("", figure=FIGURE))[0].message
    two = with_picture("image: {file: figure.svg}\n", "image_alt: A lung\n", figure=FIGURE, other=FIGURE)
    assert "remove 'other.svg'" in problems_of(two)[0].message


def test_a_picture_is_part_of_the_version_and_of_what_is_stored():
    pictured = with_picture("image: {file: figure.svg}\n", figure=FIGURE)
    other = replace(pictured, pictures={"figure.svg": FIGURE + b" "})
    assert pictured.version != other.version
    again = PieceSource.from_stored(pictured.to_stored())
    assert (again.version, again.pictures) == (pictured.version, pictured.pictures)
    assert "pictures" not in made_source().to_stored()


def test_an_action_needs_a_label_in_every_language():
    shared = "action: {link: 'https://example.org/x'}\n"
    assert problems_of(with_picture(shared, "action: Read on\n")) == []
    assert [problem.message for problem in problems_of(with_picture(shared))] == [
        "The piece has 'action', so the front matter needs 'action'."
    ] * 2


def test_an_action_reports_what_a_patient_may_report():
    theirs = next(trigger.name for trigger in plan().journey.triggers.values() if "patient" in trigger.by)
    assert problems_of(with_picture(f"action: {{report: {theirs}}}\n", "action: Done\n")) == []


@pytest.mark.parametrize(
    "body", ["Text\u202e.\n", "Text.\n\n    code\n", "Text.\n\n<<<<<<< HEAD\n", "Hello %%name%%\n"]
)
def test_what_was_published_before_a_rule_of_lint_is_still_read(body):
    assert problems_of(made_source(body)) == []
