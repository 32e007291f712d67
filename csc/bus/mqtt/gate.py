"""What stands before the embedded broker: nothing reaches it that has not been admitted, and no client can hold it up.

amqtt leaves to others whom it lets in, and trusts those who are in. The gate reads the first packet of a connection and
asks who that is; only then does the broker hear of it. After that it hands on whole packets, and ends a connection
that sends one too long, is silent for longer than it said, or does not read what it is sent.

A client's name counts among those of its own user only: nobody can take over another user's session by its name.
A client that connects again is served when its old connection is gone, with its last will said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from csc.bus.mqtt.connect_packet import LEVEL, ConnectPacket, MalformedPacket, Refusal, connack, packed_length
from csc.bus.mqtt.payload import LARGEST

__all__ = ["Connection", "Gate"]

Admit = Callable[[ConnectPacket], Awaitable[Refusal | None]]
Serve = Callable[["Connection", "Connection"], Awaitable[None]]
_MOST = 1000  # connections at a time
_PATIENCE = 10.0  # for the first packet, a client that does not read, an old connection [s, real]
_GRACE = 1.5  # times the silence that a client has announced: MQTT 3.1.1, 3.1.2.10
_LONGEST_CONNECT = 16_384
_LONGEST_PACKET = LARGEST + 65_535 + 16  # the longest payload and the longest topic
_CONNECT = 1  # kind of packet


class Gate:
    """Lets clients in.

    Parameters
    ----------
    admit
        Says why a client may not connect; None if it may.
    serve
        Serves it until it is gone.
    room
        Waits until the broker has room for another packet.
    """

    def __init__(self, admit: Admit, serve: Serve, room: Callable[[], Awaitable[None]]) -> None:
        self._admit, self._serve, self._room = admit, serve, room
        self._present: dict[str, Connection] = {}
        self._count = 0

    async def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Deal with a connection, from its first packet to its end."""
        self._count += 1
        connection = Connection(reader, writer, self._room)
        try:
            async with asyncio.timeout(_PATIENCE):
                packet = await self._greet(connection)
            if packet is not None:
                await self._take_part(packet, connection)
        except (MalformedPacket, OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # whoever it was has gone, or does not speak MQTT
        finally:
            self._count -= 1
            await connection.close()

    async def _greet(self, connection: Connection) -> ConnectPacket | None:
        """Read the first packet and answer it if it is refused; otherwise return what the broker shall read."""
        packet = ConnectPacket.read(await connection.first())
        refusal = Refusal.FULL if self._count > _MOST else await self._judge(packet)
        if refusal is not None:
            connection.write(connack(refusal))
            await connection.drain()
            return None
        connection.limit = packet.keep_alive * _GRACE or None
        name = packet.client or f"{id(connection):x}"
        # The password has done its work, and the gate keeps the time.
        return replace(packet, client=f"{packet.user or ''}/{name}", password=None, keep_alive=0)

    async def _judge(self, packet: ConnectPacket) -> Refusal | None:
        if packet.level != LEVEL:
            return Refusal.PROTOCOL
        if not packet.client and not packet.clean:
            return Refusal.CLIENT_NAME
        return await self._admit(packet)

    async def _take_part(self, packet: ConnectPacket, connection: Connection) -> None:
        while (old := self._present.get(packet.client)) is not None:
            await old.leave()
        self._present[packet.client] = connection
        connection.put_back(packet.packet())
        try:
            await self._serve(connection, connection)
        finally:
            del self._present[packet.client]
            connection.gone.set()


class Connection:
    """A connection as the broker sees it: both amqtt's `ReaderAdapter` and its `WriterAdapter`.

    Attributes
    ----------
    limit
        Longest silence [s, real] before it is taken for lost; None for any.
    gone
        Set when the broker has finished with it.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, room: Callable[[], Awaitable[None]]
    ) -> None:
        self._reader, self._writer, self._room = reader, writer, room
        self._buffer = bytearray()
        self.limit: float | None = _PATIENCE
        self.gone = asyncio.Event()

    async def first(self) -> bytes:
        """Return what stands in the first packet."""
        kind = await self._byte()
        if kind >> 4 != _CONNECT:
            raise MalformedPacket("the first packet must be CONNECT")
        return await self._body(_LONGEST_CONNECT)

    def put_back(self, data: bytes) -> None:
        """Have this read next."""
        self._buffer[:0] = data

    async def leave(self) -> None:
        """End it, and wait until the broker has finished with it."""
        self._writer.transport.abort()
        await self.gone.wait()

    async def read(self, n: int = -1) -> bytes:
        """Return so many bytes; raises what amqtt takes for the end if there are no more."""
        while len(self._buffer) < n:
            try:
                await self._room()
                async with asyncio.timeout(self.limit):
                    kind, body = await self._byte(), await self._body(_LONGEST_PACKET)
            except (MalformedPacket, OSError, TimeoutError):
                self._writer.transport.abort()
                raise asyncio.IncompleteReadError(bytes(self._buffer), n) from None
            self._buffer += bytes([kind]) + packed_length(len(body)) + body
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data

    async def _byte(self) -> int:
        return (await self._reader.readexactly(1))[0]

    async def _body(self, longest: int) -> bytes:
        """Read the length of a packet and all that follows it."""
        length = 0
        for place in range(4):
            byte = await self._byte()
            length |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                break
        else:
            raise MalformedPacket("a length of more than four bytes")
        if length > longest:
            raise MalformedPacket(f"{length} bytes are too long")
        return await self._reader.readexactly(length)

    def feed_eof(self) -> None:
        """Have nothing more come."""
        self._reader.feed_eof()

    def write(self, data: bytes) -> None:
        """Send, unless it is closed."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait until the client has read most of what was sent; cut it off if that takes too long."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()
            raise ConnectionResetError("it does not read") from None

    def get_peer_info(self) -> tuple[str, int]:
        """Return the address of the other side, and its port."""
        peer = self._writer.get_extra_info("peername") or ("", 0)
        return peer[0], peer[1]

    def get_ssl_info(self) -> None:
        """Return nothing: who it is has been asked."""

    async def close(self) -> None:
        """Close it once what is written has gone out, or after some time anyhow."""
        self._writer.close()
        try:
            with suppress(OSError):
                async with asyncio.timeout(_PATIENCE):
                    await self._writer.wait_closed()
        except TimeoutError:
            self._writer.transport.abort()
