"""A city's folder: its identity, its embedded broker's password, and the lock that keeps it from running twice."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from app.settings import Settings
from core.clock import sleep_s, stopwatch_s
from wire.url import USERNAME, BrokerUrl


class AlreadyRunning(RuntimeError):
    """This city runs already."""


class Place:
    """What lies in `ANBU_DATA_DIR`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.data.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def city_id(self) -> str:
        """This city's own name, made once: it names its MQTT sessions and its embedded broker."""
        return self._secret("city-id", 6)

    @property
    def broker(self) -> BrokerUrl:
        """The broker this city uses."""
        if self._settings.broker_url:
            return BrokerUrl.parse(self._settings.broker_url, self._settings.broker_ca)
        return BrokerUrl(
            "127.0.0.1", self._settings.broker_port, v5=False, username=USERNAME, password=self.broker_password
        )

    @property
    def broker_password(self) -> str:
        """The embedded broker's."""
        return self._secret("broker-password", 24)

    @property
    def webhook_secret(self) -> str:
        """Signs webhooks where no `ANBU_WEBHOOK_SECRET` is set."""
        return self._secret("webhook-secret", 24)

    @property
    def vapid_key(self) -> bytes:
        """Signs what is pushed to browsers (PEM); a browser that has subscribed by one key hears no other."""
        if self._settings.vapid_key:
            return Path(self._settings.vapid_key).read_bytes()
        from alerts.channels.webpush import new_key  # with its ciphers, for who pushes alone

        return self._kept("vapid-key.pem", lambda: new_key().decode()).encode()

    @property
    def identity(self) -> str | None:
        """What the broker must hold on `anbu/identity`; None where an external broker is trusted by its address."""
        return (self._settings.broker_id or None) if self._settings.broker_url else self.city_id

    def lock(self, wait_s: float = 0.0) -> int:
        """A file descriptor that says "this city runs", for children to inherit. Raises AlreadyRunning."""
        held = os.open(self.folder / "running", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until_s = stopwatch_s() + wait_s
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return held
            except BlockingIOError:
                if stopwatch_s() >= until_s:
                    os.close(held)
                    raise AlreadyRunning(f"a city runs already in {self.folder}") from None
                sleep_s(0.2)

    def _secret(self, name: str, size: int) -> str:
        return self._kept(name, lambda: secrets.token_hex(size))

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """What was made once and stays."""
        path: Path = self.folder / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            for _ in range(50):  # another process may be writing it this moment
                if text := path.read_text().strip():
                    return text
                sleep_s(0.02)
            raise RuntimeError(f"{path} is empty: remove it") from None
        text = make()
        with os.fdopen(handle, "w") as file:
            file.write(text)
        return text
