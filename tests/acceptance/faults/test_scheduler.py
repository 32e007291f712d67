"""The Scheduler's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import Bench, about

READY = ("Scheduler:2", "ScriptQueue:2")
ADD = "auxtel/scheduler/add_block.py"
ENABLE = "auxtel/scheduler/enable.py"
CONFIG = "config: auxtel_fbs_spec_flex_survey.yaml"
STARTED, EXECUTING, COMPLETED, ERROR, INTERRUPTED = 3, 4, 5, 6, 7
WHITE_LIGHT_OFF = "id: BLOCK-310"


async def runs_a_block(bench: Bench) -> None:
    await bench.script(ADD, WHITE_LIGHT_OFF)
    await bench.until("Scheduler:2.blockStatus", statusId=EXECUTING)
    await bench.until("Scheduler:2.blockStatus", statusId=COMPLETED)


@about("Scheduler:2.queue_unreachable", enabled=("ATWhiteLight", "ATPtg", "ATMCS", *READY))
async def test_scheduler_that_cannot_reach_the_queue_is_of_no_use_until_it_can(bench: Bench) -> None:
    """Queue unreachable: FAULT 300 as soon as a block is added, add_block fails; restore the queue, then cycle."""
    bench.inject("Scheduler:2.queue_unreachable")
    await bench.script(ADD, WHITE_LIGHT_OFF)
    await bench.until("Scheduler:2.errorCode", errorCode=300, limit=60.0)
    assert bench.fault_code("Scheduler:2") == 300
    assert bench.seen("Scheduler:2.blockStatus", "statusId") == [STARTED, INTERRUPTED]
    await bench.script_fails(ADD, "Not allowed in Fault state: errorCode=300", WHITE_LIGHT_OFF)

    await bench.script(ENABLE, CONFIG)
    await bench.script(ADD, WHITE_LIGHT_OFF)
    await bench.until("Scheduler:2.errorCode", errorCode=300, limit=60.0)
    await bench.script_fails(ADD, "Not allowed in Fault state: errorCode=300", WHITE_LIGHT_OFF)

    bench.by_hand("Scheduler:2.queue_restored")
    await bench.script_fails(ADD, "Not allowed in Fault state: errorCode=300", WHITE_LIGHT_OFF)
    await bench.script(ENABLE, CONFIG)
    await runs_a_block(bench)


@about("Scheduler:2.queue_unreachable", enabled=READY)
async def test_scheduler_that_chooses_targets_misses_the_queue_at_once(bench: Bench) -> None:
    """Queue unreachable while the Scheduler runs: FAULT 300 by itself; restore the queue, then cycle."""
    await bench.command("Scheduler:2.resume")
    bench.inject("Scheduler:2.queue_unreachable")
    await bench.until("Scheduler:2.errorCode", errorCode=300, limit=60.0)

    await bench.script(ENABLE, CONFIG)
    await bench.command("Scheduler:2.resume")
    await bench.until("Scheduler:2.errorCode", errorCode=300, limit=60.0)

    bench.by_hand("Scheduler:2.queue_restored")
    await bench.script(ENABLE, CONFIG)
    await bench.command("Scheduler:2.resume")
    await bench.sleep(600.0)
    assert bench.summary("Scheduler:2") == "ENABLED"


@about(enabled=("ATWhiteLight", "ATPtg", "ATMCS", *READY))
async def test_queue_that_somebody_disabled_is_a_fault_of_the_scheduler(bench: Bench) -> None:
    """Queue answers and refuses: FAULT 301, add_block fails; enable the queue, then cycle the Scheduler."""
    await bench.set_state("ScriptQueue:2", "STANDBY")
    await bench.script(ADD, WHITE_LIGHT_OFF)
    await bench.until("Scheduler:2.errorCode", errorCode=301, limit=60.0)
    await bench.script_fails(ADD, "Not allowed in Fault state: errorCode=301", WHITE_LIGHT_OFF)

    await bench.script(ENABLE, CONFIG)
    await bench.script(ADD, WHITE_LIGHT_OFF)
    await bench.until("Scheduler:2.errorCode", errorCode=301, limit=60.0)

    await bench.enable("ScriptQueue:2")
    await bench.script(ENABLE, CONFIG)
    await runs_a_block(bench)


@about(enabled=("ATWhiteLight", "ATPtg", "ATMCS", *READY))
async def test_block_that_does_not_exist_is_refused_with_those_that_do(bench: Bench) -> None:
    """Unknown block: refused, add_block fails, nothing else happens; give the right one."""
    await bench.script_fails(ADD, "Block BLOCK-9999 does not exist; there is BLOCK-295", "id: BLOCK-9999")
    assert bench.summary("Scheduler:2") == "ENABLED"
    assert bench.event("Scheduler:2.blockStatus") is None

    await bench.script(ENABLE, CONFIG)
    await bench.script_fails(ADD, "Block BLOCK-9999 does not exist", "id: BLOCK-9999")

    await runs_a_block(bench)
