"""What a trigger does to a component's machines, in all situations that a world stands for.

The order is that of a running component: each machine that listens takes its first row whose guard holds, what rows
emit follows until nothing is left. Where a guard may hold and may not, both come about; what only may happen makes a
machine's state uncertain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from csc.foresight.cast import CONNECTED, Cast, Member
from csc.foresight.span import FOREVER, Span, Timer, span_of
from csc.foresight.views import LocalView
from csc.foresight.world import Key, World
from fsm import Condition, Statechart, Transition
from fsm.conditions import Possible, estimate, judge, narrow

__all__ = ["Reacting"]

MOST_WAYS = 16
"""So many ways are told apart in which one thing may happen."""
MOST_TRIGGERS = 500
"""More triggers than these are no reaction but a machine that never comes to rest."""


@dataclass(slots=True)
class _Event:
    """A trigger on its way to the machines of a component."""

    trigger: str
    certain: bool
    arguments: Mapping[str, Possible] = field(default_factory=dict)


class Reacting:
    """Triggers in worlds.

    Parameters
    ----------
    cast
        The components.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self._choices: list[bool] | None = None
        self._made = 0

    def every(self, world: World, happen: Callable[[World], object]) -> list[World]:
        """Let something happen in every way: where a guard may hold and may not, worlds part.

        Parameters
        ----------
        happen
            What happens, in place, in a world it is given.
        """
        found: list[World] = []
        waiting: list[list[bool]] = [[]]
        while waiting:
            chosen = waiting.pop()
            given = len(chosen)
            self._choices, self._made = chosen if len(found) + len(waiting) < MOST_WAYS else None, 0
            later = world.copy()
            happen(later)
            found.append(later)
            waiting.extend([*chosen[:number], False] for number in range(given, len(chosen)))
        self._choices = None
        return found

    def _choose(self) -> bool | None:
        """Return whether a guard that may hold is taken to hold; None if both ways are gone at once."""
        if self._choices is None:
            return None
        if self._made == len(self._choices):
            self._choices.append(True)
        self._made += 1
        return self._choices[self._made - 1]

    def fire(
        self,
        world: World,
        member: Member,
        trigger: str,
        *,
        certain: bool = True,
        arguments: Mapping[str, Possible] | None = None,
        then: Iterable[str] = (),
    ) -> bool:
        """Give a trigger to a component and run to completion; tell whether anything may have changed.

        Parameters
        ----------
        certain
            Whether it happens in every situation of the world; otherwise only in some.
        arguments
            Fields of the command, if it is one.
        then
            Triggers that follow.
        """
        queue = deque([_Event(trigger, certain, arguments or {})])
        queue.extend(_Event(each, certain) for each in then)
        return self._complete(world, member, queue)

    def take(self, world: World, member: Member, chart: Statechart, row: Transition, *, certain: bool) -> bool:
        """Let a timed row ring; nothing happens where its guard does not hold."""
        queue: deque[_Event] = deque()
        changed = self._give_rows(world, member, chart, _Event("", certain), queue, {state: (row,) for state in
                                  chart.state_names if row.leaves(state)})  # fmt: skip
        return self._complete(world, member, queue) or changed

    def stand(self, world: World, member: Member, states: Iterable[str], *, certain: bool) -> bool:
        """Let a component's summary state change; run to completion."""
        queue: deque[_Event] = deque()
        changed = self._stand(world, member, frozenset(states), queue, certain=certain)
        return self._complete(world, member, queue) or changed

    def arm(self, world: World, member: Member, chart: Statechart, *, fresh: bool) -> None:
        """Set the timers of a machine whose state is certain; without `fresh` they may have run for a while."""
        key = (member.name, chart.name)
        disarm(world, key, chart)
        if len(world.machines[key]) != 1:
            return
        (state,) = world.machines[key]
        for number, row in chart.timed[state]:
            full = self._duration(world, member, row)
            world.timers[(*key, number)] = Timer.set_now(full) if fresh else Timer.running(full)

    def _duration(self, world: World, member: Member, row: Transition) -> Span:
        return (
            FOREVER
            if row.after is None
            else span_of(estimate(row.after, LocalView(self.cast, member, world, at_rest=False)))
        )

    # ------------------------------------------------------------ completion

    def _complete(self, world: World, member: Member, queue: deque[_Event]) -> bool:
        changed = False
        for _ in range(MOST_TRIGGERS):
            if not queue:
                return changed
            event = queue.popleft()
            for chart in member.listeners.get(event.trigger, ()):
                changed = self._give_rows(world, member, chart, event, queue, None) or changed
        raise RuntimeError(f"{member.name} does not come to rest: {queue[0].trigger} follows {queue[-1].trigger}")

    def _give_rows(
        self,
        world: World,
        member: Member,
        chart: Statechart,
        event: _Event,
        queue: deque[_Event],
        table: Mapping[str, tuple[Transition, ...]] | None,
    ) -> bool:
        key = (member.name, chart.name)
        before = world.machines[key]
        outcomes: list[tuple[str, Transition | None]] = []
        for state in before:
            rows = chart.rows.get((state, event.trigger), ()) if table is None else table.get(state, ())
            outcomes.extend(self._outcomes(world, member, chart, event, state, rows))
        if all(row is None for _, row in outcomes):
            return False
        if not event.certain:
            outcomes.extend((state, None) for state in before)
        return self._apply(world, member, chart, event, queue, outcomes)

    def _outcomes(
        self,
        world: World,
        member: Member,
        chart: Statechart,
        event: _Event,
        state: str,
        rows: Iterable[Transition],
    ) -> list[tuple[str, Transition | None]]:
        """Return the rows that may be taken from a state; None for none of them."""
        found: list[tuple[str, Transition | None]] = []
        alone = event.certain and world.machines[member.name, chart.name] == {state}
        view = LocalView(self.cast, member, world, arguments=event.arguments, fixed={chart.name: state}, at_rest=False)
        for row in rows:
            truths = frozenset((True,)) if row.guard is None else judge(row.guard, view)
            if True not in truths:
                continue
            parts = alone and row.guard is not None and member.decides(row.guard)
            holds = True if truths == {True} else self._choose() if parts else None
            if holds is not False:
                found.append((state, row))
            if holds is not None and row.guard is not None and truths != {True}:
                self._take_as_known(world, member, row.guard, view, holds=holds)
            if holds:
                return found
        found.append((state, None))
        return found

    def _take_as_known(self, world: World, member: Member, guard: Condition, view: LocalView, *, holds: bool) -> None:
        """Remember of computed outputs what the way that is gone says of them."""
        for name, value in (narrow(guard, view, holds=holds) or {}).items():
            output = name.parts[0]
            if len(name.parts) == 1 and output in member.plan.outputs and output not in member.stated:
                world.learned[member.name, output] = value.known

    def _apply(
        self,
        world: World,
        member: Member,
        chart: Statechart,
        event: _Event,
        queue: deque[_Event],
        outcomes: list[tuple[str, Transition | None]],
    ) -> bool:
        key = (member.name, chart.name)
        before = world.machines[key]
        taken = [row for _, row in outcomes if row is not None]
        certain = len(taken) == len(outcomes) and len(set(map(id, taken))) == 1
        changed = self._assign(world, member, event, taken, certain=certain)
        after = frozenset(state if row is None or row.target is None else row.target for state, row in outcomes)
        entered = [row for row in taken if row.target is not None]
        world.machines[key] = after
        if entered:
            if certain or len(after) > 1:
                self.arm(world, member, chart, fresh=True)
            elif after != before:
                self.arm(world, member, chart, fresh=False)
            else:
                self._arm_again(world, member, chart)
        world.unsettled.add(member.name)
        self.forget(world, member)
        for row in dict.fromkeys(taken):
            queue.extend(_Event(emitted, certain) for emitted in row.emits)
            if row.fault is not None:
                changed = self._stand(world, member, frozenset(("FAULT",)), queue, certain=certain) or changed
        return changed or after != before or (certain and bool(entered))

    def _arm_again(self, world: World, member: Member, chart: Statechart) -> None:
        """Set the timers of a machine that may have left its state and come back, and may have stayed."""
        key = (member.name, chart.name)
        (state,) = world.machines[key]
        for number, row in chart.timed[state]:
            place = (*key, number)
            fresh = Timer.set_now(self._duration(world, member, row))
            world.timers[place] = fresh.join(world.timers[place]) if place in world.timers else fresh.in_vain

    def _assign(self, world: World, member: Member, event: _Event, taken: list[Transition], *, certain: bool) -> bool:
        """Store what rows assign; what only some of them assign may also be as it was."""
        if not any(row.assign for row in taken):
            return False
        before = dict(world.values)
        results: list[dict[Key, Possible]] = []
        for row in dict.fromkeys(taken):
            world.values = dict(before)
            for output, expression in row.assign:
                value = estimate(
                    expression, LocalView(self.cast, member, world, arguments=event.arguments, at_rest=False)
                )
                if output in member.stated:
                    world.values[member.name, output] = value
                elif certain:
                    world.learned[member.name, output] = value
                else:
                    world.learned.pop((member.name, output), None)
            results.append(world.values)
        world.values = dict(before) if not certain else results[0]
        if not certain:
            for result in results:
                for key, value in result.items():
                    world.values[key] = world.values[key].widened(value)
        return any(world.values[key] != value for key, value in before.items())

    def forget(self, world: World, member: Member) -> None:
        """Forget what was known of computed outputs that are not steady now: something may have changed them."""
        for key in [key for key in world.learned if key[0] == member.name]:
            if not self.steady(world, member, key[1]):
                del world.learned[key]

    def steady(self, world: World, member: Member, output: str) -> bool:
        """Tell whether a computed output certainly does not change by itself."""
        steady = member.plan.outputs[output].steady
        return steady is not None and judge(steady, LocalView(self.cast, member, world)) == {True}

    def _stand(
        self, world: World, member: Member, states: frozenset[str], queue: deque[_Event], *, certain: bool
    ) -> bool:
        """Change the summary state, or let it perhaps have changed."""
        key = (member.name, "summary")
        if key not in world.machines:
            return False
        before = world.machines[key]
        after = states if certain else before | states
        if after == before:
            return False
        world.machines[key] = after
        world.unsettled.add(member.name)
        if states <= CONNECTED and certain:
            world.connected[member.name] = True
        elif states & CONNECTED and world.connected[member.name] is False:
            world.connected[member.name] = None
        sure = certain and len(before) == 1
        queue.extend(_Event(f"leave_{state}", sure) for state in sorted(before - states))
        queue.extend(_Event(f"enter_{state}", certain and len(states) == 1) for state in sorted(states - before))
        return True


def disarm(world: World, key: Key, chart: Statechart) -> None:
    """Take a machine's timers away."""
    for number, row in enumerate(chart.transitions):
        if row.after is not None:
            world.timers.pop((*key, number), None)
