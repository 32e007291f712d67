"""A wire that is not as it should be: what stands between clients and a broker, and does to messages what it likes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.connect_packet import packed_length

__all__ = ["Meddler"]

_PUBLISH = 3
_DUPLICATE = 0x08
_AT_LEAST_ONCE = 0x02
_KEPT_BACK = 0.02  # s: of two messages the second has come by then, or there is none
_PATIENCE = 10.0


class Meddler:
    """A proxy of a broker while the ``with`` lasts.

    Parameters
    ----------
    broker
        Where it is.
    twice
        Every message, in either direction, is sent twice.
    swaps
        Of two messages that come from the broker one after the other, the second is handed on first.
    """

    def __init__(self, broker: Address, *, twice: bool = False, swaps: bool = False) -> None:
        self._broker, self._twice, self._swaps = broker, twice, swaps
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._end = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._port = 0
        self.count = 0
        """Messages that were touched."""
        self._thread = threading.Thread(target=self._run, name="meddler", daemon=True)

    def __enter__(self) -> Meddler:
        self._thread.start()
        assert self._ready.wait(_PATIENCE)
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_PATIENCE)

    @property
    def address(self) -> Address:
        """Where clients find it."""
        return Address(port=self._port)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._welcome, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a task of ours; of a coroutine asyncio would log that it was cancelled at the end."""
        task = self._loop.create_task(self._connected(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._broker.host, self._broker.port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_hand_on(reader, back, self._to_broker))
                group.create_task(_hand_on(there, writer, self._to_client))
        except* (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one side has gone, or the test is over
        finally:
            back.close()
            writer.close()

    async def _to_broker(self, packets: asyncio.Queue[bytes]) -> list[bytes]:
        return self._repeated(await packets.get())

    async def _to_client(self, packets: asyncio.Queue[bytes]) -> list[bytes]:
        first = await packets.get()
        if not (self._swaps and _is_message(first)):
            return self._repeated(first)
        try:
            async with asyncio.timeout(_KEPT_BACK):
                second = await packets.get()
        except TimeoutError:
            return self._repeated(first)
        self.count += 1
        return [*self._repeated(second), *self._repeated(first)]

    def _repeated(self, packet: bytes) -> list[bytes]:
        if not (self._twice and _is_message(packet)):
            return [packet]
        self.count += 1
        again = packet[0] | (_DUPLICATE if packet[0] & _AT_LEAST_ONCE else 0)
        return [packet, bytes([again]) + packet[1:]]


async def _hand_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    take: Callable[[asyncio.Queue[bytes]], Awaitable[list[bytes]]],
) -> None:
    packets: asyncio.Queue[bytes] = asyncio.Queue(1000)

    async def read() -> None:
        while True:
            await packets.put(await _packet(reader))

    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read())
        while not (reading.done() and packets.empty()):
            for packet in await take(packets):
                writer.write(packet)
            await writer.drain()


async def _packet(reader: asyncio.StreamReader) -> bytes:
    kind, length = await reader.readexactly(1), 0
    for place in range(4):
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return kind + packed_length(length) + await reader.readexactly(length)


def _is_message(packet: bytes) -> bool:
    return packet[0] >> 4 == _PUBLISH
