"""Each channel has its own form of a piece."""

import html
from dataclasses import replace

import pytest

from journeys.content.rendering import NotForChannel, Renderer, render, render_rendering
from journeys.content.rendering.html import put_in_mail, with_targets
from journeys.content.templates import renderings
from tests.samples.sample import made_piece, pieces, plan, world

PIECE = pieces()["scan-result"]
WORLD = world(last_scan_on="2026-01-05", spread_sites=["bone", "brain"])


def rendered(channel="web", locale="en", piece=PIECE, seen=WORLD):
    return render(piece, plan(), seen, locale=locale, channel=channel)


def body(markdown, **parts):
    return rendered("web", piece=made_piece(markdown, **parts)).html


def test_the_web_gets_a_fragment_to_put_under_the_title():
    fragment = rendered()
    assert (fragment.key, fragment.version, fragment.title) == ("scan-result", PIECE.version, "Your scan is being read")
    assert fragment.html.startswith("<p>Two doctors look at your scan.")
    assert "<p>Your last scan was on January 5, 2026.</p>" in fragment.html
    assert "<ul>\n<li>your brain</li>\n<li>your bones</li>\n</ul>" in fragment.html
    assert "<h1" not in fragment.html


def test_a_page_is_complete_and_loads_nothing_from_outside():
    page = rendered("page").html
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert page.count("<h1>Your scan is being read</h1>") == 1
    assert " src=" not in page
    assert "<link" not in page


def test_footnotes_are_numbered_as_cited_and_linked_both_ways():
    html = rendered().html
    assert html.count('href="#fn-scan-result-1"') == 2
    assert '<li id="fn-scan-result-1"><a href="https://example.org/asco"' in html
    assert '<li id="fn-scan-result-2">What our clinic does ' in html
    assert 'id="fnref-scan-result-2"' in html
    assert "<h2>Sources</h2>" in html


def test_sources_list_only_the_notes_that_this_rendering_cites():
    shared = "purpose: support\nreferences: {a: {title: First}, b: {title: Second}}\n"
    piece = made_piece(
        "One.[^b]{% if operable %} Two.[^a]{% endif %}\n",
        shared=shared,
        es="---\ntitle: T\nsummary: S\n---\nUno.[^b][^a]\n",
    )
    assert "Sources\n[1] Second\n" in rendered("text", piece=piece).text
    assert "First" not in rendered(piece=piece).html
    assert "[2] First" in rendered("text", piece=piece, seen=world(operable=True)).text


def test_plain_text_has_the_same_words():
    assert rendered("text").text == (
        "Your scan is being read\n\n"
        "Two doctors look at your scan.[1] This takes about a week.[2]\n\n"
        "Your scan\n\n"
        "Your last scan was on January 5, 2026.\n\n"
        "The result comes soon.\n\n"
        "We look again at:\n\n"
        "- your brain\n- your bones\n\n"
        "Call your clinic when you have trouble breathing.\n\n"
        "Call the nurse (+15550100) or read the guideline (https://example.org/asco).[1]\n\n"
        "Sources\n"
        "[1] ASCO guideline: lung cancer surveillance, JCO.19.02748, https://example.org/asco\n"
        "[2] What our clinic does\n"
    )


def test_plain_text_of_every_kind_of_block():
    """Headings, lists, quotes, code, rules, tables and bare addresses."""
    markdown = (
        "## Head\n\na\nb  \nc\n\n1. one\n   - inner\n   - more\n2. two\n\n"
        "- loose\n\n  second\n\n- end\n\n> said\n> so\n\n"
        "```\ncode\n```\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<https://example.org> <n@example.org>\n"
    )
    assert rendered("text", piece=made_piece(markdown)).text == (
        "A title\n\nHead\n\na b\nc\n\n1. one\n   - inner\n   - more\n2. two\n\n"
        "- loose\n\n  second\n\n- end\n\n> said so\n\n"
        "    code\n\n* * *\n\na | b\n1 | 2\n\nhttps://example.org n@example.org\n"
    )


def test_an_e_mail_has_both_forms_and_loads_nothing():
    mail = rendered("email")
    assert mail.subject == "News about your follow-up"
    assert "Your last scan was on January 5, 2026." in mail.text
    assert 'style="font-family: Arial, Helvetica, sans-serif' in mail.html
    assert "<style" not in mail.html
    assert "src=" not in mail.html


def test_a_subject_is_never_the_title():
    mail = rendered("email", piece=pieces()["welcome"])
    assert mail.subject == "There is something new for you to read"
    assert rendered("email", piece=pieces()["welcome"], locale="es").subject == "Hay algo nuevo para leer"


def test_sms_and_push_have_the_texts_of_the_author():
    assert rendered("sms").text == "Your follow-up: there is something new to read in your app."
    assert rendered("push").text == "There is something new to read"
    with pytest.raises(NotForChannel, match="no text for push"):
        rendered("push", piece=pieces()["welcome"])


