"""When the next look is due."""

from __future__ import annotations

import asyncio
import time

import pytest

from cscsim.console.alarm import Alarm
from cscsim.console.page import Subscription

PAGE = Subscription(topics=frozenset({"ATDome.position"}))
LONG_AGO = 0.0


def waited(act=lambda alarm: None, wants=(PAGE,), *, since_last_look=None) -> float:
    """Return how long an alarm lets wait [s], to which something is done meanwhile."""

    async def main() -> float:
        alarm = Alarm()
        began = time.monotonic()
        asyncio.get_running_loop().call_later(0.01, act, alarm)
        await alarm.wait(wants, began if since_last_look is None else began - since_last_look)
        return time.monotonic() - began

    return asyncio.run(main())


def test_a_look_is_due_in_the_pages_time_though_nothing_happens():
    assert 0.2 <= waited() < 0.4


def test_a_page_that_wants_samples_more_often_gets_them():
    assert 0.1 <= waited(wants=(Subscription(topics=frozenset({"ATDome.position"}), every=0.1),)) < 0.19


def test_after_a_while_without_a_look_what_happens_is_seen_at_once():
    assert waited(Alarm.ring, (Subscription(),), since_last_look=1.0) < 0.15


def test_what_happens_just_after_a_look_waits_for_the_next_one():
    assert 0.2 <= waited(Alarm.ring, (Subscription(),)) < 0.4


def test_who_waits_for_what_comes_of_a_request_does_not_wait_for_that():
    assert waited(Alarm.hurry) < 0.15


def test_after_a_request_it_is_looked_only_if_something_happens():
    async def main() -> int:
        alarm, looks = Alarm(), 0
        alarm.hurry()
        end = time.monotonic() + 0.15
        while time.monotonic() < end:
            alarm.heard()
            looks += 1
            await alarm.wait((PAGE,), time.monotonic())
        return looks

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize("ticks", range(5))
def test_an_end_that_comes_with_something_else_is_not_lost(ticks):
    async def wait_again_and_again(alarm):
        while True:
            alarm.heard()
            await alarm.wait((), LONG_AGO)

    async def main():
        alarm = Alarm()
        task = asyncio.create_task(wait_again_and_again(alarm))
        for _ in range(3):
            await asyncio.sleep(0)
        alarm.ring()
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        ended, _ = await asyncio.wait({task}, timeout=1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return bool(ended)

    assert asyncio.run(main())
