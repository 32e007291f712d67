"""The script queue and the life of a script."""

from __future__ import annotations

from itertools import pairwise

import pytest

from csc import AckError
from tests.csc.programs import FakeCatalogue
from tests.csc.rig import Rig, run
from tests.soundness.actions import Send
from tests.soundness.stage import play

FIRST, LAST, BEFORE, AFTER = 1, 2, 3, 4
DONE, LOADFAILED, CONFIGURE_FAILED, TERMINATED = 4, 5, 6, 7


def on_queue(scenario, catalogue=None, **options):
    return run(
        scenario,
        "ScriptQueue:2",
        states={"ScriptQueue:2": "ENABLED"},
        services={"scripts": catalogue or FakeCatalogue()},
        **options,
    )


async def add(rig: Rig, path: str = "sleep.py", **fields) -> int:
    given = {"isStandard": True, "path": path, "location": LAST, **fields}
    return int((await rig.command("ScriptQueue:2", "add", **given)).result)


def process_states(rig: Rig, index: int) -> list[int]:
    """Process states of a script as published, in order, without repeats."""
    seen: list[int] = []
    current = None
    for record in rig.records("event", "ScriptQueue:2"):
        if record["topic"] != "script":
            continue
        current = record["data"].get("scriptSalIndex", current)
        state = record["data"].get("processState")
        if current == index and state is not None and seen[-1:] != [state]:
            seen.append(state)
    return seen


def test_add_answers_with_the_script_index():
    async def scenario(rig):
        return [await add(rig), await add(rig)]

    assert on_queue(scenario) == [200000, 200001]


def test_scripts_run_one_after_the_other():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        first, second = await add(rig), await add(rig)
        await rig.sleep(15.0)
        after_first = list(catalogue.finished)
        await rig.sleep(15.0)
        return first, second, after_first

    first, second, after_first = on_queue(scenario, catalogue)

    assert after_first == [first]
    assert catalogue.finished == [first, second]


def test_script_passes_its_states():
    async def scenario(rig):
        await add(rig)
        await rig.sleep(30.0)
        return rig.states_seen("Script:200000", "script")

    assert on_queue(scenario) == ["UNCONFIGURED", "CONFIGURED", "RUNNING", "ENDING", "DONE"]


def test_unknown_script_is_refused_and_nothing_is_queued():
    async def scenario(rig):
        with pytest.raises(AckError, match="No script 'nothing.py' found"):
            await add(rig, "nothing.py")
        return rig.event("ScriptQueue:2", "queue").length

    assert on_queue(scenario) == 0


def test_failed_script_stays_current_and_pauses_the_queue():
    async def scenario(rig):
        failed, waiting = await add(rig, "fail.py"), await add(rig)
        await rig.sleep(60.0)
        queue = rig.event("ScriptQueue:2", "queue")
        return failed, waiting, queue

    failed, waiting, queue = on_queue(scenario)

    assert queue.currentSalIndex == failed
    assert queue.running is False
    assert queue.salIndices[0] == waiting


def test_resume_moves_the_failed_script_to_the_history_and_goes_on():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        failed, waiting = await add(rig, "fail.py"), await add(rig)
        await rig.sleep(60.0)
        await rig.command("ScriptQueue:2", "resume")
        await rig.sleep(60.0)
        return failed, waiting, rig.event("ScriptQueue:2", "queue")

    failed, waiting, queue = on_queue(scenario, catalogue)

    assert catalogue.finished == [waiting]
    assert queue.pastSalIndices[:2] == (waiting, failed)


def test_failed_script_says_why():
    async def scenario(rig):
        await add(rig, "fail.py")
        await rig.sleep(60.0)
        return rig.event("Script:200000", "state")

    state = on_queue(scenario)

    assert state.state == 10
    assert state.reason == "Error in run: it cannot work"


def test_refused_configuration_goes_to_the_history():
    async def scenario(rig):
        index = await add(rig, config="bad")
        await rig.sleep(10.0)
        return process_states(rig, index), rig.event("ScriptQueue:2", "queue"), rig.event("Script:200000", "state")

    states, queue, state = on_queue(scenario)

    assert states[-1] == CONFIGURE_FAILED
    assert queue.length == 0
    assert queue.running is True
    assert state.reason == "config(bad) failed: bad is not a configuration"


def test_pause_lets_the_current_script_finish_and_starts_no_other():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        first = await add(rig)
        await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "pause")
        await rig.sleep(60.0)
        return first

    first = on_queue(scenario, catalogue)

    assert catalogue.finished == [first]


