"""Other procedures that a procedure has carried out: here, by a script queue, or as a Scheduler's block."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import yaml

from csc.foresight import FOREVER, Member, Span
from csc.foresight.sending import weigh
from fsm import NULL, AuthorError, nearest
from fsm.conditions import Possible, exactly
from procedures import model
from procedures.checking.body import Body
from procedures.checking.commanding import send
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.ledger import Seen
from procedures.checking.resting import BACKGROUND, rest
from procedures.checking.situation import Situation, Thread
from procedures.checking.stepping import Procedure as WholeProcedure
from procedures.config import parse_config, validate_config
from procedures.model import Procedure
from procedures.scope import as_value

__all__ = ["Other", "RunBlock", "begin_block", "exact_config"]

ALWAYS, NEVER = frozenset((True,)), frozenset((False,))
LONGEST_LOADING = 60.0
"""So long a script may take to load and configure [s] (lsst-ts/ts_scriptqueue: script_info.py)."""
UNDER_WAY = f"{BACKGROUND}block "
"""What the name of a thread has in it that carries a block out."""
DEEPEST = 20
"""Procedures that call each other deeper than this call each other for ever."""


def exact_config(config: Mapping[str, Any]) -> dict[str, Possible]:
    """Return a configuration of which everything is known."""
    return {key: _exact(value) for key, value in config.items()}


def _exact(value: Any) -> Possible:
    known = as_value(value)
    try:
        return exactly(known)
    except TypeError:  # a mapping: what is in it cannot be named
        return Possible()


class Other(Body):
    """Another procedure, carried out here or by a script queue."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Find it, and begin it."""
        step: model.Call = self.step
        path = explorer.value(situation, self.frame, step.procedure).only
        if not isinstance(path, str):
            return [rest(explorer, situation, thread, FOREVER)]
        given = {key: explorer.value(situation, self.frame, value) for key, value in (step.config or {}).items()}
        self.keep(situation, thread, step.save, Possible())
        try:
            frame = self._called(explorer, path, given)
        except AuthorError as error:
            self.note(
                explorer, situation, "config", f"{path} takes its configuration", NEVER, seen=partial(Seen, str(error))
            )
            return explorer.fail(situation, thread, f"{self.where}: {error}")
        self.note(explorer, situation, "config", f"{path} takes its configuration", ALWAYS)
        whole = explorer.make(WholeProcedure, frame)
        if step.via is None:
            return [explorer.push(situation, thread, whole)]
        queued = explorer.make(Queued, self.frame, step, step.via)
        if step.wait:
            return [explorer.push(situation, thread, queued, whole)]
        situation.threads[f"{self.frame.name}{BACKGROUND}{step.id}"] = Thread(explorer.code((whole,)))
        return [explorer.push(situation, thread, queued)]

    def _called(self, explorer: Explorer, path: str, given: Mapping[str, Possible]) -> Frame:
        """Return the frame of what is called.

        Raises
        ------
        AuthorError
            If there is no such procedure, or it does not take this configuration.
        """
        caller, step = self.frame, self.step
        if caller.name.count(" > ") > DEEPEST:
            raise AuthorError(f"{path} is called too deep: {caller.name}")
        procedure = explorer.procedure(path)
        exact = {key: value.only for key, value in given.items()}
        if None in exact.values():
            config = _partly(procedure, given)
        else:
            config = exact_config(validate_config(procedure, {key: _plain(value) for key, value in exact.items()}))
        shown = ", ".join(f"{key} {value}" for key, value in config.items())
        name = f"{caller.name} > {step.id} {procedure.name} {shown}"
        prefix = "" if step.via is not None else f"{caller.prefix}{step.id}/"
        script = caller.script or step.via is not None
        return explorer.frame(name, partial(Frame, name, prefix, procedure, config, script))


def _partly(procedure: Procedure, given: Mapping[str, Possible]) -> dict[str, Possible]:
    """Return a configuration of which not everything is known: defaults where nothing is given."""
    properties = (procedure.config or {}).get("properties", {})
    for key in given:
        if key not in properties:
            hint = nearest(key, properties)
            raise AuthorError(f"{procedure.name} has no key {key}", suggestion=hint)
    defaults = {key: _exact(item["default"]) for key, item in properties.items() if "default" in item}
    return defaults | dict(given)


def _plain(value: Any) -> Any:
    if value is NULL:
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


