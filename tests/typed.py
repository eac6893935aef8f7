"""Commands as an operator types them, in this process: starting one costs seconds, and its words are the same."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from app.cli import main


class Done(NamedTuple):
    code: int
    out: str
    err: str


def anbu(*words: str, environ: Mapping[str, str], folder: Path | str = ".", said: str = "") -> Done:
    """What `anbu WORDS` gives, with just these settings, in a folder; `said` is its standard input."""
    # With the bytes beneath that some commands write to.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch.object(sys, "argv", ["anbu", *words]),
        mock.patch.object(sys, "stdin", io.StringIO(said)),
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    written = (stream.buffer.getvalue().decode() for stream in (out, err))
    return Done(code, *written)
