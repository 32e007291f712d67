import pytest

from csc import Ack, AckError
from tests.csc.rig import Rig, run

AIR = "ATPneumatics"


async def refused(rig: Rig, command: str, match: str, **fields) -> None:
    """Check that a command fails with a text and that nothing else happens."""
    before = rig.component(AIR).snapshot()
    count = len(rig.journal.records)

    with pytest.raises(AckError, match=match):
        await rig.command(AIR, command, **fields)

    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]
    assert rig.component(AIR).snapshot() == before


def cover(rig: Rig) -> int:
    return int(rig.event(AIR, "m1CoverState").state)


async def pressure(rig: Rig, topic: str = "m1AirPressure") -> float:
    sample = await rig.remote(AIR).telemetry(topic).next(flush=True)
    return float(sample.pressure)


# Beginning


def test_the_beginning_is_that_of_the_controllers_simulator():
    async def scenario(rig):
        await rig.enable(AIR)

        assert cover(rig) == 6
        assert rig.event(AIR, "cellVentsState").state == 7
        assert rig.event(AIR, "m1VentsPosition").position == 1
        for topic in ("mainValveState", "instrumentState", "m1State", "m2State"):
            assert rig.event(AIR, topic).state == 6
        assert rig.event(AIR, "eStop").triggered is False
        power = rig.event(AIR, "powerStatus")
        assert (power.powerOnL1, power.powerOnL2, power.powerOnL3) == (True, True, True)

    run(scenario, AIR)


def test_the_controller_follows_the_summary_state():
    async def scenario(rig):
        seen = []
        for state in ("DISABLED", "ENABLED", "DISABLED", "STANDBY"):
            await rig.set_state(AIR, state)
            seen.append(rig.event(AIR, "crioSummaryState").summaryState)

        assert seen == [1, 2, 1, 5]

    run(scenario, AIR)


def test_telemetry_comes_each_second():
    async def scenario(rig):
        await rig.enable(AIR)
        reader = rig.remote(AIR).telemetry("loadCell")
        first = await reader.next(flush=True)

        second = await reader.next()

        assert second.t - first.t == pytest.approx(1.0)
        assert second.cellLoad == 100.0
        assert await pressure(rig, "mainAirSourcePressure") == pytest.approx(310e3)
        assert await pressure(rig, "m2AirPressure") == 0.0

    run(scenario, AIR)


# Cover


def test_the_cover_opens_in_twenty_seconds():
    async def scenario(rig):
        await rig.enable(AIR)
        progress: list[Ack] = []
        half_way: list[float] = []
        rig.clock.call_later(10.0, lambda: half_way.extend((cover(rig), rig.output(AIR, "m1_cover_open"))))

        await rig.remote(AIR).command("openM1Cover", on_progress=progress.append)

        assert rig.now == pytest.approx(20.0)
        assert [ack.timeout for ack in progress] == [60.0]
        assert half_way == pytest.approx([8, 0.5])
        assert cover(rig) == 7
        assert rig.output(AIR, "m1_cover_open") == 1.0
        switches = rig.event(AIR, "m1CoverLimitSwitches")
        assert switches.cover1OpenedActive is True
        assert switches.cover4OpenedActive is True
        assert switches.cover3ClosedActive is False

    run(scenario, AIR)


def test_the_cover_closes_in_twenty_seconds():
    async def scenario(rig):
        await rig.enable(AIR)
        assert rig.output(AIR, "m1_cover_open") == 1.0

        await rig.command(AIR, "closeM1Cover")

        assert rig.now == pytest.approx(20.0)
        assert cover(rig) == 6
        assert rig.event(AIR, "m1CoverLimitSwitches").cover2ClosedActive is True

    run(scenario, AIR, machines={AIR: {"m1_cover": "OPENED"}})


def test_the_switches_are_free_while_the_cover_moves():
    async def scenario(rig):
        await rig.enable(AIR)
        opening = rig.later(AIR, "openM1Cover")
        await rig.sleep(10.0)

        switches = rig.event(AIR, "m1CoverLimitSwitches")

        assert not any(value for key, value in switches.data.items() if key.startswith("cover"))
        await opening

    run(scenario, AIR)


@pytest.mark.parametrize(("command", "state"), [("openM1Cover", "OPENED"), ("closeM1Cover", "CLOSED")])
def test_a_cover_that_is_there_does_not_move(command, state):
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, command)

        assert rig.now == 0.0
        assert rig.states_seen(AIR, "cover_drive") == []

    run(scenario, AIR, machines={AIR: {"m1_cover": state}})


