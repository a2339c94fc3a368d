"""The words of a link say where it leads."""

import pytest

from tests.authoring.lint.texts import MESSAGE, check_text


@pytest.mark.parametrize(
    "link",
    [
        "[walks in your town](https://example.org/walks)",
        "[Here is a plan](https://example.org/plan)",
        "[+1 555 010 0100](tel:+15550100100)",
        "[care@example.org](mailto:care@example.org)",
    ],
)
def test_words_that_name_it_are_fine(link):
    check_text(f"{MESSAGE}\nSee {link}.\n")


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("[here](https://example.org)", "The link “here” does not say where it leads; name the destination."),
        ("[Click **here**](https://example.org)", "The link “Click here” does not say"),
        ("[More…](https://example.org)", "The link “More…” does not say"),
        ("[aquí](https://example.org)", "The link “aquí” does not say"),
        ("[¡Haga clic aquí!](https://example.org)", "does not say"),
        ("[https://example.org/a](https://example.org/a)", "is a bare address"),
        ("[example.org](https://example.org)", "is a bare address"),
        ("Read [](https://example.org)", "The link to 'https://example.org' has no words"),
    ],
)
def test_nothing_else_is_accepted(link, complaint):
    check_text(f"{MESSAGE}\nWalk.\n\n- Go\n- {link}\n", (6, "link-text", complaint))
