"""The buffered socket below paho, on a real pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from wire.line import Line

Pair = tuple[Line, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    line = Line(near)
    yield line, far
    line.close()
    far.close()


def test_it_reads_ahead_and_says_what_select_cannot_know(pair: Pair) -> None:
    line, far = pair
    far.sendall(b"0123456789")
    assert (line.recv(1), line.pending()) == (b"0", 9)
    assert (line.recv(4), line.recv(400), line.pending()) == (b"1234", b"56789", 0)
    line.setblocking(False)
    with pytest.raises(BlockingIOError):
        line.recv(1)
    far.close()
    line.setblocking(True)
    assert line.recv(1) == b""


def test_what_is_sent_corked_leaves_in_one_piece_and_in_order(pair: Pair) -> None:
    line, far = pair
    far.setblocking(False)
    with line.corked():
        assert [line.send(b"ab"), line.send(b"cd")] == [2, 2]
        with pytest.raises(BlockingIOError):
            far.recv(10)
        assert line.unsent == 4
    far.setblocking(True)
    assert (far.recv(10), line.unsent) == (b"abcd", 0)
    assert line.send(b"ef") == 2
    assert far.recv(10) == b"ef"


def test_nothing_overtakes_what_could_not_leave_yet(pair: Pair) -> None:
    line, far = pair
    line.setblocking(False)
    many = bytes(range(256)) * 64 * 1024  # more than two kernels keep for a slow reader
    with line.corked():
        line.send(many)
    assert line.unsent > 0
    line.send(b"last")
    got = bytearray()
    while len(got) < len(many) + 4:
        got += far.recv(1 << 20)
        line.flush()
    assert bytes(got) == many + b"last"


def test_a_broken_line_shows_when_it_is_read(pair: Pair) -> None:
    line, far = pair
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, as a power cut leaves behind
    far.close()
    with line.corked():
        line.send(b"into the void")
    with suppress(ConnectionError):
        assert line.recv(1) == b""