def test_script_pauses_at_a_checkpoint_until_it_is_resumed():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await add(rig, "steps.py", pauseCheckpoint="two")
        await rig.sleep(60.0)
        paused = rig.event("Script:200000", "state")
        await rig.command("Script:200000", "resume")
        await rig.sleep(1.0)
        return paused

    paused = on_queue(scenario, catalogue)

    assert (paused.state, paused.lastCheckpoint, paused.numCheckpoints) == (4, "two", 2)
    assert catalogue.finished == [200000]


def test_script_stops_at_a_checkpoint():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await add(rig, "steps.py", stopCheckpoint="t.*")
        await rig.sleep(60.0)
        return rig.event("Script:200000", "state")

    state = on_queue(scenario, catalogue)

    assert (state.state, state.lastCheckpoint) == (9, "two")
    assert catalogue.finished == []


def test_move_changes_the_order():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        await rig.command("ScriptQueue:2", "pause")
        first, second, third = await add(rig), await add(rig), await add(rig)
        await rig.command("ScriptQueue:2", "move", scriptSalIndex=third, location=BEFORE, locationSalIndex=second)
        return first, second, third, rig.event("ScriptQueue:2", "queue").salIndices[:3]

    first, second, third, order = on_queue(scenario, catalogue)

    assert order == (first, third, second)


def test_move_of_an_unknown_script_is_refused():
    async def scenario(rig):
        with pytest.raises(AckError, match="Script 7 is not on the queue"):
            await rig.command("ScriptQueue:2", "move", scriptSalIndex=7, location=FIRST)

    on_queue(scenario)


def test_stop_scripts_stops_the_current_one_and_removes_a_waiting_one():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        current, waiting = await add(rig), await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=2, salIndices=[current, waiting])
        await rig.sleep(60.0)
        return rig.event(f"Script:{current}", "state").state, process_states(rig, waiting)[-1]

    state, process = on_queue(scenario, catalogue)

    assert (state, process) == (9, TERMINATED)
    assert catalogue.finished == []


def test_requeue_runs_a_script_again():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        index = await add(rig)
        await rig.sleep(30.0)
        await rig.command("ScriptQueue:2", "requeue", scriptSalIndex=index, location=LAST)
        await rig.sleep(30.0)

    on_queue(scenario, catalogue)

    assert catalogue.finished == [200000, 200001]


def test_script_of_a_block_cannot_be_requeued():
    async def scenario(rig):
        index = await add(rig, block="BLOCK-309", blockSize=1, startBlock=True)
        with pytest.raises(AckError, match="belongs to BLOCK-309"):
            await rig.command("ScriptQueue:2", "requeue", scriptSalIndex=index, location=LAST)

    on_queue(scenario)


def test_scripts_of_a_block_share_one_execution():
    async def scenario(rig):
        for start in (True, False):
            await add(rig, block="BLOCK-309", blockSize=2, startBlock=start)
        await rig.sleep(60.0)
        return [rig.event(f"Script:{200000 + n}", "state").blockId for n in (0, 1)]

    assert on_queue(scenario) == ["BL309_O_20260115_000001"] * 2


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"block": "BLOCK", "startBlock": True}, "must look like BLOCK-123"),
        ({"block": "BLOCK-1", "startBlock": False}, "there is no current BLOCK-1"),
    ],
)
def test_wrong_block_is_refused(fields, text):
    async def scenario(rig):
        with pytest.raises(AckError, match=text):
            await add(rig, blockSize=1, **fields)

    on_queue(scenario)


def test_run_needs_a_group():
    async def scenario(rig):
        await rig.command("ScriptQueue:2", "pause")
        await add(rig)
        await rig.sleep(10.0)
        with pytest.raises(AckError, match="Failed: Group ID not set"):
            await rig.command("Script:200000", "run")

    on_queue(scenario)


def test_run_before_configuration_is_refused_in_sals_words():
    async def scenario(rig):
        await add(rig)
        with pytest.raises(AckError, match="Failed: Cannot run: state=UNKNOWN instead of CONFIGURED"):
            await rig.command("Script:200000", "run")

    on_queue(scenario)


def test_schema_is_published():
    async def scenario(rig):
        await rig.command("ScriptQueue:2", "showSchema", isStandard=True, path="sleep.py")
        return rig.event("ScriptQueue:2", "configSchema")

    sample = on_queue(scenario)

    assert (sample.path, sample.configSchema) == ("sleep.py", "type: object\n")


