"""A term of the glossary occurs in at least one text."""

from tests.authoring.lint.texts import MESSAGE, check_text


def test_terms_that_stand_somewhere_are_fine():
    check_text(
        f"{MESSAGE}\nSurgery can wait, MET too. It is 6.5%.\n", glossary='terms: [surgery, MET]\nnumbers: ["6.5%"]'
    )


def test_no_term_stands_nowhere():
    """`MET` is not `met`."""
    check_text(
        f"{MESSAGE}\nWe met.\n",
        (2, "unused-term", "'surgery' occurs in no text; remove it."),
        (3, "unused-term", "'MET' occurs in no text"),
        (4, "unused-term", "'6.5%' occurs in no text"),
        file="glossary.yaml",
        glossary='terms:\n  - surgery\n  - MET\nnumbers: ["6.5%"]\n',
    )
