"""Each test of a broker is run with the embedded one and with mosquitto."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.roles import Role
from tests.mqtt.brokers import Certificates, Login, Mosquitto, certificates, embedded, mosquitto, needs_mosquitto

USERS = {
    "observer": Login(Role.OBSERVE, "sees"),
    "operator": Login(Role.OPERATE, "acts"),
    "instructor": Login(Role.INJECT, "breaks"),
    "stage": Login(Role.STAGE, "plays"),
}
"""One for each role."""


class AnyBroker(Protocol):
    """What all brokers have."""

    @property
    def address(self) -> Address: ...


StartBroker = Callable[..., AbstractContextManager[AnyBroker]]


@pytest.fixture(params=["embedded", pytest.param("mosquitto", marks=needs_mosquitto())])
def start_broker(request, tmp_path) -> StartBroker:
    """Run a broker of either kind; arguments are those of `embedded`."""
    if request.param == "embedded":
        return embedded

    def start(**options: Any) -> AbstractContextManager[AnyBroker]:
        return mosquitto(tmp_path, **options)

    return start


@pytest.fixture
def broker(start_broker) -> Iterator[AnyBroker]:
    """Run a broker that lets everybody do everything."""
    with start_broker() as running:
        yield running


@pytest.fixture
def real(tmp_path) -> Iterator[Mosquitto]:
    """Run mosquitto, which may be killed and started again; its tests are marked with `needs_mosquitto`."""
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def guarded(start_broker) -> Iterator[AnyBroker]:
    """Run a broker with one user for each role."""
    with start_broker(users=USERS) as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Certificates:
    """An authority, and a certificate of this machine that it has signed."""
    return certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory) -> Certificates:
    """Another authority."""
    return certificates(tmp_path_factory.mktemp("stranger"), "stranger")
