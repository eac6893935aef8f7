"""The way in for the clouds of speakers: a signed request, read into events, which go where a home's own words go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from core.events import lane_of
from core.signed import TOLERANCE_S, holds
from ingest.post import Post
from store.cloud import is_replayed
from store.database import Database
from store.people import home_of_gateway
from wire.codec import TYPE_PREFIX

MOST = 100
NOT_ITS_OWN = frozenset({"heartbeat", "lost", "mains", "note", "device"})
"""What a home's gateway alone knows: from a cloud it would say that a gateway lives, or is gone."""


class Piece(msgspec.Struct, frozen=True):
    """One event for the city: whose it is, of which kind, and the CloudEvents JSON."""

    gateway: str
    kind: str
    payload: bytes


Translate = Callable[[bytes], "Sequence[Piece] | None"]
"""A cloud's own words as care events; None: these are none. Pure. A vendor's dialect is one such function."""


class Source(msgspec.Struct, frozen=True):
    """A cloud as the city knows it."""

    secret: str
    translate: Translate


class Refusal(StrEnum):
    KEY = "key"
    """The cloud is unknown, or its signature is wrong or too old."""
    REPLAY = "replay"
    """The same request came before."""
    UNREADABLE = "unreadable"
    KIND = "kind"
    """It says what a gateway alone can say."""
    FOREIGN = "foreign"
    """It speaks for a home whose speaker is not its own."""


class Clouds:
    """Takes in what clouds say; any thread may call.

    Law: of a refused request nothing is taken, and of a request that is answered with a number everything is committed.
    One that was not answered comes again under a new time, and what of it was taken is known by the events' ids.
    """

    def __init__(self, db: Database, post: Post, sources: Mapping[str, Source], now: Callable[[], datetime]) -> None:
        """`now` is wall time, by which clouds sign."""
        self._db, self._post, self._sources, self._now = db, post, sources, now

    def take(self, name: str, signature: str, body: bytes) -> int | Refusal:
        """How many events of a request are held now, or why none is. Raises what the database raises."""
        source, now = self._sources.get(name), self._now()
        secret = source.secret.encode() if source is not None else b"nobody's"
        if not holds(signature, secret, body, now) or source is None:
            return Refusal.KEY
        with self._db.write() as tx:
            if is_replayed(tx, f"{name} {signature}", now, 2 * TOLERANCE_S):
                return Refusal.REPLAY
        pieces = source.translate(body)
        if pieces is None:
            return Refusal.UNREADABLE
        if any(piece.kind in NOT_ITS_OWN for piece in pieces):
            return Refusal.KIND
        with self._db.read() as tx:
            homes = {gateway: home_of_gateway(tx, gateway) for gateway in {piece.gateway for piece in pieces}}
        if any(home is None or home.cloud != name for home in homes.values()):
            return Refusal.FOREIGN
        for piece in pieces:
            self._post.take(piece.gateway, lane_of(piece.kind), piece.payload)
        return len(pieces)


def care(body: bytes) -> list[Piece] | None:
    """Our own dialect: one CloudEvent of the contract, or an array of them.

    What a home's own gateway counts by is not a cloud's to say: `boot`, `seq` and `age` are left out.
    """
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    events = told if isinstance(told, list) else [told]
    if not 0 < len(events) <= MOST or not all(isinstance(event, dict) for event in events):
        return None
    pieces = []
    for event in events:
        gateway, slash, _ = str(event.get("source", "")).partition("/")
        if not slash:
            return None
        own = {name: value for name, value in event.items() if name not in ("boot", "seq", "age")}
        kind = str(event.get("type", "")).removeprefix(TYPE_PREFIX)
        pieces.append(Piece(gateway, kind, msgspec.json.encode(own)))
    return pieces
