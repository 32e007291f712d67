"""A clock that goes as another one does; here the loop of its user is simulated, too."""

from __future__ import annotations

import asyncio
import socket

import pytest

from csc.client.following import FollowingClock, FollowingLoop
from fsm import OperatorError, simulate


def following(act):
    """Run `act` of a following loop, its clock, and what tells the real time."""

    async def main(clock):
        loop = FollowingLoop(asyncio.get_running_loop())
        try:
            return await act(loop, FollowingClock(loop), lambda: clock.now)
        finally:
            loop.close()

    return simulate(main)


@pytest.mark.parametrize(
    ("speed", "lasts"), [(None, 60.0), (1.0, 60.0), (60.0, 1.0), (0.5, 120.0), (float("inf"), 60.0)]
)
def test_simulated_seconds_last_as_long_as_the_speed_says(speed, lasts):
    async def act(loop, clock, real):
        loop.follow(speed)
        await clock.sleep(60.0)
        return real(), loop.t

    assert following(act) == pytest.approx((lasts, 60.0))


def test_what_is_under_way_goes_on_at_another_speed_and_time_does_not_jump():
    async def act(loop, clock, real):
        rings = []
        loop.call_later(100.0, lambda: rings.append((real(), loop.t)))
        await asyncio.sleep(40.0)
        loop.follow(10.0)
        seen = loop.t
        await asyncio.sleep(3.0)
        loop.follow(1.0)
        await asyncio.sleep(100.0)
        return seen, rings

    seen, [ring] = following(act)

    assert seen == 40.0
    assert ring == pytest.approx((40 + 3 + 30, 100.0))


def test_a_limit_is_no_shorter_than_the_wire_needs():
    async def act(loop, clock, real):
        loop.follow(1000.0)
        with pytest.raises(TimeoutError, match="timed out after 5 s waiting for an answer"):
            await clock.wait(loop.create_future(), "an answer", timeout=5.0)
        return real()

    assert following(act) == pytest.approx(2.0)


def test_a_timer_that_is_cancelled_does_not_ring():
    async def act(loop, clock, real):
        rings: list[str] = []
        timer = loop.call_at(5.0, rings.append, "rung")
        timer.cancel()
        loop.follow(2.0)
        await asyncio.sleep(20.0)
        return rings, timer.when()

    assert following(act) == ([], 5.0)


def test_a_sleep_that_is_cancelled_leaves_nothing():
    async def act(loop, clock, real):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await clock.sleep(100.0)
        return loop.timers

    assert following(act) == set()


def test_when_it_is_closed_who_waits_is_told():
    async def act(loop, clock, real):
        waits = asyncio.create_task(clock.wait(asyncio.get_running_loop().create_future(), "nothing"))
        await asyncio.sleep(1.0)
        loop.close()
        with pytest.raises(OperatorError, match="the connection was closed meanwhile"):
            await waits
        return loop.timers

    assert following(act) == set()


def test_a_reader_may_be_added_by_another_thread():
    async def main():
        loop = FollowingLoop(asyncio.get_running_loop())
        here, there = socket.socketpair()
        came = asyncio.Event()
        with here, there:
            await asyncio.to_thread(loop.add_reader, here, came.set)
            there.send(b"x")
            await came.wait()
            loop.close()
            loop.remove_reader(here)

    asyncio.run(main())
