"""A browser that subscribed to push messages: it decrypts by RFC 8291 with nothing but primitives."""

import base64
import hmac
import json
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


class Browser:
    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.endpoint = endpoint

    def subscription(self, **changes) -> str:
        keys = {"p256dh": base64url(point_of(self.key.public_key())), "auth": base64url(self.secret)}
        return json.dumps({"endpoint": self.endpoint, "keys": {**keys, **changes}})

    def decrypted(self, body: bytes) -> bytes:
        salt, record_size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender_point, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= record_size
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender_point)
        shared = hmac.digest(self.secret, self.key.exchange(ec.ECDH(), sender), "sha256")
        info = b"WebPush: info\0" + point_of(self.key.public_key()) + sender_point
        secret = hmac.digest(salt, hmac.digest(shared, info + b"\1", "sha256"), "sha256")
        content_key = hmac.digest(secret, b"Content-Encoding: aes128gcm\0\1", "sha256")[:16]
        nonce = hmac.digest(secret, b"Content-Encoding: nonce\0\1", "sha256")[:12]
        padded = AESGCM(content_key).decrypt(nonce, sealed, None)
        content, delimiter, _ = padded.rpartition(b"\2")
        assert delimiter
        return content
