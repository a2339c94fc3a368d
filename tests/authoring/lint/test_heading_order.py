"""Headings go down one level at a time."""

from tests.authoring.lint.texts import MESSAGE, check_text


def test_one_level_at_a_time_is_fine():
    check_text(MESSAGE + "\n## Why\n\n### Heart\n\n#### Left\n\n## How\n\n### Slowly\n")


def test_no_level_is_skipped():
    check_text(
        MESSAGE + "\n## Why\n\n#### Heart\n\n## How\n\n##### Slowly\n",
        (5, "heading-order", "The heading “Heart” has level 4 and follows level 2; write it with '###'."),
        (9, "heading-order", "The heading “Slowly” has level 5 and follows level 2"),
    )


def test_the_first_is_below_the_title():
    check_text(MESSAGE + "\n### Why\n", (3, "heading-order", "has level 3 and follows level 1; write it with '##'."))


def test_no_condition_takes_the_level_above_away():
    body = MESSAGE + "\n{% if well %}\n## Why\n{% endif %}\n\n### Heart\n"
    check_text(body, (7, "heading-order", "The heading “Heart” has level 3 and follows level 1"))
