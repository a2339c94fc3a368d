"""The paragraphs of an annotated page, put together, are word for word what is sent: for every rendering there is."""

import re

import pytest

from journeys.review.proof import prove
from tests.review.journeys_shipped import JOURNEYS, page, reachable, shipped


def words(text: str) -> list[str]:
    """The words without the numbers of notes: a page counts all notes, a mail those that it shows."""
    return re.sub(r"\W+", " ", re.sub(r"\[[0-9]+\]", " ", text)).split()


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_paragraphs_together_are_the_text_of_the_mail(journey, locale):
    lint = shipped(journey)
    for key, piece in lint.catalogue.pieces.items():
        shown = page(key, locale, journey)
        for rendering in prove(piece, lint.plan, locale, reachable=reachable(journey)).shown:
            parts = [shown.paragraphs[number - 1] for number in rendering.paragraphs]
            if rendering.channel == "email" and not any(part.inside for part in parts):
                put_together = words(shown.title) + [word for part in parts for word in words(part.text)]
                assert words(rendering.rendered.text)[: len(put_together)] == put_together, (key, rendering.number)
