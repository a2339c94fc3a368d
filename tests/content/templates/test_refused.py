"""Text outside the template language is refused before publication, with its line (T1, T2, T3)."""

import pytest

from tests.samples.sample import made_source, plan, problems_of, read

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ goes_by|attr('__class__') }}",
    "{{ '{0.__class__}'.format(goes_by) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(goes_by) }}",
    "{{ '{x.__class__}'.format_map({'x': goes_by}) }}",
    "{{ [goes_by]|map(attribute='__class__')|list }}",
    "{{ [goes_by]|groupby('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ config.items() }}",
    "{{ request.application }}",
    "{{ g.pop.__globals__ }}",
    "{{ {'onclick=alert(1) x': 'y'}|xmlattr }}",
]
NESTED_LOOPS = "".join(f"{{% for s{n} in spread_sites %}}" for n in range(14)) + "{% endfor %}" * 14
BOMBS = [
    "{% for a in range(10**9) %}{{ a }}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'a' * 10**10 }}",
    "{{ 9**(9**9) }}",
    "{{ goes_by|center(1000000000) }}",
    "{{ goes_by.ljust(1000000000) }}",
    "{{ '%010000000000d'|format(1) }}",
    "{{ '%010000000000d' % 1 }}",
    "{{ lipsum(n=100000) }}",
    "{% set x = 'a' %}{% set x = x ~ x %}{% set x = x ~ x %}{{ x }}",
    "{{ goes_by|wordwrap(1) }}",
    "{{ goes_by|indent(1000000000) }}",
    "{{ goes_by|replace('a', 'aaaaaaaaaaaaaaaa') }}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'endless' %}",
    "{% if operable %}" * 2000 + "{% endif %}" * 2000,
    "{{ 1" + "+1" * 20_000 + " }}",
    "{{ " + "(" * 400 + "goes_by" + ")" * 400 + " }}",
    "{{ " + "9" * 5000 + " }}",
    "{% if spread_sites is known %}" + NESTED_LOOPS + "{% endif %}",
]
SCRIPTS = [
    "{{ goes_by|safe }}",
    "{% autoescape false %}{{ goes_by }}{% endautoescape %}",
    "{{ Markup(goes_by) }}",
    "{{ patient.metadata.clear() }}",
    "{{ patient.query.delete() }}",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
]


def test_the_corpus_is_whole():
    assert (len(ESCAPES), len(BOMBS), len(SCRIPTS)) == (16, 20, 8)


@pytest.mark.parametrize("payload", [*ESCAPES, *BOMBS, *SCRIPTS], ids=lambda payload: payload[:40])
def test_every_payload_is_refused_with_its_line(payload):
    """The payload is in line 8 of en.md, or in the partial that it includes."""
    source = made_source(
        f"Some text.\n\nMore of it.\n{payload}\n\nThe end.\n",
        partials={"endless.en.md": "\n{% include 'endless' %}\n"},
    )
    errors = [problem for problem in problems_of(source) if problem.level == "error"]
    places = {(problem.file.rpartition("/")[2], problem.line) for problem in errors}
    assert places == ({("endless.en.md", 2)} if "endless" in payload else {("en.md", 8)})


