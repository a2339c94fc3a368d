"""A value that a programme gives is of its declared type."""

import pytest

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

BEFORE = """\
programme:
  ward: {type: text, max_length: 20, title: {en: The ward}}
  phone: {type: phone, title: {en: Its telephone}}
  mail: {type: email, title: {en: Its address}}
  site: {type: url, title: {en: Its pages}}
"""
GOOD = {"ward": "North ward", "phone": "+1 555 010 0100", "mail": "ward@example.org", "site": "https://example.org/a"}


def beside(**values):
    values = "".join(f"      {name}: {text}\n" for name, text in (GOOD | values).items())
    return f"programmes:\n  north:\n    title: {{en: North}}\n    values:\n{values}"


@pytest.mark.parametrize("phone", ['"911"', '"(555) 010-0100 ext. 12"', '"+34 900 00 00 01"'])
def test_values_of_their_type_are_fine(phone):
    check(SEEN, before=BEFORE, after=ONE_STATE, programmes=beside(phone=phone, ward="{en: North ward}"))


WRONG = {
    "words for a number": ("phone", "ask at the desk", "must be a phone number such as"),
    "a number that is too short": ("phone", '"12"', "must be a phone number"),
    "a number that leads elsewhere": ("phone", '"555;phone-context=x"', "must be a phone number"),
    "no host": ("mail", "ward@home", "must be an e-mail address"),
    "two addresses": ("mail", '"a@example.org, b@example.org"', "must be an e-mail address"),
    "another scheme": ("site", "http://example.org", "begins with https://"),
    "a script": ("site", "javascript:alert(1)", "begins with https://"),
    "a long text": ("ward", "The ward on the second floor", "must be one line of at most 20 characters"),
    "two lines": ("ward", '"North\\nward"', "must be one line of at most 20 characters"),
    "a number by language": ("phone", "{en: 555 0100}", "the same in every language"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_accepted_is_said_at_the_value(name):
    value, text, message = WRONG[name]
    line = 5 + list(GOOD).index(value)
    expected = line, "programme-value-type", f"'{value}' of the programme 'north' "
    check(SEEN, expected, before=BEFORE, after=ONE_STATE, programmes=beside(**{value: text}))
    expected = line, "programme-value-type", message
    check(SEEN, expected, before=BEFORE, after=ONE_STATE, programmes=beside(**{value: text}))


def test_a_language_that_the_journey_has_not_is_refused():
    check(
        SEEN,
        (5, "programme-value-type", "in 'fr', which is not in 'locales' of the journey. Accepted: en."),
        before=BEFORE,
        after=ONE_STATE,
        programmes=beside(ward="{en: North, fr: Nord}"),
    )


def test_a_contact_takes_values_of_the_type_it_needs():
    check(
        """\
        contacts:
          emergency:
            title: {en: In an emergency}
            phone: ward
        """,
        (4, "programme-value-type", "must be a value of type phone; 'ward' is of type text. Accepted: phone."),
        before=BEFORE,
        after=SEEN + ONE_STATE,
        programmes=beside(),
    )
