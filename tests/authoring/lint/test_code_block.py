"""A text holds no code block."""

import pytest

from tests.authoring.lint.texts import MESSAGE, check_text

WORDS = "Notwithstanding immunohistochemical heterogeneity, multidisciplinary reconsideration of it all."


@pytest.mark.parametrize(
    "block",
    [
        f"```\n{WORDS}\n```",
        f"```\n{WORDS}",
        f"~~~ text\n{WORDS}\n~~~",
        f"    {WORDS}",
        f"\t{WORDS}",
        f"-     {WORDS}",
        f"> ```\n> {WORDS}",
        f"{{% if well is known %}}\n    {WORDS}\n{{% endif %}}",
    ],
)
def test_a_code_block_is_refused(block):
    lines = block.split("\n")
    line = 3 + next(number for number, words in enumerate(lines) if "Notwith" in words)
    check_text(f"{MESSAGE}\n{block}\n", (line, "code-block", "“Notwithstanding immuno"))


@pytest.mark.parametrize("block", ["Take `2 mg` today.", "- A walk\n\n    A long one.", "> A quote"])
def test_other_blocks_are_fine(block):
    check_text(f"{MESSAGE}\n{block}\n")
