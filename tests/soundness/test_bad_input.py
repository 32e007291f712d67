"""What bad input gets: a rejection that names the field, a component as it was, one record of it.

Every field of every command is tried, with what its plan says that it must refuse. The folder mirrors no
package: reception is the same for all components, and this shows that none goes round it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

import pytest

from csc import Ack, AckError, Command
from csc.fields import shown
from tests.csc.rig import Rig, run
from tests.soundness.cast import cast_of, everybody, kind_of
from tests.soundness.wrong import missing, wrong_messages, wrong_values

LONGEST_ANSWER = 600
"""However large the input, the answer fits into a log line [characters]."""
SETTLED = 30.0
"""Time [s] after which a component has connected to its hardware."""


async def by_remote(rig: Rig, who: str, command: str, data: Mapping[str, Any]) -> list[Ack]:
    try:
        return [await rig.remote(who).command(command, data=data, timeout=1.0)]
    except AckError as error:
        return [error.ack]


async def on_the_bus(rig: Rig, who: str, command: str, data: Any) -> list[Ack]:
    acks: list[Ack] = []
    rig.observatory.bus.send(who, command, data, identity="stranger", reply=acks.append)
    await rig.sleep(0.0)
    return acks


Way = Callable[[Rig, str, str, Any], Coroutine[Any, Any, list[Ack]]]


def trials(who: str, state: str | None) -> Iterator[tuple[Command, Any, str]]:
    """Yield commands of a state with bad data, and what the refusal must say."""
    for command in cast_of(who).catalogue[kind_of(who)].commands.values():
        if state is not None and state not in command.states:
            continue
        for field in command.fields.values():
            for value in wrong_values(field):
                yield command, {field.name: value}, f"{command.name}.{field.name}"
        for name in missing(command):
            yield command, {}, f"{command.name}.{name}" if name == next(missing(command)) else command.name
        for data, text in wrong_messages():
            yield command, data, text


def states_of(who: str) -> list[str | None]:
    plan = cast_of(who).catalogue[kind_of(who)]
    states = {state for command in plan.commands.values() for state in command.states}
    return [*sorted(states - {"FAULT"})] if plan.is_csc else [None]


def attempt(who: str, state: str | None, way: Way) -> list[str]:
    """Send everything that must be refused; return what went wrong."""
    wrong: list[str] = []

    async def scenario(rig: Rig) -> None:
        await rig.sleep(SETTLED)
        component, journal = rig.component(who), rig.journal
        before = component.snapshot()
        for command, data, text in trials(who, state):
            if way is by_remote and not isinstance(data, dict):
                continue
            count = journal.count
            acks = await way(rig, who, command.name, data)
            said = acks[0].result if acks else ""
            label = f"{command.name} {shown(data)}"
            if [ack.code.name for ack in acks] != ["FAILED"] or text not in said:
                wrong.append(f"{label}: {text!r} is not in {acks}")
            if len(said) > LONGEST_ANSWER:
                wrong.append(f"{label}: an answer of {len(said)} characters")
            if [record["kind"] for record in journal.records[count:]] != ["command", "ack"]:
                wrong.append(f"{label}: {journal.records[count:]!r:.400}")
            if component.snapshot() != before:
                wrong.append(f"{label}: the component has changed")

    cast = cast_of(who)
    run(
        scenario,
        who,
        states={who: state} if state else {},
        services=cast.services(),
        machines={who: cast.machines.get(who, {})},
        catalogue=cast.catalogue,
    )
    return wrong


@pytest.mark.parametrize("way", [by_remote, on_the_bus])
@pytest.mark.parametrize("who", everybody())
def test_bad_input_is_refused_by_name_and_changes_nothing(who: str, way: Way) -> None:
    wrong = [text for state in states_of(who) for text in attempt(who, state, way)]

    assert not wrong, "\n".join(wrong[:20])
