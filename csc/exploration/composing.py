"""Blueprints become a system that can be explored: places, what reacts to triggers, what may happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from csc.blueprint import Blueprint
from csc.exploration import breaking
from csc.exploration.commanding import accepting, guarded, variants
from csc.exploration.layout import Layout
from csc.exploration.names import Names
from csc.exploration.part import Part
from csc.exploration.standing import FALL, Summary
from csc.exploration.turning import turning_flags
from fsm import Condition, Name, Statechart, Transition
from fsm.conditions import judge
from fsm.explore import Action, Check, Decision, Rows, Sight, Situation, System, Way, check_of

__all__ = ["Composition"]


class Composition:
    """Components that are explored together.

    Parameters
    ----------
    parts
        The components.
    catalogue
        Blueprints of all components that may be named.
    checks
        What should hold besides what the data sheets say.
    asked
        Names that these checks ask about, as component and what of it.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        catalogue: Mapping[str, Blueprint],
        asked: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.parts = tuple(parts)
        self.layout = Layout(parts, catalogue, asked)
        self.rows: list[tuple[Part, str, Rows]] = []
        self._reactions: dict[str, list[Decision]] = {}
        self._actions: list[Action] = []
        for part in parts:
            _Builder(self, part).build()

    def react(self, trigger: str, decision: Decision) -> None:
        """Let a decision react to a trigger, after those that do already."""
        self._reactions.setdefault(trigger, []).append(decision)

    def act(self, action: Action) -> None:
        """Let something happen."""
        self._actions.append(action)

    def system(self, checks: Sequence[Check] = ()) -> System:
        """Return all of it, with what the data sheets say always holds and with more checks."""
        begins = [
            f"{part.name}.enter_{part.state}"
            for part in self.parts
            if part.plan.is_csc and part.state in ("DISABLED", "ENABLED")
        ]
        return System(
            places=tuple(self.layout.places),
            reactions={trigger: tuple(decisions) for trigger, decisions in self._reactions.items()},
            actions=tuple(self._actions),
            starts=((tuple(self.layout.starts), tuple(begins)),),
            checks=(*self.invariants(assumed=False), *checks),
            assumed=tuple(self.invariants(assumed=True)),
        )

    def invariants(self, *, assumed: bool) -> Iterator[Check]:
        """Yield what the data sheets say always holds.

        Parameters
        ----------
        assumed
            Those that say something of flags that only a behaviour sets: they are facts about it, and every rehearsal
            holds them against it. Otherwise the others, which can be broken by what the data sheets say.
        """
        for part in self.parts:
            names, asked = Names(self.layout, part), self.layout.asked[part.name]
            turning = {Name((output,)) for other, output in self.layout.turning if other is part}
            for where, machine, value, condition in part.invariants():
                if assumed is turning.isdisjoint(condition.names):
                    continue
                check = check_of(f"{where}: {condition}", asked.rewritten(condition), names)
                place = None if machine is None else self.layout.place(part.name, machine)
                yield check if place is None else _while(check, place, value)


def _while(check: Check, place: int, value: int) -> Check:
    """Return a check that is made only while a place has a value."""
    looks = tuple(sorted({*check.looks, place}))

    def holds(situation: Situation) -> bool | None:
        values = dict(zip(looks, situation, strict=True))
        return True if values[place] != value else check.holds(tuple(values[each] for each in check.looks))

    return Check(check.name, looks, holds)