def test_closing_supersedes_opening():
    async def scenario(rig):
        await rig.enable(AIR)
        opening = rig.later(AIR, "openM1Cover")
        await rig.sleep(10.0)

        await rig.command(AIR, "closeM1Cover")

        with pytest.raises(AckError, match="superseded by closeM1Cover"):
            await opening
        assert rig.now == pytest.approx(20.0)
        assert cover(rig) == 6

    run(scenario, AIR)


def test_opening_supersedes_closing():
    async def scenario(rig):
        await rig.enable(AIR)
        closing = rig.later(AIR, "closeM1Cover")
        await rig.sleep(5.0)

        await rig.command(AIR, "openM1Cover")

        with pytest.raises(AckError, match="superseded by openM1Cover"):
            await closing
        assert rig.now == pytest.approx(10.0)

    run(scenario, AIR, machines={AIR: {"m1_cover": "OPENED"}})


@pytest.mark.parametrize(
    ("command", "begin", "duration"),
    [
        ("openM1Cover", {"m1_cover": "CLOSED"}, 20.0),
        ("closeM1Cover", {"m1_cover": "OPENED"}, 20.0),
        ("openM1CellVents", {"cell_vents": "CLOSED"}, 1.0),
        ("closeM1CellVents", {"cell_vents": "OPENED"}, 5.0),
    ],
)
def test_two_senders_may_ask_for_the_same(command, begin, duration):
    async def scenario(rig):
        await rig.enable(AIR)
        first = rig.later(AIR, command)
        await rig.sleep(0.5)

        await rig.command(AIR, command)

        await first
        assert rig.now == pytest.approx(duration)

    run(scenario, AIR, machines={AIR: begin})


def test_others_sense_how_far_the_cover_is_open():
    async def scenario(rig):
        await rig.enable(AIR)
        await rig.command(AIR, "openM1Cover")
        await rig.sleep(10.0)

        history = rig.component(AIR).timelines["m1_cover_open"]

        assert history.value(5.0) == pytest.approx(0.25)
        assert history.constant(21.0, 30.0)

    run(scenario, AIR)


# Vents


def test_the_vents_open_in_one_second_and_close_in_five():
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, "openM1CellVents")

        assert rig.now == pytest.approx(1.0)
        assert rig.event(AIR, "cellVentsState").state == 6
        assert rig.event(AIR, "m1VentsPosition").position == 0
        assert rig.event(AIR, "m1VentsLimitSwitches").ventsOpenedActive is True
        closing = rig.later(AIR, "closeM1CellVents")
        await rig.sleep(2.0)
        assert rig.event(AIR, "cellVentsState").state == 8
        assert rig.event(AIR, "m1VentsPosition").position == 2
        await closing
        assert rig.now == pytest.approx(6.0)
        assert rig.event(AIR, "cellVentsState").state == 7

    run(scenario, AIR)


def test_opening_the_vents_supersedes_closing_them():
    async def scenario(rig):
        await rig.enable(AIR)
        closing = rig.later(AIR, "closeM1CellVents")
        await rig.sleep(2.0)

        await rig.command(AIR, "openM1CellVents")

        with pytest.raises(AckError, match="superseded by openM1CellVents"):
            await closing

    run(scenario, AIR, machines={AIR: {"cell_vents": "OPENED"}})


# Valves and pressures


@pytest.mark.parametrize(
    ("close", "opens", "topic"),
    [
        ("closeMasterAirSupply", "openMasterAirSupply", "mainValveState"),
        ("closeInstrumentAirValve", "openInstrumentAirValve", "instrumentState"),
        ("m1CloseAirValve", "m1OpenAirValve", "m1State"),
        ("m2CloseAirValve", "m2OpenAirValve", "m2State"),
    ],
)
def test_valves_move_at_once(close, opens, topic):
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, close)
        assert rig.event(AIR, topic).state == 7
        await rig.command(AIR, close)
        await rig.command(AIR, opens)

        assert rig.event(AIR, topic).state == 6
        assert rig.now == 0.0

    run(scenario, AIR)


def test_m1_is_within_three_percent_ten_seconds_after_its_command():
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, "m1SetPressure", pressure=120.5e3)

        assert rig.event(AIR, "m1SetPressure").pressure == 120.5e3
        await rig.sleep(10.0)
        assert rig.output(AIR, "m1_pressure") == pytest.approx(120.5e3, rel=0.03)

    run(scenario, AIR)


