"""A small provider of OpenID Connect on loopback, with a real key, that signs what the test wants signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from core.clock import wall_now

CLIENT, SECRET = "anbu-city", "a secret: with/colon"


class Organisation:
    """`claims` go over what would be right; `lie` changes the whole answer of the token's endpoint."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.signs_with = self.key
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.claims: dict[str, Any] = {}
        self.forged_with: bytes | None = None
        self.down = False
        self.codes: dict[str, dict[str, str]] = {}

    def allow(self, asked: dict[str, str]) -> str:
        """Somebody has logged in there: the code that the browser brings back."""
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        return code

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        name, _, word = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)  # a code is for one use
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        right = (
            (unquote(name), unquote(word)) == (CLIENT, SECRET)
            and asked is not None
            and asked["code_challenge_method"] == "S256"
            and asked["code_challenge"] == challenge.decode()
            and asked["redirect_uri"] == form["redirect_uri"]
        )
        if not right or asked is None:
            return 400, {"error": "invalid_grant"}
        now = int(wall_now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": "kim@city.example", "email_verified": True,
        }  # fmt: skip
        body = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.forged_with is None:
            signed = jwt.encode(self.header, body, self.signs_with, algorithms=[self.header["alg"]])
        else:
            signed = forged(self.header, body, self.forged_with)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": signed}


def forged(header: dict[str, Any], body: dict[str, Any], key: bytes) -> str:
    """A token signed by HMAC with any key, or not at all: what no decent library would make."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, body)]
    seal = hmac.digest(key, b".".join(parts), "sha256") if key else b""
    return b".".join([*parts, urlsafe_b64encode(seal).rstrip(b"=")]).decode()


@contextmanager
def organisation() -> Iterator[Organisation]:
    """One that listens."""

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _say(self, status: int, body: Any) -> None:
            said = json.dumps(body).encode()
            self.send_response(503 if it.down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def _show(self, page: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_GET(self) -> None:
            if urlsplit(self.path).path == "/keys":
                self._say(200, {"keys": [it.key.as_dict(private=False)]})
            elif urlsplit(self.path).path == "/authorize":
                asked = dict(parse_qsl(urlsplit(self.path).query))
                self._show(
                    f'<form action="{asked["redirect_uri"]}"><input name="state" value="{asked["state"]}">'
                    f'<input name="code" value="{it.allow(asked)}"><button>Yes</button></form>'
                )
            else:
                self._say(
                    200,
                    {
                        "issuer": it.issuer,
                        "authorization_endpoint": f"{it.issuer}/authorize",
                        "token_endpoint": f"{it.issuer}/token",
                        "jwks_uri": f"{it.issuer}/keys",
                        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                    },
                )

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._say(*it.token(form, self.headers.get("Authorization", "")))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    it = Organisation(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
