"""A further language: each text waits once, is marked at its place, and is never published."""

import pytest

from journeys.authoring.translation import read_journey_files, waiting_texts, with_locale
from tests.authoring.translation.journey import (
    ALL_SET,
    BOOK,
    DEFINITION,
    DUE,
    FILES,
    NONE_DUE,
    TEXTS,
    applied,
    in_capitals,
    in_spanish,
    lint,
    read,
    units,
    write,
    write_journey,
)


def test_the_journey_of_these_tests_is_right(tmp_path):
    assert lint(write_journey(tmp_path)).problems == ()


def test_a_new_language_keeps_every_byte_and_adds_a_marked_copy(tmp_path):
    files = in_spanish(tmp_path)
    definition = (tmp_path / "definitions/checkup.yaml").read_text()
    for line in (
        'title: {en: Yearly check-up, es: "[translate] Yearly check-up"}   # a flow mapping, with a comment behind it',
        "locales: [en, es]",
        '      en: "Your last visit"   # a block mapping, with a comment\n',
        '   # a block mapping, with a comment\n      es: "[translate] Your last visit"\n  kind:',
        '          at 1.5 T\n        es: "[translate] A scan\\nat 1.5 T\\n"\n',
        '        told\n      es: "[translate] Kind told"\n    by: [patient]\n',
    ):
        assert line in definition
    added = [line for line in definition.split("\n") if line.strip().startswith("es:")]
    restored = "\n".join(line for line in definition.split("\n") if line not in added)
    for title in units(files).values():
        restored = restored.replace(f', es: "[translate] {title.source}"', "")
    assert restored.replace("[en, es]", "[en]").replace(', es: "[translate] Kind, of \\"visit\\""', "") == DEFINITION
    assert (tmp_path / DUE / "es.md").read_text() == BOOK.replace("---\n", "---\ntranslate: true\n", 1)
    spanish = ALL_SET.replace("---\r\n", "---\r\ntranslate: true\r\n", 1)
    assert (tmp_path / NONE_DUE / "es.md").read_bytes() == spanish.encode()
    partial = (tmp_path / "content/checkup/_partials/emergency.es.md").read_text()
    assert partial == "[translate] **In an emergency**, call {{ programme.team_phone }}.\n"
    for name in FILES.keys() - {"definitions/checkup.yaml", "definitions/checkup.programmes.yaml"}:
        assert (tmp_path / name).read_bytes() == FILES[name].encode()


def test_a_second_time_changes_nothing(tmp_path):
    assert with_locale(in_spanish(tmp_path), "es") == ({}, [])


def test_a_piece_that_was_added_later_gets_its_copy(tmp_path):
    in_spanish(tmp_path)
    (tmp_path / NONE_DUE / "es.md").unlink()
    assert list(with_locale(read(tmp_path), "es")[0]) == [f"{tmp_path}/{NONE_DUE}/es.md"]


@pytest.mark.parametrize(
    ("before", "after"),
    {
        "locales: [en]": "locales: [en, es]",
        "locales: en": "locales: [en, es]",
        'locales: "en"': 'locales: ["en", es]',
        "locales: [en, ]": "locales: [en, es, ]",
        "locales:\n  - en  # first": "locales:\n  - en  # first\n  - es",
        "locales:\n- en": "locales:\n- en\n- es",
    }.items(),
)
def test_every_form_of_the_list_of_languages_takes_another(tmp_path, before, after):
    in_spanish(tmp_path, **{"definitions/checkup.yaml": DEFINITION.replace("locales: [en]", before)})
    assert f"{after}\n" in (tmp_path / "definitions/checkup.yaml").read_text()


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_line_breaks_and_a_byte_order_mark_stay(tmp_path, change):
    in_spanish(tmp_path, **{name: change(text) for name, text in FILES.items() if "all-set" not in name})
    for path in tmp_path.rglob("*.*"):
        if path.is_file() and "all-set" not in str(path):
            text = path.read_bytes().decode()
            assert text == change(text.replace("\r\n", "\n").removeprefix("\ufeff")), path
    assert len(waiting_texts(read(tmp_path).files)) == TEXTS


