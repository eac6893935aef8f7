"""What an operator may set: `ANBU_*` variables or one TOML file, each documented in docs/settings.md."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from app.anchor import steady_clock
from core.clock import Clock, CuedClock, SystemClock
from core.people import valid_id
from core.words import LANGUAGES
from wire.url import BrokerUrl

_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
DYNAMIC_SECURITY = "dynamic-security"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsError(ValueError):
    """A setting is wrong; the text says which and what is expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One city's settings: field `x_y` is the variable `ANBU_X_Y` and the key `x_y` of the `ANBU_CONFIG` file."""

    broker_url: str = ""
    broker_id: str = ""
    broker_port: int = 18830
    broker_ca: str = ""
    broker_control: str = ""
    broker_public_url: str = ""
    database_url: str = ""
    http: str = "127.0.0.1:8080"
    http_certificate: str = ""
    http_key: str = ""
    public_url: str = ""
    proxies: str = "127.0.0.1"
    api_token: str = ""
    session_idle_s: float = 28_800.0
    session_s: float = 86_400.0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    policy: str = ""
    data_dir: str = ".data"
    webhook_secret: str = ""
    vapid_key: str = ""
    vapid_subject: str = ""
    clouds: str = ""
    log_level: str = "INFO"
    batch: int = 300
    clock: str = ""
    canary_s: float = 120.0
    heartbeat_url: str = ""
    gateway_id: str = ""
    gateway_local: str = "mqtt://127.0.0.1:1883"
    gateway_heartbeat_s: float = 60.0
    gateway_room_mb: float = 64.0
    gateway_api: str = ""
    gateway_language: str = "ko"
    gateway_reflex_command: str = ""
    gateway_supplies: str = "/sys/class/power_supply"
    gateway_zigbee2mqtt: str = "zigbee2mqtt"
    gateway_homeassistant: str = "homeassistant"
    gateway_tasmota: str = "%prefix%/%topic%"
    gateway_shelly: str = "shellies +"

    @property
    def push_subject(self) -> str:
        """Whom a browser's push service may write to."""
        known = self.vapid_subject or (self.public_url if self.public_url.startswith("https://") else "")
        return known or "mailto:anbu@localhost"

    def __post_init__(self) -> None:
        host, _, port = self.http.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise SettingsError(f"ANBU_HTTP is host:port, not {self.http!r}")
        if not self.api_token and host.strip("[]") not in _LOOPBACK:
            raise SettingsError(f"without ANBU_API_TOKEN the API listens on loopback only, not on {host}")
        if not 60 <= self.session_idle_s <= self.session_s <= 604_800:
            raise SettingsError(
                "ANBU_SESSION_IDLE_S and ANBU_SESSION_S are 60 to 604800, the first not above the second, "
                f"not {self.session_idle_s:g} and {self.session_s:g}"
            )
        issuer = urlsplit(self.oidc_issuer)
        if self.oidc_issuer and not (
            issuer.scheme == "https" or (issuer.scheme, issuer.hostname in _LOOPBACK) == ("http", True)
        ):
            raise SettingsError(f"ANBU_OIDC_ISSUER begins with https://, not {self.oidc_issuer!r}")
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise SettingsError("ANBU_OIDC_ISSUER and ANBU_OIDC_CLIENT_ID come together")
        if self.vapid_subject and not self.vapid_subject.startswith(("mailto:", "https://")):
            raise SettingsError(f"ANBU_VAPID_SUBJECT begins with mailto: or https://, not {self.vapid_subject!r}")
        if self.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise SettingsError(f"ANBU_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not {self.log_level!r}")
        if not 1 <= self.broker_port <= 65535:
            raise SettingsError(f"ANBU_BROKER_PORT is 1 to 65535, not {self.broker_port}")
        if self.batch < 0:
            raise SettingsError(f"ANBU_BATCH is 1 or more, or 0 for all there is, not {self.batch}")
        if self.database_url and not self.database_url.startswith(_DATABASES):
            raise SettingsError("ANBU_DATABASE_URL begins with sqlite:/// or postgresql://")
        if self.broker_control not in ("", DYNAMIC_SECURITY):
            raise SettingsError(f"ANBU_BROKER_CONTROL is empty or {DYNAMIC_SECURITY}, not {self.broker_control!r}")
        if bool(self.http_certificate) != bool(self.http_key):
            raise SettingsError("ANBU_HTTP_CERTIFICATE and ANBU_HTTP_KEY come together")
        if self.public_url and not self.public_url.startswith(("https://", "http://")):
            raise SettingsError(f"ANBU_PUBLIC_URL begins with https://, not {self.public_url!r}")
        for proxy in filter(None, map(str.strip, self.proxies.split(","))):
            try:
                ip_network(proxy)
            except ValueError as error:
                raise SettingsError(f"ANBU_PROXIES: {error}") from error
        urls = (
            ("ANBU_BROKER_URL", self.broker_url),
            ("ANBU_BROKER_PUBLIC_URL", self.broker_public_url),
            ("ANBU_GATEWAY_LOCAL", self.gateway_local),
        )
        for name, url in urls:
            try:
                _ = url and BrokerUrl.parse(url)
            except ValueError as error:
                raise SettingsError(f"{name}: {error}") from error
        if self.gateway_id and not valid_id(self.gateway_id):
            raise SettingsError(f"ANBU_GATEWAY_ID is 3 to 64 of a-z, 0-9 and -, not {self.gateway_id!r}")
        if not 10 <= self.gateway_heartbeat_s <= 28_800:
            raise SettingsError(f"ANBU_GATEWAY_HEARTBEAT_S is 10 to 28800, not {self.gateway_heartbeat_s}")
        if not 0.1 <= self.gateway_room_mb <= 100_000:
            raise SettingsError(f"ANBU_GATEWAY_ROOM_MB is 0.1 to 100000, not {self.gateway_room_mb}")
        for name in ("gateway_zigbee2mqtt", "gateway_homeassistant", "gateway_tasmota", "gateway_shelly"):
            topics = getattr(self, name)
            if any(set(topic) & set("+#") and (name, topic) != ("gateway_shelly", "+") for topic in topics.split()):
                raise SettingsError(f"ANBU_{name.upper()} is topics separated by spaces, not {topics!r}")
            if name == "gateway_tasmota" and not all("%prefix%" in t and "%topic%" in t for t in topics.split()):
                raise SettingsError(f"ANBU_GATEWAY_TASMOTA is a FullTopic with %prefix% and %topic%, not {topics!r}")
        if self.canary_s and not 20 <= self.canary_s <= 86_400:
            raise SettingsError(f"ANBU_CANARY_S is 20 to 86400, or 0 for no canary, not {self.canary_s}")
        if self.heartbeat_url and not self.heartbeat_url.startswith(("http://", "https://")):
            raise SettingsError("ANBU_HEARTBEAT_URL begins with http:// or https://")
        if self.heartbeat_url and not self.canary_s:
            raise SettingsError("ANBU_HEARTBEAT_URL needs the canary: ANBU_CANARY_S is 0")
        api = urlsplit(self.gateway_api)
        if self.gateway_api and not (
            api.hostname and (api.scheme == "https" or (api.scheme == "http" and api.hostname in _LOOPBACK))
        ):
            raise SettingsError(f"ANBU_GATEWAY_API is https://host[:port], not {self.gateway_api!r}")
        if self.gateway_language not in LANGUAGES:
            raise SettingsError(f"ANBU_GATEWAY_LANGUAGE is {' or '.join(LANGUAGES)}, not {self.gateway_language!r}")
        make_clock(self.clock)

    @property
    def batch_limit(self) -> int:
        """How many messages, or rows, at most make one batch."""
        return self.batch or 2**31

    @property
    def http_host(self) -> str:
        """The address the API listens on."""
        return self.http.rpartition(":")[0].strip("[]")

    @property
    def http_port(self) -> int:
        """The port the API listens on."""
        return int(self.http.rpartition(":")[2])

    @property
    def api_url(self) -> str:
        """Where the API is found from this machine."""
        return f"{'https' if self.http_certificate else 'http'}://{self.http}"

    @property
    def data(self) -> Path:
        """Where this city keeps its files."""
        return Path(self.data_dir)

    @property
    def database(self) -> str:
        """The database's URL; SQLite in the data folder where none is set."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'anbu.db'}"

    def environment(self) -> dict[str, str]:
        """The variables that make these settings: what a child process is started with."""
        return {f"ANBU_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(self).items()}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the file that `ANBU_CONFIG` names, variables going before it. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    given: dict[str, object] = {}
    if path := environ.get("ANBU_CONFIG"):
        try:
            given |= tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"ANBU_CONFIG: {path}: {error}") from error
        unknown = sorted(set(given) - set(Settings.__struct_fields__))
        if unknown:
            raise SettingsError(f"ANBU_CONFIG: {path}: there is no setting {unknown[0]!r}")
    for name in Settings.__struct_fields__:
        if (value := environ.get(f"ANBU_{name.upper()}")) is not None:
            given[name] = value
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from error


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """`ANBU_*` variables that set nothing: most often a slip of the pen."""
    known = {f"ANBU_{name.upper()}" for name in Settings.__struct_fields__} | {"ANBU_CONFIG"}
    return sorted(name for name in environ if name.startswith("ANBU_") and name not in known)


def make_clock(text: str, folder: Path | None = None) -> Clock:
    """The clock that `ANBU_CLOCK` describes: `origin,speed,file` of a simulation's, or empty for wall time.

    A simulation's stands at `origin` until `file` holds the real time at which it begins to run. Wall time is counted
    from the anchor in `folder`, where one is given.
    """
    if not text:
        return SystemClock() if folder is None else steady_clock(folder)
    try:
        origin, speed, file = text.split(",", 2)
        return CuedClock(datetime.fromisoformat(origin), float(speed), partial(_read_cue, Path(file)))
    except ValueError as error:
        raise SettingsError(f"ANBU_CLOCK is empty or origin,speed,file, not {text!r}") from error


def _read_cue(file: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(file.read_text())
    except FileNotFoundError:
        return None


def give_cue(file: Path, at: datetime) -> None:
    """Let the clock of `file` run from the real moment `at`; everybody sees the whole file or none."""
    fresh = file.with_suffix(".new")
    fresh.write_text(at.isoformat())
    fresh.replace(file)