def test_a_text_that_is_too_long_is_refused_at_once():
    """600 KB of `+1` never reach the parser."""
    errors = problems_of(made_source("{{ 1" + "+1" * 300_000 + " }}\n"))
    assert [(problem.line, problem.message) for problem in errors] == [(5, "The text is longer than 65536 bytes.")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% raw %}{{ x }}{% endraw %}", "raw"),
        ("{% extends 'x' %}", "extends"),
        ("{% import 'x' as y %}", "import"),
        ("{% block b %}{% endblock %}", "block"),
        ("{% call f() %}{% endcall %}", "call"),
        ("{% filter upper %}x{% endfilter %}", "filter"),
        ("{% with a = 1 %}{% endwith %}", "with"),
        ("{% include_ 'x' %}", "Did you mean 'include'?"),
        ("{{ last_scan_on | dat }}", "Did you mean 'date'?"),
        ("{{ last_scan_no }}", "Did you mean 'last_scan_on'?"),
        ("{{ recently_scanned }}", "use it in {% if recently_scanned %}"),
        ("{{ operable }}", "use it in {% if operable %}"),
        ("{{ spread_sites }}", "{% for item in spread_sites %}"),
        ("{{ pack_years | date }}", "not a date"),
        ("{{ goes_by | label }}", "has no labels"),
        ("{{ last_scan_on | date('short') }}", "takes no arguments"),
        ("{{ 'x' }}", "cannot be shown"),
        ("{{ goes_by if operable else 'x' }}", "cannot be shown"),
        ("{{ goes_by", "not a template"),
        ("{% if operable %}x", "'{% if … %}' has no end. Write '{% endif %}' behind the text that it is for."),
        ("{% for x in spread_sites %}x", "'{% for … %}' has no end. Write '{% endfor %}'"),
        ("{% if goes_by %}x{% endif %}", "of type text"),
        ("{% if oparable %}x{% endif %}", "Did you mean 'operable'?"),
        ("{% if loop.first %}x{% endif %}", "an attribute"),
        ("{% for x in goes_by %}{% endfor %}", "Unknown set fact"),
        ("{% for x in ['a'] %}{% endfor %}", "A list cannot be used in a loop"),
        ("{% for x, y in spread_sites %}{% endfor %}", "one plain name"),
        ("{% for x in spread_sites if x %}{% endfor %}", "no 'if'"),
        ("{% for x in spread_sites recursive %}{% endfor %}", "no 'recursive'"),
        ("{% for x in spread_sites %}{% else %}none{% endfor %}", "no 'else'"),
        ("{% for operable in spread_sites %}{% endfor %}", "is already used"),
        ("{% include goes_by %}", "name in quotes"),
        ("{% include 'none' %}", "Unknown partial 'none'"),
        ("{% include ['a', 'b'] %}", "name in quotes"),
        ("{% include 'emergency' ignore missing %}", "name in quotes"),
        ("{% include '../secrets' %}", "Unknown partial"),
        ("a \ue0000\ue001 b", "U+E000"),
        ("a \x00 b", "U+0000"),
    ],
)
def test_the_message_names_the_culprit_or_what_would_be_accepted(text, words):
    template, problems = read(f"first\n\n{text}\n", partials={"emergency": "Call."})
    assert template is None
    assert any(words in problem.message for problem in problems), problems
    assert {problem.line for problem in problems} == {3}


def test_all_mistakes_are_reported_at_once_with_their_columns():
    _, problems = read("ok {{ nobody }}\nand {{ a.b }} {% if oops %}x{% endif %}\n{{ goes_by|upper }}\n")
    assert [(problem.line, problem.column) for problem in problems] == [(1, 4), (2, 5), (2, 15), (3, 1)]


def test_a_mistake_in_a_partial_is_reported_in_its_file():
    _, problems = read("{% include 'one' %}\n", partials={"one": "fine\n{{ nobody }}\n"})
    assert [(problem.file, problem.line) for problem in problems] == [("_partials/one", 2)]


def test_partials_may_not_include_each_other_in_a_circle():
    _, problems = read("{% include 'a' %}", partials={"a": "{% include 'b' %}", "b": "{% include 'a' %}"})
    assert "a → b → a" in problems[0].message


def test_at_most_twenty_partials_are_included():
    text = "{% include 'one' %}\n" * 21
    _, problems = read(text, partials={"one": "words\n"})
    assert [(problem.line, "more than 20" in problem.message) for problem in problems] == [(21, True)]


def test_what_could_grow_too_large_is_refused_before_it_is_rendered():
    loops = "{% if spread_sites is known %}" + "".join(f"{{% for s{n} in spread_sites %}}" for n in range(6))
    _, problems = read(loops + "x" * 300 + "{% endfor %}" * 6 + "{% endif %}")
    assert "218700 characters" in problems[0].message


def test_comments_and_white_space_control_are_accepted():
    template, problems = read("a {#- a note {{ x }} -#} b {%- if operable -%} c {%- endif %}\n")
    assert problems == []
    assert template is not None
    assert plan() is plan()
