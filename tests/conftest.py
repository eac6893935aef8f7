"""What every test may ask for: real servers, a migrated database on each backend, the recorded homes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from argon2 import PasswordHasher
from hypothesis import settings

import tests.effort  # noqa: F401  # its profiles
from access import passwords
from store.database import Database
from store.migrate import migrate
from tests.servers import POSTGRES, Postgres, roomy
from tests.stories.town import Town, town
from wire.mosquitto import MOSQUITTO, Mosquitto

settings.load_profile("sample")
# A log-in takes a third of a second on purpose, and the tests log in a thousand times.
COSTLY, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

RECORDED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The world's authorities take each client a fortieth of a second to read, and nothing here comes from outside."""
    end = "-----END CERTIFICATE-----\n"
    file = tmp_path_factory.mktemp("trust") / "authority.pem"
    file.write_text(Path(certifi.where()).read_text(encoding="ascii").partition(end)[0] + end, encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL of our own."""
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="anbu-pg-", dir=roomy(), ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder)).start()
        yield server
        server.stop("immediate")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running Mosquitto of our own."""
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed (Debian: mosquitto)")
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    server = Mosquitto(folder).start()
    yield server
    server.stop()


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[tuple[Mosquitto, Mosquitto]]:
    """The home's and the city's."""
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed (Debian: mosquitto)")
    servers = []
    for name in ("home", "city"):
        (tmp_path / name).mkdir()
        servers.append(Mosquitto(tmp_path / name).start())
    yield servers[0], servers[1]
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite at the newest revision, to be copied: migrating anew would be most of many a test."""
    file = tmp_path_factory.mktemp("migrated") / "anbu.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


ON_BOTH = {
    "test_audit", "test_backup", "test_care_money", "test_desk", "test_forgetting", "test_ledger", "test_line",
    "test_log", "test_outbox", "test_sync", "test_wal",
}  # fmt: skip
"""What rests on how a database locks, orders and keeps: on both in each run."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Contracts hold on both databases: in the sweeps each is tried on both, in a run of the tests on the one that
    cities run on; pages, permissions and laws are tried on SQLite.

    First come a city that several tests share, which each process that takes over some of them would start anew, and
    the longest test of all, which would be waited for alone at the end.
    """
    items.sort(key=lambda item: item.path.stem not in ("test_running_city", "test_commands"))
    here, other = ("postgresql", "sqlite") if POSTGRES else ("sqlite", "postgresql")
    all_here = {item.nodeid for item in items if here in item.name and not item.get_closest_marker("long")}
    for item in items:
        spared = item.path.parent.name in ("contracts", "stories") and item.path.stem not in ON_BOTH
        if spared and other in item.name and item.nodeid.replace(other, here) in all_here:
            item.add_marker(pytest.mark.long)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[str]:
    """An empty, migrated database on each backend."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated, tmp_path / 'anbu.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.migrated()
    yield url
    server.drop(url)


# For what takes long: on SQLite each time, on PostgreSQL with the sweeps.
on_sqlite_first = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A migrated database on each backend."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def tihm() -> Path:
    """The folder of the recorded homes."""
    folder = Path(os.environ.get("ANBU_TEST_DATA", RECORDED)) / "tihm"
    if not folder.exists():
        pytest.skip(f"the recorded homes are not here: {folder}")
    return folder


@pytest.fixture
def device_states() -> Path:
    """States of real devices: a JSON object a line, its `payload` what Zigbee2MQTT said."""
    file = Path(os.environ.get("ANBU_TEST_DATA", RECORDED)) / "devices" / "zigbee2mqtt-states.jsonl"
    if not file.exists():
        pytest.skip(f"the states of real devices are not here: {file}")
    return file


@pytest.fixture
def city(mosquitto: Mosquitto, database_url: str, tmp_path: Path) -> Iterator[Town]:
    """On SQLite and on PostgreSQL."""
    with town(mosquitto, database_url, tmp_path / "city") as place:
        yield place


@pytest.fixture
def village(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Town]:
    """On SQLite alone, for stories in which the database plays no part."""
    with town(mosquitto, f"sqlite:///{tmp_path / 'village.db'}", tmp_path / "village") as place:
        yield place