def test_a_negative_pressure_is_asked_for_and_never_reached():
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, "m1SetPressure", pressure=-1000.0)

        await rig.sleep(60.0)
        assert rig.event(AIR, "m1SetPressure").pressure == -1000.0
        assert rig.output(AIR, "m1_pressure") == 0.0

    run(scenario, AIR)


@pytest.mark.parametrize("command", ["m1CloseAirValve", "closeMasterAirSupply"])
def test_without_air_m1_sinks_within_fifteen_seconds(command):
    async def scenario(rig):
        await rig.enable(AIR)
        await rig.command(AIR, "m1SetPressure", pressure=120.5e3)
        await rig.sleep(60.0)

        await rig.command(AIR, command)

        await rig.sleep(15.0)
        assert rig.output(AIR, "m1_pressure") < 30e3
        assert rig.event(AIR, "m1SetPressure").pressure == 120.5e3

    run(scenario, AIR)


def test_the_pressure_of_m2_is_taken_and_has_no_effect():
    async def scenario(rig):
        await rig.enable(AIR)

        await rig.command(AIR, "m2SetPressure", pressure=1000.0)

        assert rig.event(AIR, "m2SetPressure").pressure == 1000.0
        assert rig.output(AIR, "m2_pressure") == 0.0

    run(scenario, AIR)


@pytest.mark.parametrize("command", ["openM1Cover", "openM1CellVents", "m1SetPressure", "openMasterAirSupply"])
def test_commands_are_refused_when_disabled(command):
    async def scenario(rig):
        await rig.set_state(AIR, "DISABLED")

        await refused(rig, command, r"Not allowed in state=<State.DISABLED: 1>")

    run(scenario, AIR)


# Faults


def test_low_air_keeps_m1_from_its_pressure():
    async def scenario(rig):
        await rig.enable(AIR)
        await rig.command(AIR, "m1SetPressure", pressure=67.4e3)

        low = rig.inject(AIR, "low_air")

        await rig.sleep(120.0)
        assert await pressure(rig, "mainAirSourcePressure") < 275790.0
        assert await pressure(rig) < 0.97 * 67.4e3
        await rig.command(AIR, "m1SetPressure", pressure=67.4e3)
        await rig.set_state(AIR, "STANDBY")
        await rig.enable(AIR)
        assert rig.output(AIR, "main_pressure") < 275790.0
        rig.component(AIR).faults.clear(low)
        await rig.sleep(120.0)
        assert 275790.0 < await pressure(rig, "mainAirSourcePressure") < 413000.0
        assert await pressure(rig) == pytest.approx(67.4e3, rel=0.03)

    run(scenario, AIR)


@pytest.mark.parametrize("command", ["openM1Cover", "closeM1Cover"])
def test_a_cover_controller_in_standby_fails_commands(command):
    async def scenario(rig):
        await rig.enable(AIR)
        rig.inject(AIR, "covers_in_standby")

        await refused(rig, command, "the controller of the M1 covers is in standby")
        await rig.set_state(AIR, "STANDBY")
        await rig.enable(AIR)

        await refused(rig, command, "the controller of the M1 covers is in standby")

    state = "CLOSED" if command == "openM1Cover" else "OPENED"
    run(scenario, AIR, machines={AIR: {"m1_cover": state}})


def test_a_cycle_of_the_emergency_stop_takes_the_cover_controller_out_of_standby():
    async def scenario(rig):
        await rig.enable(AIR)
        rig.inject(AIR, "covers_in_standby")
        stop = rig.inject(AIR, "emergency_stop")
        assert rig.event(AIR, "eStop").triggered is True
        assert rig.event(AIR, "powerStatus").powerOnL2 is False
        assert rig.state(AIR, "cover_controller") == "STANDBY"

        rig.component(AIR).faults.clear(stop)

        assert rig.event(AIR, "eStop").triggered is False
        assert rig.event(AIR, "powerStatus").powerOnL2 is True
        assert rig.component(AIR).faults.active == []
        await rig.command(AIR, "openM1Cover")
        assert cover(rig) == 7

    run(scenario, AIR)


def test_the_hand_panel_takes_the_cover_controller_out_of_standby():
    async def scenario(rig):
        await rig.enable(AIR)
        standby = rig.inject(AIR, "covers_in_standby")

        rig.component(AIR).faults.clear(standby)

        await rig.command(AIR, "openM1Cover")
        assert cover(rig) == 7

    run(scenario, AIR)


