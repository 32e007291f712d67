"""Where everything about some components is kept: their places, by number, and what the values mean."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from csc.blueprint import Blueprint
from csc.exploration.part import Part, argument, values_of
from csc.exploration.predicates import Asked
from csc.exploration.stored import stored_values
from fsm import Condition, Name
from fsm.conditions import ANYTHING, Possible, exactly, join_all, one_of
from fsm.explore import Overlay, Place

__all__ = ["Layout"]

CONNECTED = ("not connected", "connected")
UNBROKEN = "none"


class Layout:
    """The places of some components that are explored together.

    Parameters
    ----------
    parts
        The components.
    catalogue
        Blueprints of all components that may be named.
    asked
        Names that somebody else asks about, as component and what of it.
    """

    def __init__(
        self, parts: Sequence[Part], catalogue: Mapping[str, Blueprint], asked: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.parts = tuple(parts)
        self.catalogue = catalogue
        self.places: list[Place] = []
        self.starts: list[int] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._meanings: dict[int, tuple[Possible, ...]] = {}
        self._constants: dict[tuple[str, str], Possible] = {}
        self.turning: list[tuple[Part, str]] = []
        self.asked: dict[str, Asked] = {}
        self._by_kind = {part.name.partition(":")[0]: part for part in parts} | {part.name: part for part in parts}
        read = self._read_by_others()
        for part in parts:
            self._lay(part, {*read.get(part.name, ()), *(what for name, what in asked if name == part.name)})
        faults = [f"{part.name}.{fault}" for part in parts for fault in part.faults]
        self.faults = tuple(faults)
        if faults:
            self._add("", "fault", (UNBROKEN, *faults), 0)

    def _read_by_others(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for part in self.parts:
            for condition in part.conditions():
                for name in condition.names:
                    other = self._by_kind.get(name.parts[0])
                    if other is not None and other is not part and name.parts[0] in part.plan.remotes:
                        what = name.parts[1] if len(name.parts) > 1 else "summary"
                        found.setdefault(other.name, set()).add(what)
        return found

    def _lay(self, part: Part, asked: set[str]) -> None:
        plan = part.plan
        if plan.summary_chart is not None:
            states = plan.summary_chart.state_names
            self._add(part.name, "summary", states, states.index(part.state))
        for name, chart in plan.machines.items():
            begins = part.machines.get(name, chart.initial)
            self._add(part.name, name, chart.state_names, chart.state_names.index(begins))
        wanted = {name.parts[0] for condition in part.conditions() for name in condition.names if len(name.parts) == 1}
        for name, values in stored_values(part, Loose(part), sorted(wanted | asked)).items():
            if len(values) == 1:
                self._constants[part.name, name] = values[0]
                continue
            unit = plan.outputs[name].unit if name in plan.outputs else plan.parameters[name].unit
            self._add_meaning(part.name, name, values, values[0], unit)
        self._lay_flags(part, wanted | asked)
        self._lay_questions(part, wanted)
        if asked - {"summary"} and plan.is_csc:
            self._add(part.name, "(link)", CONNECTED, int(part.state in ("DISABLED", "ENABLED")))

    def _lay_flags(self, part: Part, wanted: set[str]) -> None:
        """Make places of flags that the behaviour sets, but not while they are said to be steady."""
        for name, output in part.plan.outputs.items():
            kept = output.initial is not None and output.set_by_behaviour and output.steady is not None
            if name in wanted and kept and output.type == "flag":
                self._add_meaning(part.name, name, (exactly(False), exactly(True)), exactly(output.initial), None)
                self.turning.append((part, name))

    def _lay_questions(self, part: Part, wanted: set[str]) -> None:
        """Make places of what guards ask of outputs that take too many values."""
        plan = part.plan
        stored = [name for name, output in plan.outputs.items() if part.is_stored(output)]
        wild = [name for name in stored if name in wanted and not self._is_known(part.name, name)]
        fixed = [name for name in plan.parameters if self.place(part.name, name) is None]
        asked = self.asked[part.name] = Asked(wild, stored, fixed)
        for condition in part.conditions():
            if isinstance(condition, Condition):
                asked.rewritten(condition)
        begins = Overlay(Loose(part), {Name((name,)): exactly(plan.outputs[name].initial) for name in stored})
        for text, question in asked.questions.items():
            first = question.answers(begins)[0]
            self._add_meaning(part.name, f"({text})", (exactly(False), exactly(True)), exactly(bool(first)), None)

    def _is_known(self, part: str, what: str) -> bool:
        return (part, what) in self._numbers or (part, what) in self._constants

    def _add_meaning(
        self, part: str, what: str, values: tuple[Possible, ...], begins: Possible, unit: str | None
    ) -> None:
        shown = tuple(value.shown(unit) for value in values)
        self._meanings[self._add(part, what, shown, values.index(begins))] = values

    def _add(self, part: str, what: str, values: tuple[str, ...], begins: int) -> int:
        number = self._numbers[part, what] = len(self.places)
        self.places.append(Place(f"{part}.{what}" if part else what, values))
        self.starts.append(begins)
        return number

    def place(self, part: str, what: str) -> int | None:
        """Return the place of a machine, output or parameter; None if it has none."""
        return self._numbers.get((part, what))

    def constant(self, part: str, what: str) -> Possible | None:
        """Return the one value that a stored output ever has; None if it is no such output."""
        return self._constants.get((part, what))

    @property
    def fault(self) -> int | None:
        """The place that says what is broken; None if nothing can."""
        return self._numbers.get(("", "fault"))

    def find(self, component: str) -> Part | None:
        """Return a component that is explored, by its name on the bus or its kind."""
        return self._by_kind.get(component)

    def meaning(self, place: int, value: int) -> Possible:
        """Return what conditions see where a place has a value."""
        meanings = self._meanings.get(place)
        return meanings[value] if meanings is not None else one_of((self.places[place].values[value],))

    def store(self, part: Part, assigned: Mapping[str, Possible]) -> Iterator[tuple[tuple[int, int], ...]]:
        """Yield what becomes of places when outputs are set, in each way in which that may be.

        Raises
        ------
        ValueError
            If an output gets what is none of its values: the places were laid out wrongly.
        """
        choices: list[list[tuple[int, int]]] = []
        for output, value in assigned.items():
            place = self.place(part.name, output)
            if place is not None:
                choices.append([(place, self._nearest(place, each)) for each in values_of(value)])
        view = Overlay(Loose(part), {Name((output,)): value for output, value in assigned.items()})
        for question in self.asked[part.name].touched(assigned):
            place = self._numbers[part.name, question.name.parts[0]]
            choices.append([(place, answer) for answer in question.answers(view)])
        yield from itertools.product(*choices)

    def stored(self, part: Part, outputs: Iterable[str]) -> frozenset[int]:
        """Return the places that may change when outputs are set."""
        some = set(outputs)
        names = [*some, *(question.name.parts[0] for question in self.asked[part.name].touched(some))]
        return frozenset(self._numbers[part.name, name] for name in names if (part.name, name) in self._numbers)

    def _nearest(self, place: int, value: Possible) -> int:
        meanings = self._meanings[place]
        if value in meanings:
            return meanings.index(value)
        for number, each in enumerate(meanings):
            if each.join(value) == each:
                return number
        raise ValueError(f"{self.places[place].name} is set to {value}, which is none of its values")


class Loose:
    """A view of a component of whose places nothing is known.

    Parameters
    ----------
    part
        The component.
    """

    def __init__(self, part: Part) -> None:
        self._part = part

    def possible(self, name: Name) -> Possible:
        """Return what a name may be."""
        plan = self._part.plan
        match name.parts:
            case ("argument", field):
                fields = (command.fields[field] for command in plan.commands.values() if field in command.fields)
                return join_all(map(argument, fields))
            case (what,) if what == "summary" or any(
                what in each for each in (plan.machines, plan.parameters, plan.outputs)
            ):
                return self._part.anything(what)
        return ANYTHING
