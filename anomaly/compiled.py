"""Loops over many homes, compiled: the one place that says how. What they work out is to the bit what Python would.

Nothing is loaded before the first call: a process that hears no rounds pays nothing. What was compiled is kept beside
the sources, or else in the user's cache, in a folder named by a checksum of all sources of this package: numba itself
looks at one file only and would go on with constants and helpers of yesterday.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import Any, Generic, ParamSpec, TypeVar, cast
from zlib import crc32

P = ParamSpec("P")
T = TypeVar("T")
_one_at_a_time = RLock()


class Kernel(Generic[P, T]):
    """A function that is compiled when it is first called, once for each combination of types."""

    def __init__(self, function: Callable[P, T]) -> None:
        self._function = function
        self._compiled: Callable[P, T] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return (self._compiled or self._compile())(*args, **kwargs)

    def _compile(self) -> Any:
        with _one_at_a_time:
            if self._compiled is None:
                # Neither fast mathematics nor checks: the results of numpy, on indices that the engine has made.
                how: Any = {"cache": _folder() is not None, "nogil": True, "error_model": "numpy"}
                self._compiled = _numba().njit(**how)(self._function)
            return self._compiled

    @property
    def _numba_type_(self) -> Any:
        """So that one kernel may call another."""
        return self._compile()._numba_type_


def kernel(function: Callable[P, T]) -> Kernel[P, T]:
    """Compile a function of numbers and arrays. The indices that it takes are not checked, nor is overflow."""
    return Kernel(function)


AHEAD = 12
"""Events that are heard before the fields of a later one are there."""


def fetch(columns: tuple[Any, ...], i: int) -> None:
    """Ask memory for row `i` of some columns, to be read a little later. In Python nothing is done.

    A loop that waits for each home's fields in turn, which lie far apart, can take twice as long.
    """


@cache
def _numba() -> Any:
    """numba (67 MB, a third of a second), told what `fetch` is."""
    numba, ir, extending = (cast(Any, import_module(name)) for name in ("numba", "llvmlite.ir", "numba.extending"))

    numba.config.CACHE_DIR = str(_folder() or "")

    def typed(_: Any, columns: Any, i: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            number, at = ir.IntType(32), context.cast(builder, args[1], i, numba.types.intp)
            for n, column in enumerate(columns):
                array = context.make_array(column)(context, builder, builder.extract_value(args[0], n))
                row = builder.mul(builder.extract_value(array.strides, 0), at)
                address = builder.gep(builder.bitcast(array.data, ir.IntType(8).as_pointer()), [row])
                kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
                call = builder.module.declare_intrinsic("llvm.prefetch", [address.type], kind)
                builder.call(call, [address, number(0), number(3), number(1)])  # to read, to be kept, data
            return context.get_dummy_value()

        return numba.types.none(columns, i), code

    prefetch = extending.intrinsic(typed)

    def fetching(columns: Any, i: Any) -> Any:
        def compiled(columns: Any, i: Any) -> None:
            prefetch(columns, i)

        return compiled

    extending.overload(fetch)(fetching)
    return numba


@cache
def _folder() -> Path | None:
    """Where compiled code is kept; None: nowhere, it is compiled anew by each process."""
    here = Path(__file__).parent
    sources = crc32(b"".join(source.read_bytes() for source in sorted(here.rglob("*.py"))))
    user = Path(os.environ.get("XDG_CACHE_HOME") or f"{os.environ.get('HOME', os.devnull)}/.cache")
    for folder in (here / "__pycache__", user / "anbu"):
        kept = folder / f"kernels-{sources:08x}"
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(kept, os.W_OK):
            return kept
    return None
