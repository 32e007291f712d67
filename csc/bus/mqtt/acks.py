"""Acknowledgements on the wire: the fields of SAL's ``ackcmd`` that mean something here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc.bus.mqtt.payload import Malformed, Private, encode
from csc.fields import shown
from csc.messages import Ack
from csc.summary_state import AckCode

__all__ = ["decode_ack", "encode_ack"]


def encode_ack(command: str, ack: Ack, private: Private) -> bytes:
    """Return an acknowledgement as it travels."""
    fields = {
        "command": command,
        "ack": int(ack.code),
        "error": ack.error,
        "result": ack.result,
        "timeout": ack.timeout,
    }
    return encode(fields, private)


def decode_ack(fields: Mapping[str, Any]) -> Ack:
    """Return the acknowledgement that a message's fields say.

    Raises
    ------
    Malformed
        If they say none.
    """
    try:
        return Ack(AckCode(fields["ack"]), int(fields["error"]), str(fields["result"]), float(fields["timeout"]))
    except (KeyError, TypeError, ValueError):
        raise Malformed(f"no acknowledgement: {shown(dict(fields))}") from None
