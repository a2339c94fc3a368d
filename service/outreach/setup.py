"""The channels that the configuration sets up."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path

from service.outreach.apprise import AppriseChannel
from service.outreach.listen_mail import bounce_secret
from service.outreach.mail import MailChannel, MailServer
from service.outreach.mail_message import DkimKey, MailSender
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.post import PostChannel
from service.outreach.push import PushChannel, PushKey
from service.outreach.sms import TextChannel, TwilioAccount, TwilioChannel
from service.outreach.text_provider import read_text_provider
from service.platform.configuration import Configuration
from service.platform.mailbox import is_mailbox
from service.platform.outgoing import OutgoingClient, OutgoingRules, Reach
from service.platform.setting_values import ConfigurationError
from service.publishing.service import Service


def make_outbox(service: Service, config: Configuration) -> Outbox:
    """The service with every channel that is set up.

    Raises:
        ConfigurationError: a channel cannot be used as it is set up.
    """
    channels: dict[str, ChannelSetup] = {}
    try:
        if config.mail_server:
            if not is_mailbox(config.mail_unsubscribe):
                raise ValueError("mail_unsubscribe must be a mail address such as stop@example.org, without a name.")
            mail = _mail(service, config)
            channels["email"] = ChannelSetup(mail, close=mail.close)
        if config.sms_provider:
            provider = read_text_provider(Path(config.sms_provider))
            client = OutgoingClient(OutgoingRules(reach=Reach.OPERATOR))
            texts = TextChannel(provider, service.clock, client)
            channels["sms"] = ChannelSetup(texts, tells_repeats=provider.tells_repeats)
        if config.sms_account:
            account = TwilioAccount(account=config.sms_account, token=config.sms_token, sender=config.sms_sender)
            rules = OutgoingRules(reach=Reach.OPERATOR)
            channels["sms"] = ChannelSetup(TwilioChannel(account, service.clock, OutgoingClient(rules)))
        if config.apprise_url:
            channels["sms"] = ChannelSetup(AppriseChannel(config.apprise_url, service.clock))
        if config.push_key:
            key = PushKey(private_key=config.push_key, contact=config.push_contact)
            channels["push"] = ChannelSetup(PushChannel(key, service.clock, OutgoingClient(OutgoingRules())))
        if config.post_paper:
            sender = tuple(_lines(config.postal_address))
            channels["post"] = ChannelSetup(PostChannel(service, sender), tells_repeats=True)
    except (ValueError, RuntimeError) as error:
        raise ConfigurationError([str(error)]) from None
    per_second = {"email": config.mail_per_second, "sms": config.sms_per_second, "push": config.push_per_second}
    return Outbox(
        service=service,
        channels={name: replace(setup, per_second=per_second.get(name) or None) for name, setup in channels.items()},
        public_url=config.public_url,
        postal_address="\n".join(_lines(config.postal_address)),
        unsubscribe_mailbox=config.mail_unsubscribe,
    )


def _lines(postal_address: str) -> list[str]:
    return [line.strip() for line in postal_address.split(";")]


def _mail(service: Service, config: Configuration) -> MailChannel:
    host, _, port = config.mail_server.rpartition(":")
    name, address = parseaddr(config.mail_from)
    secret = bounce_secret(service)
    sender = MailSender(
        name=name, address=address, bounce_mailbox=config.mail_bounces, secret=secret, dkim=_dkim_key(config)
    )
    server = MailServer(
        host=host,
        port=int(port),
        security=config.mail_security,  # type: ignore[arg-type] # checked with the configuration
        user=config.mail_user,
        password=config.mail_password,
    )
    return MailChannel(server, sender, service.clock)


def _dkim_key(config: Configuration) -> DkimKey | None:
    if not config.mail_dkim_key:
        return None
    try:
        private_key = Path(config.mail_dkim_key).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise ValueError("mail_dkim_key must be a readable file with an RSA private key in PEM.") from None
    return DkimKey(domain=config.mail_dkim_domain, selector=config.mail_dkim_selector, private_key=private_key)
