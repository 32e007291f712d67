"""How much faster than the observatory: the weekly calibrations, and an idle month."""

from __future__ import annotations

import gc
import time

from csc import Observatory
from csc.latiss.images import ImageStore
from cscsim.locate import open_site
from fsm import Clock, Journal, simulate
from procedures import Rehearsal, rehearse

__all__ = ["idle_month", "weekly"]

MONTH = 30 * 86_400.0


def weekly() -> float:
    """Return simulated seconds per wall second of the weekly rehearsal, everything loaded before, as in a campaign."""
    site = open_site("auxtel")
    rehearsal = Rehearsal(
        procedure=site.procedure("weekly"), library=site.library, blocks=site.blocks, observatory=site.sheet, seed=1
    )
    rehearse(rehearsal)
    gc.collect()
    gc.freeze()
    report = rehearse(rehearsal)
    return report.simulated_seconds / report.wall_seconds


def idle_month() -> float:
    """Return the wall time [s] that 30 simulated days of an enabled, idle observatory take."""
    site = open_site("auxtel")

    async def main(clock: Clock) -> float:
        services = {"images": ImageStore(), "scripts": site.library, "blocks": site.blocks}
        sheet = site.sheet
        async with Observatory(sheet, clock, Journal(lambda: clock.now), services=services) as observatory:
            for name in observatory.components:
                await observatory.remote(name, "benchmark").set_summary_state("ENABLED", timeout=300.0)
            started = time.perf_counter()
            await clock.sleep(MONTH)
            return time.perf_counter() - started

    return simulate(main, tai_start=site.sheet.tai_start)
