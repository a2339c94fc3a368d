import json
import re

import pytest

from journeys.review.annotated import annotate
from journeys.review.changes import compare_pages, words_compared
from journeys.review.documents import changes_fragment, pack_document, pack_text
from journeys.review.pack import make_pack
from journeys.review.stored import to_json
from tests.review.journeys_shipped import made, made_page, shipped
from tests.samples.sample import pieces, plan


def pack(changed=(), **options):
    return make_pack(plan(), [*pieces().values(), *changed], **options)


def test_the_pack_of_the_shipped_journey_is_complete_and_nothing_needs_to_be_looked_at():
    lint = shipped()
    full_pack = make_pack(lint.plan, lint.catalogue.pieces.values(), lint.programmes)
    assert full_pack.is_complete
    assert [part.problems for part in full_pack.parts] == [(), ()]
    assert {chapter.page.key for chapter in full_pack.parts[0].chapters} == {source.key for source in lint.sources}


def test_pieces_stand_in_the_order_of_the_journey():
    (part,) = pack(locales=["en"]).parts
    assert [chapter.page.key for chapter in part.chapters] == ["welcome", "next-scan", "scan-reminder", "scan-result"]


def test_the_document_fetches_nothing_and_its_links_lead_somewhere():
    made = pack_document(pack())
    assert not re.findall(r"<(?:script|link|iframe|object)", made)
    assert not re.findall(r' src="(?!data:)', made)
    assert "url(" not in made
    ids = re.findall(r' id="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', made)) <= set(ids)


def test_every_part_says_its_language():
    made = pack_document(pack())
    assert '<article class="piece" id="welcome-es" lang="es">' in made
    assert "Se muestra siempre" in made


def test_the_cover_counts_every_language_and_channel():
    text = pack_text(pack())
    assert "en · text message: Made 2, Counted 2" in text
    assert "Every sum agrees" in text


def test_a_pack_is_json_and_compared_with_itself_has_no_changes():
    stored = json.loads(json.dumps(to_json(pack()), ensure_ascii=False))
    again = pack(since=stored, since_name="the last signature")
    assert again.changes == ()
    assert "Nothing that a patient can meet has changed." in pack_document(again)


def test_a_pack_opens_on_what_changed_since_an_earlier_one():
    before = made("One. Two words.\n\n{% if smoker %}\nYes.\n{% endif %}\n")
    after = made("One. Two new words.\n\n{% if operable %}\nYes.\n{% endif %}\n")
    stored = to_json(pack([before], locales=["en"]))
    compared = pack([after], locales=["en"], since=stored, since_name="release 1")
    (change,) = compared.changes
    assert (change.kind, change.key) == ("changed", "made-up")
    assert [difference.name for difference in change.differences] == ["paragraph 1", "paragraph 2"]
    made_document = pack_document(compared)
    assert "<ins>new " in made_document
    assert made_document.index("<ins>new ") < made_document.index('id="contents"')
    assert "Two {+new +}words." in pack_text(compared)


def test_pieces_that_are_new_or_gone_are_changes():
    with_one, without = pack([made()], locales=["en"]), pack(locales=["en"])
    (added,) = pack([made()], locales=["en"], since=to_json(without)).changes
    (removed,) = pack(locales=["en"], since=to_json(with_one)).changes
    assert (added.kind, removed.kind) == ("added", "removed")


def test_another_reason_image_or_rule_is_a_change_too():
    before = to_json(made_page("Text.\n"))
    for name, value in (("rule", "other"), ("where", ["elsewhere"]), ("channels", ["web"])):
        assert [difference.name for difference in compare_pages(before, {**before, name: value}).differences] == [name]
    assert compare_pages(before, before) is None


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        ("a b c", "a x c", [("same", "a "), ("deleted", "b "), ("inserted", "x "), ("same", "c")]),
        ("Ya va.", "Ya va, y luego.", [("same", "Ya va"), ("inserted", ", y luego"), ("same", ".")]),
        (
            "Si va. Espere.",
            "Si va. Llame.",
            [("same", "Si va. "), ("deleted", "Espere"), ("inserted", "Llame"), ("same", ".")],
        ),
        ("It is 6.5%.", "It is 6.8%.", [("same", "It is "), ("deleted", "6.5"), ("inserted", "6.8"), ("same", "%.")]),
        ("a, b", "c, d", [("deleted", "a, b"), ("inserted", "c, d")]),
        ("■ One\n\n- a\n- b", "■ One\n\n- a\n- c", [("same", "■ One\n\n- a\n- "), ("deleted", "b"), ("inserted", "c")]),
        ("a b", "a\nb", [("same", "a"), ("inserted", "\n"), ("same", "b")]),
        ("a  b ", "a b", [("same", "a b")]),
        ("", "a", [("inserted", "a")]),
        ("a", "", [("deleted", "a")]),
    ],
)
def test_texts_are_compared_word_by_word(before, after, runs):
    assert [(run.how, run.text) for run in words_compared(before, after)] == runs


def test_what_changed_is_called_in_one_language_and_keeps_its_lines():
    """Whose words say what each is, is asked for; the words themselves are in the language of the piece."""
    old, new = ("## Before\n\n- One\n- Two\n", "## Before\n\n- One\n- Three\n")
    texts = [
        made("Text.\n", es=f"---\ntitle: {title}\nsummary: S.\n---\n{body}") for title, body in (("A", old), ("B", new))
    ]
    pages = [to_json(annotate(piece, plan(), "es")) for piece in texts]
    change = compare_pages(*pages)
    english, spanish = (changes_fragment([change], locale) for locale in ("en", "es"))
    assert "<dt>Title</dt>" in english and "<dt>Paragraph 1</dt>" in english
    assert "<dt>Título</dt>" in spanish and "<dt>Párrafo 1</dt>" in spanish
    for piece in (english, spanish):
        assert '<dd lang="es">■ Before\n\n- One\n- <del>Two</del><ins>Three</ins></dd>' in piece


def test_what_became_a_heading_is_a_change():
    before, after = (to_json(made_page(f"{mark}Before\n\nText.\n")) for mark in ("", "## "))
    (difference,) = compare_pages(before, after).differences
    assert next((run.how, run.text) for run in difference.runs) == ("inserted", "■ ")


def test_markup_in_a_change_is_escaped():
    stored = to_json(pack([made("One.\n")], locales=["en"]))
    text = "---\ntitle: <b>Bold</b>\nsummary: A summary.\n---\nOne.\n"
    document = pack_document(pack([made(en=text)], locales=["en"], since=stored))
    assert "<b>" not in document
    assert "&lt;b&gt;" in document


def test_a_reminder_has_its_messages_in_the_frame_of_each_channel():
    lint = shipped()
    keys = ("scan-reminder", "scan-plan", "frame-of-sms", "frame-of-email")
    small = make_pack(lint.plan, [lint.catalogue.pieces[key] for key in keys], lint.programmes, locales=["en"])
    messages = {chapter.page.key: chapter.messages for chapter in small.parts[0].chapters}
    assert [message.channel for message in messages["scan-reminder"]] == ["sms", "email"]
    sms, email = messages["scan-reminder"]
    assert sms.text.startswith("Care guide: ") and "STOP" in sms.text
    assert email.subject == "A short reminder from your care guide"
    assert "If something holds you back" in email.text and "You get this e-mail because you said yes" in email.text
    assert messages["scan-plan"] == ()
    for drawn in (pack_text(small), pack_document(small)):
        assert "As it leaves by text message, in frame-of-sms" in drawn
        assert sms.text in drawn
