"""How each kind of step is resolved: one function a kind, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from csc import Field, SummaryState
from fsm import Text, nearest
from procedures import model
from procedures.model import Step, Unless
from procedures.reader import Keys, Reader
from procedures.sheets import (
    CallSheet,
    ForEachSheet,
    ImagesSheet,
    IngestedSheet,
    JoinSheet,
    PipelineSheet,
    RepeatSheet,
    StepSheet,
    SummaryStateSheet,
)

__all__ = ["BUILDERS"]


_FOR_EVENT = {"for event ": False, "for latest event ": True}
"""How a wait for an event begins, and whether one that has come already will do."""


def _build_command(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    component, _, command = (sheet.command or "").rpartition(".")
    canonical = reader.observatory.canonical(component)
    here = (*path, "command")
    fields: Mapping[str, Field] = {}
    if canonical not in reader.observatory.blueprints:
        reader.wrong(here, f"there is no component {component}", nearest(component, reader.observatory.blueprints))
    else:
        commands = reader.observatory.blueprints[canonical].commands
        if command not in commands:
            reader.wrong(here, f"{component} has no command {command}", nearest(command, commands))
        else:
            fields = commands[command].fields
            for key in sheet.with_ or {}:
                if key not in fields:
                    reader.wrong((*path, "with", key), f"{command} has no field {key}", nearest(key, fields))
    arguments = {key: reader.argument(value, (*path, "with", key)) for key, value in (sheet.with_ or {}).items()}
    if sheet.save:
        reader.vocabulary.declare(sheet.save)
    return model.Command(**common, component=canonical, command=command, fields=arguments, save=sheet.save)


def _build_summary_state(
    reader: Reader, sheet: StepSheet, item: SummaryStateSheet, path: Keys, common: dict[str, Any]
) -> Step:
    here = (*path, "summary_state")
    if "${" not in item.to and item.to not in SummaryState.__members__:
        reader.wrong((*here, "to"), f"there is no summary state {item.to}", nearest(item.to, SummaryState.__members__))
    known = [*reader.observatory.blueprints, *reader.observatory.groups]
    if "${" not in item.of and reader.observatory.canonical(item.of) not in known:
        reader.wrong((*here, "of"), f"there is no component or group {item.of}", nearest(item.of, known))
    return model.SummaryStateStep(
        **common,
        of=reader.argument(item.of, (*here, "of")),
        to=reader.argument(item.to, (*here, "to")),
        override=reader.argument(item.override, (*here, "override")),
        overrides={key: reader.argument(value, (*here, "overrides", key)) for key, value in item.overrides.items()},
        ignore=() if item.ignore is None else reader.expression(item.ignore, (*here, "ignore")),
    )


def _build_wait(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    text, here = sheet.wait or "", (*path, "wait")
    unless = [
        Unless(when=when, because=reader.template(item.because, (*path, "unless", number, "because")))
        for number, item in enumerate(sheet.unless)
        for when in [reader.condition(item.when, (*path, "unless", number, "when"))]
        if when is not None
    ]
    awaited = next((start for start in _FOR_EVENT if text.startswith(start)), None)
    if sheet.save and awaited is None:
        reader.wrong((*path, "save"), "only the fields of an event can be saved: wait: for event ATDome.azimuthState")
    if awaited is not None:
        component, _, topic = text.removeprefix(awaited).strip().rpartition(".")
        canonical = reader.observatory.canonical(component)
        plan = reader.observatory.blueprints.get(canonical)
        if plan is None:
            reader.wrong(here, f"there is no component {component}", nearest(component, reader.observatory.blueprints))
        elif topic not in plan.topics:
            reader.wrong(here, f"{component} has no event {topic}", nearest(topic, plan.topics))
        if sheet.save:
            reader.vocabulary.declare(sheet.save)
        latest = _FOR_EVENT[awaited]
        return model.Wait(**common, event=(canonical, topic), latest=latest, save=sheet.save, unless=tuple(unless))
    if text.startswith("until "):
        until = reader.condition(text, here, skip=len("until "))
        return model.Wait(**common, until=until, unless=tuple(unless))
    return model.Wait(**common, duration=reader.duration(text, here), unless=tuple(unless))


def _build_expect(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    check = reader.check(sheet.expect, (*path, "expect")) if sheet.expect is not None else None
    return model.Expect(**common, check=check) if check is not None else model.Wait(**common)


def _build_confirm(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    question = reader.template(sheet.confirm or "", (*path, "confirm"))
    return model.Confirm(**common, question=question, look_at=sheet.look_at)


def _build_announce(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    return model.Announce(**common, text=reader.template(sheet.announce or "", (*path, "announce")))


def _check_queue(reader: Reader, name: str, path: Keys) -> None:
    known = reader.observatory.blueprints
    queues = [each for each in known if each.partition(":")[0] == "ScriptQueue"]
    if name not in known:
        reader.wrong(path, f"there is no component {name}", nearest(name, queues))
    elif name not in queues:
        reader.wrong(path, f"{name} is no script queue; there is {', '.join(queues) or 'none'}")


def _build_call(reader: Reader, sheet: StepSheet, item: CallSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "call")
    if item.via is not None:
        _check_queue(reader, item.via, (*here, "via"))
    if item.save:
        reader.vocabulary.declare(item.save)
    return model.Call(
        **common,
        procedure=reader.argument(item.procedure, (*here, "procedure")),
        config=None
        if item.config is None
        else {key: reader.argument(value, (*here, "config", key)) for key, value in item.config.items()},
        via=item.via,
        wait=item.wait,
        save=item.save,
    )


def _build_block(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    via = sheet.via or "ScriptQueue:2"
    _check_queue(reader, via, (*path, "via") if sheet.via else (*path, "block"))
    override = {key: reader.argument(value, (*path, "override", key)) for key, value in (sheet.override or {}).items()}
    return model.Block(**common, block=reader.argument(sheet.block, (*path, "block")), via=via, override=override)


def _build_parallel(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    branches = tuple(
        reader.steps(branch, (*path, "parallel", number), f"{common['id']}.{chr(97 + number)}")
        for number, branch in enumerate(sheet.parallel or ())
    )
    return model.Parallel(**common, branches=branches)


def _build_for_each(reader: Reader, sheet: StepSheet, item: ForEachSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "for_each")
    of = reader.expression(item.of, (*here, "of"))
    reader.vocabulary.declare(item.item)
    steps = reader.steps(item.steps, (*here, "steps"), f"{common['id']}.")
    return model.ForEach(**common, item=item.item, of=of, steps=steps) if of else model.Wait(**common)


def _build_repeat(reader: Reader, sheet: StepSheet, item: RepeatSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "repeat")
    steps = reader.steps(item.steps, (*here, "steps"), f"{common['id']}.")
    until = None if item.until is None else reader.condition(item.until, (*here, "until"))
    times = reader.number(item.times, (*here, "times"))
    return model.Repeat(**common, times=times, until=until, steps=steps) if times else model.Wait(**common)


def _build_when(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    condition = reader.condition(sheet.when or "", (*path, "when"))
    steps = reader.steps(sheet.then, (*path, "then"), f"{common['id']}.")
    otherwise = reader.steps(sheet.otherwise, (*path, "otherwise"), f"{common['id']}.else.")
    if condition is None:
        return model.Wait(**common)
    return model.When(**common, condition=condition, steps=steps, otherwise=otherwise)


def _component(reader: Reader, name: str, path: Keys) -> model.Argument:
    """Read the name of a component; one that only the configuration knows is looked for when the step begins."""
    known = reader.observatory.blueprints
    if "${" not in name and name not in known:
        reader.wrong(path, f"there is no component {name}", nearest(name, known))
    return reader.argument(name, path)


def _build_take_images(reader: Reader, sheet: StepSheet, item: ImagesSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "take_images")
    for variable, subject in ((item.save, None), (item.save_ids, Text())):
        if variable:
            reader.vocabulary.declare(variable, subject)
    return model.TakeImages(
        **common,
        camera=_component(reader, item.camera, (*here, "camera")),
        image_type=reader.argument(item.type, (*here, "type")),
        count=reader.number(item.count, (*here, "count")),
        exposure_times=reader.durations(item.exposure_times, (*here, "exposure_times")),
        reason=reader.argument(item.reason, (*here, "reason")),
        program=reader.argument(item.program, (*here, "program")),
        note=reader.argument(item.note, (*here, "note")),
        pause=reader.duration(item.pause, (*here, "pause")),
        checkpoints=item.checkpoints,
        save=item.save,
        discard=reader.number(item.discard, (*here, "discard")),
        save_ids=item.save_ids,
    )


def _build_ingested(reader: Reader, sheet: StepSheet, item: IngestedSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "ingested")
    return model.Ingested(
        **common,
        images=reader.expression(item.images, (*here, "images")),
        oods=_component(reader, item.oods, (*here, "oods")),
        detectors=reader.number(item.detectors, (*here, "detectors")),
    )


def _build_pipeline(reader: Reader, sheet: StepSheet, item: PipelineSheet, path: Keys, common: dict[str, Any]) -> Step:
    here = (*path, "pipeline")
    if item.save:
        reader.vocabulary.declare(item.save)
    return model.Pipeline(
        **common,
        ocps=_component(reader, item.ocps, (*here, "ocps")),
        pipeline=reader.argument(item.pipeline, (*here, "pipeline")),
        config=reader.argument(item.config, (*here, "config")),
        data_query=reader.argument(item.data_query, (*here, "data_query")),
        save=item.save,
        threshold=reader.maybe(item.threshold, (*here, "threshold")),
        detectors=reader.number(item.detectors, (*here, "detectors")),
    )


def _build_background(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    steps = reader.steps(sheet.steps, (*path, "steps"), f"{common['id']}.")
    reader.tasks.append(sheet.background or "")
    return model.Background(**common, task=sheet.background or "", steps=steps)


def _build_join(reader: Reader, sheet: StepSheet, item: JoinSheet, path: Keys, common: dict[str, Any]) -> Step:
    limit = reader.duration(item.limit, (*path, "join", "limit"))
    for number, task in enumerate(item.tasks):
        if task not in reader.tasks:
            here = (*path, "join", "tasks", number)
            reader.wrong(here, f"no step before goes on in the background as {task}", nearest(task, reader.tasks))
    return model.Join(**common, tasks=item.tasks, limit=limit) if limit else model.Wait(**common)


def _build_checkpoint(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    return model.Checkpoint(**common, text=reader.template(sheet.checkpoint or "", (*path, "checkpoint")))


def _build_log(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    return model.Log(**common, level=sheet.level, text=reader.template(sheet.log or "", (*path, "log")))


def _build_let(reader: Reader, sheet: StepSheet, _item: Any, path: Keys, common: dict[str, Any]) -> Step:
    values = []
    for name, text in (sheet.let or {}).items():
        expression = reader.expression(text, (*path, "let", name))
        if expression is not None:
            values.append((name, expression))
        reader.vocabulary.declare(name, expression.subject if expression else None)
    return model.Let(**common, values=tuple(values))


BUILDERS: Mapping[str, Callable[[Reader, StepSheet, Any, Keys, dict[str, Any]], Step]] = {
    "command": _build_command,
    "summary_state": _build_summary_state,
    "wait": _build_wait,
    "expect": _build_expect,
    "confirm": _build_confirm,
    "announce": _build_announce,
    "call": _build_call,
    "block": _build_block,
    "parallel": _build_parallel,
    "for_each": _build_for_each,
    "repeat": _build_repeat,
    "when": _build_when,
    "take_images": _build_take_images,
    "ingested": _build_ingested,
    "pipeline": _build_pipeline,
    "background": _build_background,
    "join": _build_join,
    "checkpoint": _build_checkpoint,
    "log": _build_log,
    "let": _build_let,
}