def test_available_scripts_are_published_when_enabled():
    async def scenario(rig):
        return rig.event("ScriptQueue:2", "availableScripts").standard

    assert on_queue(scenario) == "fail.py:sleep.py:steps.py"


def test_queue_that_somebody_paused_goes_on_after_resume():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        rig.inject("ScriptQueue:2", "paused_by_somebody")
        await add(rig)
        await rig.sleep(60.0)
        before = list(catalogue.finished)
        await rig.command("ScriptQueue:2", "resume")
        await rig.sleep(60.0)
        return before

    assert on_queue(scenario, catalogue) == []
    assert catalogue.finished == [200000]


def test_stop_scripts_is_done_when_the_script_has_ended():
    async def scenario(rig):
        current = await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[current])
        queue = rig.event("ScriptQueue:2", "queue")
        return rig.event(f"Script:{current}", "state").state, queue.currentSalIndex, queue.running

    assert on_queue(scenario) == (9, 0, True)


def test_stop_scripts_lets_a_failed_script_be():
    async def scenario(rig):
        current, waiting = await add(rig, "fail.py"), await add(rig)
        await rig.sleep(30.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=2, salIndices=[current, waiting])
        queue = rig.event("ScriptQueue:2", "queue")
        return queue.currentSalIndex - current, queue.length, rig.event(f"Script:{current}", "state").state

    assert on_queue(scenario) == (0, 0, 10)


@pytest.mark.parametrize("how", ["terminated", "paused"])
def test_script_whose_process_is_ended_pauses_the_queue_until_resume(how):
    catalogue = FakeCatalogue()

    async def scenario(rig):
        if how == "paused":
            index = await add(rig, "steps.py", pauseCheckpoint="two")
        else:
            index = await add(rig)
        following = await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[index], terminate=how == "terminated")
        await rig.sleep(30.0)
        before = rig.event("ScriptQueue:2", "queue")
        await rig.command("ScriptQueue:2", "resume")
        await rig.sleep(30.0)
        after = rig.event("ScriptQueue:2", "queue")
        return index, following, before, after, process_states(rig, index)[-1]

    index, following, before, after, process = on_queue(scenario, catalogue)

    assert (before.running, before.currentSalIndex, process) == (False, index, TERMINATED)
    assert list(after.pastSalIndices[:2]) == [following, index]


def test_what_is_on_the_queue_is_told():
    async def scenario(rig):
        current, *waiting = [await add(rig) for _ in range(3)]
        await rig.sleep(5.0)
        outputs = rig.component("ScriptQueue:2").snapshot()["outputs"]
        return current, tuple(waiting), outputs, rig.event("ScriptQueue:2", "queue").salIndices

    current, waiting, outputs, published = on_queue(scenario)

    assert outputs == {"current_script": current, "waiting_scripts": waiting}
    assert len(published) == 400


@pytest.mark.parametrize("command", ["add", "requeue"])
def test_a_script_that_has_no_place_in_the_queue_is_not_loaded(command):
    async def scenario(rig):
        first = await add(rig)
        given = {"isStandard": True, "path": "sleep.py"} if command == "add" else {"scriptSalIndex": first}
        before = len(rig.journal.records)

        with pytest.raises(AckError, match="Failed: Script 7 is not on the queue"):
            await rig.command("ScriptQueue:2", command, location=BEFORE, locationSalIndex=7, **given)

        assert [record["kind"] for record in rig.journal.records[before:]] == ["command", "ack"]
        assert "Script:200001" not in rig.observatory.components
        return await add(rig)

    assert on_queue(scenario) == 200001


def test_a_refused_block_member_does_not_count():
    async def scenario(rig):
        await add(rig, block="BLOCK-309", blockSize=2, startBlock=True)
        with pytest.raises(AckError, match="Script 7 is not on the queue"):
            await add(rig, block="BLOCK-309", blockSize=2, location=AFTER, locationSalIndex=7)

        await add(rig, block="BLOCK-309", blockSize=2)

    on_queue(scenario)


def test_stop_scripts_without_scripts_is_refused_at_once():
    async def scenario(rig):
        with pytest.raises(AckError, match="Failed: length=0 must be positive"):
            await rig.command("ScriptQueue:2", "stopScripts", length=0)
        return [record["ack"] for record in rig.records("ack")]

    assert on_queue(scenario) == ["FAILED"]


