"""Whether anybody listens where a broker should be: a look that says no at once, where a connection is kept trying."""

from __future__ import annotations

import socket

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.link import Unreachable

__all__ = ["reach"]

_PATIENCE = 10.0  # [s, real]


def reach(address: Address) -> None:
    """Look once whether an address can be reached.

    Raises
    ------
    Unreachable
        If not; says why, and what would help.
    """
    try:
        socket.create_connection((address.host, address.port), timeout=_PATIENCE).close()
    except OSError as error:
        why = error.strerror or str(error)
        raise Unreachable(f"no broker at {address}: {why}; mosquitto or `cscsim serve` starts one") from None