class _Builder:
    """Builds what one component contributes."""

    def __init__(self, composition: Composition, part: Part) -> None:
        self._composition = composition
        self._layout = composition.layout
        self._part = part
        self._names = Names(self._layout, part)
        self._summary = Summary(self._layout, part)
        self._fall = self._summary.fall()
        self._turning = list(turning_flags(self._layout, part, self._names))
        self._before: dict[str, list[Decision]] = {}

    def build(self) -> None:
        """Contribute everything."""
        composition, part = self._composition, self._part
        if part.faults:
            for trigger, decision in breaking.reactions(self._layout, part):
                self._before.setdefault(trigger, []).append(decision)
                composition.react(trigger, decision)
            for action in breaking.actions(self._layout, part):
                composition.act(action)
        falling = self._summary.falling()
        if falling is not None:
            composition.react(f"{part.name}.{FALL}", falling)
        self._commands()
        for trigger in sorted({trigger for chart in part.plan.machines.values() for trigger in chart.triggers}):
            if trigger not in part.plan.commands:
                for rows in self._listeners(trigger, trigger, self._names):
                    composition.react(f"{part.name}.{trigger}", rows.decision)
        self._timers()
        self._spontaneous()

    def _commands(self) -> None:
        composition, part = self._composition, self._part
        cures = {trigger for fault in part.breakable for trigger in fault.cured_by}
        for command in part.plan.commands.values():
            if not command.simulated:
                continue
            name = f"{part.name}.{command.name}"
            for suffix, arguments in variants(part, command):
                known = guarded(part, command, arguments)
                if known is None:
                    continue
                names = Names(self._layout, part, known)
                listeners = list(self._listeners(command.name, command.name, names))
                if suffix:
                    for before in self._before.get(name, ()):
                        composition.react(name + suffix, before)
                for rows in listeners:
                    composition.react(name + suffix, rows.decision)
                if listeners or command.changes_state or command.name in cures:
                    action = accepting(part, command, suffix, self._summary, names, listeners, self._turning)
                    composition.act(action)

    def _listeners(self, trigger: str, shown: str, names: Names) -> Iterator[Rows]:
        for chart in self._part.plan.machines.values():
            rows = [(number, row) for number, row in enumerate(chart.transitions) if trigger in row.on]
            if rows:
                yield self._rows(chart, rows, shown, names)

    def _rows(self, chart: Statechart, rows: list[tuple[int, Transition]], trigger: str, names: Names) -> Rows:
        layout, part = self._layout, self._part
        place = layout.place(part.name, chart.name)
        if place is None:  # pragma: no cover  # every machine has one
            raise ValueError(f"{part.name}.{chart.name} has no place")
        asked = layout.asked[part.name]
        rows = [(number, _named(part, asked.row(row))) for number, row in rows]

        found = Rows(
            chart,
            place,
            rows,
            trigger=trigger,
            read=names,
            store=lambda assigned: layout.store(part, assigned),
            stored=layout.stored(part, (output for _, row in rows for output, _ in row.assign)),
            fall=self._fall,
        )
        self._composition.rows.append((part, trigger, found))
        return found

    def _timers(self) -> None:
        part = self._part
        for chart in part.plan.machines.values():
            for after, rows in _ringing_together(chart):
                found = self._rows(chart, rows, "", self._names)
                name = f"{part.name}.{chart.name}: after {after}"
                self._composition.act(Action(name, "timer", found.decision))
        for command in part.plan.commands.values():
            trigger = f"{command.name}_timed_out"
            if command.limit is not None and any(trigger in chart.triggers for chart in part.plan.machines.values()):
                self._spontaneously(f"{part.name}.{trigger}", None, "timer", f"{part.name}.{trigger}")

    def _spontaneous(self) -> None:
        part = self._part
        for trigger, when in part.plan.fires.items():
            self._spontaneously(f"{part.name}: {trigger}", when, "spontaneous", f"{part.name}.{trigger}")
        for error, when in part.plan.fails.items():
            self._spontaneously(f"{part.name} fails with {error}", when, "spontaneous", f"{part.name}.{FALL}")

        for trigger in part.orphans:
            self._spontaneously(f"{part.name}: {trigger}", None, "outside", f"{part.name}.{trigger}")
        for flag in self._turning:
            self._composition.act(flag.action())

    def _spontaneously(self, name: str, when: Condition | None, kind: str, trigger: str) -> None:
        when = None if when is None else self._layout.asked[self._part.name].rewritten(when)
        sight = Sight(self._names, [] if when is None else [when])
        way = Way(emits=(trigger,))

        def ways(situation: Situation) -> list[Way]:
            values = dict(zip(sight.looks, situation, strict=True))
            may = when is None or any(True in judge(when, view) for view in sight.cases(values))
            return [way] if may else []

        self._composition.act(Action(name, kind, Decision(sight.looks, frozenset(), ways)))


def _ringing_together(chart: Statechart) -> Iterator[tuple[str, list[tuple[int, Transition]]]]:
    """Yield the timed rows; those with the same time ring together, and the first that leaves ends the others."""
    groups: dict[str, list[tuple[int, Transition]]] = {}
    for number, row in enumerate(chart.transitions):
        if row.after is not None:
            groups.setdefault(str(row.after) if row.target is not None else f"{row.after} #{number}", []).append(
                (number, row)
            )
    for rows in groups.values():
        yield str(rows[0][1].after), rows


def _named(part: Part, row: Transition) -> Transition:
    """Return a row whose triggers are told apart from those of other components."""
    return replace(row, emits=tuple(f"{part.name}.{trigger}" for trigger in row.emits))
