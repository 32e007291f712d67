"""Carrying worlds on: commands, conditions that hold, time that passes, timers that ring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from csc.blueprint import Command
from csc.foresight.cast import CONNECTED, Cast, Member
from csc.foresight.drifting import Drifting
from csc.foresight.reacting import Reacting
from csc.foresight.span import NOW, Span, Timer
from csc.foresight.views import LocalView, shown_as
from csc.foresight.world import TimerKey, World
from fsm import Name, Statechart, Transition
from fsm.conditions import Possible, exactly, narrow

__all__ = ["Foresight", "Ring"]


@dataclass(frozen=True, slots=True)
class Ring:
    """What may happen next: timers of a machine or an alarm ring, after a time.

    Attributes
    ----------
    timers, alarm
        One of them.
    passed
        How long that may take [s].
    """

    timers: tuple[TimerKey, ...]
    alarm: str | None
    passed: Span


class Foresight:
    """Carries worlds on.

    Parameters
    ----------
    cast
        The components.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.reacting = Reacting(cast)
        self._drifting = Drifting(self.reacting)

    # ----------------------------------------------------------------- begin

    def opening(self) -> World:
        """Return the world in which the observatory begins."""
        world = self._armed(self.cast.opening(), fresh=True)
        for member in self.cast.members.values():
            self.reacting.forget(world, member)
            states = world.machines.get((member.name, "summary"), frozenset())
            if len(states) == 1 and states <= CONNECTED:
                self.reacting.fire(world, member, f"enter_{next(iter(states))}")
        return self.settle(world)

    def anything(self) -> World:
        """Return the world in which components may be in any state but FAULT."""
        return self.settle(self._armed(self.cast.anything(), fresh=False))

    def _armed(self, world: World, *, fresh: bool) -> World:
        for member in self.cast.members.values():
            for chart in member.charts.values():
                self.reacting.arm(world, member, chart, fresh=fresh)
        return world

    def settle(self, world: World) -> World:
        """Let what may happen by itself perhaps have happened."""
        self._drifting.drift(world)
        return world

    # ------------------------------------------------------------- knowledge

    def learn(self, world: World, more: Mapping[Name, Possible], member: Member | None = None) -> World:
        """Return a world of which more is known now; as time passes, what may happen by itself may undo it.

        Parameters
        ----------
        more
            What names may be; other names than those of components are left out.
        member
            Whose names they are; None if they are those of procedures.
        """
        wiser = world.copy()
        for name, value in more.items():
            found = self._place(name, member)
            if found is None:
                continue
            owner, what = found
            self._learn(wiser, owner, what, value)
        return wiser

    def _place(self, name: Name, member: Member | None) -> tuple[Member, str] | None:
        parts = name.parts
        if name.function is not None or len(parts) > 2 or parts[0] in ("argument", "config", "script", "sun"):
            return None
        if member is not None and len(parts) == 1 and self.cast.find(parts[0]) is None:
            return member, parts[0]
        owner = self.cast.find(parts[0])
        return None if owner is None else (owner, parts[1] if len(parts) > 1 else "summary")

    def _learn(self, world: World, owner: Member, what: str, value: Possible) -> None:
        key = (owner.name, what)
        if (
            not value.unknown
            and what != "summary"
            and world.connected[owner.name] is None
            and self._published(owner, what)
        ):
            world.connected[owner.name] = True
        if key in world.machines:
            before = world.machines[key]
            states = frozenset(str(state) for state in value.values or ()) if value.values is not None else before
            kept = frozenset(state for state in before if self._looks(owner, what, state) in states)
            if kept and kept != before:
                world.machines[key] = kept
                world.unsettled.add(owner.name)
                if len(kept) == 1 and what != "summary":
                    self.reacting.arm(world, owner, owner.charts[what], fresh=False)
        elif key in world.values:
            met = world.values[key].meet(value.known)
            if not met.is_never:
                world.values[key] = met
        elif what in owner.plan.outputs:
            world.learned[key] = value.known

    @staticmethod
    def _published(owner: Member, what: str) -> bool:
        """Tell whether what is known of a name says that the component has published its events."""
        output = owner.plan.outputs.get(what)
        return output is None or not output.topics or not owner.plan.topics[output.topics[0][0]].cadence

    def _looks(self, owner: Member, machine: str, state: str) -> str:
        return state if machine == "summary" else shown_as(owner.charts[machine], state)

    # ------------------------------------------------------------------ time

    def rings(self, world: World) -> Iterator[Ring]:
        """Yield what may ring next; nothing if nothing is set."""
        machines: dict[tuple[str, str], dict[Timer, list[TimerKey]]] = {}
        for key, timer in sorted(world.timers.items(), key=_number):
            machines.setdefault(key[:2], {}).setdefault(timer, []).append(key)
        spans = [*(timer.left for timer in world.timers.values()), *world.alarms.values()]
        if not spans:
            return
        latest = min(span.high for span in spans)
        for groups in machines.values():
            first = min(timer.full.high for timer in groups)
            for timer, keys in groups.items():
                if timer.left.low <= latest and timer.full.low <= first:
                    yield Ring(tuple(keys), None, Span(timer.left.low, latest))
        for alarm, span in world.alarms.items():
            if span.low <= latest:
                yield Ring((), alarm, Span(span.low, latest))

    def elapse(self, world: World, passed: Span) -> None:
        """Let time pass, in place."""
        if passed == NOW:
            return
        world.timers = {key: timer.after(passed) for key, timer in world.timers.items()}
        world.alarms = {key: left.after(passed) for key, left in world.alarms.items()}
        world.clocks = {key: since.plus(passed) for key, since in world.clocks.items()}
        if world.learned:
            world.learned = {
                key: value
                for key, value in world.learned.items()
                if self.reacting.steady(world, self.cast.members[key[0]], key[1])
            }

    def ring(self, world: World, ring: Ring) -> list[World]:
        """Return the worlds that may be after timers or an alarm have rung.

        Timers of one machine that ring at the same time are one: their rows are tried in order. An alarm is taken
        away; who has set it must look.
        """
        later = world.copy()
        self.elapse(later, ring.passed)
        if ring.alarm is not None:
            del later.alarms[ring.alarm]
            return [self.settle(later)]
        found: list[World] = []
        left: World | None = later
        for component, machine, number in ring.timers:
            if left is None:
                break
            left.timers.pop((component, machine, number), None)
            member = self.cast.members[component]
            row = member.charts[machine].transitions[number]
            taken, left = self._parted(left, member, row)
            if taken is not None:
                chart = member.charts[machine]
                rung = self.reacting.every(taken, partial(self._take, member=member, chart=chart, row=row))
                found.extend(map(self.settle, rung))
        if left is not None:
            found.append(self.settle(left))
        return found

    def _take(self, world: World, *, member: Member, chart: Statechart, row: Transition) -> None:
        self.reacting.take(world, member, chart, row, certain=True)

    def _parted(self, world: World, member: Member, row: Transition) -> tuple[World | None, World | None]:
        """Return the world in which a row's guard holds, and the one in which it does not."""
        if row.guard is None:
            return world, None
        view = LocalView(self.cast, member, world)
        holds, fails = narrow(row.guard, view, holds=True), narrow(row.guard, view, holds=False)
        taken = None if holds is None else self.learn(world, holds, member)
        left = None if fails is None else self.learn(world, fails, member)
        return taken, left

    # -------------------------------------------------------------- commands

    def give(self, world: World, member: Member, command: Command, arguments: Mapping[str, Possible]) -> list[World]:
        """Return the worlds that may be after a component has begun to carry out a command that it accepts."""

        def begin(later: World) -> None:
            self.reacting.forget(later, member)  # what is not steady the behaviour may set before anything else
            then = self._change_state(later, member, command, arguments) if command.changes_state else []
            self.reacting.fire(later, member, command.name, arguments=arguments, then=then)
            later.unsettled.add(member.name)

        return [self.settle(later) for later in self.reacting.every(world, begin)]

    def _change_state(
        self, world: World, member: Member, command: Command, arguments: Mapping[str, Possible]
    ) -> list[str]:
        chart = member.plan.summary_chart
        key = (member.name, "summary")
        if chart is None:
            return []
        if command.name == "start":
            override = arguments.get("configurationOverride", exactly("")).only
            world.overrides[member.name] = override if isinstance(override, str) else None
        (target,) = {row.target for row in chart.transitions if command.name in row.on} or {None}
        if target is None:
            return []
        left = sorted(world.machines[key] & set(command.states))
        world.machines[key] = frozenset((target,))
        if target in ("DISABLED", "ENABLED"):
            world.connected[member.name] = True
        return [*(f"leave_{state}" for state in left[:1] if len(left) == 1), f"enter_{target}"]


def _number(item: tuple[TimerKey, Timer]) -> int:
    return item[0][2]
