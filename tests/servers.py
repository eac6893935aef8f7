"""A real PostgreSQL and NATS of the tests' own, on loopback, on free ports; their Mosquitto is wire.mosquitto's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from core.clock import sleep_s, stopwatch_s
from store.database import Database
from store.migrate import migrate
from wire.broker import free_port
from wire.url import BrokerUrl

_PG_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
POSTGRES = next((home for home in _PG_HOMES if (home / "initdb").exists()), None)
# By files: half the time of a copy by the log, and no crash is to be survived in the middle of it.
_COPIED = " STRATEGY FILE_COPY" if POSTGRES and int(POSTGRES.parent.name) >= 15 else ""

NATS = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")
DEPLOY = Path(__file__).parents[1] / "deploy"


def written(url: BrokerUrl) -> str:
    """A broker's URL as a setting has it."""
    account = f"{url.username}:{url.password}@" if url.username else ""
    return f"{str(url).replace('://', f'://{account}')}{'' if url.v5 else '?mqtt=3.1.1'}"


def roomy() -> str | None:
    """A folder in memory, where there is room for a PostgreSQL: each test has a database, and each has 700 files."""
    memory = "/dev/shm"
    return memory if os.path.isdir(memory) and shutil.disk_usage(memory).free > 2 << 30 else None


class Postgres:
    """A PostgreSQL cluster of our own."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder, self._data = free_port(), folder, folder / "data"
        self._made = 0
        self._template: str | None = None
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            user = pwd.getpwnam("postgres")
            for path in (folder, *folder.parents):
                if path.owner() == "root" and path.is_relative_to("/tmp") and path != Path("/tmp"):
                    path.chmod(0o755)
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "anbu", "-E", "UTF8", "--locale=C")

    def start(self) -> Postgres:
        """Listen on loopback."""
        # Tests end the process, never the machine: what it has written is there.
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        """End it; `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def database(self) -> str:
        """The URL of a new, empty database."""
        return self._make("template1")

    def migrated(self) -> str:
        """The URL of a new database at the newest revision: a copy of one that is migrated once."""
        if self._template is None:
            made = self.database()
            db = Database(made)
            migrate(db)
            db.close()
            self._template = made.rpartition("/")[2]
        return self._make(self._template)

    def _make(self, template: str) -> str:
        self._made += 1
        self._do(f"CREATE DATABASE t{self._made} TEMPLATE {template}{_COPIED}")
        return self.url(f"t{self._made}").replace("+psycopg", "")

    def drop(self, url: str) -> None:
        """Remove a database of `url`, whoever is still at it."""
        self._do(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)
        admin.dispose()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://anbu@127.0.0.1:{self.port}/{database}"

    def _run(self, *command: str) -> None:
        assert POSTGRES is not None
        line = [str(POSTGRES / command[0]), *command[1:]]
        if os.geteuid() == 0:
            line = ["runuser", "-u", "postgres", "--", *line]
        done = subprocess.run(line, capture_output=True, text=True, cwd="/", check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


class Nats:
    """A NATS of our own as the MQTT broker, with the deployed configuration and its two accounts."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        certificates = folder / "certificates"
        make = DEPLOY / "mosquitto" / "make-certificates.sh"
        subprocess.run([make, certificates, "localhost", "127.0.0.1"], check=True, capture_output=True)
        self.ca = certificates / "ca.crt"
        text = (DEPLOY / "nats" / "nats.conf").read_text().replace("/nats/", f"{folder}/")
        text = text.replace("0.0.0.0:8883", f"127.0.0.1:{self.port}").replace(":4222", f":{free_port()}")
        (folder / "nats.conf").write_text(text)
        users = (DEPLOY / "nats" / "users.conf.example").read_text()
        self._users = users.replace("$CITY_PASSWORD", "city-1").replace("$GATEWAY_KEY", "key-1")
        self.accounts(["gw-0001"])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> BrokerUrl:
        """For the city."""
        return self.url_of("city", "city-1")

    @property
    def homes_url(self) -> BrokerUrl:
        """For the one gateway that has an account from the start."""
        return self.gateway_url("gw-0001")

    def accounts(self, gateways: Iterable[str]) -> None:
        """From the next start on these gateways have an account, each like the example's."""
        head, brace, one = self._users.rpartition("  {")
        one, end, tail = one.rpartition("  }")
        entries = "\n".join(f"{brace}{one}{end}".replace("gw-0001", gateway) for gateway in gateways)
        (self._folder / "users.conf").write_text(f"{head}{entries}{tail}")

    def gateway_url(self, gateway: str) -> BrokerUrl:
        """For a gateway that has an account."""
        return self.url_of(gateway, "key-1")

    def forget(self) -> None:
        """What it has kept is gone; for one that has ended."""
        shutil.rmtree(self._folder / "data")

    def url_of(self, username: str, password: str) -> BrokerUrl:
        """For an account."""
        return BrokerUrl("localhost", self.port, True, False, username, password, str(self.ca))

    def start(self) -> Nats:
        """Listen."""
        assert NATS is not None
        log = self._folder / "nats.log"
        with log.open("wb") as out:
            command = [NATS, "-c", str(self._folder / "nats.conf")]
            self._process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        until_s = stopwatch_s() + 10
        while "Server is ready" not in (text := log.read_text(errors="replace")):
            if self._process.poll() is not None or stopwatch_s() > until_s:
                raise RuntimeError(f"nats-server does not listen: {text}")
            sleep_s(0.02)
        return self

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; SIGKILL is a crash."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(10)
