"""The route of sources: receipts of providers and the words of persons, by a signature over the very bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, get_args

from flask import Response, current_app
from marshmallow import Schema, fields

from journeys.outreach.incoming import ProviderReceipt
from journeys.outreach.incoming.receipts import ReceiptKind
from journeys.primitives.errors import Refused
from service.http.blueprint import Blueprint
from service.http.context import json_answer, json_object, loaded, service
from service.http.fields import REQUIRED, Moment, OneOf, Text, Writing
from service.http.schema import ID, Request, answer_field, request_field
from service.http.signed import require_signature
from service.outreach.listen import IncomingReceipt, IncomingWords, take_receipt, take_words
from service.platform import errors
from service.platform.inbound_sources import InboundSource

#: The extension that holds the sources by name.
EXTENSION = "journeys-inbound"
REPLY = "reply"
LONGEST_TEXT = 10_000
NO_SOURCE = "No source has this name. The setting 'inbound' lists them."
NAME_A_MESSAGE = f"{REQUIRED} You can send 'provider_id' instead."


class InboundIn(Request):
    """A receipt of a message, which `message` or `provider_id` names; or a reply, with `from` and `text`."""

    class Meta:
        """A field whose name is a keyword."""

        include: ClassVar = {
            "from": request_field(Text, longest=ID, description="Of a reply: the address that it came from.")
        }

    id = request_field(
        Text, longest=ID, required=True, description="The source's id of this receipt or reply; it counts once."
    )
    kind = request_field(OneOf, *get_args(ReceiptKind), REPLY, required=True)
    at = request_field(Moment, required=True, description="When it happened.")
    message = request_field(Text, longest=64, description="The key that came with the message.")
    provider_id = request_field(Text, longest=ID, description="The id that the provider gave the message.")
    status = request_field(
        Text, longest=40, description="Of a bounce: its status code (RFC 3463, or HTTP)", example="5.1.1"
    )
    text = request_field(Writing, longest=LONGEST_TEXT, description="Of a reply: what the person wrote.")


class InboundOut(Schema):
    """The same answer to everything that is signed and well-formed."""

    status = answer_field(fields.String, "Whether it was taken.", enum=("accepted",))


blueprint = Blueprint("inbound", __name__, url_prefix="/v1", description="For providers of channels")

_REQUEST = InboundIn()


@blueprint.route("/inbound/<id:source>", methods=["POST"])
@blueprint.takes(InboundIn)
@blueprint.response(202, InboundOut)
@blueprint.refuses(errors.NotSigned)
@blueprint.doc(security=[])
def take(source: str) -> Response:
    """Take a receipt of a provider, or what a person answered. No token: the source signs each request.

    `Journeys-Signature` is the HMAC-SHA256, in hexadecimal digits, of the value of `Journeys-Timestamp`, a dot and the
    body. The answer does not tell whether the message or the sender is known.
    """
    declared = _signed_source(source)
    values = loaded(_REQUEST, json_object())
    if values["kind"] == REPLY:
        take_words(service(), declared, _words(declared, values))
    else:
        take_receipt(service(), declared, _receipt(values))
    return json_answer({"status": "accepted"}, 202)


def _signed_source(name: str) -> InboundSource:
    """The source that signed this request.

    Raises:
        NotFound: no source has this name.
        NotSigned: the signature is not its own, or too old.
    """
    source: InboundSource | None = current_app.extensions[EXTENSION].get(name)
    if source is None:
        raise errors.NotFound(NO_SOURCE)
    require_signature(source.secrets)
    return source


def _words(source: InboundSource, values: Mapping[str, Any]) -> IncomingWords:
    missing = [name for name in ("from", "text") if name not in values]
    if missing:
        raise Refused({name: [REQUIRED] for name in missing})
    return IncomingWords.of_text(source, id=values["id"], sender=values["from"], text=values["text"], at=values["at"])


def _receipt(values: Mapping[str, Any]) -> IncomingReceipt:
    if "message" not in values and "provider_id" not in values:
        raise Refused({"message": [NAME_A_MESSAGE]})
    receipt = ProviderReceipt(values["id"], values["at"], values["kind"], values.get("status", ""))
    return IncomingReceipt(receipt=receipt, message=values.get("message"), provider_id=values.get("provider_id"))
