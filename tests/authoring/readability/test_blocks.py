"""A text is divided into blocks as a reader sees them, each with its position."""

from functools import lru_cache
from textwrap import dedent

from journeys.authoring.readability import blocks_of
from journeys.content.catalogue import PieceSource, read_piece
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from tests.authoring.lint.texts import JOURNEY

FRONT = "---\ntitle: A walk\nsummary: A walk each day.\n---\n"


@lru_cache
def plan():
    return compile_journey(read_journey(JOURNEY.replace("LOCALE", "en").encode(), "sample.yaml")[0])


def blocks(body, **partials):
    """Return the blocks of a text; its body begins in line 5."""
    files = {"piece.yaml": b"purpose: education\n", "en.md": (FRONT + dedent(body)).encode()}
    source = PieceSource("walk", "care/here/walk", files, {f"{name}.en.md": text for name, text in partials.items()})
    piece, problems = read_piece(source, plan())
    assert problems == []
    return blocks_of(piece.texts["en"], plan())


def summarized(listed):
    """Return (kind, text, line) of each block."""
    return [(block.kind, block.text, block.position.line) for block in listed]


def test_every_kind_of_block_has_its_line():
    text = blocks(
        """\
        Walk **each** day,
        not once a week.

        ## Why

        1. It helps.
        2. It is _fun_.

           - Really

        | When | Where |
        | --- | --- |
        | Noon | Park |

        > Go now.
        """
    )
    assert summarized(text.blocks) == [
        ("paragraph", "Walk each day, not once a week.", 5),
        ("heading", "Why", 8),
        ("item", "It helps.", 10),
        ("item", "It is fun.", 11),
        ("item", "Really", 13),
        ("cell", "When", 15),
        ("cell", "Where", 15),
        ("cell", "Noon", 17),
        ("cell", "Park", 17),
        ("paragraph", "Go now.", 19),
    ]
    assert [(line.name, line.text, line.position.line) for line in text.lines] == [
        ("title", "A walk", 2),
        ("summary", "A walk each day.", 3),
    ]


def test_each_rendering_has_its_blocks_and_all_of_them_are_in_order():
    text = blocks(
        """\
        Walk each day.
        {% if well %}

        You are well.
        {% endif %}
        {% if not well %}

        Rest first.
        {% endif %}

        Then rest.
        """
    )
    assert {tuple(block.text for block in shown) for shown in text.renderings} == {
        ("Walk each day.", "You are well.", "Then rest."),
        ("Walk each day.", "Rest first.", "Then rest."),
        ("Walk each day.", "Then rest."),
    }
    assert sorted(block.position.line for block in text.blocks) == [5, 8, 12, 15]
    assert [block.text for block in text.blocks][0::3] == ["Walk each day.", "Then rest."]


def test_arms_inside_a_sentence_are_read_one_by_one():
    text = blocks("{% if well is known %}You {% if well %}can{% else %}cannot{% endif %} walk.{% endif %} Go on.\n")
    assert {block.text for block in text.blocks} == {"You can walk. Go on.", "You cannot walk. Go on.", "Go on."}


def test_a_value_is_one_word_at_its_line():
    text = blocks("Walk each day.\n\n{% if well is known %}\n- {{ well | label }}\n{% endif %}\n")
    assert ("item", "⟨well⟩", 8) in summarized(text.blocks)


def test_what_a_partial_says_is_named_there():
    text = blocks("Walk each day.\n\n{% include 'help' %}\n", help=b"## Help\n\nCall us.\n")
    assert [(block.text, block.position.file, block.position.line) for block in text.blocks[1:]] == [
        ("Help", "content/sample/_partials/help.en.md", 1),
        ("Call us.", "content/sample/_partials/help.en.md", 3),
    ]


def test_links_have_their_words_and_target():
    text = blocks("Walk each day. See [**good** walks](https://example.org/a_b) and [us](tel:123).\n")
    assert [(link.text, link.target) for link in text.blocks[0].links] == [
        ("good walks", "https://example.org/a_b"),
        ("us", "tel:123"),
    ]
    assert text.blocks[0].text == "Walk each day. See good walks and us."
