"""Scripts that bring components to summary states, and the Scheduler's two."""

from __future__ import annotations

import pytest

from procedures.failures import StepFailed
from tests.procedures.library.perform import ATCS, LATISS, Control, perform

SURVEY = "config: auxtel_fbs_spec_flex_survey.yaml"


def injecting(component: str, fault: str, **values: object):
    async def inject(observatory):
        observatory.components[component].faults.inject(fault, **values)

    return inject


def test_states_are_set_in_the_order_of_the_list():
    done = perform("set_summary_state.py", "data: [[ATWhiteLight, enabled], ['OCPS:1', Disabled]]")

    assert done.error is None
    assert done.commands == ["ATWhiteLight.start", "ATWhiteLight.enable", "OCPS:1.start"]
    assert done.control.checkpoints == ["set ATWhiteLight:0", "set OCPS:1"]
    assert (done.state("ATWhiteLight"), done.state("OCPS:1")) == ("ENABLED", "DISABLED")


def test_component_in_its_state_gets_no_command():
    done = perform("set_summary_state.py", "data: [[ATDome, ENABLED]]", enabled=("ATDome",))

    assert done.error is None
    assert done.commands == []


def test_component_is_configured_anew_when_it_is_listed_twice():
    done = perform(
        "set_summary_state.py",
        f"data: [['Scheduler:2', STANDBY], ['Scheduler:2', ENABLED, {SURVEY.removeprefix('config: ')}]]",
        enabled=("Scheduler:2",),
    )

    assert done.error is None
    assert done.sent("Scheduler:2.start") == [{"configurationOverride": "auxtel_fbs_spec_flex_survey.yaml"}]


def test_first_failure_ends_the_list():
    done = perform("set_summary_state.py", "data: [['OCPS:1', ENABLED, none.yaml], [ATDome, ENABLED]]")

    assert isinstance(done.error, StepFailed)
    assert "start from STANDBY failed" in str(done.error)
    assert done.state("ATDome") == "STANDBY"


def test_component_that_is_not_there_fails_the_script():
    done = perform("set_summary_state.py", "data: [[MTDome, ENABLED]]")

    assert "there is no component MTDome" in str(done.error)


def test_index_of_a_star_is_every_one():
    done = perform("set_summary_state.py", "data: [['OCPS:*', ENABLED]]")

    assert done.error is None
    assert done.commands == ["OCPS:1.start", "OCPS:1.enable"]


MUTED = {"severity": 4, "mutedBy": "set_summary_state"}


@pytest.mark.parametrize(("csc", "duration"), [("ATDome", 1800.0), ("OCPS:1", 600.0)])
def test_alarms_are_muted_for_what_goes_offline(csc, duration):
    done = perform("set_summary_state.py", f"data: [['{csc}', OFFLINE]]\nmute_duration: {duration / 60}")

    assert done.error is None
    assert done.sent("Watcher.mute") == [{"name": f"^(Enabled|Heartbeat)\\.{csc}$", "duration": duration, **MUTED}]
    assert done.commands == ["Watcher.mute", f"{csc}.exitControl"]
    assert done.state(csc) == "OFFLINE"


@pytest.mark.parametrize(
    "config", ["data: [[ATDome, OFFLINE]]\nmute_alarms: false", "data: [[ATDome, ENABLED], [ATDome, STANDBY]]"]
)
def test_alarms_are_not_muted_for_anything_else(config):
    done = perform("set_summary_state.py", config)

    assert done.error is None
    assert done.sent("Watcher.mute") == []


def test_watcher_that_does_not_mute_is_only_warned_of():
    done = perform("set_summary_state.py", "data: [[ATDome, OFFLINE]]", states={"Watcher": "STANDBY"})

    assert done.error is None
    assert done.control.lines == [("warning", "no Watcher mutes the alarms of ATDome; going on")]
    assert done.state("ATDome") == "OFFLINE"


def test_script_does_without_a_watcher():
    done = perform("set_summary_state.py", "data: [[ATDome, OFFLINE]]", without=("Watcher",))

    assert done.error is None
    assert done.control.lines == [("warning", "no Watcher mutes the alarms of ATDome; going on")]
    assert done.state("ATDome") == "OFFLINE"


@pytest.mark.parametrize(("script", "members"), [("auxtel/enable_atcs.py", ATCS), ("auxtel/enable_latiss.py", LATISS)])
def test_all_members_of_a_group_are_enabled_at_once(script, members):
    done = perform(script)

    assert done.error is None
    assert {done.state(member) for member in members} == {"ENABLED"}
    assert set(done.commands[: len(members)]) == {f"{member}.start" for member in members}
    assert done.control.checkpoints == []


def test_enabling_uses_overrides():
    done = perform("auxtel/enable_latiss.py", "atspectrograph: anytime_survey.yaml")

    assert done.error is None
    assert done.sent("ATSpectrograph.start") == [{"configurationOverride": "anytime_survey.yaml"}]
    assert done.sent("ATCamera.start") == [{"configurationOverride": ""}]


