"""The city that a story is played in, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.town import Town, town
from wire.mosquitto import Mosquitto


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