def test_values_read_in_the_locale():
    assert "fue el 5 de enero de 2026" in rendered(locale="es-US").html
    assert "Fuentes" in rendered(locale="es").html
    values = world(scan_result="unclear", smoker=False, pack_years=3, stage_group="IA")
    front = "---\ntitle: T\nsummary: S\n---\n"
    piece = made_piece(
        "",
        shared=f"purpose: support\nwhen: {' and '.join(f'{fact} is known' for fact in values.values)}\n",
        en=front + "{{ scan_result | label }}; {{ smoker }}; {{ pack_years }}; {{ stage_group }}.\n",
        es=front + "{{ scan_result | label }}; {{ smoker | label }}; {{ stage_group | label }}.\n",
    )
    assert "Not clear; I do not smoke; 3; IA." in rendered(piece=piece, seen=values).html
    assert "Not clear; No fumo; IA." in rendered(piece=piece, seen=values, locale="es").html
    raw = world(scan_result="suspicious", smoker=True, pack_years=3, stage_group="I")
    assert "suspicious; I smoke; 3; I." in rendered(piece=piece, seen=raw).html


def test_the_guard_removes_scripts_images_and_handlers():
    from journeys.content.rendering.html import _GUARD

    assert _GUARD.clean('<p onclick="x">a<script>b</script><img src=x><a href="javascript:1">c</a></p>') == (
        '<p>a<a rel="noopener noreferrer">c</a></p>'
    )


def test_reviewers_see_every_rendering_with_placeholders():
    texts = [
        render_rendering(PIECE, rendering, locale="en", channel="text").text
        for rendering in renderings(PIECE.texts["en"].body, plan())
    ]
    assert len(texts) == 12
    assert "Your last scan was on ⟨last_scan_on⟩. We call you ⟨goes_by⟩." in texts[0]
    assert "- your ⟨site⟩" in texts[0]
    assert render_rendering(PIECE, renderings(PIECE.texts["es"].body, plan())[0], locale="es", channel="sms").text


def test_a_renderer_remembers_no_fact_of_a_patient():
    renderer = Renderer()
    for day in range(1, 20):
        seen = world(last_scan_on=f"2026-01-{day:02}", goes_by=f"patient {day}")
        made = renderer.render(PIECE, plan(), seen, locale="en")
        assert made == rendered(seen=seen)
        assert f"patient {day}." in made.html
    assert renderer.fixed_html.cache_info().currsize == 1


@pytest.mark.parametrize("target", ["https://example.org/a?b=1&amp;c=2", "tel:+15550100100", "mailto:care@example.org"])
def test_those_who_check_a_text_see_the_target_of_each_link(target):
    shown = with_targets(body(f"[**Call** us]({target.replace('&amp;', '&')}) and walk."))
    assert f'us</a> <code class="target" dir="ltr" lang="en">{target}</code> and walk' in shown


def test_anchors_of_footnotes_have_no_target_to_show():
    anchor = '<sup><a href="#fn-walk-1">[1]</a></sup>'
    assert with_targets(anchor) == anchor


def arabic():
    """Return a piece whose English text counts as Arabic."""
    piece = made_piece("اتصل: [+1 555 010 0100](tel:+15550100100)\n\n| a | b |\n|---|---|\n| c | d |\n")
    return replace(piece, texts={"en": replace(piece.texts["en"], locale="ar")})


def test_a_fragment_in_a_right_to_left_language_has_its_direction():
    fragment = rendered("web", piece=arabic()).html
    assert fragment.startswith('<div lang="ar" dir="rtl">\n<p>')
    assert '<a dir="ltr" href="tel:+15550100100"' in fragment


@pytest.mark.parametrize("value", ["<b>x</b>", 'say "no" & go', "O'Neill", "{{ joined_on }}"])
def test_a_value_is_text_in_an_email_whose_styles_were_written_in_before(value):
    fixed = Renderer().fixed_mail("Title", "Call [us](https://example.org). It is \ue0000\ue001.", "key", (), "en")
    page = put_in_mail(fixed, [value])
    assert f"It is {value}.</p>" in html.unescape(page)
    assert page.count("style=") == fixed.count("style=") and "<b>" not in page


@pytest.mark.parametrize("channel", ["page", "email"])
def test_a_page_and_an_email_in_a_right_to_left_language_have_their_direction(channel):
    page = rendered(channel, piece=arabic()).html
    assert '<html lang="ar" dir="rtl">' in page
    assert '<a dir="ltr" href="tel:+15550100100"' in page
    assert "text-align: left" not in page


def test_other_languages_are_sent_as_before():
    assert " dir=" not in rendered("web").html + rendered("page").html + rendered("email").html
