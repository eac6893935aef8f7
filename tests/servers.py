"""Real servers for tests: a Mosquitto and a PostgreSQL of our own, on loopback, on free ports, ended by their id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import sqlalchemy as sa

from core.clock import sleep_s, stopwatch_s
from wire.broker import free_port
from wire.session import BrokerUrl

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
_PG_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
POSTGRES = next((home for home in _PG_HOMES if (home / "initdb").exists()), None)


class Mosquitto:
    """A Mosquitto that is ours: it could bind the port, so whoever answers there is this process."""

    def __init__(self, folder: Path, *, more: str = "") -> None:
        self.folder, self.port = folder, free_port()
        self.url = BrokerUrl("127.0.0.1", self.port)
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nlog_dest stderr\nmax_queued_messages 0\n{more}"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        """Listen; raises RuntimeError with the broker's own words where it cannot."""
        assert MOSQUITTO is not None
        logfile = self.folder / "mosquitto.log"
        with logfile.open("wb") as out:
            # As root it would drop to a user that may not read the test's folder.
            run_as = ["-c", str(self._config)]
            if os.geteuid() == 0:
                self._config.write_text(self._config.read_text().replace("user root\n", "") + "user root\n")
            self.process = subprocess.Popen([MOSQUITTO, *run_as], stdout=out, stderr=subprocess.STDOUT)
        until_s = stopwatch_s() + 10
        while stopwatch_s() < until_s:
            text = logfile.read_text(errors="replace")
            if self.process.poll() is not None:
                raise RuntimeError(f"mosquitto ended: {text}")
            if f"listen socket on port {self.port}" in text and "running" in text:
                return self
            sleep_s(0.02)
        raise RuntimeError(f"mosquitto does not listen: {text}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; SIGKILL is a power cut."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(10)


class Postgres:
    """A PostgreSQL cluster of our own."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder, self._data = free_port(), folder, folder / "data"
        self._made = 0
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            user = pwd.getpwnam("postgres")
            for path in (folder, *folder.parents):
                if path.owner() == "root" and path.is_relative_to("/tmp") and path != Path("/tmp"):
                    path.chmod(0o755)
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "anbu", "-E", "UTF8", "--locale=C")

    def start(self) -> Postgres:
        """Listen on loopback."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        """End it; `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE t{self._made}")
        admin.dispose()
        return self.url(f"t{self._made}").replace("+psycopg", "")

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
