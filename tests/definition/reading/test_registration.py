"""The registration of a programme is read from its file; each mistake is shown with what would be accepted."""

import pytest

from journeys.definition.programmes import registration_from_stored, to_stored
from journeys.definition.reading import read_programmes

FILE = "sample.programmes.yaml"
WHOLE = """\
gives: [{en: A guide}, {en: Notes}]
next: {en: Your guide is ready.}
why: {entry: {en: You see what fits.}, contact: {en: We send a code.}}
styles: [dialogue, one-page]
languages: en
channels: [sms, email]
consents: [messages, measurement]
"""


def read(registration):
    """The one programme, whose registration begins with line 5, and (line, message) of each problem."""
    text = "programmes:\n  north:\n    title: {en: North}\n    registration:\n"
    text += "".join(f"      {line}\n" for line in registration.splitlines())
    programmes, problems = read_programmes(text.encode(), FILE)
    return programmes.by_key["north"], [(problem.line, problem.message) for problem in problems]


def without(key):
    return "".join(line for line in WHOLE.splitlines(keepends=True) if not line.startswith(f"{key}:"))


def test_a_registration_is_read_and_comes_back_from_its_stored_form():
    programme, problems = read(WHOLE)
    assert problems == []
    registration = programme.registration
    assert (registration.styles, registration.channels) == (("dialogue", "one-page"), ("sms", "email"))
    assert [name for name, _ in registration.texts()] == ["gives 1", "gives 2", "why entry", "why contact", "next"]
    assert registration_from_stored(to_stored(programme)).to_stored() == registration.to_stored()


def test_what_is_not_written_has_a_default():
    registration = read("".join(map(without, ["styles"])))[0].registration
    assert registration.styles == ("one-question-a-page",)
    registration = read(without("channels").replace("languages: en\n", ""))[0].registration
    assert (registration.channels, registration.locales(["es", "en"])) == (("email",), ("es", "en"))


def test_a_programme_may_have_none():
    programmes, problems = read_programmes(b"programmes:\n  north:\n    title: {en: North}\n", FILE)
    assert (programmes.by_key["north"].registration, problems) == (None, [])
    assert "registration" not in to_stored(programmes.by_key["north"])


MISTAKES = {
    without("gives"): (5, "needs 'gives'"),
    without("next"): (5, "needs 'next'"),
    WHOLE.replace("contact:", "kontact:"): (7, "'kontact' is not a key of"),
    WHOLE.replace("[dialogue,", "[dialog,"): (8, "Accepted: one-page, one-question-a-page, dialogue. Did you mean"),
    WHOLE.replace("[sms, email]", "[sms, sms]"): (10, "'sms' is listed twice"),
    WHOLE.replace("[sms, email]", "[post]"): (10, "'post' in 'channels' of 'registration'"),
    WHOLE.replace("gives: [{en: A guide}, {en: Notes}]", "gives: []"): (5, "must be a list of 1 to 5 texts by locale"),
    WHOLE.replace("gives: [{en: A guide}, {en: Notes}]", "gives: A guide"): (5, "must be a list of 1 to 5 texts"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_shown_with_what_is_accepted(text):
    line, part = MISTAKES[text]
    problems = read(text)[1]
    assert problems, text
    assert part in " ".join(message for _, message in problems), problems
    assert line in [at for at, _ in problems], problems
