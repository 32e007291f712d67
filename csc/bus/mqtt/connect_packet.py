"""The first packet of an MQTT client: read, so that it can be judged before a broker sees it, and written again.

References
----------
OASIS, MQTT Version 3.1.1, section 3.1: CONNECT.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

__all__ = ["ConnectPacket", "MalformedPacket", "Refusal", "connack", "packed_length"]

LEVEL = 4
"""Of the protocol: MQTT 3.1.1."""
_NAMES = ("MQTT", "MQIsdp")  # the second is of MQTT 3.1, whose packet is built alike


class MalformedPacket(ValueError):
    """Bytes that are no packet."""


class Refusal(IntEnum):
    """Why a client may not connect, as MQTT 3.1.1 counts."""

    PROTOCOL = 1
    CLIENT_NAME = 2
    FULL = 3
    CREDENTIALS = 4
    NOT_ALLOWED = 5


class _Flags(IntFlag):
    CLEAN = 0x02
    WILL = 0x04
    WILL_QOS = 0x18
    WILL_RETAINED = 0x20
    PASSWORD = 0x40
    USER = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectPacket:
    """Who connects, and how.

    Attributes
    ----------
    level
        Version of the protocol; of any other than `LEVEL` nothing else is read.
    clean
        Whether an earlier session of this client is forgotten.
    keep_alive
        Longest silence [s] that the client lets pass; 0 for any.
    will
        Topic and payload of what is published when the connection is lost.
    will_flags
        How: quality of service and whether it is retained, as the packet has them.
    """

    level: int = LEVEL
    clean: bool = True
    keep_alive: int = 0
    client: str = ""
    will: tuple[str, bytes] | None = None
    will_flags: int = 0
    user: str | None = None
    password: str | None = None

    @classmethod
    def read(cls, body: bytes) -> ConnectPacket:
        """Read what stands after the fixed header.

        Raises
        ------
        MalformedPacket
            If it is none; says what is wrong.
        """
        fields = _Fields(body)
        if fields.text() not in _NAMES:
            raise MalformedPacket("not the name of the protocol")
        level = fields.number(1)
        if level != LEVEL:
            return cls(level=level)
        flags = _Flags(fields.number(1))
        keep_alive = fields.number(2)
        client = fields.text()
        will = (fields.text(), fields.data()) if _Flags.WILL in flags else None
        user = fields.text() if _Flags.USER in flags else None
        password = fields.text() if _Flags.PASSWORD in flags else None
        if fields.left():
            raise MalformedPacket("bytes after its end")
        return cls(
            clean=_Flags.CLEAN in flags,
            keep_alive=keep_alive,
            client=client,
            will=will,
            will_flags=int(flags & (_Flags.WILL_QOS | _Flags.WILL_RETAINED)) if will else 0,
            user=user,
            password=password,
        )

    def packet(self) -> bytes:
        """Return the whole packet."""
        flags = (_Flags.CLEAN if self.clean else 0) | self.will_flags
        fields = [self.client.encode()]
        if self.will is not None:
            flags |= _Flags.WILL
            fields += [self.will[0].encode(), self.will[1]]
        if self.user is not None:
            flags |= _Flags.USER
            fields.append(self.user.encode())
        if self.password is not None:
            flags |= _Flags.PASSWORD
            fields.append(self.password.encode())
        head = b"\x00\x04MQTT" + bytes([self.level, flags]) + self.keep_alive.to_bytes(2, "big")
        body = head + b"".join(len(field).to_bytes(2, "big") + field for field in fields)
        return b"\x10" + packed_length(len(body)) + body


class _Fields:
    """Reads one field after the other."""

    def __init__(self, body: bytes) -> None:
        self._body, self._place = body, 0

    def left(self) -> int:
        return len(self._body) - self._place

    def number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "big")

    def data(self) -> bytes:
        return self._take(self.number(2))

    def text(self) -> str:
        try:
            text = self.data().decode()
        except UnicodeDecodeError:
            raise MalformedPacket("a text that is not UTF-8") from None
        if "\0" in text:
            raise MalformedPacket("a text with a null character")
        return text

    def _take(self, length: int) -> bytes:
        if length > self.left():
            raise MalformedPacket("it ends too early")
        self._place += length
        return self._body[self._place - length : self._place]


def packed_length(length: int) -> bytes:
    """Return a length as a fixed header has it: seven bits a byte, the lowest first.

    >>> packed_length(321).hex()
    'c102'
    """
    packed = bytearray()
    while True:
        length, low = divmod(length, 128)
        packed.append(low | (128 if length else 0))
        if not length:
            return bytes(packed)


def connack(refusal: Refusal) -> bytes:
    """Return the packet that refuses a client."""
    return bytes([0x20, 2, 0, refusal])
