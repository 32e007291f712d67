"""The queue's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

from typing import Any

from tests.acceptance.faults.bench import Bench, about

DONE = 4
LAST = 2
SCRIPT: dict[str, Any] = {"isStandard": True, "path": "auxtel/standby_latiss.py", "location": LAST}


@about("ScriptQueue:2.paused_by_somebody")
async def test_scripts_wait_on_a_queue_that_somebody_paused(bench: Bench) -> None:
    """Paused from another console: scripts stay where they are; resume the queue."""
    bench.inject("ScriptQueue:2.paused_by_somebody")
    index = int((await bench.command("ScriptQueue:2.add", **SCRIPT)).result)
    await bench.sleep(600.0)
    queue = bench.event("ScriptQueue:2.queue")
    assert (queue.running, queue.currentSalIndex, queue.salIndices[0]) == (False, 0, index)

    await bench.command("ScriptQueue:2.move", scriptSalIndex=index, location=1)
    await bench.cycle("ScriptQueue:2")
    await bench.sleep(60.0)
    assert bench.event("ScriptQueue:2.queue").currentSalIndex == 0

    await bench.command("ScriptQueue:2.resume")
    await bench.until("ScriptQueue:2.script", scriptSalIndex=index, processState=DONE)
