"""What a disturbance is: a fault that every component may have, without a word in its data sheet.

It is injected, journaled and cleared like the faults of data sheets, and has a plan like theirs. What it is aimed at
(a topic, a command, an output) is one of its parameters; units that depend on it are filled in then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from csc.blueprint import Blueprint, Fault, Output, Parameter
from fsm import AuthorError, Value, nearest

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["ALL", "TARGETS", "Begin", "Disturbance", "targets_of"]

ALL = "*"
"""As a target: every one that the component has."""

Begin: TypeAlias = "Callable[[Component, Mapping[str, Value], Callable[[], None]], Callable[[], None]]"
"""Lets a disturbance begin: whose, with which values, what to call when it is over by itself; returns what ends it."""

TARGETS = ("topic", "command", "output")
"""Parameters that say what a disturbance is aimed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """One kind of disturbance.

    Attributes
    ----------
    parameters
        What can be chosen about it. One called `topic`, `command` or `output` is what it is aimed at.
    needs_number
        Whether an output that it is aimed at must be a number, or even one that may be no number at all.
    of_output
        Parameters in the unit of the output.
    begin
        Lets it happen.
    """

    name: str
    meaning: str
    parameters: tuple[Parameter, ...] = ()
    seen: str = ""
    cure: str = "it ends when it is cleared: by hand, `until` something, or `for` a time"
    needs_number: bool = False
    needs_real: bool = False
    of_output: tuple[str, ...] = ()
    csc_only: bool = False
    begin: Begin

    def plan(self, blueprint: Blueprint, given: Mapping[str, Value]) -> Fault:
        """Return the fault that it is for a component, aimed at what is given.

        Raises
        ------
        AuthorError
            If the component has no such topic, command or output (names the nearest), or not of the kind needed.
        """
        if self.csc_only and not blueprint.is_csc:
            raise AuthorError(f"{self.name} is for components that have a summary state, not for {blueprint.component}")
        unit = None
        for target in TARGETS:
            wanted = next((parameter for parameter in self.parameters if parameter.name == target), None)
            if wanted is None:
                continue
            name, known = given.get(target, wanted.default), targets_of(blueprint, target)
            if name == "":
                raise AuthorError(f"{self.name}: say which {target}, as in {target}={_first(known)}")
            if name != ALL and name not in known:
                near = nearest(str(name), known)
                raise AuthorError(f"{blueprint.component} has no {target} {name}{_kind(target)}", suggestion=near)
            if target == "output":
                unit = self._unit(blueprint, blueprint.outputs[str(name)])
        return self.as_fault(unit)

    def as_fault(self, unit: str | None = None) -> Fault:
        """Return it as a fault that is aimed at nothing yet, or at an output in this unit."""
        return Fault(
            name=self.name,
            meaning=self.meaning,
            parameters={
                each.name: replace(each, unit=unit) if each.name in self.of_output else each for each in self.parameters
            },
            effects=(),
            seen=self.seen,
            cure=self.cure,
        )

    def _unit(self, blueprint: Blueprint, output: Output) -> str | None:
        what = f"{blueprint.component}.{output.name}"
        if self.needs_number and output.type in ("flag", "text"):
            raise AuthorError(f"{self.name}: {what} is no number but a {output.type}; sensor_frozen suits it")
        fields = [blueprint.topics[topic].fields[field] for topic, field in output.topics]
        if self.needs_real and not any(field.is_real for field in fields):
            raise AuthorError(f"{self.name}: {what} is sent as a whole number, which cannot be NaN")
        return output.unit


def targets_of(blueprint: Blueprint, target: str) -> list[str]:
    """Return what a component has of a kind of target, as far as it is simulated."""
    if target == "topic":
        return [name for name, topic in blueprint.topics.items() if topic.simulated]
    if target == "command":
        return [name for name, command in blueprint.commands.items() if command.simulated]
    return [name for name, output in blueprint.outputs.items() if output.topics]


def _first(known: Iterable[str]) -> str:
    return next(iter(known), "…")


def _kind(target: str) -> str:
    return " that it publishes" if target == "output" else ""
