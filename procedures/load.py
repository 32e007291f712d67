"""From files to procedures: every name, unit and argument of a procedure is resolved here.

All mistakes of a file are reported at once, by line. Which procedures a `call` may name is only known when
the library is complete, so that is checked by `procedures.library`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from csc import Field, ObservatoryVocabulary, SummaryState
from fsm import (
    AuthorError,
    AuthorErrors,
    Condition,
    Document,
    Expression,
    Template,
    Text,
    load_document,
    nearest,
    parse_condition,
    parse_expression,
    validate,
)
from procedures import model
from procedures.config import check_schema
from procedures.model import Argument, Check, Procedure, Step, Unless
from procedures.sheets import COMMON, KINDS, CheckSheet, ProcedureSheet, StepSheet
from procedures.vocabulary import ProcedureVocabulary

__all__ = ["load_procedure"]

Keys = tuple[str | int, ...]

_HOLE = re.compile(r"\$\{([^{}]*)\}")


def load_procedure(source: Path | str, vocabulary: ObservatoryVocabulary, *, name: str | None = None) -> Procedure:
    """Read a procedure and check it against an observatory.

    Parameters
    ----------
    source
        A file, or the text itself.
    vocabulary
        Names of the observatory.
    name
        How messages call the file.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    label = name or (source.name if isinstance(source, Path) else "procedure")
    document = load_document(source, name=label)
    sheet = validate(document, ProcedureSheet)
    return _Loader(sheet, document, vocabulary).run()


