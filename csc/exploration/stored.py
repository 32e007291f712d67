"""Which stored outputs and parameters are places, and what values these have.

An output is a place if only rows and faults set it, something hangs on it, and it takes few values. What it is set to
is followed from its first value on, round after round, as far as the guards let it; one that goes on growing, such as
a count of images, is no place and may be anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from csc.blueprint import Fault
from csc.exploration.part import Part, fault_parameter, values_of
from fsm import Expression, Name, Transition
from fsm.conditions import Possible, View, estimate, exactly
from fsm.explore import Overlay, may_hold

__all__ = ["stored_values"]

_MOST = 12
"""An output with more values than this is no place."""
_COMBINATIONS = 64
"""So many combinations of outputs that one row reads are tried one by one."""


def stored_values(part: Part, view: View, wanted: Iterable[str]) -> dict[str, tuple[Possible, ...]]:
    """Return the outputs, and with faults the parameters, that are places, with their values; the first comes first.

    Parameters
    ----------
    view
        What names may be that are none of these.
    wanted
        Names that something hangs on.
    """
    return _Values(part, view, wanted).found()


class _Values:
    def __init__(self, part: Part, view: View, wanted: Iterable[str]) -> None:
        self._part = part
        self._view = view
        outputs = part.plan.outputs
        self._values: dict[str, list[Possible]] = {
            name: [exactly(outputs[name].initial)]
            for name in self._needed(wanted)
            if name in outputs and part.is_stored(outputs[name])
        }
        if part.faults:
            broken = {name for fault in part.breakable for name, _ in _set_by(fault)}
            self._values |= {name: [part.parameter(name)] for name in wanted if name in part.plan.parameters and
                             name in broken}  # fmt: skip

    def _needed(self, wanted: Iterable[str]) -> list[str]:
        """Return the outputs that are wanted, and those from which they are assigned."""
        found = dict.fromkeys(wanted)
        while True:
            more = {
                name.parts[0]: None
                for row in self._part.rows
                for output, expression in row.assign
                if output in found
                for name in expression.names
                if len(name.parts) == 1
            }
            if more.keys() <= found.keys():
                return list(found)
            found |= more

    def found(self) -> dict[str, tuple[Possible, ...]]:
        """Let the values grow until they grow no more."""
        while True:
            grown = False
            for name, value in self._set():
                values = self._values[name]
                if value not in values:
                    values.append(value)
                    grown = True
            wild = [name for name, values in self._values.items() if len(values) > _MOST]
            for name in wild:
                del self._values[name]
            if not grown and not wild:
                return {name: tuple(values) for name, values in self._values.items() if self._is_place(name, values)}

    def _is_place(self, name: str, values: list[Possible]) -> bool:
        """Tell whether an output has a few values that are known; a parameter that a fault sets always has a place."""
        return name in self._part.plan.parameters or all(value.only is not None for value in values)

    def _set(self) -> list[tuple[str, Possible]]:
        """Return what outputs may be set to in one step from the values that are known."""
        found: list[tuple[str, Possible]] = []
        for row in self._part.rows:
            if any(output in self._values for output, _ in row.assign):
                for view in self._views(row):
                    found.extend(self._assigned(row, view))
        if self._part.faults:
            for fault in self._part.breakable:
                known = {Name(("fault", key)): fault_parameter(each) for key, each in fault.parameters.items()}
                view = Overlay(self._joined(), known)
                for name, expression in _set_by(fault):
                    if name in self._values:
                        found.extend((name, each) for each in values_of(estimate(expression, view)))
        return found

    def _views(self, row: Transition) -> Iterator[View]:
        """Yield what a row may see: the outputs that it reads value by value, as far as that goes."""
        read = [row.guard, *(expression for _, expression in row.assign)]
        names = {name for each in read if each is not None for name in each.names}
        mine = [name for name in names if len(name.parts) == 1 and name.parts[0] in self._values]
        joined = self._joined()
        lists = [self._values[name.parts[0]] for name in mine]
        combinations = itertools.islice(itertools.product(*lists), _COMBINATIONS + 1)
        chosen = list(combinations)
        if len(chosen) > _COMBINATIONS:
            yield joined
            return
        for values in chosen:
            yield Overlay(joined, dict(zip(mine, values, strict=True)))

    def _assigned(self, row: Transition, view: View) -> Iterator[tuple[str, Possible]]:
        known = may_hold(row, view)
        if known is None:
            return
        for output, expression in row.assign:
            value = estimate(expression, known)
            known = Overlay(known, {Name((output,)): value})
            if output in self._values:
                yield from ((output, each) for each in values_of(value))

    def _joined(self) -> View:
        joined: dict[Name, Possible] = {}
        for name, values in self._values.items():
            value = values[0]
            for each in values[1:]:
                value = value.join(each)
            joined[Name((name,))] = value
        return Overlay(self._view, joined)


def _set_by(fault: Fault) -> list[tuple[str, Expression]]:
    return [pair for effect in fault.effects for pair in effect.values]
