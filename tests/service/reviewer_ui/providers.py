"""A provider on the loopback that does what a test says, also what no provider should (S5)."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from functools import cache
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT = "journeys"


class Crooked:
    """Recognises `subject`; `wrong` says what it does otherwise than it should."""

    def __init__(self, now, back: str = "/room/provider/back") -> None:
        self.now = now
        self.back = back
        self.claims: dict[str, object] = {}
        self.subject = "kim@clinic.example"
        self.wrong: dict[str, object] = {}
        self.key = key_of("one")
        self.codes: dict[str, dict[str, str]] = {}
        self.address = ""
        self.asked: list[dict[str, str]] = []

    def renew_key(self) -> None:
        self.key = key_of("two")

    def authorize(self, address: str) -> str:
        """What the browser does there: the address to which it is sent back."""
        results = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(results)
        code = f"code-{len(self.asked)}"
        self.codes[code] = results
        back = {"code": code, "state": results["state"]} | dict(self.wrong.get("back", {}))
        return f"{self.back}?{urlencode(back)}"

    def __call__(self, environ, start_response):
        request = Request(environ)
        answer = self.route(request.path)(request)
        if isinstance(answer, Response):
            return answer(environ, start_response)
        return Response(json.dumps(answer), content_type="application/json")(environ, start_response)

    def route(self, path: str):
        """What is at an address."""
        return {
            "/.well-known/openid-configuration": self.describe,
            "/jwks": lambda _: {"keys": [self.key.as_dict(private=False)]},
            "/token": self.token,
            "/userinfo": lambda _: {"sub": self.subject} | self.claims | dict(self.wrong.get("userinfo", {})),
        }[path]

    def refused(self):
        return Response('{"error": "invalid_token"}', status=401, content_type="application/json")

    def describe(self, _):
        return {
            "issuer": self.wrong.get("issuer", self.address),
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "userinfo_endpoint": f"{self.address}/userinfo",
        } | dict(self.wrong.get("described", {}))

    def token(self, request):
        results = self.codes.pop(request.form["code"], None)
        verifier = request.form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if results is None or results.get("code_challenge_method") != "S256" or results["code_challenge"] != challenge:
            return Response('{"error": "invalid_grant"}', status=400, content_type="application/json")
        now = int(self.now().timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": self.subject,
            "nonce": results["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
        } | dict(self.wrong.get("claims", {}))
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims) -> str:
        how = self.wrong.get("signed", "RS256")
        if how == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if how == "HS256":  # signed with the public key, as if it were a secret
            import hmac

            head = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
            made = hmac.new(self.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
            return f"{head}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
        key = key_of("one", "another") if how == "another key" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


@cache
def key_of(kid: str, name: str = "") -> jwk.RSAKey:
    """A key of that id, made once a run; another `name`, another key of the same id."""
    return jwk.RSAKey.generate_key(2048, {"kid": kid})


def _part(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextmanager
def running(provider: Crooked):
    """The provider on a port of its own."""
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
