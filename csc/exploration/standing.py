"""The summary state of a component that is explored, and what changes it."""

from __future__ import annotations

from csc.exploration.layout import Layout
from csc.exploration.part import Part
from fsm.explore import Decision, Fall, Situation, Way

__all__ = ["FALL", "Summary"]

FALL = "(fault)"
"""The trigger, after a component's name, with which it goes to FAULT by itself."""


class Summary:
    """The summary state of one component; a script has none, and stands always alike.

    Parameters
    ----------
    layout
        The places.
    part
        Whose it is.
    """

    def __init__(self, layout: Layout, part: Part) -> None:
        self._part = part
        self._chart = part.plan.summary_chart
        self.place = layout.place(part.name, "summary")
        self.asked = layout.asked[part.name]
        self._link = layout.place(part.name, "(link)")

    @property
    def touches(self) -> frozenset[int]:
        """The places that change with it."""
        return frozenset(place for place in (self.place, self._link) if place is not None)

    def name(self, value: int) -> str:
        """Return a summary state by its number."""
        return self._chart.state_names[value] if self._chart is not None else ""

    def change(self, command: str, value: int) -> Way | None:
        """Return what a command does to it, and what the machines are given; None if it does nothing."""
        if self._chart is None or self.place is None:
            return None
        source = self._chart.state_names[value]
        for number, row in enumerate(self._chart.transitions):
            if command in row.on and row.leaves(source) and row.target is not None:
                sets = [(self.place, self._chart.state_names.index(row.target))]
                if self._link is not None and row.target in ("DISABLED", "ENABLED"):
                    sets.append((self._link, 1))
                emits = (self.trigger(f"leave_{source}"), self.trigger(f"enter_{row.target}"))
                return Way(sets=tuple(sets), emits=emits, mark=(self.place, (number, value, command)))
        return None

    def trigger(self, name: str) -> str:
        """Return a trigger of the component, told apart from those of others."""
        return f"{self._part.name}.{name}"

    def fall(self) -> Fall | None:
        """Return what a row with a fault does besides."""
        ways = self._falls()
        if self.place is None or not ways:
            return None
        ((_, fault),) = {way.sets[0] for way in ways.values()}
        return Fall(self.place, fault, {value: way.emits for value, way in ways.items()})

    def _falls(self) -> dict[int, Way]:
        if self._chart is None:
            return {}
        ways = {value: self.change("fault", value) for value in range(len(self._chart.states))}
        return {value: way for value, way in ways.items() if way is not None}

    def falling(self) -> Decision | None:
        """Return the decision that sends the component to FAULT, wherever it stands; None if it cannot."""
        ways = self._falls()
        if self.place is None or not ways:
            return None

        def decide(situation: Situation) -> list[Way]:
            way = ways.get(situation[0])
            return [Way() if way is None else way]

        return Decision((self.place,), self.touches, decide)
