"""How hard a law is tried: a sample of examples in each run of the tests, ten times as many in the sweeps."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

SAMPLE, SWEEP = 30, 300

# Machines are noisy: a slow draw says nothing about a law. Speed belongs in benchmarks.
settings.register_profile("sample", max_examples=SAMPLE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sweep", settings.get_profile("sample"), max_examples=SWEEP)


def tried(examples: int, **more: Any) -> settings:
    """So many examples, where each costs more than most; ten times as many with `--hypothesis-profile sweep`."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return settings(max_examples=examples * profile.max_examples // SAMPLE, **more)
