"""Every detector x every check, and the rules of each that the checks don't reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anomaly.detector import Detector
from anomaly.detectors import ALL
from tests.checks import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("detector", ALL, ids=lambda detector: detector.name)
def test_check(detector: Detector, check: Callable[[Detector], None]) -> None:
    check(detector)