def test_lint_warns_once_for_each_text_that_waits_and_says_nothing_else_about_it(tmp_path):
    in_spanish(tmp_path)
    problems = lint(tmp_path).problems
    assert {(problem.rule, problem.level) for problem in problems} == {("translation", "warning")}
    assert len(problems) == len({(problem.file, problem.line, problem.column) for problem in problems}) == TEXTS
    lines = DEFINITION.split("\n")
    first = next(problem for problem in problems if problem.file.endswith("checkup.yaml"))
    assert first.line == 3
    assert first.column == len(lines[2].split("}")[0]) + 3
    assert "waits for translation into 'es'" in first.message
    assert next(problem.line for problem in problems if problem.file.endswith("book/es.md")) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("It is free", "It is аwful \u200b and costs 3.5 times more than that"),
        lambda text: text.replace("free.[^cdc]", "free.[^nobody] ### [here](http://x)"),
        lambda text: text.replace("{{ programme.team_name }}", "{{ programme.nobody }}"),
    ],
)
def test_no_other_finding_is_about_a_file_that_waits_but_it_comes_when_the_mark_goes(tmp_path, spoil):
    in_spanish(tmp_path)
    path = tmp_path / DUE / "es.md"
    path.write_text(spoil(path.read_text()))
    assert [problem.rule for problem in lint(tmp_path).problems if problem.file == str(path)] == ["translation"]
    path.write_text(path.read_text().replace("translate: true\n", ""))
    rules = [problem.rule for problem in lint(tmp_path).problems if problem.file == str(path)]
    assert rules
    assert "translation" not in rules


def test_a_finding_beside_a_text_that_waits_stays(tmp_path):
    in_spanish(tmp_path)
    path = tmp_path / "definitions/checkup.yaml"
    path.write_text(path.read_text().replace("en: Yearly check-up", "en: Yearly check\u200b-up"))
    rules = {problem.rule for problem in lint(tmp_path).problems if problem.line == 3}
    assert rules == {"translation", "hidden-character"}


def test_one_text_that_waits_keeps_a_journey_from_being_published(tmp_path):
    files = in_spanish(tmp_path)
    everything = {id_: in_capitals(unit.source) for id_, unit in units(files).items()}
    everything["programmes:programmes.riverside.values.team_name"] = "El equipo"
    for missing in ("definition:title", "visit:due:book:p1", "_partials:emergency:p1", None):
        result = applied(files, {id_: text for id_, text in everything.items() if id_ != missing})
        assert result.refusals == ()
        write(result.files)
        linted = lint(tmp_path)
        assert len([problem for problem in linted.problems if problem.rule == "translation"]) == bool(missing)
        assert linted.is_publishable is (missing is None), linted.problems
        write(files.files)


def test_texts_of_a_journey_with_mistakes_are_not_touched(tmp_path):
    write_journey(tmp_path, **{"definitions/checkup.yaml": DEFINITION.replace("type: date", "type: dote")})
    files, problems = read_journey_files(tmp_path / "definitions/checkup.yaml", tmp_path / "content")
    assert files is None
    assert "dote" in problems[0].message


@pytest.mark.parametrize(
    "text",
    [
        "---\ntranslate: true\ntitle: *a\n---\n",
        "---\ntranslate: true\n",
        "---\ntranslate: true\n: [\n---\n",
        "translate",
        "---\ntranslate: " + "[" * 5000 + "\n---\n",
        "---\na: &a [*a, *a]\ntranslate: true\n---\n",
    ],
)
def test_a_file_that_cannot_be_read_does_not_wait(text):
    assert waiting_texts({"content/x/en.md": text.encode()}) == ()


def test_bytes_that_are_not_text_do_not_wait():
    files = {"content/x/en.md": b"---\ntranslate: true\xff\n---\n", "x.yaml": b"a: {en: '[translate] \xff'}"}
    assert waiting_texts(files) == ()
