"""Where a broker listens."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import msgspec

USERNAME = "anbu"
"""Of the embedded broker."""


class BrokerUrl(msgspec.Struct, frozen=True):
    """Where a broker listens, from `mqtt://[user:password@]host[:port][?mqtt=3.1.1]` or `mqtts://…`.

    `mqtt=3.1.1` spares a broker that is known to have no MQTT 5 the first attempt.
    `ca`: the file of the authorities that may have signed the broker's certificate; None: the system's.
    """

    host: str
    port: int
    tls: bool = False
    v5: bool = True
    username: str | None = None
    password: str | None = None
    ca: str | None = None

    @classmethod
    def parse(cls, text: str, ca: str = "") -> BrokerUrl:
        """Raises ValueError with a sentence that says what is wrong."""
        parts = urlsplit(text)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == -1:
            raise ValueError("a broker URL reads mqtt://host:port or mqtts://user:password@host:port")
        tls = parts.scheme == "mqtts"
        return cls(
            parts.hostname,
            port or (8883 if tls else 1883),
            tls,
            "mqtt=3.1.1" not in parts.query.split("&"),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            ca or None,
        )

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"
