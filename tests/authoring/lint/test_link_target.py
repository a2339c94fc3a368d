"""A link leads where its words say."""

import pytest

from tests.authoring.lint.texts import FRONT, JOURNEY, MESSAGE, check_text, lint_folder


def check_link(words, target, *parts, locale="en"):
    """Compare the problems of a link with the expected parts of messages; nothing is measured but the link."""
    expected = [(3, "link-target", part) for part in parts]
    check_text(f"{MESSAGE}\n[{words}]({target})\n", *expected, locale=locale)


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("+1 555 010 0100", "tel:+15550100100"),
        ("+1 (555) 010-0100", "tel:+1-555-010-0100"),
        ("555 010 0100", "tel:+15550100100"),
        ("(555) 010-0100", "tel:+15550100100"),
        ("1-555-010-0100", "tel:+15550100100"),
        ("030 123456", "tel:+4930123456"),
        ("+49 (0)30 123456", "tel:+4930123456"),
        ("0049 30 123456", "tel:+4930123456"),
        ("+49 30 123456", "tel:030123456"),
        ("Call 911", "tel:911"),
        ("Call us", "tel:+15550100100"),
        ("Call 24 hours, 7 days", "tel:+15550100100"),
        ("1-800-QUIT-NOW", "tel:+18007848669"),
        ("1-800-4-CANCER", "tel:18004226237"),
        ("+1 555 010 0100 ext. 12", "tel:+15550100100;ext=12"),
        ("٠٣٠ ١٢٣٤٥٦", "tel:+4930123456"),
        ("Write to care@example.org", "mailto:Care@example.org"),
        ("care@example.org", "mailto:care@example.org?subject=A%20question"),
        ("Walks at example.org", "https://www.example.org/walks"),
        ("Walks at cancer.gov", "https://visuals.cancer.gov/"),
        ("A plan for 2026, no. 12345678", "https://example.org/"),
        ("Walks in your town", "https://clínica.es/"),
    ],
)
def test_the_same_target_is_fine(words, target):
    check_link(words, target)


@pytest.mark.parametrize(
    ("words", "target", "part"),
    [
        ("+1 555 010 0100", "tel:+15550100199", "is another number"),
        ("555 010 0100", "tel:+15550100199", "is another number"),
        ("+1 555 010 0100", "tel:+445550100100", "is another number"),
        ("010 0100", "tel:+15550100100", "is another number"),
        ("Call 911", "tel:112", "is another number"),
        ("1-800-QUIT-NOW", "tel:+18007848660", "is another number"),
        ("+1 555 010 0100 ext. 12", "tel:+15550100100;ext=13", "is another number"),
        ("٠٣٠ ١٢٣٤٥٧", "tel:+4930123456", "is another number"),
        ("555 010 0100 or 555 010 0101", "tel:5550100100", "is another number"),
        ("care@example.org", "mailto:other@example.org", "is another address"),
        ("care@example.org", "https://example.org/", "is another address"),
        ("care@example.org", "mailto:care@example.org?bcc=other@example.org", "fills in more than the subject"),
        ("Walks at example.org", "https://example.com/", "is another site than 'example.org'"),
        ("Walks at example.org", "https://example.org.evil.com/", "is another site"),
        ("Walks at www.example.org", "tel:112", "is another site"),
        ("Walks at https://example.org/a", "https://evil.com/example.org", "is another site"),
        ("Walks in your town", "https://раypal.com/", "mixes letters that look alike"),
        ("Walks in your town", "https://аррӏе.com/", "mixes letters that look alike (CYRILLIC)"),
        ("Walks in your town", "https://xn--80ak6aa92e.com/", "mixes letters that look alike"),
    ],
)
def test_another_target_is_refused(words, target, part):
    check_link(words, target, part)


