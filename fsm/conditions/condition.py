"""Conditions and expressions: what the rest of the program holds and evaluates."""

from __future__ import annotations

from dataclasses import dataclass, field

from fsm.conditions.evaluate import Run, Test, compile_condition, compile_value
from fsm.conditions.explain import explain_condition, explain_value
from fsm.conditions.names import Name, Scope, Truth, Value
from fsm.conditions.nodes import Node, names_in
from fsm.conditions.printing import print_node
from fsm.conditions.subjects import Subject
from fsm.errors import Position

__all__ = ["Condition", "Expression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is true, false or unknown; two are equal if their canonical texts are.

    Attributes
    ----------
    text
        As the author wrote it.
    node
        What it means, for those who reason about it.
    position
        Where it stands in its document.
    """

    text: str = field(compare=False)
    node: Node = field(compare=False, repr=False)
    position: Position | None = field(default=None, compare=False, repr=False)
    canonical: str = field(init=False)
    names: frozenset[Name] = field(init=False, compare=False, repr=False)
    _test: Test = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "canonical", print_node(self.node))
        object.__setattr__(self, "names", frozenset(names_in(self.node)))
        object.__setattr__(self, "_test", compile_condition(self.node))

    def evaluate(self, scope: Scope) -> Truth:
        """Return the truth of now, None if it is unknown."""
        return self._test(scope)

    def explain(self, scope: Scope) -> str:
        """Say why it is false or unknown (or what makes it true), with the values seen."""
        return explain_condition(self.node, scope)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_condition, (self.text, self.node, self.position)

    def __str__(self) -> str:
        return self.canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """Something that has a value in canonical units; two are equal if their canonical texts are.

    Attributes
    ----------
    text
        As the author wrote it.
    node
        What it means, for those who reason about it.
    position
        Where it stands in its document.
    """

    text: str = field(compare=False)
    node: Node = field(compare=False, repr=False)
    position: Position | None = field(default=None, compare=False, repr=False)
    canonical: str = field(init=False)
    names: frozenset[Name] = field(init=False, compare=False, repr=False)
    _run: Run = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "canonical", print_node(self.node))
        object.__setattr__(self, "names", frozenset(names_in(self.node)))
        object.__setattr__(self, "_run", compile_value(self.node))

    @property
    def subject(self) -> Subject:
        """What the value is about, with its unit."""
        return self.node.subject

    def evaluate(self, scope: Scope) -> Value:
        """Return the value of now, None if it is unknown."""
        return self._run(scope)

    def explain(self, scope: Scope) -> str:
        """Say what the value is, or why it is unknown."""
        return explain_value(self.node, scope)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_expression, (self.text, self.node, self.position)

    def __str__(self) -> str:
        return self.canonical


def _rebuild_condition(text: str, node: Node, position: Position | None) -> Condition:
    return Condition(text=text, node=node, position=position)


def _rebuild_expression(text: str, node: Node, position: Position | None) -> Expression:
    return Expression(text=text, node=node, position=position)
