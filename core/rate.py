"""How often is too often: a bucket of tokens for each key, filled by the time that passes."""

from __future__ import annotations

from datetime import datetime


class Buckets:
    """Each key may spend `burst` tokens at once, and `per_s` a second for ever.

    At most `keys` are remembered: a stranger who invents keys must not fill the memory. A full bucket says nothing that
    a new one would not, so those are forgotten first; while all are in use, a new key is refused.
    """

    def __init__(self, per_s: float, burst: float, keys: int = 100_000) -> None:
        self.per_s, self.burst = per_s, burst
        self._keys = keys
        self._left: dict[str, tuple[float, datetime]] = {}
        self._swept_at: datetime | None = None
        self._before: dict[str, tuple[float, datetime] | None] | None = None

    def begin(self) -> None:
        """From here on `undo` can take everything back."""
        self._before = {}

    def undo(self) -> None:
        """Forget what was taken since `begin`: the transaction that it was for is none."""
        for key, known in (self._before or {}).items():
            if known is None:
                self._left.pop(key, None)
            else:
                self._left[key] = known
        self._before = {}

    def take(self, key: str, now: datetime, tokens: float = 1.0) -> bool:
        """Whether `key` may; then the tokens are spent. A clock that goes back fills nothing."""
        left = self._now(key, now)
        if left is None:
            if len(self._left) >= self._keys and now != self._swept_at:
                self._forget_full(now)
            if len(self._left) >= self._keys:
                return False
            left = self.burst
        may = left >= tokens
        if self._before is not None:
            self._before.setdefault(key, self._left.get(key))
        self._left[key] = (left - tokens if may else left, now)
        return may

    def is_full(self, key: str, now: datetime) -> bool:
        """Whether `key` has been quiet long enough to be as good as new."""
        left = self._now(key, now)
        return left is None or left >= self.burst

    def _now(self, key: str, now: datetime) -> float | None:
        known = self._left.get(key)
        if known is None:
            return None
        left, at = known
        return min(self.burst, left + max(0.0, (now - at).total_seconds()) * self.per_s)

    def _forget_full(self, now: datetime) -> None:
        self._swept_at = now
        self._left = {key: known for key, known in self._left.items() if not self.is_full(key, now)}
