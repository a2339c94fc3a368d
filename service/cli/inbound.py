"""`journeys inbound`: what arrives from outside, handed over by another program such as a mail server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import rich_click as click

from service.cli.options import database_option
from service.cli.startup import configuration

if TYPE_CHECKING:
    from journeys.outreach.incoming import MailEnvelope

TRY_AGAIN = 75
#: EX_TEMPFAIL of sysexits.h: the mail server keeps the mail. With another code it would send it back to the sender.
_BLOCK = 1024 * 1024


@click.group()
def inbound() -> None:
    """Take what arrives from outside."""


@inbound.command()
@click.option("--sender", metavar="ADDRESS", default="", help="The sender of the envelope; empty: a mail server.")
@click.option("--recipient", metavar="ADDRESS", help="The recipient of the envelope; the header says it by default.")
@database_option
def mail(sender: str, recipient: str | None, database: str | None) -> None:
    """Take one mail from the standard input: a bounce, a complaint, or an answer of a patient.

    Ends with 0 when the mail was stored or ignored, and with 75 when the mail server must hand it over again: the
    database is unavailable, or the configuration is wrong. Needs the settings of mail (`mail_from`, `mail_bounces`).

    Example, in master.cf of Postfix: `argv=/usr/bin/journeys inbound mail --sender ${sender} --recipient ${recipient}`
    """
    from service.operations import databases
    from service.outreach.listen_mail import own_mailboxes, take_mail
    from service.platform.database import AlreadyMoving, DatabaseRefused
    from service.platform.errors import Unavailable, reason_of
    from service.platform.logs import log, logs_of_command, where
    from service.platform.setting_values import ConfigurationError
    from service.publishing.library import Rules

    raw = _standard_input()
    with logs_of_command():
        try:
            config = configuration(database=database)
            with databases.open_service(config.database, rules=Rules.of(config)) as service:
                take_mail(service, own_mailboxes(service, config), raw, _envelope(sender, recipient))
        except Unavailable as error:
            _end(f"The database cannot be used: {reason_of(error)}")
        except (ConfigurationError, DatabaseRefused, AlreadyMoving, click.UsageError) as error:
            _end(str(error))
        except Exception as error:  # a traceback would go back to the sender, and the mail would be lost
            log().error("mail-not-taken", **where(error))
            _end("The mail was not taken; the log says where.")


def _envelope(sender: str, recipient: str | None) -> MailEnvelope | None:
    """The envelope; Postfix writes MAILER-DAEMON for the empty sender."""
    from journeys.outreach.incoming import MailEnvelope

    if recipient is None:
        return None
    return MailEnvelope(sender if "@" in sender else "", recipient)


def _standard_input() -> bytes:
    """The beginning of a mail, as far as it is read; the rest is read too, as the mail server waits to write it."""
    from journeys.outreach.incoming.mime import LONGEST_MAIL

    raw = sys.stdin.buffer.read(LONGEST_MAIL)
    while sys.stdin.buffer.read(_BLOCK):
        pass
    return raw


def _end(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(TRY_AGAIN)


COMMANDS = (inbound,)