@pytest.mark.parametrize("spelling", ["atdome", "ATDome"])
def test_ignored_member_is_left_alone(spelling):
    done = perform("auxtel/enable_atcs.py", f"ignore: [{spelling}]")

    assert done.error is None
    assert done.state("ATDome") == "STANDBY"
    assert done.state("ATMCS") == "ENABLED"


def test_unknown_name_to_ignore_is_only_warned_of():
    done = perform("auxtel/enable_latiss.py", "ignore: [atdome]")

    assert done.error is None
    assert done.control.lines[0][0] == "warning"
    assert done.control.lines[0][1].startswith("atdome is not in LATISS")


def test_member_that_fails_is_named_and_the_others_are_enabled():
    done = perform("auxtel/enable_latiss.py", "atspectrograph: none.yaml")

    assert "LATISS: could not bring to ENABLED: ATSpectrograph: start from STANDBY failed" in str(done.error)
    assert {done.state(member) for member in LATISS if member != "ATSpectrograph"} == {"ENABLED"}


def test_member_in_fault_is_recovered():
    done = perform("auxtel/enable_atcs.py", enabled=ATCS, states={"ATAOS": "FAULT"})

    assert done.error is None
    assert done.commands == ["ATAOS.standby", "ATAOS.start", "ATAOS.enable"]


def test_latiss_goes_to_standby():
    done = perform("auxtel/standby_latiss.py", enabled=LATISS)

    assert done.error is None
    assert {done.state(member) for member in LATISS} == {"STANDBY"}


def test_scheduler_in_standby_is_enabled_with_its_configuration():
    done = perform("auxtel/scheduler/enable.py", SURVEY)

    assert done.error is None
    assert done.sent("Scheduler:2.start") == [{"configurationOverride": "auxtel_fbs_spec_flex_survey.yaml"}]
    assert done.control.checkpoints == [
        "Assert liveliness",
        "Setting desired state: <State.STANDBY: 5> -> <State.ENABLED: 2>",
        "Scheduler 2",
    ]


def test_scheduler_that_is_enabled_is_recycled():
    done = perform("auxtel/scheduler/enable.py", SURVEY, enabled=("Scheduler:2",))

    assert done.error is None
    assert done.commands == ["Scheduler:2.disable", "Scheduler:2.standby", "Scheduler:2.start", "Scheduler:2.enable"]
    assert done.control.checkpoints[1:3] == [
        "Reset summary state to STANDBY before setting to <State.ENABLED: 2>",
        "Setting desired state: <State.ENABLED: 2>",
    ]


def test_scheduler_in_fault_is_recovered():
    done = perform("auxtel/scheduler/enable.py", SURVEY, states={"Scheduler:2": "FAULT"})

    assert done.error is None
    assert done.commands == ["Scheduler:2.standby", "Scheduler:2.start", "Scheduler:2.enable"]
    assert done.control.checkpoints[1] == "Setting desired state: <State.FAULT: 3> -> <State.ENABLED: 2>"


def test_scheduler_is_not_enabled_with_a_configuration_that_does_not_exist():
    done = perform("auxtel/scheduler/enable.py", "config: auxtel_fbs_image_photocal.yaml")

    assert "auxtel_fbs_image_photocal.yaml" in str(done.error)
    assert done.state("Scheduler:2") == "STANDBY"


@pytest.mark.parametrize(
    ("script", "config"), [("auxtel/scheduler/enable.py", SURVEY), ("auxtel/scheduler/add_block.py", "id: BLOCK-309")]
)
def test_scripts_of_the_scheduler_refuse_another_queue(script, config):
    done = perform(script, config, enabled=("Scheduler:2",), control=Control(index=100001))

    assert "not for queue 1" in str(done.error)
    assert done.commands == []
    assert done.control.checkpoints == []


def test_block_is_added():
    done = perform("auxtel/scheduler/add_block.py", "id: BLOCK-309", enabled=("Scheduler:2",))

    assert done.error is None
    assert done.sent("Scheduler:2.addBlock") == [{"id": "BLOCK-309"}]
    assert done.control.checkpoints == ["Loading BLOCK-309 into scheduler", "BLOCK successfully loaded"]


def test_override_of_a_block_travels_as_yaml():
    done = perform(
        "auxtel/scheduler/add_block.py", "id: BLOCK-309\noverride: {n: 3, who: me}", enabled=("Scheduler:2",)
    )

    assert done.sent("Scheduler:2.addBlock") == [{"id": "BLOCK-309", "override": "n: 3\nwho: me\n"}]


def test_unknown_block_is_refused_with_those_that_are_known():
    done = perform("auxtel/scheduler/add_block.py", "id: BLOCK-999", enabled=("Scheduler:2",))

    assert "BLOCK-999 does not exist" in str(done.error)
    assert "BLOCK-309" in str(done.error)
    assert done.control.checkpoints == ["Loading BLOCK-999 into scheduler"]


def test_block_is_refused_by_a_scheduler_that_is_not_enabled():
    done = perform("auxtel/scheduler/add_block.py", "id: BLOCK-309")

    assert "Not allowed in state=<State.STANDBY: 5>" in str(done.error)
