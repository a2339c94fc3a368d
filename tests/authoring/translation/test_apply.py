"""A translation is written whole or not at all, at its place, and every other byte stays."""

from pathlib import Path

import pytest

from journeys.authoring.translation import Row, rows_of, units_of, waiting_texts
from tests.authoring.translation.journey import (
    ALL_SET,
    BOOK,
    DEFINITION,
    DUE,
    EMERGENCY,
    NONE_DUE,
    TEXTS,
    applied,
    in_capitals,
    in_spanish,
    read,
    units,
    write,
)
from tests.authoring.translation.test_exchange import HARD, SCRIPTS

FIRST = "visit:due:book:p1"
TITLE = "definition:title"


def test_an_export_that_comes_back_unchanged_changes_nothing(tmp_path):
    assert applied(in_spanish(tmp_path), {}) == applied(in_spanish(tmp_path), {}, rows=())
    assert applied(read(tmp_path), {}).files == {}


def test_a_translation_is_written_at_its_place_and_its_mark_goes(tmp_path):
    files = in_spanish(tmp_path)
    result = applied(files, {TITLE: "Revisión anual", "_partials:emergency:p1": EMERGENCY.strip().replace("In", "En")})
    assert (result.written, result.refusals) == (2, ())
    assert {Path(name).name for name in result.files} == {"checkup.yaml", "emergency.es.md"}
    write(result.files)
    before = files.files[files.definition].decode()
    after = Path(files.definition).read_text()
    assert after == before.replace('es: "[translate] Yearly check-up"', 'es: "Revisión anual"')
    partial = (tmp_path / "content/checkup/_partials/emergency.es.md").read_text()
    assert partial == "**En an emergency**, call {{ programme.team_phone }}.\n"
    assert len(waiting_texts(read(tmp_path).files)) == TEXTS - 2


def test_a_piece_waits_until_its_last_text_is_translated(tmp_path):
    files = in_spanish(tmp_path)
    targets = {id_: in_capitals(unit.source) for id_, unit in units(files).items() if id_.startswith("visit:due")}
    last = targets.pop(FIRST)
    result = applied(files, targets)
    write(result.files)
    assert "translate: true\n" in (tmp_path / DUE / "es.md").read_text()
    assert units(read(tmp_path))[FIRST].target is None
    assert units(read(tmp_path))["visit:due:book:title"].target == "TIME TO BOOK A VISIT ¡ya!"
    write(applied(read(tmp_path), {FIRST: last}).files)
    text = (tmp_path / DUE / "es.md").read_text()
    assert "translate" not in text
    tail = BOOK[BOOK.index("{% if last") :]
    assert text.split("\n\n", 1)[1] == tail.replace("- Your last visit was on ", "- YOUR LAST VISIT WAS ON ").replace(
        "about it.", "about it. ¡ya!"
    )


def test_a_text_that_is_the_same_in_both_languages_may_be_confirmed(tmp_path):
    files = in_spanish(tmp_path)
    same = {id_: unit.source for id_, unit in units(files).items()}
    result = applied(files, same)
    assert result.refusals == ()
    assert waiting_texts({**files.files, **result.files}) == ()


def test_a_copy_in_the_state_initial_still_waits(tmp_path):
    files = in_spanish(tmp_path)
    rows = tuple(Row(row.id, row.source, row.source) for row in rows_of(units_of(files, "es")))
    result = applied(files, {}, rows=rows)
    assert (result.files, result.written, result.refusals) == ({}, 0, ())


@pytest.mark.parametrize("target", ["", " ", "\n", "\u00a0"])
def test_an_empty_target_leaves_the_text_as_it_is(tmp_path, target):
    result = applied(in_spanish(tmp_path), {TITLE: target, FIRST: target})
    assert (result.files, result.refusals) == ({}, ())


@pytest.mark.parametrize("texts", [SCRIPTS, HARD], ids=["scripts", "hard"])
def test_any_text_is_read_back_as_it_was_written(tmp_path, texts):
    files = in_spanish(tmp_path)
    ids = [id_ for id_ in units(files) if id_.startswith(("definition:", "programmes:")) or id_.endswith(":title")]
    for first in range(0, len(texts), len(ids)):
        targets = dict(zip(ids, texts[first : first + len(ids)], strict=False))
        result = applied(files, targets)
        assert result.refusals == ()
        again, problems = files.changed(result.files)
        assert problems == []
        assert {id_: units(again)[id_].target for id_ in targets} == targets


def test_any_paragraph_is_read_back_as_it_was_written(tmp_path):
    texts = [text for text in (*SCRIPTS, *HARD) if "\n\n" not in text]
    head = ALL_SET[: ALL_SET.index("We will")]
    body = "\r\n\r\n".join(f"Paragraph {number}." for number in range(len(texts)))
    files = in_spanish(tmp_path, **{f"{NONE_DUE}/en.md": f"{head}{body}\r\n"})
    targets = {f"visit:none_due:all-set:p{number}": text for number, text in enumerate(texts, start=1)}
    result = applied(files, targets)
    assert result.refusals == ()
    written = result.files[f"{tmp_path}/{NONE_DUE}/es.md"]
    assert written.endswith(("---\r\n" + "\r\n\r\n".join(texts) + "\r\n").replace("two\n", "two\r\n").encode())
    again = units(files.changed(result.files)[0])
    assert {id_: again[id_].target for id_ in targets} == targets


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("{{ programme.team_name }}", "the team"), "missing: {{ programme.team_name }}"),
        (("team_name", "team_nombre"), "missing: {{ programme.team_name }}; not in the source: {{ programme.team_n"),
        (("[^cdc]", ""), "missing: [^cdc]"),
        (("[^cdc]", "[^cdc][^cdc]"), "not in the source: [^cdc]"),
        (("tel:{{ programme.team_phone }}", "tel:112"), "missing: (tel:{{ programme.team_phone }})"),
        (("free", "<https://example.org>"), "not in the source: <https://example.org>"),
        (("free", "{% if x %}"), "not in the source: {% if x %}"),
        (("free", "a\n\nb"), "an empty line"),
        (("free", "a\n \t\nb"), "an empty line"),
        (("free", "a\x07"), "U+0007"),
        (("**Call", "[translate] **Call"), "begins with '[translate]'"),
    ],
)
def test_a_unit_that_does_not_keep_what_it_must_is_refused_and_nothing_is_written(tmp_path, change, reason):
    files = in_spanish(tmp_path)
    source = units(files)[FIRST].source
    assert change[0] in source
    result = applied(files, {FIRST: source.replace(*change), TITLE: "Revisión anual"})
    assert (result.files, result.written) == ({}, 0)
    assert [refusal.id for refusal in result.refusals] == [f"checkup:{FIRST}"]
    assert reason in str(result.refusals[0])


