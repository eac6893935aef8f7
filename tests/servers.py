"""A real PostgreSQL of the tests' own, on loopback, on a free port; their Mosquitto is wire.mosquitto's."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import sqlalchemy as sa

from wire.broker import free_port

_PG_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
POSTGRES = next((home for home in _PG_HOMES if (home / "initdb").exists()), None)


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
