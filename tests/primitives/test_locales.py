"""Language tags: one form for every door, and the lookup of the locale that serves them."""

import pytest

from journeys.primitives.locales import (
    LONGEST_TAG,
    direction_of,
    language_attributes,
    read_tag,
    script_of,
    served_locale,
)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        *[("es", "es"), ("ES", "es"), ("es_MX", "es-MX"), ("es-419", "es-419"), ("spa", "es"), ("iw", "he")],
        *[("zh-hant-tw", "zh-Hant-TW"), ("en-US-u-mu-celsius", "en-US-u-mu-celsius"), ("en-x-private", "en-x-private")],
        *[("es-ES-u-co-trad", "es-ES-u-co-trad"), ("de-1996", "de-1996"), ("en_GB_oxendict", "en-GB-oxendict")],
        *[
            ("i-klingon", "tlh"),
            ("zh-min-nan", "nan"),
            ("zh-cmn-Hans-CN", "zh-Hans-CN"),
            ("no-bok", "nb"),
            ("und", "und"),
        ],
        *[("x-private", "x-private"), ("de-CH-1901", "de-CH-1901"), ("en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc")],
    ],
)
def test_a_tag_has_one_canonical_form(text, tag):
    assert read_tag(text) == tag
    assert read_tag(tag) == tag


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "e",
            "Spanish",
            "en--US",
            "en-",
            "-en",
            "e n",
            "en US",
            "en-US-u",
            "5l",
            "12",
            "a1",
            "e1-US",
            "en_US.UTF-8",
            "C",
            "es-ES@euro",
            "zh-Hant-Hans",
            "en-US-GB",
            "es-MX,en",
        ],
        *["es\n", "ｅｎ", "en-" + "a" * 9, "en" + "-abcde" * LONGEST_TAG],
    ],
)
def test_what_is_not_a_tag_is_refused(text):
    assert read_tag(text) is None


@pytest.mark.parametrize(
    ("requested", "declared", "served"),
    [
        ("es", "en es", "es"),
        ("es-US", "en es", "es"),
        ("es_US", "en es", "es"),
        ("ES-us", "en es es-US", "es-US"),
        ("spa", "en es", "es"),
        ("zh-Hant-TW", "en zh-Hans zh-Hant", "zh-Hant"),
        ("zh-TW", "en zh-Hans zh-Hant", "zh-Hant"),
        ("zh-TW", "en zh zh-Hant", "zh-Hant"),
        ("zh-HK", "en zh-Hans zh-Hant", "zh-Hant"),
        ("zh-Hant-TW", "en zh", "zh"),
        ("sr-Latn-RS", "sr sr-Latn", "sr-Latn"),
        ("sr-ME", "sr sr-Latn", "sr-Latn"),
        ("pa-Arab-PK", "pa pa-Arab", "pa-Arab"),
        ("pa-PK", "pa pa-Arab", "pa-Arab"),
        ("uz-Cyrl-UZ", "uz-Latn uz-Cyrl", "uz-Cyrl"),
        ("es-MX", "es-ES es-419", "es-419"),
        ("es-AR", "es-ES es-MX", "es-MX"),
        ("es", "en es-MX", "es-MX"),
        ("es-US", "en es-ES", "es-ES"),
        ("de-AT", "de-CH de", "de"),
        ("pt-AO", "pt-BR pt-PT", "pt-PT"),
        ("en-GB-oxendict", "en-US en-GB", "en-GB"),
        ("iw", "en he", "he"),
        ("nb-NO", "en no", "no"),
        ("en-US-u-mu-celsius", "es en", "en"),
        ("es-u-ms-metric", "en es", "es"),
        ("es-ES-u-co-trad", "en es", "es"),
        ("en-x-private", "es en", "en"),
        ("yue-HK", "en zh-Hans zh-Hant", "zh-Hant"),
        ("zh-yue-HK", "en zh-Hant", "zh-Hant"),
        ("zh-cmn-Hans-CN", "en zh-Hant zh-Hans", "zh-Hans"),
        ("nn-NO", "en no", "no"),
        ("nn", "en nb", "nb"),
        ("ary", "en ar", "ar"),
        ("ckb", "en ku", "en"),
        ("ca-ES-valencia", "en es ca", "ca"),
        ("de-CH-1901", "en de-AT de", "de"),
        ("en-x-easy-a", "en en-x-easy", "en-x-easy"),
        ("zh-Hant-TW-u-co-stroke", "en zh-Hans zh-Hant", "zh-Hant"),
        ("sh", "en sr sr-Latn", "sr-Latn"),
        ("und", "es en", "es"),
        ("und-US", "es en", "es"),
        ("x-private", "es en", "es"),
        ("fr", "en es", "en"),
        ("est", "en es", "en"),
        ("", "en es", "en"),
        ("not a tag", "en es", "en"),
    ],
)
def test_the_closest_declared_locale_serves(requested, declared, served):
    assert served_locale(requested, declared.split()) == served


@pytest.mark.parametrize(
    "tag", ["ar", "ar-EG", "he", "iw", "fa", "ur", "ps", "yi", "ckb", "dv", "pa-Arab", "uz-Arab", "ku-Arab", "syr"]
)
def test_languages_of_these_scripts_are_written_from_right_to_left(tag):
    assert direction_of(tag) == "rtl"
    assert language_attributes(tag) == f'lang="{tag}" dir="rtl"'


@pytest.mark.parametrize(
    "tag", ["en", "es-419", "pa", "uz", "tr", "zh-Hant-TW", "ru", "hi", "ku", "ar-Latn", "nonsense tag"]
)
def test_other_languages_are_written_from_left_to_right(tag):
    assert direction_of(tag) == "ltr"
    assert language_attributes(tag) == f'lang="{tag}"'


@pytest.mark.parametrize(
    ("tag", "script"), [("en", "LATIN"), ("ru", "CYRILLIC"), ("fa", "ARABIC"), ("ja", "CJK"), ("hi", "DEVANAGARI")]
)
def test_scripts_are_called_as_the_names_of_their_letters_begin(tag, script):
    assert script_of(tag) == script
