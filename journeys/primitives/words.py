"""Closed lists of words that options of commands take; importing them imports nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

#: The functions in which reviewers sign.
FUNCTIONS = ("medical", "legal", "regulatory")

#: The purposes of pieces, and so of messages.
MESSAGE_PURPOSES = ("education", "treatment", "adherence", "support", "marketing")

#: How a piece is rendered: `web` is an HTML fragment to put under the title, `page` a complete HTML page, `text` plain
#: text, `post` the fragment of a letter. In a language that is written from right to left, a fragment is one element
#: with `lang` and `dir`.
Channel = Literal["web", "page", "text", "email", "sms", "push", "post"]
RENDERED_AS: tuple[Channel, ...] = get_args(Channel)

#: What the paths of a cover take: every state, every transition, or every two transitions in a row.
Aim = Literal["states", "transitions", "pairs"]
AIMS: tuple[Aim, ...] = get_args(Aim)

#: The kinds of files that authors write and that have a JSON Schema.
SCHEMA_KINDS = ("journey", "piece", "text", "programmes", "story", "persona", "fhir", "sources")

#: The patterns of new journeys, each in a line; the first unless another is named.
PATTERNS: Mapping[str, str] = {
    "yearly-check": "A visit or test that is due once a year.",
    "course": "A course of treatment: states in order, each begun by a report, with visits and reminders.",
    "held-news": "News that patients do not read before staff have told them.",
    "supporting-track": "A track of support beside the care itself, with a task for the care team.",
    "survey": "A question that comes again and again, and a call where the answer is a bad one.",
}

#: The paper of letters.
Paper = Literal["a4", "letter"]
PAPERS: tuple[Paper, ...] = get_args(Paper)
