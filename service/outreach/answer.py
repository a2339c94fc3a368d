"""Answering what a person wrote: a message with the approved reply text, to the contact that wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.incoming import ANSWERS
from service.outreach.store.inbound import PersonsEnrollment, StoredWords
from service.outreach.store.messages import ANSWER, StoredMessage, add_message
from service.publishing.service import Service


def schedule_answer(
    service: Service, connection: Connection, words: StoredWords, enrollment: PersonsEnrollment, now: datetime
) -> None:
    """Makes the message that answers words; none where the journey has no reply text for them and their channel."""
    answer = ANSWERS.get(words.reply)
    if answer is None:
        return
    release = service.library.releases(connection)[enrollment.release]
    replies = service.library.newest(connection, release).of_kind("reply")
    reply = next((text for text in replies if text.answers == answer.question), None)
    if reply is None or words.channel not in reply.channels:
        return
    message = StoredMessage(
        id=service.new_id(),
        person=words.person,
        enrollment=enrollment.id,
        kind="answer",
        subject=words.contact,
        piece=reply.key,
        purpose=ANSWER,
        channels=(words.channel,),
        due=now,
        useful_until=now + answer.useful_for,
        next_at=now,
        opened_at=now,
    )
    add_message(connection, message)
