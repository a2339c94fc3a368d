"""Numbers are whole."""

import pytest

from tests.authoring.lint.texts import MESSAGE, check_text, found_in


@pytest.mark.parametrize(
    "words",
    [
        "1 in 8 people",
        "12% of us",
        "1,000 people",
        "1.000 personas",
        "on 15.01.2026",
        "version 1.2.3",
        "3/4.5",
        "20-30%",
    ],
)
def test_whole_ones_are_fine(words):
    check_text(f"{MESSAGE}\nIt helps {words}.\n")


@pytest.mark.parametrize("number", ["12.5%", "0.5 percent", "12,5 %", "12,5 por ciento"])
def test_no_percentage_has_decimals(number):
    check_text(f"{MESSAGE}\nIt helps {number}.\n", (3, "whole-numbers", f"'{number}' is a percentage with decimals"))


def test_other_decimals_are_a_warning():
    check_text(f"{MESSAGE}\nWalk 1.5 miles.\n", (3, "whole-numbers", "'1.5' has decimals; write a whole number"))


def test_lines_of_the_front_matter_are_looked_at():
    check_text(MESSAGE, (4, "whole-numbers", "'2.5%'"), front="why: It helps 2.5% of people.\n")


def test_numbers_of_the_glossary_are_left_out():
    assert found_in(f"{MESSAGE}\nIt is 6,5 % or more.\n", glossary="terms: []\nnumbers: [6.5%]\n") == []