class _Loader:
    """One file while it is resolved: the names it knows so far, the mistakes found so far."""

    def __init__(self, sheet: ProcedureSheet, document: Document, observatory: ObservatoryVocabulary) -> None:
        self.sheet = sheet
        self.document = document
        self.observatory = observatory
        self.vocabulary = ProcedureVocabulary(observatory, sheet.config)
        self.errors: list[AuthorError] = []
        self.ids: set[str] = set()
        self.builders: Mapping[str, Callable[[StepSheet, Keys, dict[str, Any]], Step]] = {
            kind: getattr(self, f"_build_{kind}") for kind in KINDS
        }

    def run(self) -> Procedure:
        sheet = self.sheet
        wrong_schema = check_schema(sheet.config) if sheet.config is not None else None
        if wrong_schema:
            self._wrong(("config",), f"not a JSON schema: {wrong_schema}")
        config_checks = self._config_checks()
        preconditions = self._checks(sheet.preconditions, ("preconditions",))
        steps = self._steps(sheet.steps, ("steps",), "")
        postconditions = self._checks(sheet.postconditions, ("postconditions",))
        on_failure = self._steps(sheet.on_failure, ("on_failure",), "f")
        duration = self._expression(sheet.duration, ("duration",))
        if self.errors or duration is None:
            raise AuthorErrors(self.errors)
        return Procedure(
            name=sheet.procedure,
            kind=sheet.kind,
            title=sheet.title,
            file=self.document.name,
            standard=sheet.standard,
            sources=sheet.sources,
            overview=sheet.overview,
            warnings=sheet.warnings,
            config=sheet.config,
            config_checks=config_checks,
            duration=duration,
            remotes=sheet.remotes,
            preconditions=preconditions,
            steps=steps,
            postconditions=postconditions,
            on_failure=on_failure,
            contingency=sheet.contingency,
        )

    def _config_checks(self) -> tuple[Check, ...]:
        checks = self._checks(self.sheet.config_checks, ("config_checks",))
        for number, check in enumerate(checks):
            for name in sorted(str(name) for name in check.that.names if name.parts[:1] != ("config",)):
                self._wrong(("config_checks", number), f"only the configuration is known here, not {name}")
        return checks

    # ------------------------------------------------------------- mistakes

    def _wrong(self, path: Keys, message: str, suggestion: str | None = None) -> None:
        self.errors.append(AuthorError.at(self.document.position(path), message, suggestion=suggestion))

    # ---------------------------------------------------------------- values

    def _condition(self, text: str, path: Keys, skip: int = 0) -> Condition | None:
        try:
            return parse_condition(text[skip:], self.vocabulary, at=self.document.position(path).shifted(skip))
        except AuthorError as error:
            self.errors.append(error)
            return None

    def _expression(self, text: str, path: Keys) -> Expression | None:
        try:
            return parse_expression(text, self.vocabulary, at=self.document.position(path))
        except AuthorError as error:
            self.errors.append(error)
            return None

    def _maybe(self, text: str | None, path: Keys) -> Expression | None:
        return None if text is None else self._expression(text, path)

    def _template(self, text: str, path: Keys) -> Template:
        parts: list[str | tuple[Expression, str]] = []
        end = 0
        for hole in _HOLE.finditer(text):
            if hole.start() > end:
                parts.append(text[end : hole.start()])
            expression = self._expression(hole[1], path)
            if expression is not None:
                parts.append((expression, ""))
            end = hole.end()
        if end < len(text):
            parts.append(text[end:])
        return Template(text, tuple(parts))

    def _argument(self, value: Any, path: Keys) -> Argument:
        if isinstance(value, str):
            whole = _HOLE.fullmatch(value)
            if whole:
                return self._expression(whole[1], path)
            return self._template(value, path)
        if isinstance(value, Mapping):
            return {str(key): self._argument(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return tuple(self._argument(item, (*path, number)) for number, item in enumerate(value))
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise TypeError(f"a document holds no {type(value).__name__}")

    def _check(self, sheet: CheckSheet, path: Keys) -> Check | None:
        place = (*path, "that") if isinstance(self.document.value(path), dict) else path
        that = self._condition(sheet.that, place)
        otherwise = None if sheet.else_ is None else self._template(sheet.else_, (*path, "else"))
        return None if that is None else Check(that=that, otherwise=otherwise)

    def _checks(self, sheets: tuple[CheckSheet, ...], path: Keys) -> tuple[Check, ...]:
        checks = [self._check(sheet, (*path, number)) for number, sheet in enumerate(sheets)]
        return tuple(check for check in checks if check is not None)

    # ----------------------------------------------------------------- steps

    def _steps(self, sheets: tuple[StepSheet, ...], path: Keys, prefix: str) -> tuple[Step, ...]:
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
            self._wrong(path, f"a step has exactly one kind; this one {hint}")
            return None
        kind = kinds[0]
        for key in sorted(given - COMMON - {kind} - KINDS[kind]):
            self._wrong((*path, key.rstrip("_")), f"a {kind} step has no key {key.rstrip('_')}")
        identity = sheet.id or number
        if identity in self.ids:
            self._wrong((*path, "id"), f"there is already a step {identity}")
        self.ids.add(identity)
        common: dict[str, Any] = {
            "id": identity,
            "name": sheet.name or "",
            "position": self.document.position(path),
            "timeout": self._maybe(sheet.timeout, (*path, "timeout")),
            "preconditions": self._checks(sheet.preconditions, (*path, "preconditions")),
            "invariants": self._checks(sheet.invariants, (*path, "invariants")),
            "on_failure": self._on_failure(sheet, path, identity),
        }
        step = self.builders[kind](sheet, path, common)
        postconditions = self._checks(sheet.postconditions, (*path, "postconditions"))
        return _replace(step, postconditions=postconditions, name=step.name or _title(sheet, kind))

    def _on_failure(self, sheet: StepSheet, path: Keys, identity: str) -> tuple[Step, ...] | None:
        if sheet.on_failure is None:
            return None
        if sheet.on_failure == "warn":
            return ()
        return self._steps(sheet.on_failure, (*path, "on_failure"), f"{identity}.f")

    def _build_command(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        component, _, command = (sheet.command or "").rpartition(".")
        canonical = self.observatory.canonical(component)
        here = (*path, "command")
        fields: Mapping[str, Field] = {}
        if canonical not in self.observatory.blueprints:
            self._wrong(here, f"there is no component {component}", nearest(component, self.observatory.blueprints))
        else:
            commands = self.observatory.blueprints[canonical].commands
            if command not in commands:
                self._wrong(here, f"{component} has no command {command}", nearest(command, commands))
            else:
                fields = commands[command].fields
                for key in sheet.with_ or {}:
                    if key not in fields:
                        self._wrong((*path, "with", key), f"{command} has no field {key}", nearest(key, fields))
        arguments = {key: self._argument(value, (*path, "with", key)) for key, value in (sheet.with_ or {}).items()}
        if sheet.save:
            self.vocabulary.declare(sheet.save)
        return model.Command(**common, component=canonical, command=command, fields=arguments, save=sheet.save)

    def _build_summary_state(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.summary_state
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("summary_state is missing")
        here = (*path, "summary_state")
        if "${" not in item.to and item.to not in SummaryState.__members__:
            self._wrong(
                (*here, "to"), f"there is no summary state {item.to}", nearest(item.to, SummaryState.__members__)
            )
        known = [*self.observatory.blueprints, *self.observatory.groups]
        if "${" not in item.of and self.observatory.canonical(item.of) not in known:
            self._wrong((*here, "of"), f"there is no component or group {item.of}", nearest(item.of, known))
        return model.SummaryStateStep(
            **common,
            of=self._argument(item.of, (*here, "of")),
            to=self._argument(item.to, (*here, "to")),
            override=self._argument(item.override, (*here, "override")),
            overrides={key: self._argument(value, (*here, "overrides", key)) for key, value in item.overrides.items()},
            ignore=() if item.ignore is None else self._expression(item.ignore, (*here, "ignore")),
        )

    def _build_wait(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        text, here = sheet.wait or "", (*path, "wait")
        unless = [
            Unless(when=when, because=self._template(item.because, (*path, "unless", number, "because")))
            for number, item in enumerate(sheet.unless)
            for when in [self._condition(item.when, (*path, "unless", number, "when"))]
            if when is not None
        ]
        if text.startswith("for event "):
            component, _, topic = text.removeprefix("for event ").strip().rpartition(".")
            canonical = self.observatory.canonical(component)
            plan = self.observatory.blueprints.get(canonical)
            if plan is None:
                self._wrong(here, f"there is no component {component}", nearest(component, self.observatory.blueprints))
            elif topic not in plan.topics:
                self._wrong(here, f"{component} has no event {topic}", nearest(topic, plan.topics))
            return model.Wait(**common, event=(canonical, topic), unless=tuple(unless))
        if text.startswith("until "):
            until = self._condition(text, here, skip=len("until "))
            return model.Wait(**common, until=until, unless=tuple(unless))
        return model.Wait(**common, duration=self._expression(text, here), unless=tuple(unless))

    def _build_expect(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        check = self._check(sheet.expect, (*path, "expect")) if sheet.expect is not None else None
        return model.Expect(**common, check=check) if check is not None else model.Wait(**common)

    def _build_confirm(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        question = self._template(sheet.confirm or "", (*path, "confirm"))
        return model.Confirm(**common, question=question, look_at=sheet.look_at)

    def _build_announce(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        return model.Announce(**common, text=self._template(sheet.announce or "", (*path, "announce")))

    def _build_call(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.call
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("call is missing")
        here = (*path, "call")
        if item.via is not None and item.via not in self.observatory.blueprints:
            known = self.observatory.blueprints
            self._wrong((*here, "via"), f"there is no component {item.via}", nearest(item.via, known))
        if item.save:
            self.vocabulary.declare(item.save)
        return model.Call(
            **common,
            procedure=self._argument(item.procedure, (*here, "procedure")),
            config=None
            if item.config is None
            else {key: self._argument(value, (*here, "config", key)) for key, value in item.config.items()},
            via=item.via,
            wait=item.wait,
            save=item.save,
        )

    def _build_block(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        return model.Block(
            **common, block=self._argument(sheet.block, (*path, "block")), via=sheet.via or "ScriptQueue:2"
        )

    def _build_parallel(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        branches = tuple(
            self._steps(branch, (*path, "parallel", number), f"{common['id']}.{chr(97 + number)}")
            for number, branch in enumerate(sheet.parallel or ())
        )
        return model.Parallel(**common, branches=branches)

    def _build_for_each(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.for_each
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("for_each is missing")
        here = (*path, "for_each")
        of = self._expression(item.of, (*here, "of"))
        self.vocabulary.declare(item.item)
        steps = self._steps(item.steps, (*here, "steps"), f"{common['id']}.")
        return model.ForEach(**common, item=item.item, of=of, steps=steps) if of else model.Wait(**common)

    def _build_repeat(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.repeat
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("repeat is missing")
        here = (*path, "repeat")
        steps = self._steps(item.steps, (*here, "steps"), f"{common['id']}.")
        until = None if item.until is None else self._condition(item.until, (*here, "until"))
        times = self._expression(item.times, (*here, "times"))
        return model.Repeat(**common, times=times, until=until, steps=steps) if times else model.Wait(**common)

    def _build_when(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        condition = self._condition(sheet.when or "", (*path, "when"))
        steps = self._steps(sheet.then, (*path, "then"), f"{common['id']}.")
        otherwise = self._steps(sheet.otherwise, (*path, "otherwise"), f"{common['id']}.else.")
        if condition is None:
            return model.Wait(**common)
        return model.When(**common, condition=condition, steps=steps, otherwise=otherwise)

    def _build_take_images(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.take_images
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("take_images is missing")
        here = (*path, "take_images")
        if item.camera not in self.observatory.blueprints:
            self._wrong((*here, "camera"), f"there is no component {item.camera}")
        for variable, subject in ((item.save, None), (item.save_ids, Text())):
            if variable:
                self.vocabulary.declare(variable, subject)
        return model.TakeImages(
            **common,
            camera=item.camera,
            image_type=self._argument(item.type, (*here, "type")),
            count=self._expression(item.count, (*here, "count")),
            exposure_times=self._expression(item.exposure_times, (*here, "exposure_times")),
            reason=self._argument(item.reason, (*here, "reason")),
            program=self._argument(item.program, (*here, "program")),
            note=self._argument(item.note, (*here, "note")),
            pause=self._expression(item.pause, (*here, "pause")),
            checkpoints=item.checkpoints,
            save=item.save,
            discard=self._expression(item.discard, (*here, "discard")),
            save_ids=item.save_ids,
        )

    def _build_ingested(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.ingested
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("ingested is missing")
        here = (*path, "ingested")
        if item.oods not in self.observatory.blueprints:
            self._wrong((*here, "oods"), f"there is no component {item.oods}")
        return model.Ingested(
            **common,
            images=self._expression(item.images, (*here, "images")),
            oods=item.oods,
            detectors=self._expression(item.detectors, (*here, "detectors")),
        )

    def _build_pipeline(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.pipeline
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("pipeline is missing")
        here = (*path, "pipeline")
        if item.ocps not in self.observatory.blueprints:
            self._wrong((*here, "ocps"), f"there is no component {item.ocps}")
        if item.save:
            self.vocabulary.declare(item.save)
        return model.Pipeline(
            **common,
            ocps=item.ocps,
            pipeline=self._argument(item.pipeline, (*here, "pipeline")),
            config=self._argument(item.config, (*here, "config")),
            data_query=self._argument(item.data_query, (*here, "data_query")),
            save=item.save,
            threshold=self._maybe(item.threshold, (*here, "threshold")),
            detectors=self._expression(item.detectors, (*here, "detectors")),
        )

    def _build_background(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        steps = self._steps(sheet.steps, (*path, "steps"), f"{common['id']}.")
        return model.Background(**common, task=sheet.background or "", steps=steps)

    def _build_join(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        item = sheet.join
        if item is None:  # pragma: no cover  # the kind was chosen by this key
            raise TypeError("join is missing")
        limit = self._expression(item.limit, (*path, "join", "limit"))
        return model.Join(**common, tasks=item.tasks, limit=limit) if limit else model.Wait(**common)

    def _build_checkpoint(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        return model.Checkpoint(**common, text=self._template(sheet.checkpoint or "", (*path, "checkpoint")))

    def _build_log(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        return model.Log(**common, level=sheet.level, text=self._template(sheet.log or "", (*path, "log")))

    def _build_let(self, sheet: StepSheet, path: Keys, common: dict[str, Any]) -> Step:
        values = []
        for name, text in (sheet.let or {}).items():
            expression = self._expression(text, (*path, "let", name))
            if expression is not None:
                values.append((name, expression))
            self.vocabulary.declare(name, expression.subject if expression else None)
        return model.Let(**common, values=tuple(values))


def _replace(step: Step, **changes: Any) -> Step:
    import dataclasses

    return dataclasses.replace(step, **changes)


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
