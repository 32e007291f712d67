"""The brokers of `tests.mqtt`."""

from __future__ import annotations

from tests.mqtt.conftest import broker, real, start_broker

__all__ = ["broker", "real", "start_broker"]
