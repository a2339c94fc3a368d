"""No text holds a tag that another program would fill in."""

import pytest

from tests.authoring.lint.texts import check_file


@pytest.mark.parametrize(
    "tag",
    [
        *(
            "%%name%%",
            "%%First Name%%",
            "${name}",
            "${contact.name}",
            "[[name]]",
            "[[First Name]]",
            "*|FNAME|*",
            "<<name>>",
        ),
        *("{{{name}}}", "{name}", "{first_name}", "%FIRST_NAME%", "%NAME%", "<%= name %>", "#{name}", "@@name@@"),
        *("{!Contact.Name}", "«First_Name»", "*|IF:X|*", "{$x}", "{ name }", "{0}", "{{{ x }}}"),
        *("[[ name ]]", "«FirstName»", "<%= x %>", "{prénom}"),
        *("[%name%]", "%first_name%", "%recipient.name%", "%%=v(name)=%%", "%(name)s", "%{name}", "@NAME@", "##name##"),
        *("#NAME#", "$first_name", "$NAME$", "$!x.y", "[first_name]", "[user:name]", "<<[name]>>", "<?= name ?>"),
    ],
)
def test_a_tag_is_reported_with_its_place(tag):
    check_file(
        "en.md", f"---\ntitle: A\n---\nHello {tag}, welcome", (4, 7, "foreign-tag", f"'{tag}' is a tag of another")
    )


@pytest.mark.parametrize(
    "tag",
    [
        *("%%name%%", "${name}", "[[name]]", "*|FNAME|*", "{{ name }}", "{{ programme.team }}", "{% if a %}"),
        *("{$x}", "{name}", "{0}", "#{name}", "##name##", "%name%", "$name", "@@x@@"),
    ],
)
def test_a_tag_in_yaml_is_reported(tag):
    check_file("sample.yaml", f'title: {{en: "Hello {tag}"}}', (1, 20, "foreign-tag", "write the words themselves"))


@pytest.mark.parametrize("tag", ["{{ goes_by }}", "{{ programme.team }}", "{% if well %}"])
def test_a_question_has_no_placeholder(tag):
    ask = f'ask: {{question: {{en: "Are you well, {tag}?"}}}}'
    check_file("sample.yaml", ask, (1, ask.index(tag) + 1, "foreign-tag", "write the words themselves"))


@pytest.mark.parametrize(
    "words",
    [
        *("{{ goes_by }}", "{{goes_by}}", "{%if well%}a{%endif%}", "[[A plan]](https://example.org)", "[^note]", "[x]"),
        *("50% or 60%", "5%–10%", "[a](https://a.org/%C3%A1)", "a@b.org @c", "US$5", "R$ 5", "&#8211;", "# A\n## B"),
        *("«sí»", "a < b > c", "$5", "{# {{ a }} #}", "**bold** and *light*", "| a | b |"),
    ],
)
def test_other_signs_are_fine(words):
    check_file("en.md", words)


def test_yaml_and_its_comments_are_fine():
    check_file("sample.yaml", "a: {en: A, es: [b, c]}  # ${name} of [[x]]\n# {{ name }}\nwhen: \"x in ['a']\"\n")
