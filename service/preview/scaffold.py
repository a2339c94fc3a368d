"""Start files of a new piece: without lint errors, with notes on what to write. It writes nothing."""

from __future__ import annotations

from journeys.definition.model import Journey
from journeys.primitives.messages import package_translations

_SETTINGS = """\
# Settings for all languages. The piece is shown in the state that its folder is named for.
piece:
  purpose: education          # education, treatment, adherence, support, marketing
  # when: "a condition"       # shown only if it is true; an unknown fact shows nothing
  # order: 20                 # small first; 100 unless given
  # channels: [web, email, sms, push, post]   # sms needs 'text' in each language, push needs 'push'
  # references:               # sources for footnotes such as [^name]
  #   name: {title: "What it is called", source: "Where it was published"}
"""
_TEXT = """\
---
# Shown in lists and on locked screens. No facts about the person here.
title: {title}
summary: {summary}
{settings}---
{body}
"""
_SAMPLE_TEXTS = package_translations("service", "preview")


def new_piece(journey: Journey, state_path: str, key: str) -> dict[str, str]:
    """The files of a new piece, by path from the folder of content.

    Args:
        journey: the journey.
        state_path: a track, or a state in full (`track.state`).
        key: the piece's key.
    """
    folder = f"{journey.key}/{state_path.replace('.', '/')}/{key}"
    first = journey.locales[0]
    return {
        f"{folder}/{locale}.md": _TEXT.format(
            settings=_SETTINGS if locale == first else "", **_SAMPLE_TEXTS.for_locale(locale)
        )
        for locale in journey.locales
    }
