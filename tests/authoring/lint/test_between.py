"""Journeys of one folder are checked together for what a person of several sees once."""

import textwrap

from click.testing import CliRunner

from service.cli import main

JOURNEY = """\
journey: {key}
title: {{en: {key}}}
locales: [en, es]
topics:
  visits: {{en: {english}, es: Visitas}}
tracks:
  care: {{initial: home, states: {{home: {{title: {{en: Home, es: Casa}}}}}}}}
"""


def lint(folder, *names: str) -> list[str]:
    for number, name in enumerate(names):
        key = f"clinic{number}"
        text = textwrap.dedent(JOURNEY).format(key=key, english=name)
        (folder / f"{key}.yaml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["lint", "--definitions", str(folder), "--content", str(folder)])
    return [line for line in result.output.splitlines() if "topic-names" in line]


def test_a_topic_has_one_name_in_each_language(tmp_path):
    (line,) = lint(tmp_path, "Visits", "Visits", "Appointments")
    assert line == (
        f"{tmp_path}/clinic2.yaml:5:12 warning topic-names The topic 'visits' is 'Visits' in the journey 'clinic0', "
        "and 'Appointments' here. A person of both journeys sees one name: use the same, or another topic."
    )


def test_each_other_name_is_named_once(tmp_path):
    assert len(lint(tmp_path, "A", "B", "B", "C")) == 3


def test_the_same_names_are_no_problem(tmp_path):
    assert lint(tmp_path, "Visits", "Visits") == []
