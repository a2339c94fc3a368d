"""What mails, replies, bounces, complaints and receipts mean that arrive from people and from providers. Pure.

Bytes and text come in, decisions go out: it stores nothing, answers nobody and reads no clock.
"""

from journeys.outreach.incoming.answers import ANSWERS, Answer
from journeys.outreach.incoming.mail import (
    AutomaticMail,
    DeliveryStatusReport,
    FeedbackReport,
    Mail,
    MailEnvelope,
    MessageReference,
    PersonalMail,
    read_mail,
    read_mailed_reply,
)
from journeys.outreach.incoming.quoted import own_words
from journeys.outreach.incoming.receipts import (
    ContactHealth,
    ProviderReceipt,
    consequence_of,
    contact_health,
    is_worth_retrying,
)
from journeys.outreach.incoming.replies import Reply, read_reply
from journeys.outreach.incoming.reports import RecipientStatus

__all__ = [
    "ANSWERS",
    "Answer",
    "AutomaticMail",
    "ContactHealth",
    "DeliveryStatusReport",
    "FeedbackReport",
    "Mail",
    "MailEnvelope",
    "MessageReference",
    "PersonalMail",
    "ProviderReceipt",
    "RecipientStatus",
    "Reply",
    "consequence_of",
    "contact_health",
    "is_worth_retrying",
    "own_words",
    "read_mail",
    "read_mailed_reply",
    "read_reply",
]
