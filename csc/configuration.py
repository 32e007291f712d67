"""The values that a component's parameters have now.

Three layers, each over the one before: the data sheet's defaults with what the observatory sets, the
override that `start` was given, and what faults have set. A fault therefore survives a new `start`, and
ends with the value that configuration gives.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from types import SimpleNamespace
from typing import Any

from csc.blueprint import Blueprint
from fsm import Refused, Value

__all__ = ["Configuration"]


class Configuration:
    """The parameters of one component.

    Parameters
    ----------
    blueprint
        Which there are, and the overrides that `start` accepts.
    given
        Values that replace the data sheet's defaults, in canonical units.
    """

    def __init__(self, blueprint: Blueprint, given: Mapping[str, Value]) -> None:
        self._basis = {name: plan.default for name, plan in blueprint.parameters.items()} | dict(given)
        self._overrides = blueprint.configurations
        self._override = ""
        self._forced: Mapping[str, Value] = {}
        self.parameters: dict[str, Value] = dict(self._basis)

    @property
    def files(self) -> tuple[str, ...]:
        """The files applied, in order, as `configurationApplied` names them."""
        return ("_init.yaml", self._override) if self._override else ("_init.yaml",)

    def settle(self, forced: Mapping[str, Value]) -> None:
        """Let faults set these values, and no others."""
        self._forced = forced
        self.parameters = {**self._basis, **self._overrides.get(self._override, {}), **forced}

    def start(
        self,
        data: SimpleNamespace,
        method: Callable[[SimpleNamespace], Any] | None,
        wrong_with: Callable[[SimpleNamespace], str],
    ) -> Any:
        """Take an override's values and let the behaviour compute; if it fails they are what they were.

        Raises
        ------
        Refused
            If there is no such override (the text begins as SAL's does), it is wrong, or the behaviour refuses.
        """
        override, before = data.configurationOverride, self._override
        if override and override not in self._overrides:
            there = f"there is {', '.join(self._overrides)}" if self._overrides else "there is no override"
            raise Refused(f"Config file {override!r} does not exist; {there}")
        self._take(override)
        wrong = wrong_with(SimpleNamespace(**self.parameters))
        if wrong:
            self._take(before)
            raise Refused(f"Configuration failed validation: {wrong}")
        try:
            work = None if method is None else method(data)
        except Refused:
            self._take(before)
            raise
        return self._finish(work, before) if inspect.iscoroutine(work) else work

    async def _finish(self, work: Coroutine[Any, Any, Any], before: str) -> Any:
        try:
            return await work
        except BaseException:
            self._take(before)
            raise

    def _take(self, override: str) -> None:
        self._override = override
        self.settle(self._forced)
