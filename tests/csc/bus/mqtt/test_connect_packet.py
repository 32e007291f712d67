"""The first packet of a client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.bus.mqtt.connect_packet import ConnectPacket, MalformedPacket, Refusal, connack, packed_length

TEXTS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40)
WHOLE = ConnectPacket(client="a", user="b", password="c", will=("alive", b"dead"), will_flags=0x28)


def body_of(packet: bytes) -> bytes:
    """Return what stands after the fixed header."""
    end = next(place for place in range(1, 5) if packet[place] < 0x80)
    return packet[end + 1 :]


@given(
    st.builds(
        ConnectPacket,
        clean=st.booleans(),
        keep_alive=st.integers(0, 65_535),
        client=TEXTS,
        will=st.tuples(TEXTS, st.binary(max_size=300)),
        will_flags=st.sampled_from([0, 0x08, 0x10, 0x28]),
        user=st.none() | TEXTS,
        password=st.none() | TEXTS,
    )
)
def test_a_packet_is_read_as_it_was_written(packet):
    assert ConnectPacket.read(body_of(packet.packet())) == packet


def test_the_examples_of_the_standard():
    # MQTT 3.1.1, figure 3.6 with a client's name
    body = bytes.fromhex("00 04 4d 51 54 54 04 02 00 0a 00 01 61")

    assert ConnectPacket.read(body) == ConnectPacket(clean=True, keep_alive=10, client="a")
    assert ConnectPacket(clean=True, keep_alive=10, client="a").packet() == b"\x10\x0d" + body
    assert connack(Refusal.NOT_ALLOWED) == bytes.fromhex("20 02 00 05")


@pytest.mark.parametrize(("length", "packed"), [(0, "00"), (127, "7f"), (128, "8001"), (268_435_455, "ffffff7f")])
def test_lengths_are_packed(length, packed):
    assert packed_length(length).hex() == packed


def test_of_another_version_nothing_else_is_read():
    assert ConnectPacket.read(b"\x00\x04MQTT\x05whatever follows") == ConnectPacket(level=5)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    for start in (b"", b"\x00\x04MQTT\x04", b"\x00\x04MQTT\x04\xee\x00\x0a"):
        try:
            ConnectPacket.read(start + body)
        except MalformedPacket:
            pass


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_packet_that_is_cut_short_is_refused(cut):
    whole = body_of(WHOLE.packet())

    with pytest.raises(MalformedPacket):
        ConnectPacket.read(whole[:-cut] if cut < len(whole) else b"")


def test_bytes_after_the_end_are_refused():
    with pytest.raises(MalformedPacket, match="bytes after its end"):
        ConnectPacket.read(body_of(ConnectPacket(client="a").packet()) + b"x")
