"""Nothing ticks: an enabled, idle observatory costs nothing, however long."""

from __future__ import annotations

from csc import Observatory
from csc.latiss.images import ImageStore
from fsm import Clock, Journal, simulate
from tests.acceptance.stage import site

MONTH = 30 * 86_400.0


def test_idle_month_writes_no_record_and_turns_the_loop_once_a_day(monkeypatch):
    async def main(clock: Clock) -> tuple[int, int]:
        services = {"images": ImageStore(), "scripts": site().library, "blocks": site().blocks}
        journal = Journal(lambda: clock.now)
        async with Observatory(site().sheet, clock, journal, services=services) as observatory:
            for name in observatory.components:
                await observatory.remote(name, "test").set_summary_state("ENABLED", timeout=300.0)
            await clock.sleep(60.0)
            turns = 0
            run_once = clock.loop._run_once  # type: ignore[attr-defined]  # asyncio's own turn of the loop

            def counted() -> None:
                nonlocal turns
                turns += 1
                run_once()

            monkeypatch.setattr(clock.loop, "_run_once", counted)
            records = journal.count
            await clock.sleep(MONTH)
            return journal.count - records, turns

    records, turns = simulate(main, tai_start=site().sheet.tai_start)

    assert records == 0
    assert turns <= 32  # asyncio looks at its timers at least once in 24 h
