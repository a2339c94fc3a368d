"""Sign-in with a provider, of staff or of patients: the code flow of OpenID Connect with PKCE, state and nonce.

It calls the provider only, follows no redirect, and trusts a response only after every check. It knows no account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from service.platform import errors
from service.platform.clock import NewSecret
from service.platform.configuration import Configuration
from service.platform.logs import log, where

SECONDS = 5
LARGEST = 262_144
#: Algorithms that sign with the provider's own key; a shared secret and `none` are not accepted.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
#: The largest difference between the clocks, in seconds.
LEEWAY = 60


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    """The address to which the browser goes, and the secrets kept until it comes back."""

    address: str
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecognisedPerson:
    """Whom a provider recognised.

    Attributes:
        claims: the claims; `sub` is a text of 1 to 200 characters.
        token: the access token, with which more can be read for a while.
        patient: the id of the patient at a FHIR server, else empty.
    """

    claims: Mapping[str, Any]
    token: str
    patient: str

    @property
    def subject(self) -> str:
        """The provider's name for the person."""
        return str(self.claims["sub"])


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, as its client. `scope` is what it is asked for; with more than `openid` its userinfo is read too.

    `fhir` is the address of a FHIR server whose provider it is (SMART App Launch 2.2): the server describes it, and is
    the audience of the access token.
    """

    issuer: str
    client: str
    secret: str
    scope: str = "openid"
    fhir: str = ""

    @classmethod
    def of(cls, config: Configuration) -> Provider | None:
        """Return the configured provider of staff, or None."""
        if not config.oidc_issuer:
            return None
        return cls(config.oidc_issuer, config.oidc_client, config.oidc_secret)

    def begin(self, new_secret: NewSecret, back: str, *, anew: bool) -> StartedSignIn:
        """Return the address to which to send a browser.

        Args:
            new_secret: makes texts that cannot be guessed.
            back: the address of this site to which it comes back.
            anew: whether the provider must identify the person again.

        Raises:
            ProviderFailed: the provider cannot be reached.
        """
        secrets = {"state": new_secret(), "nonce": new_secret(), "verifier": new_secret() + new_secret(), "to": back}
        prompt: dict[str, str] = {"prompt": "login", "max_age": "0"} if anew else {}
        try:
            described = self._described()
            if "S256" not in described.get("code_challenge_methods_supported", ["S256"]):
                raise ValueError("no PKCE")
            with self._client(back) as client:
                address, _ = client.create_authorization_url(
                    described["authorization_endpoint"],
                    state=secrets["state"],
                    nonce=secrets["nonce"],
                    code_verifier=secrets["verifier"],
                    **prompt,
                    **({"aud": self.fhir} if self.fhir else {}),
                )
        except Exception as error:
            raise _failed(error) from None
        return StartedSignIn(str(address), secrets)

    def finish(
        self, secrets: Mapping[str, str], address: str, *, since: datetime | None, now: datetime
    ) -> RecognisedPerson:
        """Return the person whom the provider recognised.

        Args:
            secrets: the secrets that were kept.
            address: the full address to which the browser came back.
            since: the instant since which the provider must have identified the person; None: any.
            now: the current instant.

        Raises:
            ProviderFailed: a check failed.
        """
        try:
            fields = parse_qs(urlsplit(address).query)
            if "error" in fields:
                raise ValueError("it refused")
            described = self._described()
            # RFC 9207: the response of another provider is not for this one.
            names_itself = described.get("authorization_response_iss_parameter_supported") is True
            if fields.get("iss", [] if names_itself else [self.issuer]) != [self.issuer]:
                raise ValueError("another provider")
            with self._client(secrets["to"], state=secrets["state"]) as client:
                token = client.fetch_token(
                    described["token_endpoint"],
                    authorization_response=address,
                    code_verifier=secrets["verifier"],
                    timeout=SECONDS,
                    allow_redirects=False,
                )
            claims = self._claims(token["id_token"], described["jwks_uri"], secrets["nonce"], now)
            if since is not None and int(claims["auth_time"]) < since.timestamp() - LEEWAY:
                raise ValueError("recognised before, not anew")
            subject = claims["sub"]
            if not isinstance(subject, str) or not 1 <= len(subject) <= 200:
                raise ValueError("no name")
            if self.scope != "openid" and "userinfo_endpoint" in described:
                more = read_json(described["userinfo_endpoint"], token["access_token"])
                if more["sub"] != subject:
                    raise ValueError("another person")
                claims = more | claims
        except Exception as error:
            raise _failed(error) from None
        patient = token.get("patient", "")
        return RecognisedPerson(claims, token["access_token"], patient if isinstance(patient, str) else "")

    def _claims(self, text: str, keys: str, nonce: str, now: datetime) -> dict[str, Any]:
        """Return the claims of an id token after checking its signature."""
        from joserfc import jwt
        from joserfc.jwk import KeySet

        decoded = jwt.decode(text, KeySet.import_key_set(read_json(keys)), algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(decoded.claims)
        audience = decoded.claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and decoded.claims.get("azp") != self.client:
            raise ValueError("for others too")
        return dict(decoded.claims)

    def _described(self) -> dict[str, Any]:
        base, name = (self.fhir, "smart-configuration") if self.fhir else (self.issuer, "openid-configuration")
        described: dict[str, Any] = read_json(f"{base.rstrip('/')}/.well-known/{name}")
        if described.get("issuer") != self.issuer:
            raise ValueError("it names itself otherwise")
        return described

    def _client(self, back: str, state: str | None = None) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client,
            self.secret or None,
            scope=self.scope,
            redirect_uri=back,
            state=state,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
        )


def read_json(address: str, token: str | None = None, *, largest: int = LARGEST) -> Any:
    """The JSON value at an address of a provider, read with an access token where one is given.

    Raises:
        ValueError: the answer is not 200, is larger than `largest` bytes, or is not JSON.
    """
    import requests

    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    options: dict[str, Any] = {"headers": headers, "allow_redirects": False, "stream": True}
    with requests.get(address, timeout=SECONDS, **options) as answer:
        if answer.status_code != requests.codes["ok"]:
            raise ValueError("not answered")
        body = answer.raw.read(largest + 1, decode_content=True)
    if len(body) > largest:
        raise ValueError("too long")
    return json.loads(body)


def _failed(error: Exception) -> errors.ProviderFailed:
    log().warning("provider failed", **where(error))
    return errors.ProviderFailed()
