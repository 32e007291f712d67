"""The truth of an observatory: what its components really are, published or not.

For those who stand outside of it: faults that wait for a condition, invariants, an instructor. Procedures
never see it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from csc.observatory import Observatory
from fsm import Condition, Name, Value

__all__ = ["TruthScope", "when_true"]


class TruthScope:
    """Reads machines and outputs as they are, and the images that were taken.

    Parameters
    ----------
    observatory
        Whose truth it is.
    """

    def __init__(self, observatory: Observatory) -> None:
        self._observatory = observatory

    def read(self, name: Name) -> Value | None:
        """Return the value of a name now; None if it is unknown."""
        if name.function is not None:
            return self._of_images(name)
        head = name.parts[0]
        groups = self._observatory.groups
        if head in groups:
            members = {member: self._observatory.components.get(member) for member in groups[head]}
            return {member: each.summary_state if each else None for member, each in members.items()}
        component = self._observatory.components.get(self._observatory.vocabulary().canonical(head))
        if component is None:
            return None  # it is away just now
        if len(name.parts) == 1 or name.parts[1] == "summary":
            return component.summary_state
        what = name.parts[1]
        if what in component.machines:
            return component.machines[what].state
        if what in component.parameters:
            return component.parameters[what]
        return component.output(what)

    def _of_images(self, name: Name) -> Value | None:
        images = self._observatory.services.get("images")
        arguments: dict[str, Any] = dict(name.arguments)
        kind = str(arguments.pop("kind"))
        if images is None:
            return None
        if name.function == "count":
            return int(images.count(kind, **arguments))
        image = images.last(kind, **arguments)
        value: Value | None = None if image is None else getattr(image, name.parts[0])
        return value

    def components(self, names: Iterable[Name]) -> list[str]:
        """Return the components that these names speak of."""
        found: dict[str, None] = {}
        for name in sorted((name for name in names if name.function is None), key=str):
            for member in self._observatory.groups.get(name.parts[0], (name.parts[0],)):
                found[self._observatory.find(member).name] = None
        return list(found)


def when_true(observatory: Observatory, condition: Condition, act: Callable[[], None]) -> Callable[[], None]:
    """Call `act` once, as soon as a condition is true; looked at when a component that it names changes.

    One that asks for images is looked at when an image is taken, too.
    A quantity that only time changes is looked at when something else of its component happens.

    Returns
    -------
    callable
        Ends the watch.
    """
    scope = TruthScope(observatory)
    ends: list[Callable[[], None]] = []
    loop = asyncio.get_running_loop()
    acted = False

    def end() -> None:
        for item in ends:
            item()
        ends.clear()

    def look() -> None:
        nonlocal acted
        if not acted and condition.evaluate(scope) is True:
            acted = True
            end()
            loop.call_soon(act)

    ends.extend(observatory.components[name].watch(look) for name in scope.components(condition.names))
    images = observatory.services.get("images")
    if images is not None and any(name.function is not None for name in condition.names):
        ends.append(images.listen(lambda _: look()))
    look()
    return end
