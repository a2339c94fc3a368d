"""Counters of where people leave a registration, without anybody being followed. It renders no page.

A draft counts each question once as shown and once as answered, declined or finished: who leaves is shown a question
and answers nothing. Errors and ways back count each time. Nothing is stored of a person but the draft's own content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from service.platform.process import Process
from service.registration.drafts import Draft
from service.registration.offers import JoinOffer
from service.registration.store.counts import CountedForm, raise_counts

#: Kinds that count each time; the others count once for a draft and a question.
EACH_TIME = frozenset({"back", "error"})
#: The kinds that say that somebody got past a question: it counts once, as the first of them.
PAST = frozenset({"answered", "declined", "finished"})


def count(
    process: Process, connection: Connection, offer: JoinOffer, draft: Draft, happened: Sequence[tuple[str, str]]
) -> Draft:
    """Raises the counters of (question, kind); returns the draft with what was counted, which is not stored yet."""
    counted, new = set(draft.counted), []
    for question, kind in happened:
        mark = f"{'past' if kind in PAST else kind} {question}"
        if kind in EACH_TIME:
            new.append((question, kind))
        elif mark not in counted:
            counted.add(mark)
            new.append((question, kind))
    form = CountedForm(
        journey=offer.journey,
        programme=offer.programme.key,
        form=offer.version,
        style=draft.style,
        locale=draft.language,
        day=process.clock().date().isoformat(),
    )
    raise_counts(connection, form, new)
    return replace(draft, counted=frozenset(counted))
