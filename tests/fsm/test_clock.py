from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fsm import MAX, Clock, Deadlock, SimulatedLoop, simulate

DAY = 86400.0
TIMES = [0.0, 0.001, 0.1, 0.3, 0.1 + 0.2 + 0.1, 1.0]


async def ring_at(clock: Clock, times: list[float]) -> list[float]:
    """Set a timer for each time; return when they rang."""
    rang: list[float] = []
    for t in times:
        clock.call_at(t, lambda: rang.append(clock.now))
    await clock.sleep(max(times) + 0.001)
    return rang


def test_time_starts_at_zero_and_tai_is_an_offset() -> None:
    async def main(clock: Clock) -> tuple[float, float]:
        await clock.sleep(2.5)
        return clock.now, clock.tai

    assert simulate(main, tai_start=1_768_482_000.0) == (2.5, 1_768_482_002.5)


def test_a_year_of_simulated_time_passes_at_once() -> None:
    async def main(clock: Clock) -> float:
        await clock.sleep(365 * DAY)
        return clock.now

    assert simulate(main) == 365 * DAY


@pytest.mark.parametrize("speed", [MAX, 1000.0, 20.0])
def test_timers_ring_at_exactly_their_times_at_any_speed(speed: float) -> None:
    assert simulate(lambda clock: ring_at(clock, TIMES), speed=speed) == TIMES


def test_timers_ring_at_exactly_their_times_in_real_time() -> None:
    times = [0.0, 0.001, 0.002, 0.01]

    assert simulate(lambda clock: ring_at(clock, times), speed=1.0) == times


def test_timers_of_one_time_ring_in_the_order_in_which_they_were_set() -> None:
    async def main(clock: Clock) -> list[int]:
        order: list[int] = []
        for number in range(50):
            clock.call_at(1.0, order.append, number)
        await clock.sleep(1.0)
        return order

    assert simulate(main) == list(range(50))


def test_timers_less_than_a_microsecond_apart_ring_together_in_the_order_of_their_times() -> None:
    async def main(clock: Clock) -> list[tuple[str, float]]:
        rang: list[tuple[str, float]] = []

        def ring(name: str) -> None:
            rang.append((name, clock.now))

        clock.call_at(0.1 + 0.2, ring, "later")
        clock.call_at(0.3, ring, "sooner")
        await clock.sleep(1.0)
        return rang

    assert simulate(main) == [("sooner", 0.3), ("later", 0.3)]


@pytest.mark.parametrize("start", [2.0**24, 2.0**31, 130 * 365 * DAY])
def test_timers_still_ring_late_in_a_long_run(start: float) -> None:
    async def main(clock: Clock) -> list[float]:
        await clock.sleep(start)
        return await ring_at(clock, [start + 0.125, start + 0.25])

    assert simulate(main) == [start + 0.125, start + 0.25]


