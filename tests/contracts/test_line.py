"""The buffered socket below paho, on a real pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt import _packet  # what the short way must agree with
from paho.mqtt.enums import MQTTProtocolVersion

from wire.line import Line, plain_publish

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


PROTOCOLS = {True: MQTTProtocolVersion.MQTTv5, False: MQTTProtocolVersion.MQTTv311}


@st.composite
def publishes(draw: st.DrawFn) -> bytes:
    topic = draw(st.one_of(st.text(max_size=200).map(str.encode), st.binary(max_size=20)))
    mid = draw(st.integers(1, 65535)).to_bytes(2)
    properties = draw(st.sampled_from([b"\0", b"", b"\x02\x01\x01", b"\x80\x01"]))
    return len(topic).to_bytes(2) + topic + mid + properties + draw(st.binary(max_size=300))


@given(header=st.integers(0x30, 0x3F), packet=st.one_of(publishes(), st.binary(max_size=12)), v5=st.booleans())
def test_the_short_way_reads_what_paho_reads(header: int, packet: bytes, v5: bool) -> None:
    plain = plain_publish(header, bytearray(packet), v5)
    if plain is None:
        return  # paho reads it, or refuses it
    paho = _packet.decode_publish(header, bytearray(packet), PROTOCOLS[v5])
    assert plain == (paho.topic.decode(), bytes(paho.payload), paho.mid)
    assert (paho.qos, paho.properties is None or paho.properties.isEmpty()) == (1, True)


@pytest.mark.parametrize("v5", [True, False])
def test_what_homes_send_takes_the_short_way(v5: bool) -> None:
    packet = b"\0\x03a/b" + b"\0\x07" + (b"\0" if v5 else b"") + b"{}"
    assert plain_publish(0x32, packet, v5) == ("a/b", b"{}", 7)
    assert plain_publish(0x3A, packet, v5) == ("a/b", b"{}", 7), "sent once more"
    assert plain_publish(0x30, packet, v5) is None, "QoS 0"
    assert plain_publish(0x32, b"\0\x03a/b\0", v5) is None
