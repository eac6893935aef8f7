"""How the home stands, as its city says: for as long as the city said, and while it can be reached. Pure."""

from __future__ import annotations

from wire.standing import Standing, decode_standing

LONGEST_S = 6 * 3600.0


class Told:
    """Law: what the city has said is believed on the connection on which it came, and no longer than it said."""

    def __init__(self) -> None:
        self._said: Standing | None = None
        self._until_s = 0.0

    def hear(self, payload: bytes, now_s: float) -> None:
        """Take in the city's word; `now_s` counts the seconds that pass."""
        if (said := decode_standing(payload)) is not None:
            self._said, self._until_s = said, now_s + min(max(said.for_s, 0.0), LONGEST_S)

    def now(self, now_s: float, connected: bool) -> Standing | None:
        """How the home stands; None: nobody says. Ask it often: a connection that was lost between is not noticed."""
        if not connected or now_s >= self._until_s:
            self._said = None
        return self._said
