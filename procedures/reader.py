"""Reads the parts of one procedure's file: conditions, values, checks, steps, and what is wrong with them.

What a kind of step makes of its keys is in `procedures.step_builders`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from csc import ObservatoryVocabulary
from fsm import (
    Anything,
    AuthorError,
    Condition,
    Document,
    Expression,
    Quantity,
    Sequence,
    Template,
    parse_condition,
    parse_expression,
)
from procedures.model import Argument, Check, Step
from procedures.sheets import COMMON, KINDS, CheckSheet, StepSheet
from procedures.vocabulary import ProcedureVocabulary

__all__ = ["Keys", "Reader"]

Keys = tuple[str | int, ...]

_HOLE = re.compile(r"\$\{([^{}]*)\}")
_WANTED = {"s": ("time", "write it in s, min or h"), None: ("plain number", "write it without a unit")}
"""What a quantity in a unit is called, and how it is written."""


class Reader:
    """One file while it is resolved: the names it knows so far, the mistakes found so far.

    Parameters
    ----------
    document
        The file.
    observatory
        Names of the observatory.
    vocabulary
        Names of the procedure; steps add to them.
    builders
        What makes a step of each kind.
    """

    def __init__(
        self,
        document: Document,
        observatory: ObservatoryVocabulary,
        vocabulary: ProcedureVocabulary,
        builders: Mapping[str, Callable[[Reader, StepSheet, Any, Keys, dict[str, Any]], Step]],
    ) -> None:
        self.document = document
        self.observatory = observatory
        self.vocabulary = vocabulary
        self.errors: list[AuthorError] = []
        self.tasks: list[str] = []
        self._ids: set[str] = set()
        self._builders = builders

    def wrong(self, path: Keys, message: str, suggestion: str | None = None) -> None:
        """Note a mistake at a place of the file."""
        self.errors.append(AuthorError.at(self.document.position(path), message, suggestion=suggestion))

    def condition(self, text: str, path: Keys, skip: int = 0) -> Condition | None:
        """Read a condition, past its first `skip` characters; None if it is wrong."""
        try:
            return parse_condition(text[skip:], self.vocabulary, at=self.document.position(path).shifted(skip))
        except AuthorError as error:
            self.errors.append(error)
            return None

    def expression(self, text: str, path: Keys) -> Expression | None:
        """Read an expression; None if it is wrong."""
        try:
            return parse_expression(text, self.vocabulary, at=self.document.position(path))
        except AuthorError as error:
            self.errors.append(error)
            return None

    def maybe(self, text: str | None, path: Keys) -> Expression | None:
        """Read an expression that may be left out."""
        return None if text is None else self.expression(text, path)

    def duration(self, text: str, path: Keys) -> Expression | None:
        """Read an expression that gives a time; None if it is wrong."""
        return self._in_unit("s", text, path)

    def durations(self, text: str, path: Keys) -> Expression | None:
        """Read an expression that gives a time or a list of times; None if it is wrong."""
        return self._in_unit("s", text, path, listed=True)

    def number(self, text: str, path: Keys) -> Expression | None:
        """Read an expression that gives a number without a unit; None if it is wrong."""
        return self._in_unit(None, text, path)

    def _in_unit(self, unit: str | None, text: str, path: Keys, *, listed: bool = False) -> Expression | None:
        """Read a quantity in a unit, or (`listed`) a list of them; None if it is wrong."""
        expression = self.expression(text, path)
        if expression is None:
            return None
        subject = expression.subject
        if listed and isinstance(subject, Sequence):
            subject = subject.item
        if isinstance(subject, Anything) or (isinstance(subject, Quantity) and subject.unit == unit):
            return expression
        if not isinstance(subject, Quantity):
            found = f"it is {subject}"
        else:
            found = f"it is in {subject.unit}" if subject.unit else "it has no unit"
        wanted, advice = _WANTED[unit]
        self.wrong(path, f"{text} is no {wanted}: {found}; {advice}")
        return None

    def template(self, text: str, path: Keys) -> Template:
        """Read a sentence with ``${expression}`` in it."""
        parts: list[str | tuple[Expression, str]] = []
        end = 0
        for hole in _HOLE.finditer(text):
            if hole.start() > end:
                parts.append(text[end : hole.start()])
            expression = self.expression(hole[1], path)
            if expression is not None:
                parts.append((expression, ""))
            end = hole.end()
        if end < len(text):
            parts.append(text[end:])
        if any(isinstance(part, str) and "${" in part for part in parts):
            self.wrong(path, "a ${ that no } closes; an expression in it has no braces of its own")
        return Template(text, tuple(parts))

    def argument(self, value: Any, path: Keys) -> Argument:
        """Read a value that may hold expressions; one that is nothing but ``${...}`` keeps its type."""
        if isinstance(value, str):
            whole = _HOLE.fullmatch(value)
            if whole:
                return self.expression(whole[1], path)
            return self.template(value, path)
        if isinstance(value, Mapping):
            return {str(key): self.argument(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return tuple(self.argument(item, (*path, number)) for number, item in enumerate(value))
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise TypeError(f"a document holds no {type(value).__name__}")

    def check(self, sheet: CheckSheet, path: Keys) -> Check | None:
        """Read a condition and what is said if it does not hold; None if it is wrong."""
        place = (*path, "that") if isinstance(self.document.value(path), dict) else path
        that = self.condition(sheet.that, place)
        otherwise = None if sheet.else_ is None else self.template(sheet.else_, (*path, "else"))
        return None if that is None else Check(that=that, otherwise=otherwise)

    def checks(self, sheets: tuple[CheckSheet, ...], path: Keys) -> tuple[Check, ...]:
        """Read a list of conditions; wrong ones are left out."""
        checks = [self.check(sheet, (*path, number)) for number, sheet in enumerate(sheets)]
        return tuple(check for check in checks if check is not None)

    def steps(self, sheets: tuple[StepSheet, ...], path: Keys, prefix: str) -> tuple[Step, ...]:
        """Read a list of steps, numbered after `prefix`; wrong ones are left out."""
        steps = []
        for number, sheet in enumerate(sheets, start=1):
            step = self._step(sheet, (*path, number - 1), f"{prefix}{number}")
            if step is not None:
                steps.append(step)
        return tuple(steps)

    def _step(self, sheet: StepSheet, path: Keys, number: str) -> Step | None:
        given = sheet.model_fields_set
        kinds = [kind for kind in KINDS if kind in given]
        if "call" in kinds or "block" in kinds:
            kinds = [kind for kind in kinds if kind != "via"]
        if len(kinds) != 1:
            hint = f"has {' and '.join(kinds)}" if kinds else f"has none of {', '.join(KINDS)}"
            self.wrong(path, f"a step has exactly one kind; this one {hint}")
            return None
        kind = kinds[0]
        for key in sorted(given - COMMON - {kind} - KINDS[kind]):
            self.wrong((*path, key.rstrip("_")), f"a {kind} step has no key {key.rstrip('_')}")
        identity = sheet.id or number
        if identity in self._ids:
            self.wrong((*path, "id"), f"there is already a step {identity}")
        self._ids.add(identity)
        common: dict[str, Any] = {
            "id": identity,
            "name": sheet.name or "",
            "position": self.document.position(path),
            "timeout": None if sheet.timeout is None else self.duration(sheet.timeout, (*path, "timeout")),
            "preconditions": self.checks(sheet.preconditions, (*path, "preconditions")),
            "invariants": self.checks(sheet.invariants, (*path, "invariants")),
            "on_failure": self._on_failure(sheet, path, identity),
        }
        step = self._builders[kind](self, sheet, getattr(sheet, kind), path, common)
        postconditions = self.checks(sheet.postconditions, (*path, "postconditions"))
        return replace(step, postconditions=postconditions, name=step.name or _title(sheet, kind))

    def _on_failure(self, sheet: StepSheet, path: Keys, identity: str) -> tuple[Step, ...] | None:
        if sheet.on_failure is None:
            return None
        if sheet.on_failure == "warn":
            return ()
        return self.steps(sheet.on_failure, (*path, "on_failure"), f"{identity}.f")


def _title(sheet: StepSheet, kind: str) -> str:
    """Describe a step whose author gave it no name."""
    value = getattr(sheet, kind)
    match kind:
        case "call":
            return f"run {value.procedure}" + (f" via {value.via}" if value.via else "")
        case "block":
            return f"run {value}"
        case "summary_state":
            return f"bring {value.of} to {value.to}"
        case "expect":
            return f"expect {value.that}"
        case "for_each":
            return f"for each {value.item} of {value.of}"
        case "repeat":
            return f"repeat up to {value.times} times"
        case "take_images":
            return f"take {value.type} images"
        case "ingested":
            return f"wait for {value.images} in {value.oods}"
        case "pipeline":
            return f"process with {value.pipeline}"
        case "parallel":
            return "at the same time"
        case "let":
            return f"work out {', '.join(value)}"
        case "join":
            return f"wait for {', '.join(value.tasks)}"
        case _:
            return f"{kind} {value}" if kind != "command" else str(value)