def test_every_refused_unit_is_named(tmp_path):
    files = in_spanish(tmp_path)
    result = applied(files, {FIRST: "Llame.", "visit:due:book:p3": "Su visita.", TITLE: "Revisión"})
    assert [refusal.id.rpartition(":")[2] for refusal in result.refusals] == ["p1", "p3"]


def test_values_and_footnotes_may_change_their_order_and_blanks(tmp_path):
    files = in_spanish(tmp_path)
    target = "Es gratis.[^cdc] [Este es el teléfono](tel:{{ programme.team_phone }}) de {{programme.team_name}}."
    result = applied(files, {FIRST: target.replace("{{programme.team_name}}", "{{  programme.team_name }}")})
    assert result.refusals == ()


def test_a_unit_whose_source_has_changed_is_refused(tmp_path):
    files = in_spanish(tmp_path)
    rows = [Row(row.id, row.source, "Traducido", "translated") for row in rows_of(units_of(files, "es"))]
    definition = Path(files.definition)
    definition.write_text(definition.read_text().replace("en: Yearly check-up", "en: Check-up each year"))
    result = applied(read(tmp_path), {}, rows=tuple(row for row in rows if ":definition:" in row.id))
    assert [refusal.id for refusal in result.refusals] == [f"checkup:{TITLE}"]
    assert "changed since the export" in result.refusals[0].reason


def test_a_text_that_the_journey_no_longer_has_is_refused(tmp_path):
    result = applied(in_spanish(tmp_path), {}, rows=(Row("checkup:definition:gone", "A", "B", "translated"),))
    assert [str(refusal) for refusal in result.refusals] == [
        "checkup:definition:gone: The journey has no such text; export it again."
    ]


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        ({"journey": "other"}, "of the journey 'other', not of 'checkup'"),
        ({"locale": "fr"}, "'en' to 'fr'; translations of 'checkup' are en to es"),
        ({"locale": "en"}, "'en' to 'en'"),
        ({"source_locale": "es", "locale": "en"}, "'es' to 'en'"),
    ],
)
def test_a_file_of_another_journey_or_language_is_refused(tmp_path, of, reason):
    result = applied(in_spanish(tmp_path), {TITLE: "Revisión"}, **of)
    assert result.files == {}
    assert reason in str(result.refusals[0])


def test_a_body_with_other_paragraphs_is_one_unit(tmp_path):
    files = in_spanish(tmp_path)
    path = tmp_path / NONE_DUE / "es.md"
    path.write_bytes(path.read_bytes() + b"\r\nUna cosa\r\n\r\n")
    files = read(tmp_path)
    assert units(files)["visit:none_due:all-set:body"].target == "We will tell you\nwhen it is time.\n\nUna cosa"
    result = applied(files, {"visit:none_due:all-set:body": "Uno\n\nDos"})
    assert result.files[str(path)].endswith(b"---\r\nUno\r\n\r\nDos\r\n\r\n")


def test_a_line_that_the_translation_lacks_is_added_to_its_front_matter(tmp_path):
    path = tmp_path / NONE_DUE / "en.md"
    in_spanish(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"summary:", b"why: You are well.\r\nsummary:"))
    result = applied(read(tmp_path), {"visit:none_due:all-set:why": "Está bien."})
    assert (
        b'\r\nsummary: No visit is due now.\r\nwhy: "Est\xc3\xa1 bien."\r\n---\r\n'
        in result.files[f"{tmp_path}/{NONE_DUE}/es.md"]
    )


def test_a_translation_that_makes_a_file_too_large_is_refused(tmp_path):
    result = applied(in_spanish(tmp_path), {TITLE: "x" * 300_000})
    assert result.files == {}
    assert "larger than" in str(result.refusals[0])


def test_a_comment_below_a_block_of_text_stays(tmp_path):
    block = (
        "title: # the name\n  en: |\n    Yearly\n    check-up\n\n"
        "  # in Spanish too\n  es: >\n    [translate] Yearly\n\n# end\n"
    )
    changed = DEFINITION.replace("locales: [en]", "locales: [en, es]").replace(
        "title: {en: Yearly check-up}   # a flow mapping, with a comment behind it\n", block
    )
    files = in_spanish(tmp_path, **{"definitions/checkup.yaml": changed})
    result = applied(files, {TITLE: "Revisión anual"})
    assert result.refusals == ()
    expected = block.replace(">\n    [translate] Yearly", '"Revisión anual"')
    assert expected in result.files[files.definition].decode()
