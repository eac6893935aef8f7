"""SQLite's log on a disk that refuses: what a failed sync may have dropped is written anew before all else."""

from __future__ import annotations

import os
import threading

from sqlalchemy.exc import OperationalError

_sync_data = getattr(os, "fdatasync", os.fsync)
_CHUNK_BYTES = 1 << 20
# https://www.sqlite.org/rescode.html: SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC
_SYNC_ERRORS = (1034, 1290)


class DiskFault(RuntimeError):
    """A sync has failed: nobody knows what is on the disk. This process writes nothing any more, and has to end."""


class Wal:
    """The log file of one database."""

    def __init__(self, database: str) -> None:
        self._path = f"{database}-wal"
        self._file: int | None = None
        self._opening = threading.Lock()

    def sync(self) -> None:
        """Make durable what stands in it. Raises OSError."""
        # The log is one sequence: what a later commit syncs, or a checkpoint moves, includes all before it.
        with self._opening:
            file = self._opened()
        if file is not None:  # else the last connection that closed has moved it into the database, and synced that
            _sync_data(file)

    def rewrite(self) -> None:
        """Write every byte once more, and sync it. Raises OSError. Nobody may write meanwhile.

        After a failed sync Linux takes the pages for clean: a second sync succeeds and writes nothing. They are still
        in memory, from where this takes them.
        """
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            at = 0
            while chunk := os.pread(file, _CHUNK_BYTES, at):
                at += os.pwrite(file, chunk, at)
            _sync_data(file)
        finally:
            os.close(file)

    def size(self) -> int:
        """Its bytes."""
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            return 0

    def _opened(self) -> int | None:
        # Kept open: the kernel tells of a failed write-back once to each file that was open then, and to no later one.
        if self._file is not None and os.fstat(self._file).st_nlink == 0:
            self.close()
        if self._file is None:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
        return self._file

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_failed_sync(error: OperationalError) -> bool:
    """Whether SQLite says that a sync of its own has failed; any other error undoes the transaction and no more."""
    return getattr(error.orig, "sqlite_errorcode", None) in _SYNC_ERRORS
