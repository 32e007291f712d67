"""The Scheduler's blocks on a script queue."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.csc.programs import FakeBlocks, FakeCatalogue
from tests.csc.rig import run

COMPLETED, ERROR, INTERRUPTED = 5, 6, 7


def scheduled(scenario, catalogue=None, monitored=()):
    return run(
        scenario,
        "ScriptQueue:2",
        "Scheduler:2",
        *monitored,
        parameters={"Scheduler:2": {"monitored_components": list(monitored)}},
        states={"ScriptQueue:2": "ENABLED", "Scheduler:2": "ENABLED"},
        services={"scripts": catalogue or FakeCatalogue(), "blocks": FakeBlocks()},
    )


def statuses(rig) -> list[str]:
    return [
        record["data"]["status"]
        for record in rig.records("event", "Scheduler:2")
        if record["topic"] == "blockStatus" and "status" in record["data"]
    ]


def test_block_runs_its_scripts_and_completes():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(120.0)
        return statuses(rig), rig.event("Scheduler:2", "blockStatus").executionsCompleted

    seen, completed = scheduled(scenario, catalogue)

    assert seen == ["STARTED", "EXECUTING", "COMPLETED"]
    assert completed == 1
    assert catalogue.finished == [200000, 200001]


def test_failed_script_ends_the_block_and_withdraws_the_rest():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-2")
        await rig.sleep(120.0)
        return statuses(rig), rig.event("ScriptQueue:2", "queue")

    seen, queue = scheduled(scenario, catalogue)

    assert seen[-1] == "ERROR"
    assert catalogue.finished == []
    assert (queue.length, queue.running) == (0, False)


@pytest.mark.parametrize(
    ("block", "text"),
    [("BLOCK-9", "does not exist; there is BLOCK-1, BLOCK-2, BLOCK-3"), ("BLOCK-3", "is not valid; valid are BLOCK-1")],
)
def test_unknown_or_invalid_block_is_refused(block, text):
    async def scenario(rig):
        with pytest.raises(AckError, match=text):
            await rig.command("Scheduler:2", "addBlock", id=block)

    scheduled(scenario)


def test_block_needs_the_scheduler_enabled():
    async def scenario(rig):
        await rig.set_state("Scheduler:2", "STANDBY")
        with pytest.raises(AckError, match="Not allowed in state=<State.STANDBY: 5>"):
            await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")

    scheduled(scenario)


def test_second_block_while_the_first_is_being_queued_ends_in_error():
    async def scenario(rig):
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-2")
        return rig.event("Scheduler:2", "blockStatus")

    sample = scheduled(scenario)

    assert (sample.id, sample.statusId) == ("BLOCK-2", ERROR)


def test_start_with_an_unknown_configuration_is_refused():
    async def scenario(rig):
        await rig.set_state("Scheduler:2", "STANDBY")
        with pytest.raises(RuntimeError, match="Config file 'auxtel_fbs_image_photocal.yaml' does not exist"):
            await rig.set_state("Scheduler:2", "ENABLED", "auxtel_fbs_image_photocal.yaml")

    scheduled(scenario)


def test_disabling_interrupts_the_block():
    async def scenario(rig):
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(8.0)
        await rig.command("Scheduler:2", "disable")
        return rig.event("Scheduler:2", "blockStatus").statusId

    assert scheduled(scenario) == INTERRUPTED


def test_inventory_tells_which_blocks_are_valid():
    async def scenario(rig):
        return rig.event("Scheduler:2", "blockInventory")

    sample = scheduled(scenario)

    assert sample.ids == "BLOCK-1,BLOCK-2,BLOCK-3"
    assert sample.status == "AVAILABLE,AVAILABLE,INVALID"


def test_lost_queue_is_noticed_when_it_is_asked():
    async def scenario(rig):
        rig.inject("Scheduler:2", "queue_unreachable")
        await rig.sleep(600.0)
        before = rig.state("Scheduler:2")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(29.0)
        meanwhile = rig.state("Scheduler:2")
        await rig.sleep(2.0)
        return before, meanwhile, rig.state("Scheduler:2"), rig.event("Scheduler:2", "errorCode").errorCode

    assert scheduled(scenario) == ("ENABLED", "ENABLED", "FAULT", 300)


@pytest.mark.parametrize("first", ["resume", "queue_unreachable"])
def test_lost_queue_is_noticed_while_targets_are_chosen(first):
    async def scenario(rig):
        if first == "resume":
            await rig.command("Scheduler:2", "resume")
            rig.inject("Scheduler:2", "queue_unreachable")
        else:
            rig.inject("Scheduler:2", "queue_unreachable")
            await rig.command("Scheduler:2", "resume")
        await rig.sleep(31.0)
        return rig.event("Scheduler:2", "errorCode").errorCode

    assert scheduled(scenario) == 300


@pytest.mark.parametrize(("restored", "code"), [(False, 300), (True, 0)])
def test_cycling_the_scheduler_does_not_bring_the_queue_back(restored, code):
    async def scenario(rig):
        rig.inject("Scheduler:2", "queue_unreachable")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(31.0)
        if restored:
            rig.component("Scheduler:2").fire("queue_restored")
        await rig.enable("Scheduler:2")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(60.0)
        return rig.event("Scheduler:2", "errorCode").errorCode

    assert scheduled(scenario) == code


def test_queue_that_refuses_a_script_is_a_fault():
    async def scenario(rig):
        await rig.command("ScriptQueue:2", "disable")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(1.0)
        return rig.state("Scheduler:2"), rig.event("Scheduler:2", "errorCode").errorCode, statuses(rig)

    assert scheduled(scenario) == ("FAULT", 301, ["STARTED", "INTERRUPTED"])


def test_stop_takes_the_waiting_scripts_of_blocks_off_the_queue():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await rig.command("Scheduler:2", "resume")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(8.0)
        await rig.command("Scheduler:2", "stop")
        await rig.sleep(60.0)
        return statuses(rig), rig.event("ScriptQueue:2", "queue").length

    assert scheduled(scenario, catalogue) == (["STARTED", "EXECUTING", "INTERRUPTED"], 0)
    assert catalogue.finished == [200000]


def test_stop_with_several_blocks_under_way_withdraws_all_of_them():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await rig.command("Scheduler:2", "resume")
        for _ in range(2):
            await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
            await rig.sleep(3.0)
        await rig.command("Scheduler:2", "stop")
        await rig.sleep(60.0)
        return rig.event("ScriptQueue:2", "queue").length

    assert scheduled(scenario, catalogue) == 0
    assert catalogue.finished == [200000]


def test_resume_is_refused_while_a_monitored_component_is_in_fault():
    async def scenario(rig):
        rig.inject("ATHeaderService", "upload_fails")
        await rig.enable("ATHeaderService")
        status = rig.event("Scheduler:2", "observatoryStatus")
        with pytest.raises(AckError, match="while monitored components are in fault: ATHeaderService"):
            await rig.command("Scheduler:2", "resume")
        await rig.enable("ATHeaderService")
        await rig.command("Scheduler:2", "resume")
        return status, rig.event("Scheduler:2", "observatoryStatus")

    before, after = scheduled(scenario, monitored=["ATHeaderService"])

    assert (before.status, before.note) == (4 + 32, "In FAULT: ATHeaderService")
    assert (after.status, after.statusLabels) == (2, "OPERATIONAL")


def test_stop_is_refused_while_nothing_runs():
    async def scenario(rig):
        with pytest.raises(AckError, match=r"Failed: Target production loop is not running\."):
            await rig.command("Scheduler:2", "stop")

        await rig.command("Scheduler:2", "resume")
        with pytest.raises(AckError, match=r"Failed: Target production loop already running\."):
            await rig.command("Scheduler:2", "resume")

        await rig.command("Scheduler:2", "stop")
        return rig.state("Scheduler:2", "loop")

    assert scheduled(scenario) == "IDLE"


def test_a_block_is_run_while_the_scheduler_runs():
    async def scenario(rig):
        await rig.command("Scheduler:2", "resume")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(120.0)
        return rig.event("Scheduler:2", "blockStatus").statusId, rig.state("Scheduler:2", "loop")

    assert scheduled(scenario) == (COMPLETED, "RUNNING")


def test_the_status_of_the_observatory_is_unknown_and_says_why():
    async def scenario(rig):
        return rig.event("Scheduler:2", "observatoryStatus")

    sample = scheduled(scenario)

    assert (sample.status, sample.statusLabels) == (0, "UNKNOWN")
    assert "not monitor" in sample.note


def test_the_configuration_of_its_models_is_told():
    async def scenario(rig):
        return rig.event("Scheduler:2", "telescopeConfig"), rig.event("Scheduler:2", "slewConfig")

    telescope, slew = scheduled(scenario)

    assert (telescope.altitudeMinpos, telescope.altitudeMaxpos, telescope.azimuthMaxspeed) == (20.0, 86.5, 7.0)
    assert (slew.prereqTelSettle, slew.prereqFilter) == ("telalt,telaz", "")


def test_a_queue_that_does_not_answer_is_a_fault():
    async def scenario(rig):
        rig.observatory.bus.detach("ScriptQueue:2")
        await rig.command("Scheduler:2", "addBlock", id="BLOCK-1")
        await rig.sleep(120.0)
        return rig.state("Scheduler:2"), rig.event("Scheduler:2", "errorCode").errorCode

    assert scheduled(scenario) == ("FAULT", 300)