def test_a_jammed_cover_stays_in_motion_until_it_is_freed():
    async def scenario(rig):
        await rig.enable(AIR)
        jam = rig.inject(AIR, "cover_jam", at=0.3)

        with pytest.raises(AckError, match="TIMEOUT"):
            await rig.command(AIR, "openM1Cover")

        assert rig.now == pytest.approx(60.0)
        assert cover(rig) == 8
        assert rig.output(AIR, "m1_cover_open") == pytest.approx(0.3)
        with pytest.raises(AckError):
            await rig.command(AIR, "openM1Cover")
        await rig.set_state(AIR, "STANDBY")
        await rig.enable(AIR)
        with pytest.raises(AckError):
            await rig.command(AIR, "openM1Cover")
        assert rig.output(AIR, "m1_cover_open") == pytest.approx(0.3)
        rig.component(AIR).faults.clear(jam)
        assert cover(rig) == 8
        await rig.command(AIR, "openM1Cover")
        assert cover(rig) == 7
        assert rig.output(AIR, "m1_cover_open") == 1.0

    run(scenario, AIR)


def test_a_cover_that_moves_jams_at_once():
    async def scenario(rig):
        await rig.enable(AIR)
        opening = rig.later(AIR, "openM1Cover")
        await rig.sleep(4.0)

        rig.inject(AIR, "cover_jam")

        await rig.sleep(30.0)
        assert rig.output(AIR, "m1_cover_open") == pytest.approx(0.2)
        assert cover(rig) == 8
        with pytest.raises(AckError, match="TIMEOUT"):
            await opening

    run(scenario, AIR)


@pytest.mark.parametrize(
    ("fault", "state", "value"), [("cover_switch_stuck", "INVALID", 9), ("cover_drive_fault", "FAULT", 3)]
)
def test_a_broken_cover_fails_commands_until_it_is_repaired(fault, state, value):
    async def scenario(rig):
        await rig.enable(AIR)

        broken = rig.inject(AIR, fault)

        assert cover(rig) == value
        await refused(rig, "openM1Cover", f"the M1 cover is {state}; inspect it")
        await rig.set_state(AIR, "STANDBY")
        await rig.enable(AIR)
        await refused(rig, "closeM1Cover", f"the M1 cover is {state}; inspect it")
        rig.component(AIR).faults.clear(broken)
        assert cover(rig) == 6
        await rig.command(AIR, "openM1Cover")
        assert cover(rig) == 7

    run(scenario, AIR)


@pytest.mark.parametrize(("fault", "state"), [("cover_switch_stuck", "INVALID"), ("cover_drive_fault", "FAULT")])
def test_a_cover_that_breaks_on_its_way_fails_its_command(fault, state):
    async def scenario(rig):
        await rig.enable(AIR)
        opening = rig.later(AIR, "openM1Cover")
        await rig.sleep(5.0)

        broken = rig.inject(AIR, fault)

        with pytest.raises(AckError, match=f"the M1 cover is {state}"):
            await opening
        rig.component(AIR).faults.clear(broken)
        assert cover(rig) == 8

    run(scenario, AIR)


def test_an_open_cover_is_open_again_after_repair():
    async def scenario(rig):
        await rig.enable(AIR)
        broken = rig.inject(AIR, "cover_switch_stuck")

        rig.component(AIR).faults.clear(broken)

        assert cover(rig) == 7

    run(scenario, AIR, machines={AIR: {"m1_cover": "OPENED"}})


def test_a_fault_of_the_controller_is_a_fault_of_the_csc():
    async def scenario(rig):
        await rig.enable(AIR)

        rig.inject(AIR, "controller_fault")

        assert rig.state(AIR) == "FAULT"
        assert rig.event(AIR, "errorCode").errorCode == 1
        assert rig.event(AIR, "crioSummaryState").summaryState == 3
        await refused(rig, "openM1Cover", "Not allowed in Fault state: errorCode=1")
        await rig.enable(AIR)
        assert rig.event(AIR, "crioSummaryState").summaryState == 2
        assert rig.component(AIR).faults.active == []

    run(scenario, AIR)


def test_the_same_commands_give_the_same_run():
    async def scenario(rig):
        await rig.enable(AIR)
        await rig.command(AIR, "openM1Cover")
        return rig.journal.digest

    assert run(scenario, AIR) == run(scenario, AIR)
