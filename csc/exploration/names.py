"""What the names in a component's own conditions stand for: its places, those of others, or no place at all.

A component reads others as they publish themselves: nothing before they have first been in touch with their hardware,
and what an older event said where a fault may keep events back.
"""

from __future__ import annotations

from collections.abc import Mapping

from csc.exploration.layout import Layout
from csc.exploration.part import Part
from csc.foresight.views import shown_as
from fsm import Name
from fsm.conditions import ANYTHING, UNKNOWN, Possible, exactly, one_of
from fsm.explore import Reading, Situation

__all__ = ["Names"]


class Names:
    """The names of one component's conditions.

    Parameters
    ----------
    layout
        The places.
    part
        Whose conditions they are.
    arguments
        What the fields of the command under way may be.
    """

    def __init__(
        self,
        layout: Layout,
        part: Part,
        arguments: Mapping[str, Possible] | None = None,
    ) -> None:
        self._layout = layout
        self._part = part
        self._arguments = arguments or {}

    def __call__(self, name: Name) -> Reading:
        """Say what a name stands for."""
        part, layout = self._part, self._layout
        match name.parts:
            case ("argument", field):
                return Reading.always(self._arguments.get(field, ANYTHING))
            case (what,) if what in part.plan.senses:
                return self._sensed(what)
            case (what,) if self._is_own(what):
                return own(layout, part, what)
            case (remote, *rest):
                return published(layout, part, remote, rest[0] if rest else "summary")
        return Reading.always(ANYTHING)

    def _is_own(self, what: str) -> bool:
        plan = self._part.plan
        if self._layout.place(self._part.name, what) is not None:
            return True
        return what == "summary" or what in plan.machines or what in plan.outputs or what in plan.parameters

    def _sensed(self, what: str) -> Reading:
        sense = self._part.plan.senses[what]
        source = self._layout.find(sense.component)
        if source is not None:
            return own(self._layout, source, sense.output)
        plan = self._layout.catalogue.get(sense.component)
        if plan is None:
            return Reading.always(exactly(sense.default))
        other = Part(name=sense.component, plan=plan)
        return Reading.always(other.anything(sense.output, sound=not self._part.faults))


def own(layout: Layout, part: Part, what: str) -> Reading:
    """Say what a component's own machine, output or parameter stands for, as it truly is."""
    place = layout.place(part.name, what)
    if place is not None:
        return Reading((place,), lambda values: layout.meaning(place, values[0]))
    constant = layout.constant(part.name, what)
    return Reading.always(part.anything(what) if constant is None else constant)


def published(layout: Layout, reader: Part, component: str, what: str) -> Reading:
    """Say what a component has published of a machine or output."""
    part = layout.find(component)
    if part is None or component not in reader.plan.remotes or _kept_back(part, what):
        plan = layout.catalogue.get(component.partition(":")[0])
        if plan is None:
            return Reading.always(ANYTHING)
        found = Part(name=component, plan=plan).anything(what, sound=not reader.faults)
        return Reading.always(Possible(found.values, found.low, found.high, unknown=True))
    inside = own(layout, part, what)
    if what == "summary":
        return inside
    link = layout.place(part.name, "(link)")
    chart = part.plan.machines.get(what)

    def possible(values: Situation) -> Possible:
        if link is not None and not values[-1]:
            return UNKNOWN
        found = inside.possible(values[: len(inside.looks)])
        if not isinstance(found, Possible):  # pragma: no cover  # only groups are mappings
            return ANYTHING
        return found if chart is None else one_of(shown_as(chart, str(state)) for state in found.values or ())

    return Reading((*inside.looks, *(() if link is None else (link,))), possible)


def _kept_back(part: Part, what: str) -> bool:
    """Tell whether a fault may keep back or delay what carries a machine's state or an output."""
    if not part.faults:
        return False
    topics = {effect.target for fault in part.breakable for effect in fault.effects
              if effect.kind in ("drop", "delay")}  # fmt: skip
    output, chart = part.plan.outputs.get(what), part.plan.machines.get(what)
    if output is not None:
        return any(topic in topics for topic, _ in output.topics)
    if chart is None:
        return "summaryState" in topics
    carriers = [chart.carrier] if chart.carrier else [key for state in chart.states for key, _ in state.publishes]
    return any(carrier.partition(".")[0] in topics for carrier in carriers)