def test_letters_of_the_script_of_the_page_are_fine():
    check_link("Прогулки", "https://прогулки.рф/", locale="ru")
    check_link("Прогулки", "https://прогулкu.рф/", "mixes letters", locale="ru")


WITH_VALUES = (
    JOURNEY.replace("LOCALE", "en")
    + """\
programme:
  desk: {type: phone, title: {en: Desk}}
  night: {type: phone, title: {en: Night}}
  site: {type: url, title: {en: Site}}
"""
)
PROGRAMMES = """\
programmes:
  north: {{title: {{en: North}}, values: {{desk: "+1 555 010 0100", night: "{}", site: "https://{}/"}}}}
"""
TEXT = "content/sample/care/here/walk/en.md"


@pytest.mark.parametrize(
    ("link", "night", "site", "expected"),
    [
        ("[{{ programme.desk }}](tel:{{ programme.desk }})", "112", "example.org", []),
        ("[{{ programme.desk }}](tel:{{ programme.night }})", "+1 (555) 010-0100", "example.org", []),
        ("[{{ programme.desk }}](tel:{{ programme.night }})", "+1 555 010 0199", "example.org", [(TEXT, 7)]),
        ("[+1 555 010 0100](tel:{{ programme.desk }})", "112", "example.org", []),
        ("[+1 555 010 0101](tel:{{ programme.desk }})", "112", "example.org", [(TEXT, 7)]),
        ("[{{ programme.desk }}](tel:+15550100101)", "112", "example.org", [(TEXT, 7)]),
        ("[The site example.org]({{ programme.site }})", "112", "www.example.org", []),
        ("[The site example.org]({{ programme.site }})", "112", "example.com", [(TEXT, 7)]),
        ("Walk.", "112", "раypal.com", [("definitions/sample.programmes.yaml", 2)]),
    ],
)
def test_values_are_compared_as_each_programme_sets_them(tmp_path, link, night, site, expected):
    files = {
        "definitions/sample.yaml": WITH_VALUES,
        "definitions/sample.programmes.yaml": PROGRAMMES.format(night, site),
        TEXT: FRONT.format("") + f"{MESSAGE}\n{link}\n",
    }
    problems = [problem for problem in lint_folder(tmp_path, files) if problem[3] == "link-target"]
    assert [problem[:2] for problem in problems] == expected


def test_an_address_of_piece_yaml_is_checked_at_its_line(tmp_path):
    shared = 'purpose: education\nreferences:\n  paypal: {title: Pay, url: "https://раypal.com/"}\n'
    files = {
        "content/sample/care/here/walk/piece.yaml": shared,
        TEXT: FRONT.format("") + f"{MESSAGE}\nWalk.[^paypal]\n",
    }
    problems = lint_folder(tmp_path, files)
    assert [(problem[0], problem[1], problem[3]) for problem in problems] == [
        ("content/sample/care/here/walk/piece.yaml", 3, "link-target")
    ]


@pytest.mark.parametrize(
    ("action", "words", "expected"),
    [
        ("call: desk", "Call +1 555 010 0100", []),
        ("call: desk", "Call {{ programme.desk }}", []),
        ("call: desk", "Call 911", [4]),
        ("call: night", "Call {{ programme.desk }}", [4]),
        ("link: https://example.org/", "Go to example.org", []),
        ("link: https://example.com/", "Go to example.org", [4]),
    ],
)
def test_the_button_of_a_card_leads_where_its_words_say(tmp_path, action, words, expected):
    files = {
        "definitions/sample.yaml": WITH_VALUES,
        "definitions/sample.programmes.yaml": PROGRAMMES.format("112", "example.org"),
        "content/sample/care/here/walk/piece.yaml": f"purpose: education\naction: {{{action}}}\n",
        TEXT: FRONT.format(f'action: "{words}"\n') + MESSAGE,
    }
    problems = [problem for problem in lint_folder(tmp_path, files) if problem[3] == "link-target"]
    assert [problem[1] for problem in problems] == expected
