"""From what was written to what is meant: names exist, states exist, units agree.

Raises the first `Mistake` it meets. `calls` resolves functions; the rest is here.
"""

from __future__ import annotations

from collections.abc import Iterable

from fsm.conditions import calls, written
from fsm.conditions.agreement import check_agreement, is_of, mismatch, with_unit, wraps
from fsm.conditions.names import NULL, Name, Vocabulary, format_text
from fsm.conditions.nodes import (
    And,
    Arithmetic,
    Between,
    Compare,
    InState,
    Item,
    Listing,
    Literal,
    Member,
    Negative,
    Node,
    Not,
    OneOf,
    Or,
    Reference,
    Within,
)
from fsm.conditions.printing import print_node
from fsm.conditions.subjects import Anything, Flag, Quantity, Sequence, States, Subject, Text
from fsm.conditions.units import UnitError, combine_units
from fsm.conditions.written import Mistake
from fsm.document import nearest

__all__ = ["Resolver"]

DEEPEST = 100
"""Levels of parts within parts; chosen here, so that no text exhausts the stack."""


class Resolver:
    """Resolves one text against a vocabulary."""

    __slots__ = ("_depth", "vocabulary")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._depth = 0

    def condition(self, tree: written.Tree) -> Node:
        """Resolve what must be true or false."""
        node = self.value(tree)
        match node.subject:
            case Flag() | Anything():
                return node
            case States(states) as machine:
                hint = f"{print_node(node)} is {states[0]}" if states else None
                raise Mistake(tree.at, f"{print_node(node)} is {machine}, not a condition", hint)
            case other:
                raise Mistake(tree.at, f"{print_node(node)} is {other}, not a condition")

    def expression(self, tree: written.Tree, expected: Subject | None) -> Node:
        """Resolve anything that has a value, one that fits `expected` if that is given."""
        if expected is None or isinstance(expected, Anything):
            return self.value(tree)
        node = self.literal_or_value(tree, expected)
        if isinstance(expected, Text) and isinstance(node.subject, States):
            return node
        if mismatch(node.subject, expected):
            wanted = f"in {expected.unit}" if isinstance(expected, Quantity) and expected.unit else str(expected)
            raise Mistake(tree.at, f"{print_node(node)} {is_of(node.subject)}, not {wanted}", with_unit(node, expected))
        return node

    def value(self, tree: written.Tree) -> Node:
        """Resolve any part."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Mistake(tree.at, f"parts lie within parts more than {DEEPEST} deep")
        node = self._value(tree)
        self._depth -= 1
        return node

    def _value(self, tree: written.Tree) -> Node:
        match tree:
            case written.Word():
                return self.reference(tree)
            case written.Number():
                return Literal(value=tree.value, subject=Quantity(tree.unit))
            case written.Quoted():
                return Literal(value=tree.text, subject=Text(), quoted=True)
            case written.Constant():
                return Literal(value=tree.value, subject=Anything() if tree.value is NULL else Flag())
            case written.Operation():
                return self._arithmetic(tree) if tree.operator in "+-*/" else self._compare(tree)
            case written.StateTest():
                return self._states(tree)
            case written.Near():
                return self._near(tree)
            case written.Among():
                return self._among(tree)
            case written.Joined():
                return self._joined(tree)
            case written.Negated():
                return Not(part=self.condition(tree.part))
            case written.Apply():
                return calls.resolve_call(self, tree)
            case written.Signed():
                return self._signed(tree)
            case written.Indexed():
                return self._indexed(tree)
            case written.Listed():
                items = tuple(self.value(item) for item in tree.items)
                return Listing(items=items, subject=Sequence(items[0].subject if items else Anything()))

    # Names and texts

    def reference(self, tree: written.Word) -> Reference:
        """Resolve a word that must be a name."""
        return self.refer(Name.of(tree.text), tree.at)

    def refer(self, name: Name, at: int) -> Reference:
        """Return the reference to a name, which must exist."""
        subject = self.vocabulary.describe(name)
        if subject is None:
            suggestion = self.vocabulary.suggest(name)
            if suggestion == str(name):
                suggestion = None
            raise Mistake(at, f"there is no {name}", suggestion)
        return Reference(name=name, subject=subject)

    def is_text(self, tree: written.Tree) -> bool:
        """Tell whether a part can only be a text: in quotes, or a bare word that is no name."""
        match tree:
            case written.Quoted():
                return True
            case written.Word():
                return "." not in tree.text and self.vocabulary.describe(Name.of(tree.text)) is None
            case _:
                return False

    def literal_or_value(self, tree: written.Tree, beside: Subject) -> Node:
        """Resolve a part that may be a text if what it stands `beside` is one."""
        if isinstance(tree, (written.Word, written.Quoted)) and self.is_text(tree):
            if isinstance(beside, Text):
                if beside.choices is not None and tree.text not in beside.choices:
                    known = ", ".join(beside.choices)
                    raise Mistake(tree.at, f"{tree.text} is none of {known}", nearest(tree.text, beside.choices))
                return self._text(tree.text)
            if isinstance(beside, Anything):
                return self._text(tree.text)
        return self.value(tree)

    def _text(self, text: str) -> Literal:
        is_word = format_text(text) == text
        return Literal(
            value=text, subject=Text(), quoted=not is_word or self.vocabulary.describe(Name.of(text)) is not None
        )

    # Conditions

    def _joined(self, tree: written.Joined) -> Node:
        kind = Or if tree.word == "or" else And
        parts: list[Node] = []
        for each in tree.parts:
            part = self.condition(each)
            if isinstance(part, (Or, And)) and type(part) is kind:
                parts.extend(part.parts)
            else:
                parts.append(part)
        return kind(parts=tuple(parts))

    def _states(self, tree: written.StateTest) -> Node:
        term = self.value(tree.term)
        if isinstance(term.subject, States):
            for word in tree.states:
                if word.text not in term.subject.states:
                    suggestion = nearest(word.text, term.subject.states)
                    raise Mistake(word.at, f"{print_node(term)} has no state {word.text}", suggestion)
        elif not isinstance(term.subject, Anything):
            text = f"{print_node(term)} {is_of(term.subject)} and has no states"
            suggestion = None
            if isinstance(term.subject, Text):
                suggestion = f"{print_node(term)} == {tree.states[0].text}"
            elif isinstance(term.subject, Flag):
                suggestion = print_node(term)
            raise Mistake(tree.at, text, suggestion)
        for word in tree.states:
            if "." in word.text or ":" in word.text:
                raise Mistake(word.at, f"{word.text} is a name, not a state")
        states = tuple(dict.fromkeys(word.text for word in tree.states))
        return InState(term=term, states=states, negated=tree.negated)

    def _compare(self, tree: written.Operation) -> Node:
        operator = tree.operator
        if operator in ("==", "!="):
            if self.is_text(tree.left) and not self.is_text(tree.right):
                tree = tree._replace(left=tree.right, right=tree.left)
            left = self.value(tree.left)
            self._refuse_states(tree, left)
            right = self.literal_or_value(tree.right, left.subject)
            self._refuse_states(tree, right)
        else:
            left, right = self._number(tree.left), self._number(tree.right)
        check_agreement(tree.right.at, left, right)
        turns = wraps(left, right) and operator in ("==", "!=")
        return Compare(operator=operator, left=left, right=right, wraps=turns)

    def _refuse_states(self, tree: written.Operation, node: Node) -> None:
        if isinstance(node.subject, States):
            word = tree.right.text if isinstance(tree.right, (written.Word, written.Quoted)) else None
            known = nearest(word, node.subject.states) if word else None
            verb = "is" if tree.operator == "==" else "is not"
            raise Mistake(
                tree.at,
                f"{print_node(node)} is {node.subject}, not a text or a number",
                f"{print_node(node)} {verb} {known or next(iter(node.subject.states), 'STATE')}",
            )

    def _near(self, tree: written.Near) -> Node:
        value, tolerance, target = (self._number(part) for part in (tree.value, tree.tolerance, tree.target))
        check_agreement(tree.target.at, value, target)
        unit = next((each.subject.unit for each in (value, target) if isinstance(each.subject, Quantity)), None)
        relative = isinstance(tolerance.subject, Quantity) and tolerance.subject.unit == "%" and unit != "%"
        if not relative:
            check_agreement(tree.tolerance.at, value, tolerance)
            check_agreement(tree.tolerance.at, target, tolerance)
        if isinstance(tolerance, Literal) and isinstance(tolerance.value, (int, float)) and tolerance.value < 0:
            raise Mistake(tree.tolerance.at, f"tolerance {print_node(tolerance)} is negative")
        return Within(value=value, tolerance=tolerance, target=target, relative=relative, wraps=wraps(value, target))

    def _among(self, tree: written.Among) -> Node:
        if not isinstance(tree.choices, written.Listed):
            sequence = self.value(tree.choices)
            if not isinstance(sequence.subject, (Sequence, Anything)):
                raise Mistake(tree.choices.at, f"{print_node(sequence)} {is_of(sequence.subject)}, not a list")
            item = sequence.subject.item if isinstance(sequence.subject, Sequence) else Anything()
            value = self.literal_or_value(tree.value, item)
            if mismatch(value.subject, item):
                element = f"an element of {print_node(sequence)} {is_of(item)}"
                raise Mistake(tree.at, f"{print_node(value)} {is_of(value.subject)}, but {element}")
            return Member(value=value, sequence=sequence)
        value = self.value(tree.value)
        items = tree.choices.items
        match value.subject:
            case States(states):
                words = ", ".join(states[:2])
                raise Mistake(tree.at, f"{print_node(value)} is a machine", f"{print_node(value)} is in [{words}]")
            case Text():
                return self._one_of(value, items, tree.at)
            case Anything() if any(self.is_text(item) for item in items):
                return self._one_of(value, items, tree.at)
            case Quantity() | Anything():
                return self._between(value, items, tree)
            case other:
                raise Mistake(tree.at, f"{print_node(value)} {is_of(other)}, neither a text nor a quantity")

    def _one_of(self, value: Node, items: Iterable[written.Tree], at: int) -> Node:
        choices = tuple(self.literal_or_value(item, value.subject) for item in items)
        if not choices:
            raise Mistake(at, "the list is empty")
        for item, choice in zip(items, choices, strict=True):
            check_agreement(item.at, value, choice)
        return OneOf(value=value, choices=choices)

    def _between(self, value: Node, items: tuple[written.Tree, ...], tree: written.Among) -> Node:
        if len(items) != 2:
            raise Mistake(tree.choices.at, f"an interval has two ends, not {len(items)}")
        low, high = self._number(items[0]), self._number(items[1])
        for item, end in zip(items, (low, high), strict=True):
            check_agreement(item.at, value, end)
        check_agreement(tree.choices.at, low, high)
        turns = wraps(value)
        if not turns and isinstance(low, Literal) and isinstance(high, Literal):
            ends = low.value, high.value
            if isinstance(ends[0], (int, float)) and isinstance(ends[1], (int, float)) and ends[0] > ends[1]:
                raise Mistake(
                    tree.choices.at,
                    f"[{print_node(low)}, {print_node(high)}] is empty",
                    f"[{print_node(high)}, {print_node(low)}]",
                )
        return Between(value=value, low=low, high=high, wraps=turns)

    # Terms

    def _number(self, tree: written.Tree) -> Node:
        node = self.value(tree)
        if not isinstance(node.subject, (Quantity, Anything)) or (isinstance(node, Literal) and node.value is NULL):
            what = "is null" if isinstance(node, Literal) and node.value is NULL else is_of(node.subject)
            raise Mistake(tree.at, f"{print_node(node)} {what}, not a quantity")
        return node

    def _arithmetic(self, tree: written.Operation) -> Node:
        left, right = self._number(tree.left), self._number(tree.right)
        if tree.operator in "+-":
            check_agreement(tree.right.at, left, right)
            known = next((each.subject for each in (left, right) if isinstance(each.subject, Quantity)), None)
            if known is None:
                return Arithmetic(operator=tree.operator, left=left, right=right, subject=Anything())
            subject = Quantity(known.unit, wraps=wraps(left, right))
            return Arithmetic(operator=tree.operator, left=left, right=right, subject=subject)
        if not isinstance(left.subject, Quantity) or not isinstance(right.subject, Quantity):
            return Arithmetic(operator=tree.operator, left=left, right=right, subject=Anything())
        try:
            scale, unit = combine_units(left.subject.unit, tree.operator, right.subject.unit)
        except UnitError as error:
            raise Mistake(tree.at, str(error)) from None
        return Arithmetic(operator=tree.operator, left=left, right=right, subject=Quantity(unit), scale=scale)

    def _signed(self, tree: written.Signed) -> Node:
        term = self._number(tree.term)
        if tree.sign == "+":
            return term
        if isinstance(term, Literal) and isinstance(term.value, (int, float)):
            return Literal(value=-term.value or 0, subject=term.subject)
        return Negative(term=term, subject=term.subject)

    def _indexed(self, tree: written.Indexed) -> Node:
        sequence = self.value(tree.sequence)
        if not isinstance(sequence.subject, (Sequence, Anything)):
            raise Mistake(tree.at, f"{print_node(sequence)} {is_of(sequence.subject)}, not a list")
        index = self._number(tree.place)
        if isinstance(index.subject, Quantity) and index.subject.unit is not None:
            raise Mistake(tree.place.at, f"{print_node(index)} {is_of(index.subject)}, not an index")
        subject = sequence.subject.item if isinstance(sequence.subject, Sequence) else Anything()
        return Item(sequence=sequence, index=index, subject=subject)
