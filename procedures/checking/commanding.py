"""Commands to components, and the ways to summary states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from csc.blueprint import Command
from csc.foresight import FOREVER, LocalView, Member, Span
from csc.foresight.sending import weigh
from csc.foresight.span import span_of
from csc.summary_state import SummaryState, path_between
from fsm import NULL
from fsm.conditions import Possible, estimate, exactly, one_of
from procedures import model
from procedures.checking.body import Body
from procedures.checking.branching import fork
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame, weigh_argument
from procedures.checking.resting import rest
from procedures.checking.situation import Situation, fields_of
from procedures.checking.waits import ForAcknowledgement

__all__ = ["Reduce", "SendCommand", "SummaryStates", "send"]

COMMAND_TIMEOUT = 3600.0
"""Limit [s] of a command whose step names none."""
STATE_TIMEOUT = 60.0
"""Limit [s] of a transition of one component."""
GROUP_TIMEOUT = 120.0
"""Limit [s] of a transition of the components of a group."""


class SendCommand(Body):
    """A command to a component."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Weigh it."""
        step: model.Command = self.step
        self.keep(situation, thread, step.save, Possible())
        view = explorer.view(situation, self.frame)
        fields = {key: weigh_argument(argument, view) for key, argument in step.fields.items()}
        return send(explorer, situation, thread, self, step.component, step.command, fields)


class Reduce(Body):
    """A job for OCPS."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Send it."""
        step: model.Pipeline = self.step
        self.keep(situation, thread, step.save, Possible())
        ocps = explorer.value(situation, self.frame, step.ocps).only
        if not isinstance(ocps, str):
            return [rest(explorer, situation, thread, FOREVER)]
        fields = dict.fromkeys(("pipeline", "config", "data_query"), Possible())
        return send(explorer, situation, thread, self, ocps, "execute", fields)


def send(
    explorer: Explorer,
    situation: Situation,
    thread: str,
    body: Body,
    component: str,
    name: str,
    fields: Mapping[str, Possible],
    *,
    default_limit: float = COMMAND_TIMEOUT,
    limit: Span | None = None,
    given: Mapping[str, Possible] | None = None,
) -> list[Situation]:
    """Send a command: where it is refused the thread fails, where it is accepted it waits.

    Parameters
    ----------
    fields
        What fields of the command may be, in their own units; SAL's default for those left out.
    limit, default_limit
        Time limit [s] of the sender; that of the step, or a default if that has none.
    given
        What rules may ask of besides.
    """
    member = explorer.member(component)
    if member is None:
        return explorer.fail(situation, thread, f"{body.where}: there is no {component}")
    command = member.plan.commands.get(name)
    if command is None:
        never = frozenset((False,))
        body.note(explorer, situation, "guard", f"{member.name} has the command {name}", never)
        return explorer.fail(situation, thread, f"{body.where}: {member.name} has no command {name}")
    arguments = _arguments(command, fields)
    explorer.rules.judge_command(explorer, situation, body, member, command, given or {})
    outcome = weigh(explorer.foresight, situation.world, member, command, arguments)
    body.note_judged(explorer, situation, member, outcome.judged, of=name)
    found: list[Situation] = []
    if outcome.may_be_refused or command.refuses:
        found.extend(explorer.fail(situation.copy(), thread, f"{body.where}: {member.name}.{name} is refused"))
    if outcome.ignored is not None:
        found.append(situation.in_world(outcome.ignored))
    if outcome.accepted is not None:
        allowed = limit or explorer.span(situation, body.frame, body.step.timeout, default_limit) or FOREVER
        accepted = situation.in_world(outcome.accepted)
        follow = explorer.consequences.get((member.plan.component, name))
        if follow is not None:
            follow(explorer, accepted, body, member, arguments)
        carry_out = partial(
            _carry_out, explorer, thread=thread, body=body, member=member, command=command, arguments=arguments
        )
        if command.changes_state and member.takes_time(command):  # the state changes when the behaviour is done
            begun = accepted.copy()
            begun.world.unsettled.add(member.name)
            explorer.foresight.settle(begun.world)
            found.append(carry_out(begun, allowed=allowed))
        else:
            worlds = explorer.foresight.give(accepted.world, member, command, arguments)
            found.extend(carry_out(accepted.in_world(world), allowed=allowed) for world in worlds)
    return found


def _arguments(command: Command, fields: Mapping[str, Possible]) -> dict[str, Possible]:
    """Return what all fields may be, in canonical units."""
    found = {}
    for key, field in command.fields.items():
        value = fields.get(key)
        left_out = value is None or value == exactly(NULL)
        found[key] = exactly(field.default) if value is None or left_out else _canonical(value, field.scale)
    return found


def _canonical(value: Possible, scale: float) -> Possible:
    if scale == 1.0:
        return value
    if value.values is not None:
        return one_of(each * scale if isinstance(each, (int, float)) else each for each in value.values)
    hull = value.hull
    return value if hull is None else Possible(None, hull[0] * scale, hull[1] * scale)


