"""Text messages by Apprise: whom they reach, what an outcome is, and that its libraries log nothing."""

import logging
from datetime import timedelta

import pytest

pytest.importorskip("apprise", reason="the extra 'apprise' is not installed")

from service.outreach.apprise import AppriseChannel
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.envelopes import KEY, NOW, clock, envelope
from tests.service.outreach.test_canaries import (
    BODY,
    HTTP,
    NUMBER,
    canaries_told,  # noqa: F401
    sink,  # noqa: F401
)

#: A plugin that Apprise loads uses a module that Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def text(**changes):
    return envelope(**{"address": NUMBER, "text": f"{BODY} {{{{ 1 }}}} :smile:", **changes})


def channel(server, path="/{to}"):
    return AppriseChannel(server.url(path, scheme="json") + "?cto=0.5&rto=0.5", clock)


def test_the_provider_gets_the_number_and_the_words_as_they_are():
    with http_server(answer(200)) as server:
        assert channel(server).send(text(), KEY) == Accepted()
        (request,) = server.requests
    assert request.target.startswith(f"/{NUMBER}")
    assert request.json["message"] == f"{BODY} {{{{ 1 }}}} :smile:"


@pytest.mark.parametrize("status", [301, 400, 429, 500])
def test_a_failure_leaves_open_whether_the_message_was_sent(status):
    with http_server(answer(status, {}, Location="/elsewhere")) as server:
        assert channel(server).send(text(), KEY) == AnswerLost(Reason.PROVIDER_FAILED)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": "34600777888"}, Reason.BAD_ADDRESS),
        ({"address": "+1"}, Reason.BAD_ADDRESS),
        ({"text": " "}, Reason.BAD_CONTENT),
        ({"useful_until": NOW - timedelta(seconds=1)}, Reason.EXPIRED),
    ],
)
def test_what_cannot_be_sent_does_not_leave(changes, reason):
    with http_server(answer(200)) as server:
        assert channel(server).send(text(**changes), KEY) == Permanent(reason)
        assert server.requests == []


@pytest.mark.parametrize("url", ["", "json://host.example/", "nonsense://host/{to}", "{to}"])
def test_an_address_that_names_no_recipient_is_refused(url):
    with pytest.raises(ValueError, match="in the place of the recipient"):
        AppriseChannel(url, clock)


@HTTP
@pytest.mark.long
def test_no_library_logs_the_number_or_the_words(react, canaries_told):  # noqa: F811
    with http_server(react) as server:
        outcome = channel(server).send(text(), KEY)
        logging.getLogger("urllib3.made_later").warning("POST %s %s", NUMBER, BODY)
        assert canaries_told(text(), outcome) == []
