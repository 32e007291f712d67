"""What guards ask of outputs that take too many values: each question is a place with two answers.

A count of images may grow and grow; whether it is below another is all that a guard asks. The answer stands until a
row sets one of the outputs of which it is asked. `Asked` finds such questions in conditions and puts a name in their
stead; conditions with the same question then have the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fsm import Condition, Flag, Name, Transition
from fsm.conditions import View, judge, nodes

__all__ = ["Asked", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """A part of a condition that is about outputs only.

    Attributes
    ----------
    name
        The name that stands for it.
    outputs
        The outputs of which it is asked.
    """

    name: Name
    that: Condition
    outputs: frozenset[str]

    def answers(self, view: View) -> list[int]:
        """Return the answers that it may have: 1 is yes, 0 is no or unknown."""
        truths = judge(self.that, view)
        return sorted({int(truth is True) for truth in truths})


class Asked:
    """The questions in the conditions of one component.

    Parameters
    ----------
    wild
        Outputs that take too many values.
    stored
        All outputs that only rows and faults set: a question may be about others of them, too.
    constants
        What else a question may be about: names that never change.
    """

    def __init__(self, wild: Iterable[str], stored: Iterable[str], constants: Iterable[str]) -> None:
        self._wild = frozenset(wild)
        self._stored = frozenset(stored)
        self._constants = frozenset(constants)
        self.questions: dict[str, Question] = {}

    def rewritten(self, condition: Condition) -> Condition:
        """Return a condition with names in the stead of questions."""
        if not any(name.parts[0] in self._wild for name in condition.names):
            return condition
        return Condition(text=condition.text, node=self._node(condition.node), position=condition.position)

    def row(self, row: Transition) -> Transition:
        """Return a row whose guard is rewritten."""
        return row if row.guard is None else replace(row, guard=self.rewritten(row.guard))

    def _node(self, node: nodes.Node) -> nodes.Node:
        match node:
            case nodes.And():
                return nodes.And(parts=tuple(self._node(part) for part in node.parts))
            case nodes.Or():
                return nodes.Or(parts=tuple(self._node(part) for part in node.parts))
            case nodes.Not():
                return nodes.Not(part=self._node(node.part))
        names = {name.parts for name in nodes.names_in(node)}
        outputs = {parts[0] for parts in names if parts[0] in self._stored}
        known = outputs | self._constants
        if outputs.isdisjoint(self._wild) or not all(len(parts) == 1 and parts[0] in known for parts in names):
            return node
        opposite = isinstance(node, nodes.Compare) and node.operator in _OPPOSITE
        if opposite and isinstance(node, nodes.Compare):  # one question, asked the other way round
            return nodes.Not(part=self._named(replace(node, operator=_OPPOSITE[node.operator]), outputs))
        return self._named(node, outputs)

    def _named(self, node: nodes.Node, outputs: Iterable[str]) -> nodes.Node:
        that = Condition(text="", node=node)
        question = Question(Name((f"({that})",)), that, frozenset(outputs))
        self.questions.setdefault(str(that), question)
        return nodes.Reference(name=question.name, subject=Flag())

    def touched(self, outputs: Iterable[str]) -> Iterator[Question]:
        """Yield the questions whose answer may change when outputs are set."""
        some = set(outputs)
        return (question for question in self.questions.values() if question.outputs & some)


_OPPOSITE = {">=": "<", ">": "<=", "!=": "=="}