def test_a_cancelled_timer_does_not_ring() -> None:
    async def main(clock: Clock) -> list[str]:
        rang: list[str] = []
        clock.call_later(1.0, rang.append, "cancelled").cancel()
        clock.call_later(2.0, rang.append, "kept")
        await clock.sleep(3.0)
        return rang

    assert simulate(main) == ["kept"]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_speed_must_be_positive(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be positive"):
        SimulatedLoop(speed)


def test_a_deadlock_names_who_waits_for_what() -> None:
    async def main(clock: Clock) -> None:
        never: asyncio.Future[None] = clock.loop.create_future()
        await clock.sleep(12.5)
        await clock.wait(never, "ATDome.mainDoorState", who="weekly")

    with pytest.raises(Deadlock, match=r"stopped at 12\.500 s: .* weekly waits for ATDome\.mainDoorState$"):
        simulate(main)


def test_a_deadlock_names_the_task_and_the_last_value_seen() -> None:
    async def main(clock: Clock) -> None:
        never: asyncio.Future[None] = clock.loop.create_future()
        task = asyncio.current_task()
        if task is not None:
            task.set_name("flats")
        seen = [3]
        describe = clock.wait(never, lambda: f"counts > 10 (last {seen[0]})")
        seen[0] = 7
        await describe

    with pytest.raises(Deadlock, match=r"flats waits for counts > 10 \(last 7\)$"):
        simulate(main)


def test_a_deadlock_nobody_explains_says_so() -> None:
    async def main(clock: Clock) -> None:
        await clock.loop.create_future()

    with pytest.raises(Deadlock, match="no task has said what it waits for"):
        simulate(main)


def test_a_deadlock_is_found_at_real_speed_too() -> None:
    async def main(clock: Clock) -> None:
        await clock.loop.create_future()

    with pytest.raises(Deadlock):
        simulate(main, speed=1.0)


def test_wait_returns_the_result_and_forgets_who_waited() -> None:
    async def main(clock: Clock) -> tuple[str, int]:
        future: asyncio.Future[str] = clock.loop.create_future()
        clock.call_later(5.0, future.set_result, "open")
        return await clock.wait(future, "the door", timeout=60.0), len(clock.loop.waits)

    assert simulate(main) == ("open", 0)


def test_wait_returns_at_once_what_is_there_already() -> None:
    async def main(clock: Clock) -> tuple[str, float]:
        future: asyncio.Future[str] = clock.loop.create_future()
        future.set_result("open")
        return await clock.wait(future, "the door"), clock.now

    assert simulate(main) == ("open", 0.0)


def test_wait_says_on_timeout_what_it_waited_for_and_the_last_value_seen() -> None:
    async def main(clock: Clock) -> None:
        future: asyncio.Future[None] = clock.loop.create_future()
        azimuth = [0.0]
        clock.call_later(3.0, azimuth.__setitem__, 0, 2.5)
        await clock.wait(future, lambda: f"ATDome.azimuth within 1 deg of 9 deg (last {azimuth[0]} deg)", timeout=60.0)

    message = r"^timed out after 60 s waiting for ATDome\.azimuth within 1 deg of 9 deg \(last 2\.5 deg\)$"
    with pytest.raises(TimeoutError, match=message):
        simulate(main)


def test_wait_limits_a_task_too_and_calls_it_off() -> None:
    async def main(clock: Clock) -> tuple[str, bool]:
        task = clock.loop.create_task(clock.sleep(100.0))
        try:
            await clock.wait(task, "the sleeper", timeout=10.0)
        except TimeoutError as error:
            return str(error), task.cancelled()
        return "", False

    assert simulate(main) == ("timed out after 10 s waiting for the sleeper", True)


def test_wait_passes_an_error_of_the_future_through() -> None:
    async def main(clock: Clock) -> None:
        future: asyncio.Future[None] = clock.loop.create_future()
        clock.call_later(1.0, future.set_exception, ValueError("broken"))
        await clock.wait(future, "the door", timeout=60.0)

    with pytest.raises(ValueError, match="^broken$"):
        simulate(main)


def test_a_cancelled_wait_is_cancelled_and_not_timed_out() -> None:
    async def main(clock: Clock) -> tuple[bool, bool, int]:
        future: asyncio.Future[None] = clock.loop.create_future()
        waiter = clock.loop.create_task(clock.wait(future, "the door", timeout=60.0))
        clock.call_later(1.0, waiter.cancel)
        await asyncio.wait([waiter])
        return waiter.cancelled(), future.cancelled(), len(clock.loop.waits)

    assert simulate(main) == (True, True, 0)


def test_a_bug_in_a_callback_ends_the_run_with_that_error() -> None:
    async def main(clock: Clock) -> None:
        clock.call_later(7.0, [].pop)
        await clock.sleep(3600.0)

    with pytest.raises(IndexError, match="pop from empty list"):
        simulate(main)


def test_an_error_of_a_task_that_nobody_awaits_ends_the_run_with_that_error() -> None:
    async def fail(clock: Clock) -> None:
        await clock.sleep(1.0)
        raise LookupError("lost")

    async def main(clock: Clock) -> None:
        clock.loop.create_task(fail(clock))  # that is the point
        await clock.sleep(3600.0)

    with pytest.raises(LookupError, match="^lost$"):
        simulate(main)


def test_cleaning_up_runs_before_the_error_comes_out() -> None:
    done: list[Any] = []

    async def main(clock: Clock) -> None:
        clock.call_later(7.0, [].pop)
        try:
            await clock.sleep(3600.0)
        finally:
            done.append(clock.now)

    with pytest.raises(IndexError):
        simulate(main)

    assert done == [7.0]


def test_at_full_speed_work_without_pause_does_not_move_time() -> None:
    async def main(clock: Clock) -> float:
        for _ in range(1000):
            await clock.sleep(0)
        return clock.now

    assert simulate(main) == 0.0


@pytest.mark.parametrize("speed", [MAX, 100.0])
def test_a_call_from_another_thread_wakes_a_loop_that_expects_it(speed: float) -> None:
    async def main(clock: Clock) -> str:
        clock.loop.expects_outside = True
        return await asyncio.to_thread(lambda: "from outside")

    assert simulate(main, speed=speed) == "from outside"


def test_what_interrupts_comes_between_two_callbacks_and_changes_no_order() -> None:
    async def main(clock: Clock, *, interrupted: bool) -> list[str]:
        order: list[str] = []

        def first() -> None:
            order.append("first")
            clock.call_soon(order.append, "third")
            if interrupted:
                clock.loop.interrupt(lambda: order.append("look"))
            order.append("still first")

        clock.call_soon(first)
        clock.call_soon(order.append, "second")
        await clock.sleep(1.0)
        return order

    plain = simulate(lambda clock: main(clock, interrupted=False))
    watched = simulate(lambda clock: main(clock, interrupted=True))

    assert watched == ["first", "still first", "look", "second", "third"]
    assert plain == [word for word in watched if word != "look"]


def test_what_interrupts_the_last_callback_comes_before_time_goes_on() -> None:
    async def main(clock: Clock) -> list[float]:
        seen: list[float] = []
        clock.call_at(1.0, clock.loop.interrupt, lambda: seen.append(clock.now))
        await clock.sleep(2.0)
        return seen

    assert simulate(main) == [1.0]


class StopAt:
    """A stop that notes the time, and perhaps sets a timer."""

    def __init__(self, clock: Clock, at: float, then: float | None = None) -> None:
        self.clock, self.at, self.then = clock, at, then
        self.seen: list[float] = []

    def before(self, due: float) -> float | None:
        return self.at if self.at < due else None

    def act(self) -> None:
        self.seen.append(self.clock.now)
        if self.then is not None:
            self.clock.call_at(self.then, lambda: self.seen.append(self.clock.now))


def test_stops_come_in_the_order_of_their_times_without_a_timer() -> None:
    async def main(clock: Clock) -> list[list[float]]:
        stops = [StopAt(clock, 3.0), StopAt(clock, 2.0), StopAt(clock, 9.0)]
        clock.loop.stops.extend(stops)
        await clock.sleep(5.0)
        assert clock.now == 5.0
        return [stop.seen for stop in stops]

    assert simulate(main) == [[3.0], [2.0], []]


def test_a_stop_may_set_a_timer_that_rings_before_the_next_one() -> None:
    async def main(clock: Clock) -> list[float]:
        stop = StopAt(clock, 3.0, then=3.5)
        clock.loop.stops.append(stop)
        await clock.sleep(5.0)
        return stop.seen

    assert simulate(main) == [3.0, 3.5]


def test_timers_are_told_in_the_order_in_which_they_ring() -> None:
    async def main(clock: Clock) -> list[tuple[float, object]]:
        clock.call_at(2.0, print, "b")
        clock.call_at(1.0, print, "a")
        clock.call_at(1.5, print, "never").cancel()
        return [(at, args) for at, callback, args in clock.loop.timers() if callback is print]

    assert simulate(main) == [(1.0, ("a",)), (2.0, ("b",))]
