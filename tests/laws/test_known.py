"""What several threads read at once is known before: `msgspec` learning a type in two threads crashes the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEARNS = """
import sys, msgspec
from {module} import {name}
seen = set()
sys.setprofile(lambda frame, event, arg: seen.add(frame.f_code.co_name))
try:
    msgspec.convert({{}}, {name})
except msgspec.ValidationError:
    pass
sys.setprofile(None)
sys.exit("get_class_annotations" in seen)
"""


@pytest.mark.parametrize(
    ("module", "name", "learns"),
    [
        ("alerts.case", "Case", False),
        ("core.signals", "Signal", False),
        ("core.people", "Member", False),
        ("alerts.channels", "Question", False),
        ("core.people", "AbsenceNote", True),  # which nobody reads so: the question can be answered with yes
    ],
)
def test_a_type_that_threads_read_is_known_when_it_is_there(module: str, name: str, learns: bool) -> None:
    asked = subprocess.run([sys.executable, "-c", LEARNS.format(module=module, name=name)], check=False)
    assert asked.returncode == learns
