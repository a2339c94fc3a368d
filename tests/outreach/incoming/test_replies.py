"""Opt-out words: alone they revoke, among others they are mentioned; no decoration hides them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.outreach.incoming import read_reply

ENGLISH = ("stop", "quit", "revoke", "opt out", "opt-out", "optout", "cancel", "unsubscribe", "end", "stopall")
AMONG_OTHERS = ("stop", "revoke", "opt out", "opt-out", "optout", "unsubscribe", "stopall")
SPANISH = ("alto", "baja", "parar", "cancelar", "detener", "salir", "no más", "no mas", "dar de baja", "darme de baja")


@pytest.mark.parametrize("word", ENGLISH + SPANISH)
@pytest.mark.parametrize("language", ["en", "es-MX", "pt"])
def test_an_opt_out_word_alone_revokes_in_every_language(word, language):
    assert read_reply(word, language) == "revokes"
    assert read_reply(word.upper(), language) == "revokes"


def wide(text):
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


WIDTHS = (str, wide)
CASES = (str.lower, str.upper, str.title, str.swapcase)
UNSEEN = (
    "",
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u2069",
    "\ufe0f",
    "\u034f",
)
AROUND = st.text(
    st.sampled_from(
        [*" \t\r\n.,;:!?¡¿\"'()*_-–—…«»“”~#/", "\u00a0", "\u3000", "🛑", "✋", "🏽", "🙏", "\u200f", "\u0301"]
    )
)


@given(
    st.sampled_from(ENGLISH + SPANISH),
    st.lists(
        st.tuples(st.sampled_from(CASES), st.sampled_from(WIDTHS), st.sampled_from(UNSEEN)), min_size=16, max_size=16
    ),
    AROUND,
    AROUND,
)
def test_no_decoration_hides_an_opt_out_word(word, decorations, before, after):
    letters = (width(case(letter)) + unseen for letter, (case, width, unseen) in zip(word, decorations, strict=False))
    assert read_reply(before + "".join(letters) + after, "es") == "revokes"


@given(
    st.sampled_from(AMONG_OTHERS),
    st.sampled_from(["thanks", "gracias", "my dose 5"]),
    st.sampled_from([". ", " ", "\n", ", "]),
)
def test_an_opt_out_word_among_others_is_mentioned(word, others, between):
    assert read_reply(f"{word}{between}{others}", "es") == "mentions"
    assert read_reply(f"{others}{between}{word}", "en") == "mentions"


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("Stop. Gracias", "es", "mentions"),
        ("Quiero darme de baja, por favor", "es", "mentions"),
        ("por favor NO MÁS mensajes", "es-US", "mentions"),
        ("no quiero que esto pare nunca", "es", "free_text"),
        ("Quiero darme de baja", "en", "free_text"),
        ("No más correos, gracias", "es", "mentions"),
        ("please unsubscribe me", "es", "mentions"),
        ("STOP: I do not want these", "en", "mentions"),
        ("nonstop, endless, cancelled, altos", "es", "free_text"),
        ("STOP STOP", "en", "revokes"),
        ("S.T.O.P.", "en", "revokes"),
        ("\u24c8\u24c9\u24c4\u24c5", "en", "revokes"),
        ("STOP HELP", "en", "mentions"),
        ("HELP", "es", "asks_for_help"),
        ("¡Ayuda!", "es", "asks_for_help"),
        ("info", "en", "asks_for_help"),
        ("help me to the phone", "en", "free_text"),
        ("", "en", "free_text"),
        ("🛑", "en", "free_text"),
        ("\ud800stop\udfff", "en", "revokes"),
    ],
)
def test_what_a_message_asks_for(text, language, reply):
    assert read_reply(text, language) == reply


@pytest.mark.parametrize(
    "text",
    [
        "El dolor es alto",
        "El azúcar está alto",
        "tengo el azúcar muy baja",
        "no puedo salir de la cama",
        "no puedo parar de toser",
        "no se puede detener la sangre",
        "Tengo que cancelar la cita",
        "me duele no más de noche",
        "I quit smoking",
        "The pain comes at the end of the day",
        "Please cancel my visit on Friday",
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_words_about_health_and_visits_do_not_mention_an_opt_out(text, language):
    assert read_reply(text, language) == "free_text"


SCRIPTS = (
    *("Latin", "Ελλάδα", "Кирилл", "Հայերեն", "ქართული", "עברית", "العربية", "ܣܘܪܝܝܐ", "ދިވެހި", "ߒߞߏ", "हिन्दी", "বাংলা"),
    *("ਪੰਜਾਬੀ", "ગુજરાતી", "ଓଡ଼ିଆ", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "ไทย", "ລາວ", "བོད་", "မြန်မာ", "አማርኛ", "ᏣᎳᎩ"),
    *(
        "ᓀᐦᐃᔭᐍᐏᐣ",
        "ខ្មែរ",
        "ᠮᠣᠩᠭᠣᠯ",
        "한국어",
        "ひらがな",
        "カタカナ",
        "漢字",
        "ㄅㄆㄇ",
        "ꆈꌠ",
        "ⵜⴰⵎⴰ",
        "ꦗꦮ",
        "ᬩᬮᬶ",
        "ᱥᱟᱱ",
        "𞤀𞤁",
        "𐎠𐎡",
        "ᚠᚢ",
    ),
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_in_forty_scripts_is_free_text_and_hides_no_word(language):
    assert len(SCRIPTS) >= 40
    assert read_reply(" ".join(SCRIPTS), language) == "free_text"
    assert read_reply(" ".join((*SCRIPTS, "stop", *SCRIPTS)), language) == "mentions"