def _carry_out(
    explorer: Explorer,
    situation: Situation,
    *,
    thread: str,
    body: Body,
    member: Member,
    command: Command,
    arguments: Mapping[str, Possible],
    allowed: Span,
) -> Situation:
    """Let the sender wait for the end of a command that a component has begun to carry out."""
    situation.variables[fields_of(thread)] = arguments
    view = LocalView(explorer.cast, member, situation.world, arguments=arguments)
    if command.in_progress is not None:
        allowed = allowed.plus(span_of(estimate(command.in_progress, view)))
    if member.takes_time(command):
        # What the behaviour does takes a time of its own; only then is it looked at whether the command is done.
        waiting = explorer.make(ForAcknowledgement, body.step, body.frame, member, command)
        longest = FOREVER if command.takes is None else span_of(estimate(command.takes, view))
        left = allowed.after(Span(0.0, longest.high))
        explorer.push(situation, thread, explorer.make(Acknowledged, waiting, left))
        return rest(explorer, situation, thread, Span(0.0, longest.high))
    if command.done is None:
        return situation
    situation.world.alarms[f"{thread}:sender"] = allowed
    if command.limit is not None:
        situation.world.alarms[f"{thread}:component"] = span_of(estimate(command.limit, view))
    return situation.wait(thread, explorer.make(ForAcknowledgement, body.step, body.frame, member, command))


class Acknowledged:
    """A component has done what takes its behaviour time; the command may be done now."""

    def __init__(self, waiting: ForAcknowledgement, left: Span) -> None:
        self._waiting = waiting
        self._left = left

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go on where it is done, as the data sheet promises, or wait for it; or fail: behaviours may refuse late."""
        found = explorer.fail(situation.copy(), thread, f"{self._waiting.name} fails")
        for begun in self._waiting.begun(explorer, situation, thread):
            done = self._waiting.done(explorer, begun, thread)
            if done is None:
                begun.world.alarms[f"{thread}:sender"] = self._left
                done = begun.wait(thread, self._waiting)
            found.append(done)
        return found


class SummaryStates(Body):
    """Components brought to a summary state, all of a group at once."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Find out which."""
        step: model.SummaryStateStep = self.step
        of, to = (explorer.value(situation, self.frame, each).only for each in (step.of, step.to))
        if not isinstance(of, str) or not isinstance(to, str):
            return [rest(explorer, situation, thread, FOREVER)]
        name, target = explorer.canonical(of.removesuffix(":0")), to.upper()
        if name in explorer.cast.groups:
            return fork(explorer, situation, thread, self._branches(explorer, situation, thread, name, target))
        kind, _, index = name.partition(":")
        members = explorer.cast.members
        instances = [each for each in members if each.partition(":")[0] == kind] if index == "*" else [name]
        situation.let(thread, "override", _text(explorer.value(situation, self.frame, step.override)))
        ways = (explorer.make(OneState, self.frame, step, each, target) for each in instances)
        return [explorer.push(situation, thread, *ways)]

    def _branches(
        self, explorer: Explorer, situation: Situation, thread: str, group: str, target: str
    ) -> list[tuple[str, tuple[Any, ...]]]:
        step: model.SummaryStateStep = self.step
        ignored = explorer.value(situation, self.frame, step.ignore).only
        left_alone = {str(item) for item in ignored} if isinstance(ignored, tuple) else set()
        branches = []
        for member in explorer.cast.groups[group]:
            if left_alone.isdisjoint((member, member.lower().replace(":", "_"))):
                override = step.overrides.get(member, "")
                branch = f"{thread}/{member}"
                situation.let(branch, "override", _text(explorer.value(situation, self.frame, override)))
                branches.append((branch, (explorer.make(OneState, self.frame, step, member, target),)))
        return branches


def _text(value: Possible) -> Possible:
    return exactly("") if value == exactly(NULL) else value


class OneState(Body):
    """One component brought to a summary state."""

    def __init__(self, frame: Frame, step: Any, component: str, target: str) -> None:
        super().__init__(frame, step)
        self._component = component
        self._target = target

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Find the way for each state in which the component may be."""
        states = situation.world.machines.get((self._component, "summary"))
        if states is None:
            return explorer.fail(situation, thread, f"{self.where}: there is no {self._component}")
        found = []
        for state in sorted(states):
            here = situation.copy()
            here.world.machines[self._component, "summary"] = frozenset((state,))
            way = path_between(SummaryState[state], SummaryState[self._target])
            commands = (explorer.make(StateCommand, self.frame, self.step, self._component, name) for name, _ in way)
            found.append(explorer.push(here, thread, *commands))
        return found


class StateCommand(Body):
    """One of the commands on the way to a summary state."""

    def __init__(self, frame: Frame, step: Any, component: str, command: str) -> None:
        super().__init__(frame, step)
        self._component = component
        self._command = command

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Send it."""
        fields = {}
        if self._command == "start":
            fields["configurationOverride"] = situation.variables[thread]["override"]
        in_group = thread.endswith(f"/{self._component}")
        limit = GROUP_TIMEOUT if in_group else STATE_TIMEOUT
        return send(explorer, situation, thread, self, self._component, self._command, fields, default_limit=limit)
