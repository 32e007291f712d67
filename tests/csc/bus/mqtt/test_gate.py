"""What stands before the embedded broker, tried with a broker that is none."""

from __future__ import annotations

import asyncio
import socket

import pytest
from amqtt.session import Session

from csc.bus.mqtt import embedded_process, gate
from csc.bus.mqtt.connect_packet import ConnectPacket, Refusal, connack
from csc.bus.mqtt.gate import Gate
from csc.bus.mqtt.topics import TopicTree

HELLO = ConnectPacket(client="c")


async def welcome(packet):
    return None


async def no_wait():
    return None


async def with_gate(gate_, talk):
    """Run a talk with a gate: it is given a reader and a writer."""
    server = await asyncio.start_server(gate_.enter, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await talk(reader, writer)
        finally:
            writer.close()


def test_the_broker_hears_who_it_is_without_the_password_and_keeps_no_time():
    heard = []

    async def serve(reader, writer):
        kind, length = await reader.read(2)
        heard.append((kind, ConnectPacket.read(await reader.read(length))))

    async def talk(reader, writer):
        writer.write(ConnectPacket(client="c", user="ann", password="acts", keep_alive=60).packet())
        return await reader.read()

    assert asyncio.run(with_gate(Gate(welcome, serve, no_wait), talk)) == b""
    assert heard == [(0x10, ConnectPacket(client="ann/c", user="ann"))]


def test_who_is_refused_is_told_and_never_reaches_the_broker():
    async def refuse(packet):
        return Refusal.CREDENTIALS

    async def serve(reader, writer):
        pytest.fail("it was let in")

    async def talk(reader, writer):
        writer.write(HELLO.packet())
        return await reader.read()

    assert asyncio.run(with_gate(Gate(refuse, serve, no_wait), talk)) == connack(Refusal.CREDENTIALS)


def test_who_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(gate, "_PATIENCE", 0.05)

    async def serve(reader, writer):
        pytest.fail("it was let in")

    async def talk(reader, writer):
        writer.write(HELLO.packet()[:5])
        return await reader.read()

    assert asyncio.run(with_gate(Gate(welcome, serve, no_wait), talk)) == b""


def test_too_many_are_told_so(monkeypatch):
    monkeypatch.setattr(gate, "_MOST", 0)

    async def serve(reader, writer):
        pytest.fail("it was let in")

    async def talk(reader, writer):
        writer.write(HELLO.packet())
        return await reader.read()

    assert asyncio.run(with_gate(Gate(welcome, serve, no_wait), talk)) == connack(Refusal.FULL)


def test_a_client_that_does_not_read_is_cut_off(monkeypatch):
    monkeypatch.setattr(gate, "_PATIENCE", 0.2)
    cut_off = asyncio.Event()

    async def serve(reader, writer):
        try:
            while True:
                writer.write(b"x" * 100_000)
                await writer.drain()
        except ConnectionResetError:
            cut_off.set()

    async def talk(reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        writer.transport.pause_reading()
        writer.write(HELLO.packet())
        async with asyncio.timeout(20.0):
            await cut_off.wait()

    asyncio.run(with_gate(Gate(welcome, serve, no_wait), talk))

    assert cut_off.is_set()


def test_packets_come_whole_or_not_at_all():
    read: list[bytes] = []

    async def serve(reader, writer):
        _, length = await reader.read(2)
        await reader.read(length)
        writer.write(b"+")
        await writer.drain()
        read.append(await reader.read(2))
        with pytest.raises(asyncio.IncompleteReadError):
            read.append(await reader.read(1))

    async def talk(reader, writer):
        writer.write(HELLO.packet())
        await reader.readexactly(1)
        writer.write(b"\xc0\x00" + b"\x30\x10half")
        writer.write_eof()
        await reader.read()

    asyncio.run(with_gate(Gate(welcome, serve, no_wait), talk))

    assert read == [b"\xc0\x00"]


def test_nobody_is_read_from_while_there_is_no_room():
    read = []

    async def main():
        room = asyncio.Event()

        async def serve(reader, writer):
            _, length = await reader.read(2)
            await reader.read(length)
            read.append(await reader.read(2))

        async def talk(reader, writer):
            writer.write(HELLO.packet() + b"\xc0\x00")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await reader.read()
            assert read == []
            room.set()
            await reader.read()

        async def wait():
            await room.wait()

        await with_gate(Gate(welcome, serve, wait), talk)

    asyncio.run(main())

    assert read == [b"\xc0\x00"]


def test_of_what_waits_for_a_client_the_oldest_is_dropped(monkeypatch):
    monkeypatch.setattr(embedded_process, "_QUEUED", 3)

    async def main():
        broker = embedded_process._Broker(embedded_process._Rights(None, TopicTree("+")))
        away = Session()
        for number in range(5):
            message = {"session": None, "topic": "t", "data": str(number).encode()}
            await broker._retain_broadcast_message(message, 1, away)
        return [away.retained_messages.get_nowait().data for _ in range(away.retained_messages.qsize())]

    assert asyncio.run(main()) == [b"2", b"3", b"4"]
