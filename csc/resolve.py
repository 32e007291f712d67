"""From data sheets to blueprints: every name, unit, state and condition in a sheet is resolved here.

Sheets name each other (a guard of ATAOS speaks of ATPneumatics), so all are read first: `csc.outline` builds
each blueprint without its conditions, `complete` parses those against the outlines of its remotes. All
mistakes of a sheet are reported at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from csc.blueprint import Blueprint, Command, Effect, Failure, Fault, Field, Guard, Output, Sending
from csc.carrier import Carrier
from csc.datasheet import CommandSheet, DataSheet, EffectSheet, MachineSheet, RowSheet
from csc.fields import read_field
from csc.generic import generic_commands
from csc.outline import read_parameter
from csc.summary_state import SummaryState
from csc.vocabulary import ComponentVocabulary
from fsm import (
    AuthorError,
    AuthorErrors,
    Condition,
    Document,
    Expression,
    Quantity,
    State,
    Statechart,
    Template,
    Transition,
    Vocabulary,
    nearest,
    parse_condition,
    parse_expression,
    split_template,
)

__all__ = ["complete"]

Path = tuple[str | int, ...]


def complete(plan: Blueprint, sheet: DataSheet, document: Document, others: Mapping[str, Blueprint]) -> Blueprint:
    """Parse the conditions of a sheet and check every name in it.

    Raises
    ------
    AuthorErrors
        With every mistake of the sheet.
    """
    work = _Resolver(plan, sheet, document, others)
    return work.run()


class _Resolver:
    """The names and the collected mistakes while one sheet is resolved."""

    def __init__(self, plan: Blueprint, sheet: DataSheet, document: Document, others: Mapping[str, Blueprint]) -> None:
        self.plan = plan
        self.sheet = sheet
        self.document = document
        self.remotes = {name: others[name] for name in sheet.remotes if name in others}
        self.others = others
        self.errors: list[AuthorError] = []
        self.commands = {name: self._fields(item, ("commands", name)) for name, item in sheet.commands.items()}
        for name, command in generic_commands(sheet.generics).items():
            self.commands[name] = {**command.fields, **self.commands.get(name, {})}

    def run(self) -> Blueprint:
        self._check_references()
        machines = {name: self._machine(name, item, ("machines", name)) for name, item in self.sheet.machines.items()}
        commands = self._commands()
        faults = {name: self._fault(name, ("faults", name)) for name in self.sheet.faults}
        invariants = self._invariants(self.sheet.invariants, ("invariants",), self._vocabulary())
        outputs = {name: self._output(name) for name in self.plan.outputs}
        fires = self._fires(machines)
        sends = self._sends()
        fails = self._fails()
        if self.errors:
            raise AuthorErrors(self.errors)
        return replace(
            self.plan,
            machines=machines,
            commands=commands,
            faults=faults,
            invariants=invariants,
            outputs=outputs,
            fires=fires,
            sends=sends,
            fails=fails,
        )

    @contextmanager
    def _collecting(self, path: Path = ()) -> Iterator[None]:
        try:
            yield
        except AuthorError as error:
            if path:
                self._wrong(path, error.message, error.suggestion)
            else:
                self.errors.append(error)

    def _wrong(self, path: Path, message: str, suggestion: str | None = None) -> None:
        self.errors.append(AuthorError.at(self.document.position(path), message, suggestion=suggestion))

    def _known(self, path: Path, kind: str, word: str, words: Mapping[str, Any] | tuple[str, ...]) -> None:
        if word not in words:
            self._wrong(path, f"{self.plan.component} has no {kind} {word}", nearest(word, words))

    def _vocabulary(self, **extra: Any) -> Vocabulary:
        return ComponentVocabulary(self.plan, self.remotes, **extra)

    def _condition(self, text: str | None, path: Path, vocabulary: Vocabulary) -> Condition | None:
        if text is not None:
            with self._collecting():
                return parse_condition(text, vocabulary, at=self.document.position(path))
        return None

    def _expression(self, text: str | None, path: Path, vocabulary: Vocabulary) -> Expression | None:
        if text is not None:
            with self._collecting():
                return parse_expression(text, vocabulary, at=self.document.position(path))
        return None

    def _duration(self, text: str | None, path: Path, vocabulary: Vocabulary) -> Expression | None:
        expression = self._expression(text, path, vocabulary)
        if expression is not None and expression.subject != Quantity("s"):
            self._wrong(path, f"a time such as 30 s is expected, not {text}")
        return expression

    def _template(self, text: str | None, path: Path, vocabulary: Vocabulary) -> Template | None:
        if text is None:
            return None
        parts: list[str | tuple[Expression, str]] = []
        for part in split_template(text):
            if isinstance(part, str):
                parts.append(part)
            else:
                expression = self._expression(part[0], path, vocabulary)
                if expression is not None:
                    parts.append((expression, part[1]))
        return Template(text, tuple(parts))

    def _check_references(self) -> None:
        for number, name in enumerate(self.sheet.remotes):
            if name not in self.others:
                self._wrong(("remotes", number), f"there is no component {name}", nearest(name, self.others))
        self._check_names()
        for name, output in self.plan.outputs.items():
            for topic, key in output.topics:
                path: Path = ("outputs", name, "topic")
                field = self._carrier(f"{topic}.{key}", path)
                if field is not None and None not in (field.unit, output.unit) and field.unit != output.unit:
                    self._wrong(path, f"{name} is in {output.unit}, but {topic}.{key} is in {field.unit}")
        for name, sense in self.plan.senses.items():
            other = self.others.get(sense.component)
            path = ("senses", name, "from")
            if other is None:
                self._wrong(path, f"there is no component {sense.component}", nearest(sense.component, self.others))
            elif sense.output not in other.outputs:
                self._wrong(
                    path, f"{sense.component} has no output {sense.output}", nearest(sense.output, other.outputs)
                )
            elif sense.unit != other.outputs[sense.output].unit:
                unit = other.outputs[sense.output].unit
                there = f"in {unit}" if unit else "a number without unit"
                self._wrong(path, f"{name} is in {sense.unit}, but {sense.component}.{sense.output} is {there}")

    def _check_names(self) -> None:
        """Conditions name machines, outputs, parameters and senses alike, so no two may share a name."""
        taken: dict[str, str] = {"summary": "the summary state"}
        for section in ("machines", "parameters", "outputs", "senses"):
            for name in getattr(self.sheet, section):
                if name in taken:
                    self._wrong((section, name), f"{name} is already the name of {taken[name]}")
                taken.setdefault(name, f"one of the {section}")

    def _machine(self, name: str, sheet: MachineSheet, path: Path) -> Statechart:
        vocabulary = self._vocabulary()
        if sheet.carrier:
            self._machine_carrier(sheet.carrier, (*path, "carrier"))
        if sheet.initial not in sheet.states:
            hint = nearest(sheet.initial, sheet.states)
            self._wrong((*path, "initial"), f"{name} has no state {sheet.initial}", hint)
        states = []
        for state, item in sheet.states.items():
            here = (*path, "states", state)
            for key in item.publishes:
                self._carrier(key, (*here, "publishes", key))
            if sheet.carrier and item.value is None:
                self._wrong(here, f"{name}.{state} needs a value for {sheet.carrier}")
            states.append(
                State(
                    name=state,
                    meaning=item.meaning,
                    value=item.value,
                    publishes=tuple(item.publishes.items()),
                    invariants=self._invariants(item.invariants, (*here, "invariants"), vocabulary),
                )
            )
        rows = tuple(
            self._row(row, sheet, (*path, "transitions", number)) for number, row in enumerate(sheet.transitions)
        )
        return Statechart(
            name=name,
            meaning=sheet.meaning,
            initial=sheet.initial,
            states=tuple(states),
            transitions=rows,
            carrier=sheet.carrier,
        )

    def _invariants(self, texts: tuple[str, ...], path: Path, vocabulary: Vocabulary) -> tuple[Condition, ...]:
        conditions = [self._condition(text, (*path, number), vocabulary) for number, text in enumerate(texts)]
        return tuple(condition for condition in conditions if condition is not None)

    def _output(self, name: str) -> Output:
        """Read while what a computed output is steady."""
        path: Path = ("outputs", name, "steady")
        steady = self._condition(self.sheet.outputs[name].steady, path, self._vocabulary())
        return replace(self.plan.outputs[name], steady=steady)

    def _fires(self, machines: Mapping[str, Statechart]) -> dict[str, Condition]:
        """Read which triggers the behaviour fires, and while what holds."""
        known = {trigger: trigger for chart in machines.values() for trigger in chart.triggers}
        known |= {trigger: trigger for fault in self.sheet.faults.values() for trigger in fault.cured_by}
        found: dict[str, Condition] = {}
        for trigger, text in self.sheet.fires.items():
            if trigger not in known:
                message = f"no machine listens to {trigger}, and it cures nothing"
                self._wrong(("fires", trigger), message, nearest(trigger, known))
            when = self._condition(text, ("fires", trigger), self._vocabulary())
            if when is not None:
                found[trigger] = when
        return found

    def _sends(self) -> tuple[Sending, ...]:
        """Read which commands the behaviour sends to other components, and while what holds."""
        found: list[Sending] = []
        for key, text in self.sheet.sends.items():
            component, _, command = key.partition(".")
            if component not in self.others:
                self._wrong(("sends", key), f"there is no component {component}", nearest(component, self.others))
            when = self._condition(text, ("sends", key), self._vocabulary())
            if when is not None:
                found.append(Sending(component=component, command=command, when=when))
        return tuple(found)

    def _fails(self) -> dict[str, Condition]:
        """Read with which errors the behaviour itself sends the component to FAULT, and while what holds."""
        found: dict[str, Condition] = {}
        for error, text in self.sheet.fails.items():
            self._known(("fails", error), "error", error, self.plan.errors)
            when = self._condition(text, ("fails", error), self._vocabulary())
            if when is not None:
                found[error] = when
        return found

    def _machine_carrier(self, key: str, path: Path) -> None:
        carrier = Carrier.of(key)
        field = self._carrier(f"{carrier.topic}.{carrier.field}", path)
        if field is None:
            return
        if field.length == 1 and carrier.element is not None:
            self._wrong(path, f"{carrier.topic}.{carrier.field} is no array", f"{carrier.topic}.{carrier.field}")
        elif field.length > 1 and (carrier.element is None or carrier.element >= field.length):
            last = field.length - 1
            self._wrong(path, f"{key} is an array of {field.length}; name an element from [0] to [{last}]")

    def _carrier(self, key: str, path: Path) -> Field | None:
        topic, _, field = key.partition(".")
        self._known(path, "topic", topic, self.plan.topics)
        if topic not in self.plan.topics:
            return None
        if not self.plan.topics[topic].simulated:
            self._wrong(path, f"{topic} is not simulated and carries nothing")
        self._known(path, f"field of {topic},", field, self.plan.topics[topic].fields)
        return self.plan.topics[topic].fields.get(field)

    def _settable(self, output: str, path: Path) -> None:
        self._known(path, "output", output, self.plan.outputs)
        if output in self.plan.outputs and self.plan.outputs[output].initial is None:
            self._wrong(path, f"{output} is computed and cannot be set; only an output with `initial` can")

    def _row(self, row: RowSheet, machine: MachineSheet, path: Path) -> Transition:
        if bool(row.on) == (row.after is not None):
            self._wrong(path, "a transition needs either `on` or `after`")
        for key, states in (("from", row.from_), ("to", (row.to,) if row.to else ())):
            for state in states:
                if state not in machine.states and not (key == "from" and state == "*"):
                    self._wrong((*path, key), f"there is no state {state}", nearest(state, machine.states))
        arguments: dict[str, Field] = {}
        for trigger in row.on:
            arguments |= self.commands.get(trigger, {})
        vocabulary = self._vocabulary(arguments=arguments)
        if row.fault is not None:
            self._known((*path, "fault"), "error", row.fault, self.plan.errors)
        assign = []
        for output, text in row.assign.items():
            here = (*path, "assign", output)
            self._settable(output, here)
            expression = self._expression(text, here, vocabulary)
            if expression is not None:
                assign.append((output, expression))
        log = None
        if row.log is not None:
            template = self._template(row.log.text, (*path, "log", "text"), vocabulary)
            log = (row.log.level, template) if template is not None else None
        return Transition(
            on=row.on,
            after=self._duration(row.after, (*path, "after"), vocabulary),
            sources=row.from_,
            target=row.to,
            guard=self._condition(row.guard, (*path, "guard"), vocabulary),
            raises=self._template(row.raises, (*path, "raises"), vocabulary),
            emits=row.emits,
            assign=tuple(assign),
            fault=row.fault,
            log=log,
        )

    def _fields(self, sheet: CommandSheet, path: Path) -> dict[str, Field]:
        fields = {}
        for name, item in sheet.fields.items():
            with self._collecting((*path, "fields", name)):
                fields[name] = read_field(name, item)
        return fields

    def _commands(self) -> dict[str, Command]:
        commands = generic_commands(self.sheet.generics)
        for name, item in self.sheet.commands.items():
            path: Path = ("commands", name)
            for number, state in enumerate(item.states):
                if state not in SummaryState.__members__:
                    hint = nearest(state, SummaryState.__members__)
                    self._wrong((*path, "states", number), f"there is no summary state {state}", hint)
            vocabulary = self._vocabulary(arguments=self.commands[name])
            guards = [
                (
                    self._condition(guard.that, (*path, "guards", number, "that"), vocabulary),
                    self._template(guard.else_, (*path, "guards", number, "else"), vocabulary),
                    self._error_number(guard.error, (*path, "guards", number, "error")),
                )
                for number, guard in enumerate(item.guards)
            ]
            fails = [
                (
                    self._condition(failure.when, (*path, "fails", number, "when"), vocabulary),
                    self._template(failure.because, (*path, "fails", number, "because"), vocabulary),
                    self._error_number(failure.error, (*path, "fails", number, "error")),
                )
                for number, failure in enumerate(item.fails)
            ]
            generic = commands.get(name)
            commands[name] = Command(
                name=name,
                meaning=item.meaning or (generic.meaning if generic else ""),
                fields=self.commands[name],
                states=generic.states if generic else item.states,
                guards=tuple(
                    Guard(that=that, otherwise=text, error=error) for that, text, error in guards if that and text
                ),
                ignored_when=self._condition(item.ignored_when, (*path, "ignored_when"), vocabulary),
                done=self._condition(item.done, (*path, "done"), vocabulary),
                fails=tuple(
                    Failure(when=when, because=text, error=error) for when, text, error in fails if when and text
                ),
                limit=self._duration(item.limit, (*path, "limit"), vocabulary),
                endless=item.endless,
                in_progress=self._duration(item.in_progress, (*path, "in_progress"), vocabulary),
                takes=self._duration(item.takes, (*path, "takes"), vocabulary),
                refuses=item.refuses,
                simulated=item.simulated,
                allow_concurrent=item.allow_concurrent and generic is None,
                changes_state=generic.changes_state if generic else False,
            )
        return commands

    def _error_number(self, name: str | None, path: Path) -> int:
        """Return the number that a refusal carries: that of an error of the sheet, or SAL's own."""
        if name is None:
            return 1
        self._known(path, "error", name, self.plan.errors)
        return self.plan.errors.get(name, (1, ""))[0]

    def _fault(self, name: str, path: Path) -> Fault:
        sheet = self.sheet.faults[name]
        parameters = {}
        for key, item in sheet.parameters.items():
            with self._collecting((*path, "parameters", key)):
                parameters[key] = read_parameter(key, item)
        vocabulary = self._vocabulary(fault_parameters=parameters)
        effects = [
            effect
            for number, each in enumerate(sheet.effects)
            for effect in [self._effect(each, (*path, "effects", number), vocabulary)]
            if effect is not None
        ]
        return Fault(
            name=name,
            meaning=sheet.meaning,
            parameters=parameters,
            effects=tuple(effects),
            seen=sheet.seen,
            cure=sheet.cure,
            cured_by=sheet.cured_by,
            source=sheet.source,
        )

    def _effect(self, item: EffectSheet, path: Path, vocabulary: Vocabulary) -> Effect | None:
        chosen = [kind for kind in ("set", "hold", "fire", "fault", "drop", "delay") if getattr(item, kind) is not None]
        if len(chosen) != 1:
            self._wrong(path, "an effect is exactly one of set, hold, fire, fault, drop, delay")
            return None
        kind = chosen[0]
        if kind == "set":
            values = []
            for target, text in (item.set or {}).items():
                here = (*path, "set", target)
                if target in self.plan.outputs:
                    self._settable(target, here)
                else:
                    self._known(here, "output or parameter", target, {**self.plan.outputs, **self.plan.parameters})
                expression = self._expression(text, here, vocabulary)
                if expression is not None:
                    values.append((target, expression))
            return Effect(kind=kind, values=tuple(values))
        target = getattr(item, kind)
        if kind == "fault":
            self._known((*path, kind), "error", target, self.plan.errors)
        if kind in ("drop", "delay"):
            self._known((*path, kind), "topic", target, self.plan.topics)
        if (kind == "delay") != (item.by is not None) or (item.times is not None and kind != "hold"):
            self._wrong(path, "`delay` needs `by`, and only `hold` takes `times`")
        if kind == "delay":
            amount = self._duration(item.by, (*path, "by"), vocabulary)
        else:
            amount = self._expression(item.times, (*path, "times"), vocabulary)
        return Effect(kind=kind, target=target, amount=amount)
