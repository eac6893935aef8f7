"""Which home a gateway speaks for, kept in memory and refreshed when any home has changed."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from core.people import Home
from store.people import homes_changed_since


class Roster:
    """The homes of the city by gateway."""

    def __init__(self) -> None:
        self._revision = -1
        self._by_gateway: dict[str, Home] = {}
        self._gateway_of: dict[str, str] = {}

    def refresh(self, tx: Connection) -> list[Home]:
        """Take in the homes that have changed since the last call, and return them."""
        changed, self._revision = homes_changed_since(tx, self._revision)
        for home in changed:
            former = self._gateway_of.get(home.id)
            if former is not None and former != home.gateway:
                del self._by_gateway[former]
            self._by_gateway[home.gateway] = home
            self._gateway_of[home.id] = home.gateway
        return changed

    def at(self, gateway: str) -> Home | None:
        """The home of `gateway`; None for a stranger."""
        return self._by_gateway.get(gateway)

    def of(self, home: str) -> Home | None:
        """The home by its own name; None for one that is not there."""
        return self._by_gateway.get(self._gateway_of.get(home, ""))

    def __len__(self) -> int:
        return len(self._by_gateway)
