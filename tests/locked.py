"""The city's broker as `deploy/mosquitto` has it: TLS, accounts, access control, on a free port of loopback."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from store.gateways import hash_secret
from wire.dynsec import CITY, first_file
from wire.mosquitto import MOSQUITTO, Mosquitto
from wire.session import Session
from wire.url import BrokerUrl

DEPLOY = Path(__file__).parents[1] / "deploy" / "mosquitto"
PLUGIN = Path("/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so")
PASSWORD = "the-citys-own"


class Locked:
    """A Mosquitto that runs the deployed configuration; nobody has an account but the city."""

    def __init__(self, folder: Path) -> None:
        if MOSQUITTO is None or not PLUGIN.exists():
            pytest.skip("Mosquitto with its dynamic-security plug-in is not installed (Debian: mosquitto)")
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed (Debian: openssl)")
        for name in ("certificates", "data"):
            (folder / name).mkdir(parents=True)
        command = [DEPLOY / "make-certificates.sh", folder / "certificates", "localhost", "127.0.0.1"]
        subprocess.run(command, check=True, capture_output=True)
        self.folder = folder
        self.ca = folder / "certificates" / "ca.crt"
        self.accounts = folder / "data" / "dynamic-security.json"
        self.accounts.write_bytes(first_file(hash_secret(PASSWORD), {}))
        text = (DEPLOY / "mosquitto.conf").read_text()

        def here(port: int) -> str:
            return text.replace("/mosquitto/", f"{folder}/").replace("listener 8883", f"listener {port} 127.0.0.1")

        self.broker = Mosquitto(folder, whole=here, more="log_type information\n")  # says when it listens

    @property
    def port(self) -> int:
        return self.broker.port

    def url(self, username: str | None, password: str | None) -> BrokerUrl:
        """The broker for one account."""
        return BrokerUrl("localhost", self.port, True, True, username, password, str(self.ca))

    def city(self, client: str = "city-test", *subscribe: str) -> Session:
        """The city's own session, not connected yet."""
        return Session(self.url(CITY, PASSWORD), client, subscribe=subscribe, persistent=False)

    def city_url(self) -> str:
        """As ANBU_BROKER_URL has it."""
        return f"mqtts://{CITY}:{PASSWORD}@localhost:{self.port}"
