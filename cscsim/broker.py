"""The broker that a command means: one that is there, or the one that comes along; and what is on it already."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from csc import Bus, ObservatorySheet
    from csc.bus.mqtt import Address
    from fsm import Clock, Journal

__all__ = ["EMBEDDED", "HERE", "broker_option", "embedded_broker", "join_broker", "observatory_option", "read_address"]

HERE = "mqtt://127.0.0.1"
EMBEDDED = "embedded"
_OURS = "cscsim-stage"
"""The user as whom an observatory joins the broker that comes along, if that has users."""

broker_option = click.option(
    "--broker", metavar="mqtt://HOST", default=HERE, show_default=True, help="where the observatory is"
)
observatory_option = click.option(
    "--observatory", metavar="NAME|FILE", default="auxtel", show_default=True, help="which one on that broker"
)


def read_address(text: str) -> Address:
    """Read where a broker is.

    Raises
    ------
    Complaint
        If it is no address, or what speaks to brokers is not installed.
    """
    from csc.bus.mqtt import Address
    from fsm import AuthorError

    if find_spec("aiomqtt") is None:
        raise Complaint("cscsim: MQTT needs aiomqtt: pip install 'cscsim[mqtt]'")
    try:
        return Address.read(text)
    except AuthorError as error:
        raise Complaint(f"--broker {error}") from error


@contextmanager
def embedded_broker(
    port: int = 0, users: Path | None = None, lost: Callable[[], object] = lambda: None
) -> Iterator[Address]:
    """Run the broker that comes along, on this machine; give where it is, for the observatory itself.

    If it dies it is started again, and standard error says so.

    Parameters
    ----------
    port
        0 for one that is free.
    users
        File of those who may connect; without it everybody on this machine.
    lost
        Called, in another thread, when it cannot be kept up.

    Raises
    ------
    OperatorError
        If it does not start; in the end, if it could not be kept up.
    """
    read_address(HERE)
    from csc.bus.mqtt.embedded import EmbeddedBroker
    from csc.bus.mqtt.kept_broker import KeptBroker
    from csc.bus.mqtt.roles import Role
    from csc.bus.mqtt.users import User, hashed, load_users

    if users is None:
        with KeptBroker(EmbeddedBroker(port=port), _say, lost) as broker:
            yield broker.address
        return
    password = secrets.token_hex()
    known = load_users(users) | {_OURS: User(role=Role.STAGE, password=hashed(password))}
    with KeptBroker(EmbeddedBroker(port=port, users=known), _say, lost) as broker:
        yield replace(broker.address, user=_OURS, password=password)


def _say(text: str) -> None:
    click.echo(f"cscsim: {text}", err=True)


def join_broker(
    address: Address, sheet: ObservatorySheet, elsewhere: frozenset[str] = frozenset()
) -> Callable[[Any, Any], Bus]:
    """Return what makes the bus of an observatory over a broker.

    Parameters
    ----------
    elsewhere
        Components of other processes that those here listen to.
    """
    return partial(_joined, address, sheet, elsewhere)


def _joined(
    address: Address, sheet: ObservatorySheet, elsewhere: frozenset[str], clock: Clock, journal: Journal
) -> Bus:
    from csc.bus.mqtt.bus import MqttBus
    from fsm import OperatorError

    bus = MqttBus(clock, journal, address, observatory=sheet.observatory, elsewhere=elsewhere)
    there = bus.roll_call(sheet.components)
    if taken := [name for name in sheet.components if name in there]:
        bus.close()
        shown = ", ".join(taken[:3]) + (f" and {len(taken) - 3} more" if len(taken) > 3 else "")
        raise OperatorError(
            f"{sheet.observatory} is already on {address}: {shown}; end that one, or use another broker"
        )
    return bus
