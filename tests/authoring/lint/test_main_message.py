"""A text begins with its one main message."""

import pytest

from tests.authoring.lint.texts import MESSAGE, check_text


@pytest.mark.parametrize("body", [MESSAGE, f"**{MESSAGE.strip()}**\n\n## Why\n", "Go on. " * 20])
def test_a_short_paragraph_is_fine(body):
    check_text(body)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("\n## Walking\n\n" + MESSAGE, "This text can begin with a heading; begin with the one main message"),
        ("\n- Walk\n- Rest\n", "This text can begin with a list"),
        ("\n| Walk | Rest |\n| --- | --- |\n| a | b |\n", "This text can begin with a table"),
        (
            "\nRead on.\n\n" + MESSAGE,
            "The first paragraph has 2 words; begin with the one main message, a paragraph of 4",
        ),
        ("\n" + "Go on. " * 20 + "Stop.", "The first paragraph has 41 words"),
    ],
)
def test_nothing_else_comes_first(body, complaint):
    check_text(body, (2, "main-message", complaint))


def test_no_condition_leaves_it_out():
    """Who has not told whether they are well would begin with the heading."""
    body = "{% if well %}\nYou are well, so walk.\n{% endif %}\n\n## Walking\n\nWalk a little each day.\n"
    check_text(body, (5, "main-message", "This text can begin with a heading"))
