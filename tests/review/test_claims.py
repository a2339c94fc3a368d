"""The claims of a pack: each sentence once, with its sources, or to be confirmed by a clinician."""

from journeys.review.claims import claims_of
from journeys.review.documents import pack_document, pack_text
from journeys.review.pack import make_pack
from journeys.review.stored import to_json
from tests.review.journeys_shipped import made, made_page, shipped
from tests.samples.sample import pieces, plan

SHARED = """\
purpose: education
references:
  a: {title: Atlas, source: An institute, url: "https://example.org/atlas"}
  b: {title: Book}
"""
BODY = """\
## What a scan is

A scan takes pictures of the body.[^a] It takes about an hour.

- It does not hurt.
- Dyes can cause an allergy.[^a][^b]

1. 2,000 people were asked.[^b] Dr. Gray agrees!

{% if operable %}
Some may drive home.[^b]
{% endif %}
"""


def claims(*bodies):
    pages = [made_page(body, shared=SHARED) for body in bodies]
    return [(claim.text, [note.id for note in claim.sources]) for claim in claims_of(pages)]


def test_each_sentence_and_each_item_is_a_claim_with_the_sources_it_cites():
    assert claims(BODY) == [
        ("A scan takes pictures of the body.", ["a"]),
        ("It takes about an hour.", []),
        ("It does not hurt.", []),
        ("Dyes can cause an allergy.", ["a", "b"]),
        ("2,000 people were asked.", ["b"]),
        ("Dr. Gray agrees!", []),
        ("Some may drive home.", ["b"]),
    ]


def test_brackets_that_cite_nothing_stay_in_the_text():
    assert claims("One [7] and zero [0] are words.[^a][^b]\n") == [("One [7] and zero [0] are words.", ["a", "b"])]


def test_a_sentence_of_several_pages_is_one_claim_with_all_sources():
    first, second = "It does not hurt.[^b] It is quick.[^a]\n", "It does not hurt.[^a] Some rest.[^b]\n"
    assert claims(first, second) == [
        ("It does not hurt.", ["b", "a"]),
        ("It is quick.", ["a"]),
        ("Some rest.", ["b"]),
    ]


def test_a_pack_lists_each_claim_with_its_pages_and_what_nobody_has_confirmed():
    pack = make_pack(plan(), [*pieces().values(), made(BODY, shared=SHARED)], locales=["en"])
    (part,) = pack.parts
    unsourced = [claim.text for claim in part.claims if not claim.sources]
    assert "It takes about an hour." in unsourced
    text = pack_text(pack)
    assert f"{len(part.claims)} sentences; {len(unsourced)} of them cite no source" in text
    assert "  Dyes can cause an allergy. (made-up): Atlas, An institute, https://example.org/atlas; Book\n" in text
    confirm = "To be confirmed by a clinician: no source is cited."
    assert f"  It takes about an hour. (made-up): {confirm}\n" in text
    page = pack_document(pack)
    assert page.count(confirm) == len(unsourced)
    assert '<td><a href="#made-up-en">made-up</a></td>' in page
    assert to_json(pack)["parts"][0]["claims"][0]["pages"]


def test_claims_are_listed_in_the_language_of_their_pages():
    lint = shipped()
    pack = make_pack(lint.plan, lint.catalogue.pieces.values(), lint.programmes, locales=["es"])
    (part,) = pack.parts
    assert "Por confirmar por un profesional clínico" in pack_text(pack)
    assert {key for claim in part.claims for key in claim.pages} <= set(lint.catalogue.pieces)
    assert not any("[" in claim.text and claim.text.split("[")[1][:1].isdigit() for claim in part.claims)
