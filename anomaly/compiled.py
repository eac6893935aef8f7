"""Loops over many homes, compiled: the one place that says how. What they work out is to the bit what Python would.

Nothing is loaded before the first call: a process that hears no rounds pays nothing. What was compiled is kept beside
the sources, or else in the user's cache, in a folder named by a checksum of all sources of this package: numba itself
looks at one file only and would go on with constants and helpers of yesterday.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar
from zlib import crc32

P = ParamSpec("P")
T = TypeVar("T")


class Kernel(Generic[P, T]):
    """A function that is compiled when it is first called, once for each combination of types."""

    def __init__(self, function: Callable[P, T]) -> None:
        self._function = function
        self._compiled: Callable[P, T] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return (self._compiled or self._compile())(*args, **kwargs)

    def _compile(self) -> Any:
        import numba  # 67 MB, a third of a second

        if self._compiled is None:
            folder = _folder()
            numba.config.CACHE_DIR = str(folder or "")
            # Neither fast mathematics nor checks: the results of numpy, on indices that the engine has made.
            self._compiled = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")(self._function)
        return self._compiled

    @property
    def _numba_type_(self) -> Any:
        """So that one kernel may call another."""
        return self._compile()._numba_type_


def kernel(function: Callable[P, T]) -> Kernel[P, T]:
    """Compile a function of numbers and arrays. The indices that it takes are not checked, nor is overflow."""
    return Kernel(function)


@cache
def _folder() -> Path | None:
    """Where compiled code is kept; None: nowhere, it is compiled anew by each process."""
    here = Path(__file__).parent
    sources = crc32(b"".join(source.read_bytes() for source in sorted(here.rglob("*.py"))))
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (here / "__pycache__", user / "anbu"):
        kept = folder / f"kernels-{sources:08x}"
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(kept, os.W_OK):
            return kept
    return None