def test_stop_scripts_announces_11_s_and_one_more_for_each_script():
    async def scenario(rig):
        current, waiting = await add(rig), await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=2, salIndices=[current, waiting])
        return [record["timeout"] for record in rig.records("ack") if record["ack"] == "INPROGRESS"]

    assert on_queue(scenario)[-1] == 13.0


@pytest.mark.parametrize("command", ["configure", "setGroupId", "run", "resume", "setCheckpoints"])
def test_a_script_that_has_ended_takes_no_commands(command):
    async def scenario(rig):
        await add(rig, "fail.py")
        await rig.sleep(10.0)
        assert rig.state("Script:200000", "script") == "FAILED"

        with pytest.raises(AckError, match=f"Failed: Cannot {command}: script is exiting"):
            await rig.command("Script:200000", command)

    on_queue(scenario)


def test_next_visit_tells_what_the_script_needs():
    async def scenario(rig):
        await add(rig)
        await rig.sleep(10.0)
        return rig.event("ScriptQueue:2", "nextVisit")

    sample = on_queue(scenario)

    assert (sample.scriptSalIndex, sample.duration, sample.coordinateSystem, sample.dome) == (200000, 5.0, 1, 3)
    assert sample.groupId


def test_a_script_shows_a_sign_of_life_each_5_s():
    async def scenario(rig):
        await add(rig)
        seen: list[float] = []
        rig.remote("Script:200000").event("heartbeat").callback(lambda sample: seen.append(sample.t))
        await rig.sleep(11.0)
        return [later - sooner for sooner, later in pairwise(seen)]

    assert on_queue(scenario) == [5.0]


def visits(rig: Rig) -> list[tuple[str, int]]:
    """The visits that the queue has announced and called off, in order."""
    current: dict[str, int] = {}
    told = []
    for record in rig.records("event", "ScriptQueue:2"):
        topic = record["topic"]
        if topic in ("nextVisit", "nextVisitCanceled"):
            current[topic] = record["data"].get("scriptSalIndex", current.get(topic, 0))
            told.append((topic, current[topic]))
    return told


def test_a_script_gets_its_group_as_soon_as_it_is_next():
    async def scenario(rig):
        running, following, last = [await add(rig) for _ in range(3)]
        await rig.sleep(5.0)
        groups = [rig.event(f"Script:{index}", "state").groupId for index in (running, following, last)]
        return visits(rig), running, following, groups

    told, running, following, groups = on_queue(scenario)

    assert told == [("nextVisit", running), ("nextVisit", following)]
    assert groups[0] != ""
    assert groups[1] != ""
    assert groups[2] == ""


def test_a_script_that_is_displaced_loses_its_group_and_its_visit():
    async def scenario(rig):
        await add(rig)
        displaced = await add(rig)
        await rig.sleep(5.0)
        group = rig.event(f"Script:{displaced}", "state").groupId
        first = await add(rig, location=FIRST)
        await rig.sleep(5.0)
        canceled = rig.event("ScriptQueue:2", "nextVisitCanceled")
        left = rig.event(f"Script:{displaced}", "state").groupId
        await rig.sleep(60.0)
        return displaced, first, group, (canceled.scriptSalIndex, canceled.groupId), left, visits(rig)

    displaced, first, group, canceled, left, told = on_queue(scenario)

    assert group != ""
    assert canceled == (displaced, group)
    assert left == ""
    assert told[2:] == [("nextVisitCanceled", displaced), ("nextVisit", first), ("nextVisit", displaced)]


def test_a_script_that_is_moved_away_from_the_top_loses_its_group():
    async def scenario(rig):
        await add(rig)
        first, second = await add(rig), await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "move", scriptSalIndex=first, location=LAST)
        await rig.sleep(1.0)
        return first, second, visits(rig)

    first, second, told = on_queue(scenario)

    assert told[1:] == [("nextVisit", first), ("nextVisitCanceled", first), ("nextVisit", second)]


def test_the_visit_of_a_script_that_is_taken_off_the_queue_is_called_off():
    async def scenario(rig):
        await add(rig)
        following = await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[following])
        return following, visits(rig)

    following, told = on_queue(scenario)

    assert told[1:] == [("nextVisit", following), ("nextVisitCanceled", following)]


def test_a_paused_queue_gives_no_group():
    async def scenario(rig):
        await rig.command("ScriptQueue:2", "pause")
        await add(rig)
        await rig.sleep(30.0)
        return visits(rig)

    assert on_queue(scenario) == []


