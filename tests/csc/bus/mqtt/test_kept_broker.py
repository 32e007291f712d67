"""The embedded broker is kept up when its process dies, or it is said that it is not."""

from __future__ import annotations

import asyncio
import os
import queue
import signal

import pytest

from csc.bus.mqtt.embedded import EmbeddedBroker
from csc.bus.mqtt.kept_broker import KeptBroker
from csc.bus.mqtt.link import Unreachable
from fsm import OperatorError
from tests.mqtt.brokers import client
from tests.mqtt.crowd import Order, crowd
from tests.mqtt.stage import served
from tests.mqtt.trouble import WHO, all_done, check, until

pytestmark = pytest.mark.mqtt
_PATIENCE = 20.0


class Kept(KeptBroker):
    """One whose words are kept, too."""

    def __init__(self) -> None:
        self.told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.is_lost = False
        super().__init__(EmbeddedBroker(), self.told.put, self.lose)

    def lose(self) -> None:
        self.is_lost = True
        self.told.put("lost")

    def die(self) -> str:
        """Have its process killed; return what it says to that."""
        os.kill(self.pid, signal.SIGKILL)
        return self.told.get(timeout=_PATIENCE)


def test_one_that_was_killed_is_there_again_at_the_same_place():
    with Kept() as kept:
        before = kept.pid, kept.address

        said = kept.die()

        assert said == f"{kept.address}: the embedded broker was killed by SIGKILL, and was started again"
        assert kept.address == before[1]
        assert kept.pid != before[0]

        async def main() -> None:
            async with client(kept.address) as one:
                await one.publish("a", b"x", qos=1)

        asyncio.run(main())
    assert not kept.is_lost


def kill_until_lost(error: Exception | None = None) -> None:
    """Have one killed until it is given up, and have whoever uses it fail."""
    with Kept() as kept:
        while not kept.is_lost:
            os.kill(kept.pid, signal.SIGKILL)
            assert kept.told.get(timeout=_PATIENCE)
        if error is not None:
            raise error


def test_one_that_dies_again_and_again_is_given_up():
    with pytest.raises(OperatorError, match=r"was killed by SIGKILL, 3 times within 60 s; mosquitto is another"):
        kill_until_lost()


def test_one_whose_place_is_taken_is_given_up(monkeypatch):
    def restart(self: EmbeddedBroker) -> None:
        raise OperatorError("another program listens there")

    monkeypatch.setattr(EmbeddedBroker, "restart", restart)

    with pytest.raises(OperatorError, match="and could not be started again: another program listens there"):
        kill_until_lost()


@pytest.mark.parametrize(
    ("error", "told"),
    [(Unreachable("no answer"), "the embedded broker was killed by SIGKILL"), (KeyError("a"), "^'a'$")],
)
def test_who_fails_for_want_of_it_is_told_why_and_who_fails_otherwise_is_not(monkeypatch, error, told):
    monkeypatch.setattr("csc.bus.mqtt.kept_broker._DEATHS", 1)

    with pytest.raises((OperatorError, KeyError), match=told):
        kill_until_lost(error)


def test_one_that_is_ended_is_not_started_again():
    with Kept() as kept:
        pass

    assert kept.told.empty()
    with pytest.raises(OperatorError, match="does not run"):
        _ = kept.pid


@pytest.mark.slow
def test_no_command_is_lost_or_done_twice_when_it_is_killed():
    with Kept() as kept, served(kept.address, WHO) as observatory:

        async def main() -> list[Order]:
            async with crowd(kept.address, observatory.sheet.observatory, 30) as clients:
                orders = [each.mark(WHO) for _ in range(10) for each in clients]
                await until(lambda: len(observatory.of("command", WHO)) >= len(orders) // 10)
                await asyncio.to_thread(kept.die)
                orders += [each.mark(WHO) for each in clients]
                await all_done(orders)
                return orders

        check(observatory, asyncio.run(main()))
