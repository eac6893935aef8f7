"""One world for all that is asked here: whoever changes it puts it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.authorization.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("matrix")).open() as it:
        yield it
