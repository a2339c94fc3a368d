"""What must be known for certain, and what is proved to be."""

import pytest

from tests.samples.sample import read


def messages(text, **parts):
    return [problem.message for problem in read(text, **parts)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "{% if last_scan_on is known %}{{ last_scan_on | date }}{% endif %}",
        "{% if recently_scanned %}{{ last_scan_on }}{% endif %}",
        "{% if last_scan_on is not known %}-{% else %}{{ last_scan_on | date }}{% endif %}",
        "{% if not (last_scan_on is not known or goes_by is not known) %}{{ goes_by }} {{ last_scan_on }}{% endif %}",
        "{% if operable is known %}{% if operable %}yes{% else %}no{% endif %}{% endif %}",
        "{% if operable is known %}{% if operable %}a{% elif pack_years > 20 %}{{ pack_years }}{% endif %}{% endif %}",
        "{% if stage_group == 'IA' %}{% if stage_group == 'I' %}{{ stage_group }}{% else %}never{% endif %}{% endif %}",
        "{% if stage_group is known %}{% if stage_group == 'I' %}a{% else %}b{% endif %}{% endif %}",
        "{% if spread_sites is known %}{% for one in spread_sites %}{{ one }}{% endfor %}{% endif %}",
        "{% if in_state('support.none_needed') %}a{% else %}b{% endif %}",
        "{% if visits('care.follow_up') > 1 %}a{% else %}b{% endif %}",
        "{% if days_in_state > 3 %}a{% else %}b{% endif %}",
        "{% if operable or pack_years > 3 %}a{% endif %}",
    ],
)
def test_what_follows_from_the_conditions_around_it_is_accepted(text):
    read_template, problems = read(text)
    assert problems == []
    assert read_template is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ last_scan_on | date }}", "Put it inside {% if last_scan_on is known %}"),
        ("{% if operable %}{% endif %}{{ operable }}", "is true or false"),
        ("{% if operable %}{{ goes_by }}{% endif %}", "'goes_by' may be unknown"),
        ("{% if operable or goes_by is known %}{{ goes_by }}{% endif %}", "'goes_by' may be unknown"),
        ("{% if goes_by is known %}a{% else %}{{ goes_by }}{% endif %}", "'goes_by' may be unknown"),
        ("{% for one in spread_sites %}{{ one }}{% endfor %}", "{% if spread_sites is known %}"),
        ("{% if operable %}a{% else %}b{% endif %}", "{% else %} is not accepted"),
        ("{% if operable %}a{% elif smoker %}b{% endif %}", "{% elif %} is not accepted"),
        ("{% if recently_scanned %}a{% else %}b{% endif %}", "{% if last_scan_on is known %}"),
        ("{% if stage_group is known %}{% if stage_group == 'IA' %}a{% else %}b{% endif %}{% endif %}", "too coarse"),
        ("{% if operable is known %}{% if operable and smoker %}a{% else %}b{% endif %}{% endif %}", "'smoker'"),
    ],
)
def test_what_may_be_unknown_is_refused(text, words):
    problems = messages(text)
    assert any(words in message for message in problems), problems


def test_the_condition_of_the_piece_counts():
    assert messages("{{ goes_by }}", when="goes_by is known") == []
    assert messages("{% if operable %}a{% else %}b{% endif %}", when="not operable or operable") == []
    assert messages("{% if operable %}a{% else %}b{% endif %}", when="smoker") != []


def test_what_is_known_inside_a_partial_follows_from_where_it_is_included():
    partials = {"scan": "on {{ last_scan_on | date }}\n"}
    assert messages("{% if recently_scanned %}{% include 'scan' %}{% endif %}", partials=partials) == []
    problems = read("{% include 'scan' %}", partials=partials)[1]
    assert [(problem.file, problem.line, problem.column) for problem in problems] == [("_partials/scan", 1, 4)]


def test_what_can_never_be_shown_is_warned_of():
    problems = read("{% if operable %}{% if not operable %}x{% endif %}{% endif %}")[1]
    assert [(problem.level, problem.message) for problem in problems] == [
        ("warning", "'not operable' is never true here, so its text is never shown.")
    ]
