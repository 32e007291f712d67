"""Whether a component accepts a command, in all situations that a world stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csc.blueprint import Command, Field
from csc.foresight.cast import Cast, Member
from csc.foresight.foresight import Foresight
from csc.foresight.views import LocalView
from csc.foresight.world import World
from fsm import Condition
from fsm.conditions import Possible, Truths, assumption, between, dependencies, judge, narrow, one_of

__all__ = ["Judged", "Outcome", "weigh"]

YES: Truths = frozenset((True,))
NO: Truths = frozenset((False,))
EITHER: Truths = frozenset((True, False))


@dataclass(frozen=True, slots=True)
class Judged:
    """Something that a command needs, and whether it holds.

    Attributes
    ----------
    what
        summary state, field, guard, rows or simulated.
    that
        The condition, in words or in the language of conditions.
    seen
        What its names may be.
    assumption
        What would have to be so.
    condition
        The guard itself, if it is one.
    """

    what: str
    that: str
    truths: Truths
    seen: str = ""
    assumption: str = ""
    condition: Condition | None = None


@dataclass(slots=True)
class Outcome:
    """What comes of a command.

    Attributes
    ----------
    accepted, ignored
        The world in which the component carries it out, or has nothing to do; None if that cannot be.
    judged
        What it needs.
    """

    accepted: World | None = None
    ignored: World | None = None
    judged: list[Judged] = field(default_factory=list)

    @property
    def may_be_refused(self) -> bool:
        """Whether there are situations in which the component refuses."""
        return any(each.truths != YES for each in self.judged)


def weigh(
    foresight: Foresight, world: World, member: Member, command: Command, arguments: Mapping[str, Possible]
) -> Outcome:
    """Say what comes of a command, before it has any effect."""
    outcome = Outcome()
    present: World | None = _in_state(foresight, world, member, command, outcome)
    for name, value in arguments.items():
        _field(command.fields[name], value, outcome)
    if "configurationOverride" in arguments:
        _configuration(member, arguments["configurationOverride"], outcome)
    if not command.simulated:
        outcome.judged.append(Judged("simulated", f"{member.name}.{command.name} is simulated", NO))
        return outcome
    if present is None or any(each.truths == NO for each in outcome.judged):
        return outcome
    cast = foresight.cast
    if command.ignored_when is not None:
        view = LocalView(cast, member, present, arguments=arguments)
        ignored = narrow(command.ignored_when, view, holds=True)
        outcome.ignored = None if ignored is None else foresight.learn(present, ignored, member)
        carried_out = narrow(command.ignored_when, view, holds=False)
        if carried_out is None:
            return outcome
        present = foresight.learn(present, carried_out, member)
    for guard in command.guards:
        view = LocalView(cast, member, present, arguments=arguments)
        truths = judge(guard.that, view)
        seen, wanted = ("", "") if truths == YES else (dependencies(guard.that, view), assumption(guard.that, view))
        outcome.judged.append(Judged("guard", str(guard.that), truths, seen, wanted, guard.that))
        more = narrow(guard.that, view, holds=True)
        if more is None:
            return outcome
        present = foresight.learn(present, more, member)
    _rows(cast, present, member, command, arguments, outcome)
    if not any(each.truths.isdisjoint(YES) for each in outcome.judged):
        outcome.accepted = present
    return outcome


def _in_state(foresight: Foresight, world: World, member: Member, command: Command, outcome: Outcome) -> World | None:
    states = world.machines.get((member.name, "summary"))
    if states is None:
        return world
    fitting = states & set(command.states)
    truths = frozenset((*(YES if fitting else ()), *(NO if states - fitting else ())))
    wanted = " or ".join(command.states)
    outcome.judged.append(Judged("summary state", f"{member.name} is {wanted}", truths, " or ".join(sorted(states))))
    if not fitting:
        return None
    if fitting == states:
        return world
    narrowed = world.copy()
    narrowed.machines[member.name, "summary"] = fitting
    return narrowed


def _configuration(member: Member, override: Possible, outcome: Outcome) -> None:
    """Judge whether a CSC takes a configuration."""
    if override.values is None:
        outcome.judged.append(Judged("field", f"{member.name} takes its configuration", EITHER, str(override)))
        return
    wrong = [why for each in override.values if (why := member.wrong_with(str(each)))]
    truths = YES if not wrong else NO if len(wrong) == len(override.values) else EITHER
    shown = f"the configuration {override}" if override.only else "its own configuration"
    that = f"{member.name} takes {shown}"
    outcome.judged.append(Judged("field", that, truths, "; ".join(wrong)))


def _field(plan: Field, value: Possible, outcome: Outcome) -> None:
    """Judge a number against its range and its enumeration."""
    allowed: Possible | None = None
    if plan.enum is not None:
        allowed = one_of(plan.enum.values())
    elif plan.range is not None:
        allowed = between(*plan.range)
    if allowed is None or value.is_never:
        return
    met = allowed.meet(value.known)
    may = not met.is_never
    must = may and (
        all(allowed.may_be(each) for each in value.values)
        if value.values is not None
        else value.low is not None and met == value.known
    )
    truths = YES if must else EITHER if may else NO
    words = f"{plan.name} is {allowed.shown(plan.unit)}"
    outcome.judged.append(Judged("field", words, truths, value.shown(plan.unit)))


def _rows(
    cast: Cast,
    world: World,
    member: Member,
    command: Command,
    arguments: Mapping[str, Possible],
    outcome: Outcome,
) -> None:
    """Judge whether some machine takes a row for the command."""
    charts = member.listeners.get(command.name, ())
    if not charts:
        return
    truths: set[bool] = set()
    for chart in charts:
        found: set[bool] = set()
        for state in world.machines[member.name, chart.name]:
            view = LocalView(cast, member, world, arguments=arguments, fixed={chart.name: state})
            rows = chart.rows.get((state, command.name), ())
            each = [YES if row.guard is None else judge(row.guard, view) for row in rows]
            found |= {True} if any(True in item for item in each) else set()
            found |= {False} if not any(item == YES for item in each) else set()
        if found == {True}:
            return
        truths |= found
    shown = ", ".join(
        f"{chart.name} {' or '.join(sorted(world.machines[member.name, chart.name]))}" for chart in charts
    )
    outcome.judged.append(Judged("rows", f"{member.name} can {command.name}", frozenset(truths), shown))
