"""The organisation's own log-in: OpenID Connect, code flow with PKCE, state and nonce. It makes no accounts."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # it brings no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # it brings no types
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy.engine import Connection

from access import accounts, challenges
from access.accounts import Account
from core.care import Refused
from core.clock import stopwatch_s

KIND = "oidc"
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_PATIENCE_S, _KNOWN_S, _LEEWAY_S = 10.0, 3600.0, 60
_BROKEN = (JoseError, ValueError, TypeError, LookupError, AttributeError)


class Away(Exception):
    """The organisation's server does not answer, or not sensibly."""


class Claims(msgspec.Struct, frozen=True):
    """What the organisation says of somebody, proved."""

    subject: str
    email: str | None
    """Only where the organisation has verified it."""


class Oidc:
    """One organisation. `issuer` is its address; it is asked for the rest, at most once an hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, name: str) -> None:
        self.issuer, self.name = issuer.rstrip("/"), name
        self._client_id, self._client_secret = client_id, client_secret
        self._known: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None
        self._lock = threading.Lock()

    def begin(self, tx: Connection, back: str, then: str, server: dict[str, Any], now: datetime) -> tuple[str, str]:
        """Where to send the browser, and the word that it keeps in a cookie meanwhile. `server`: from `server()`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        body = {"state": state, "nonce": nonce, "verifier": verifier, "back": back, "then": then}
        word = challenges.begin(tx, KIND, body, now)
        asked = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": back, "scope": "openid email",
            "state": state, "nonce": nonce, "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        joint = "&" if "?" in server["authorization_endpoint"] else "?"
        return server["authorization_endpoint"] + joint + urlencode(asked), word

    def finish(self, begun: dict[str, Any], state: str, code: str, issuer: str | None) -> Claims | Refused:
        """Who it was, with what `begin` has kept and the browser has brought back. Raises Away.

        It asks the organisation: not for a transaction.
        """
        if not secrets.compare_digest(str(begun["state"]).encode(), state.encode()):
            return Refused("oidc")
        # An answer of another server, mixed in.
        if issuer is not None and issuer.rstrip("/") != self.issuer:
            return Refused("oidc")
        server = self.server()
        try:
            given = self._exchanged(begun, code, server)
            return self._proved(given["id_token"], begun["nonce"], given.get("access_token"), server)
        except httpx.HTTPError as error:
            raise Away(str(error)) from error
        except _BROKEN:
            return Refused("oidc")

    def _exchanged(self, begun: dict[str, Any], code: str, server: dict[str, Any]) -> dict[str, Any]:
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": begun["back"],
            "code_verifier": begun["verifier"],
        }  # fmt: skip
        ways = server.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth: httpx.BasicAuth | None = None
        if self._client_secret and "client_secret_basic" in ways:
            auth = httpx.BasicAuth(quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        else:
            asked["client_id"] = self._client_id
            if self._client_secret:
                asked["client_secret"] = self._client_secret
        answer = httpx.post(server["token_endpoint"], data=asked, auth=auth, timeout=_PATIENCE_S)
        if answer.is_server_error:
            raise Away(f"the token's endpoint answers {answer.status_code}")
        given = answer.json() if answer.is_success else {}
        return given if isinstance(given, dict) else {}

    def server(self) -> dict[str, Any]:
        """What the organisation's server says of itself. Raises Away."""
        with self._lock:
            known = self._known
        if known is not None and stopwatch_s() - known[0] < _KNOWN_S:
            return known[1]
        said = _get(f"{self.issuer}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if str(said.get("issuer", "")).rstrip("/") != self.issuer or not all(
            isinstance(said.get(n), str) for n in needed
        ):
            raise Away("it says that it is another, or not where it is asked")
        with self._lock:
            self._known = stopwatch_s(), said
        return said

    def _proved(self, token: str, nonce: str, access_token: str | None, server: dict[str, Any]) -> Claims:
        # No key signs with `none`, or with a secret that we know, too.
        offered = server.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[one for one in offered if one in _SIGNED])
        try:
            read = jwt.decode(token, self._key_set(server, False), registry=registry)
        except (JoseError, ValueError):
            read = jwt.decode(token, self._key_set(server, True), registry=registry)  # its keys were changed
        params = {"nonce": nonce, "client_id": self._client_id} | (
            {"access_token": access_token} if access_token else {}
        )
        options = {
            "iss": {"essential": True, "value": server["issuer"]},
            "aud": {"essential": True, "value": self._client_id},
            "sub": {"essential": True},
        }
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate(leeway=_LEEWAY_S)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise ValueError("a subject is a word")
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Claims(f"{self.issuer} {subject}", email if isinstance(email, str) else None)

    def _key_set(self, server: dict[str, Any], anew: bool) -> KeySet:
        with self._lock:
            kept = self._keys
        if kept is None or anew:
            kept = KeySet.import_key_set(_get(server["jwks_uri"]))  # type: ignore[arg-type]  # it is read as one, or refused
            with self._lock:
                self._keys = kept
        return kept


def account_of(tx: Connection, claims: Claims) -> Account | Refused:
    """Whose account it is: the one that is bound to them, or once the one whose log-in is their verified address."""
    found = accounts.by_subject(tx, claims.subject)
    if found is None and claims.email is not None:
        named = accounts.by_login(tx, claims.email)
        if named is not None and named.subject is None and named.active:
            accounts.bind(tx, named.id, claims.subject)
            found = named
    return found if found is not None and found.active else Refused("oidc_unknown")


def _get(url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=_PATIENCE_S)
        answer.raise_for_status()
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Away(str(error)) from error
    if not isinstance(said, dict):
        raise Away(f"{url} says nothing that can be read")
    return said