def test_stop_scripts_times_out_for_a_script_that_takes_too_long_to_stop():
    async def scenario(rig):
        index = await add(rig, "stubborn.py")
        await rig.sleep(5.0)
        begun = rig.now
        with pytest.raises(AckError) as caught:
            await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[index])
        ack = caught.value.ack
        return ack.code.name, ack.result, rig.now - begun, rig.state(f"Script:{index}", "script")

    assert on_queue(scenario) == ("TIMEOUT", "Timeout", 11.0, "STOPPING")


def test_the_process_of_a_script_that_does_not_stop_is_ended():
    async def scenario(rig):
        index = await add(rig, "stubborn.py")
        await rig.sleep(5.0)
        begun = rig.now
        await rig.command("ScriptQueue:2", "stopScripts", length=60, salIndices=[index])
        return rig.now - begun, process_states(rig, index)[-1], rig.event("ScriptQueue:2", "queue").running

    assert on_queue(scenario) == (60.0, TERMINATED, False)


def test_a_script_whose_process_is_ended_says_nothing_more():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        index = await add(rig)
        await rig.sleep(5.0)
        await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[index], terminate=True)
        await rig.sleep(60.0)
        return rig.event(f"Script:{index}", "state").state

    assert on_queue(scenario, catalogue) == 3
    assert catalogue.finished == []


def test_a_script_that_is_taken_off_while_it_is_loaded_was_never_loaded():
    async def scenario(rig):
        index = await add(rig)
        await rig.command("ScriptQueue:2", "stopScripts", length=1, salIndices=[index])
        return process_states(rig, index)[-1]

    assert on_queue(scenario) == LOADFAILED


def test_a_script_may_run_for_hours():
    catalogue = FakeCatalogue()

    async def scenario(rig):
        index = await add(rig, "hours.py")
        await rig.sleep(3700.0)
        meanwhile = rig.event("ScriptQueue:2", "queue").currentSalIndex
        await rig.sleep(7200.0)
        return index, meanwhile, process_states(rig, index)[-1]

    index, meanwhile, process = on_queue(scenario, catalogue)

    assert (meanwhile, process) == (index, DONE)
    assert catalogue.finished == [index]


def test_a_script_event_names_the_command_that_added_it():
    async def scenario(rig):
        await add(rig)
        index = await add(rig)
        await rig.command("ScriptQueue:2", "requeue", scriptSalIndex=index, location=LAST)
        sent = [r["seq"] for r in rig.records("command", "ScriptQueue:2")]
        await rig.command("ScriptQueue:2", "showScript", scriptSalIndex=index)
        await rig.sleep(0.0)
        added = rig.event("ScriptQueue:2", "script").cmdId
        await rig.command("ScriptQueue:2", "showScript", scriptSalIndex=index + 1)
        await rig.sleep(0.0)
        return sent, added, rig.event("ScriptQueue:2", "script").cmdId

    sent, added, requeued = on_queue(scenario)

    assert [added, requeued] == sent[1:3]


@pytest.mark.parametrize(("given", "level"), [(0, 20), (10, 10), (40, 40)])
def test_a_script_takes_the_log_level_it_is_added_with(given, level):
    async def scenario(rig):
        index = await add(rig, "steps.py", logLevel=given)
        await rig.sleep(5.0)
        return rig.event(f"Script:{index}", "logLevel").level

    assert on_queue(scenario) == level


def test_a_broken_script_is_told_in_the_log_and_keeps_no_other_off_the_list():
    class Torn(FakeCatalogue):
        def broken(self) -> dict[str, str]:
            return {"torn.py": "scripts/torn.yaml:3:1: unknown key colour"}

    async def scenario(rig):
        await rig.command("ScriptQueue:2", "showAvailableScripts")

        assert "torn.py is not available: scripts/torn.yaml:3:1: unknown key colour" in rig.log_lines("ScriptQueue:2")
        assert rig.event("ScriptQueue:2", "availableScripts").standard == "fail.py:sleep.py:steps.py"

    on_queue(scenario, Torn())


def test_a_script_that_is_stopped_as_it_begins_to_run_ends():
    play(
        "Script:200000",
        Send("Script:200000", "configure"),
        Send("Script:200000", "setGroupId", groupId="g1"),
        Send("Script:200000", "run"),
        Send("Script:200000", "stop"),
    )