class RunBlock(Body):
    """An observing block: a Scheduler takes it, and a queue carries out its scripts, one after the other."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Find it, and begin with its first script."""
        step: model.Block = self.step
        name = explorer.value(situation, self.frame, step.block).only
        override = {key: explorer.value(situation, self.frame, value).only for key, value in step.override.items()}
        if not isinstance(name, str) or None in override.values():
            return [rest(explorer, situation, thread, FOREVER)]
        try:
            frames = block_frames(explorer, self.frame, step.id, name, override)
        except AuthorError as error:
            self.note(
                explorer, situation, "config", f"{name} can be carried out", NEVER, seen=partial(Seen, str(error))
            )
            return explorer.fail(situation, thread, f"{self.where}: {error}")
        queued = explorer.make(Queued, self.frame, step, step.via)
        taken = explorer.make(TakeBlock, self.frame, step, f"Scheduler:{step.via.partition(':')[2]}")
        scripts = ((queued, explorer.make(WholeProcedure, frame)) for frame in frames)
        return [explorer.push(situation, thread, queued, taken, *(part for pair in scripts for part in pair))]


def block_frames(
    explorer: Explorer, caller: Frame, step: str, program: str, override: Mapping[str, Any] | None = None
) -> list[Frame]:
    """Return the frames of a block's scripts.

    Parameters
    ----------
    override
        Values that replace those of the block's configuration; null leaves one as it is.

    Raises
    ------
    AuthorError
        If there is no such block, or one of its scripts does not take its configuration.
    """
    blocks = explorer.blocks
    block = blocks.get(program)
    if block is None:
        raise AuthorError(f"there is no block {program}", suggestion=nearest(program, blocks.ids()))
    frames = []
    given = {key: _plain(value) for key, value in (override or {}).items() if value is not NULL}
    configuration = blocks.configuration(block, yaml.safe_dump(given) if given else "")
    for number, (path, _, text) in enumerate(configuration, start=1):
        procedure = explorer.procedure(path)
        config = exact_config(parse_config(procedure, text))
        name = f"{caller.name} > {step} {program} {number} {procedure.name} {given or ''}".rstrip()
        frames.append(explorer.frame(name, partial(Frame, name, "", procedure, config, True)))
    return frames


def begin_block(
    explorer: Explorer, situation: Situation, body: Body, member: Member, arguments: Mapping[str, Possible]
) -> None:
    """Let the scripts of a block that a Scheduler was given go on beside whoever has given it."""
    begun = any(UNDER_WAY in thread for thread in situation.threads)
    body.note(explorer, situation, "rule", "no block is under way", NEVER if begun else ALWAYS)
    program = arguments["id"].only
    if not isinstance(program, str):
        return
    try:
        frames = block_frames(explorer, body.frame, body.step.id, program)
    except AuthorError as error:
        body.note(explorer, situation, "config", f"{program} can be carried out", NEVER, seen=partial(Seen, str(error)))
        return
    code = explorer.code(explorer.make(WholeProcedure, frame) for frame in frames)
    situation.threads[f"{body.frame.name}{UNDER_WAY}{program}"] = Thread(code)


class Queued(Body):
    """A script on its way through a queue."""

    def __init__(self, frame: Frame, step: Any, queue: str) -> None:
        super().__init__(frame, step)
        self._queue = queue

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Wait until the queue has loaded it."""
        member = explorer.member(self._queue)
        if member is None:
            return explorer.fail(situation, thread, f"{self.where}: there is no {self._queue}")
        outcome = weigh(explorer.foresight, situation.world, member, member.plan.commands["add"], {})
        self.note_judged(explorer, situation, member, outcome.judged, of="add")
        found = explorer.fail(situation.copy(), thread, f"{self.where}: refused") if outcome.may_be_refused else []
        if outcome.accepted is not None:
            later = situation.in_world(outcome.accepted)
            found.append(rest(explorer, later, thread, Span(0.0, LONGEST_LOADING)))
        return found


class TakeBlock(Body):
    """A Scheduler takes a block, if it can."""

    def __init__(self, frame: Frame, step: Any, scheduler: str) -> None:
        super().__init__(frame, step)
        self._scheduler = scheduler

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Weigh addBlock."""
        fields = {"id": Possible()}
        return send(explorer, situation, thread, self, self._scheduler, "addBlock", fields, limit=Span(0.0, 60.0))
