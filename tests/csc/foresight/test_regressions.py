"""What was once not foreseen: each of these is the smallest case of a mistake that was mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc.foresight import Foresight, Span, World, drifting
from csc.foresight.sending import weigh
from fsm import Value
from fsm.conditions import exactly
from tests.csc.foresight.programmes import _foresight, play
from tests.procedures.checking.plant import site
from tests.procedures.checking.soundness import compare, homes
from tests.procedures.checking.test_exploring import check, durations, expect, procedure, wait
from tests.soundness.actions import Action, Send, Wait

CORRECT = {
    "enableAll": False,
    "m1": False,
    "m2": False,
    "hexapod": True,
    "focus": False,
    "atspectrograph": False,
    "moveWhileExposing": False,
}
FLAT = {
    "numImages": 1,
    "expTime": 0.0,
    "shutter": True,
    "sensors": "",
    "keyValueMap": "imageType: FLAT, groupId: g1",
    "obsNote": "",
}


@pytest.mark.parametrize(
    ("who", "actions", "states"),
    [
        # an invariant is taken for true while a trigger is on its way through the machines
        pytest.param("ATDome", [Send("ATDome", "moveAzimuth", azimuth=90.0)], {}, id="the dome turns"),
        pytest.param("ATMCS", [Send("ATMCS", "setInstrumentPort", port=1)], {}, id="M3 turns"),
        # what was learned of an output is not forgotten when a command's computing has set it
        pytest.param("ATCamera", [Send("ATCamera", "takeImages", **FLAT)], {}, id="the shutter opens"),
        # an event that is published while not connected; an output that is unknown
        pytest.param("ATCamera", [Wait(1.0)], {"ATCamera": "STANDBY"}, id="the camera says that it is available"),
        pytest.param("ATMCS", [Wait(1.0)], {"ATDome": "STANDBY"}, id="a mismatch that is unknown"),
    ],
)
def test_it_was_foreseen(who: str, actions: list[Action], states: dict[str, str]) -> None:
    play(who, *actions, states=states)


def _sent(foresight: Foresight, world: World, who: str, name: str, **fields: Value) -> list[World]:
    member = foresight.cast.members[who]
    command = member.plan.commands[name]
    arguments = {key: exactly(fields.get(key, each.default)) for key, each in command.fields.items()}
    outcome = weigh(foresight, world, member, command, arguments)
    assert outcome.accepted is not None
    return foresight.give(outcome.accepted, member, command, arguments)


@pytest.mark.parametrize(
    ("who", "prepare", "command", "fields"),
    [
        # Reacting._assign says that nothing has changed (it compares a dict with itself)
        ("ATAOS", (), "enableCorrection", CORRECT),
        # Reacting._apply leaves out that the summary state has changed
        ("ATAOS", (), "applyCorrection", {"elevation": 70.0, "azimuth": 0.0}),
    ],
)
def test_drifting_remembers_only_where_nothing_happens(who, prepare, command, fields, monkeypatch) -> None:
    wrong = []
    drift = drifting.Drifting._drift

    def watched(self: drifting.Drifting, world: World, member) -> None:
        trial = world.copy()
        for happen in drifting._happenings(trial, member, self._reacting):
            before = trial.copy()
            if not happen() and (before.machines, before.values) != (trial.machines, trial.values):
                wrong.append(
                    (
                        member.name,
                        {
                            key: (set(before.machines[key]), set(now))
                            for key, now in trial.machines.items()
                            if now != before.machines[key]
                        },
                    )
                )
        drift(self, world, member)

    monkeypatch.setattr(drifting.Drifting, "_drift", watched)
    foresight = Foresight(_foresight(who, ()).cast)

    _sent(foresight, foresight.opening(), who, command, **fields)

    assert not wrong


def test_a_join_lets_happen_what_may_happen_by_itself() -> None:
    """Joining takes the timer of the gate away, and nothing says any more that the gate may get open."""
    foresight = Foresight(_foresight("ATBuilding", ()).cast)
    world = foresight.opening()
    (opening,) = _sent(foresight, world.copy(), "ATBuilding", "openVentGate", gate=(0,))
    world.join(opening)

    foresight.settle(world)

    assert "OPENED" in world.machines["ATBuilding", "gate_0"]


def test_an_alarm_that_only_one_world_has_may_never_ring() -> None:
    """World.join widens an alarm that only the other world has, not one that only it has itself."""
    foresight = Foresight(_foresight("ATBuilding", ()).cast)
    mine, theirs = foresight.opening(), foresight.opening()
    mine.alarms["late"] = Span(5.0, 5.0)

    mine.join(theirs)

    assert mine.alarms["late"].high > 5.0


PLAYS = {
    "the dome turns": (
        {"summary_state": {"of": "ATDome", "to": "ENABLED"}},
        {"parallel": [
            [{"command": "ATDome.moveAzimuth", "with": {"azimuth": 90}}],
            [wait("a", "5 s"), expect("x", "ATDome.azimuth_motion is NOTINMOTION", on_failure="warn")]]},
    ),
    "M3 turns": (
        {"summary_state": {"of": "ATMCS", "to": "ENABLED"}},
        {"command": "ATMCS.setInstrumentPort", "with": {"port": 1}},
        wait("a", "60 s"),
        expect("x", "ATMCS.m3 is NASMYTH1", on_failure="warn"),
    ),
    "the hexapod is enabled": (
        {"summary_state": {"of": "ATHexapod", "to": "DISABLED"}},
        {"parallel": [
            [{"command": "ATHexapod.enable"}],
            [wait("a", "0.2 s"), expect("x", "ATHexapod is ENABLED", on_failure="warn")]]},
    ),
    "the camera says that it is available": (
        wait("a", "5 s"),
        expect("x", "ATCamera.offline is AVAILABLE", on_failure="warn"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYS)
def test_what_was_said_is_seen(name: str, tmp_path: Path) -> None:
    play = procedure(*PLAYS[name])

    assert not compare(homes().of("weekly"), play, site().sheet, tmp_path, seed=1, anything=False).contradictions


def test_what_the_behaviour_refuses_may_be_refused() -> None:
    """do_openVentGate refuses a gate that is not there; the sheet does not say so."""
    report = check({"id": "v", "command": "ATBuilding.openVentGate", "with": {"gate": [4]},
                    "on_failure": [wait("rescue", "1 s")]})  # fmt: skip

    assert "rescue" in durations(report)
