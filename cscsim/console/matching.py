"""Which act of a person belongs to which step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from fsm import NULL, Expression, Template
from procedures import model
from procedures.blocks import Blocks
from procedures.model import Argument, Step
from procedures.scope import ProcedureScope
from procedures.training import Act

__all__ = ["Matcher", "value_of"]


def value_of(argument: Argument, scope: ProcedureScope) -> Any:
    """Return an argument's value now; None if it is unknown or empty."""
    match argument:
        case Template():
            return argument.fill(scope)
        case Expression():
            value = argument.evaluate(scope)
            return None if value is NULL else value
        case Mapping():
            return {key: value_of(item, scope) for key, item in argument.items()}
        case tuple():
            return [value_of(item, scope) for item in argument]
    return argument


class Matcher:
    """Tells whether an act belongs to a step.

    Parameters
    ----------
    blocks
        Which scripts a block has: whoever runs them one by one does what the block does.
    """

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    def fits(self, act: Act, step: Step, scope: ProcedureScope) -> bool:
        """Tell whether an act may be for a step."""
        match step:
            case model.Call() if step.via is not None:
                return act.kind == "script" and (act.component, act.what) == (step.via, value_of(step.procedure, scope))
            case model.Block():
                whole = act.kind == "block" and act.what == value_of(step.block, scope)
                return whole or (act.kind == "script" and act.what in self.scripts(step, scope))
            case model.Command():
                return act.kind == "command" and (act.component, act.what) == (step.component, step.command)
            case model.Pipeline():
                named = (act.component, act.what) == (value_of(step.ocps, scope), "execute")
                return act.kind == "command" and named
            case model.Confirm():
                return act.kind == "confirm" and act.what == step.id
            case model.Announce():
                return act.kind == "announce" and act.what == step.id
        return False

    def is_exact(self, act: Act, step: Step, scope: ProcedureScope) -> bool:
        """Tell whether an act also has the values that a step wants."""
        match step:
            case model.Call():
                return _has(_read(act.data.get("config", "")), step.config or {}, scope)
            case model.Command():
                return _has(act.data, step.fields, scope)
        return act.kind != "script"

    def scripts(self, step: model.Block, scope: ProcedureScope) -> tuple[str, ...]:
        """Return the scripts of a block, in order."""
        block = self._blocks.get(str(value_of(step.block, scope)))
        return tuple(script.name for script in block.scripts) if block is not None else ()

    def missing(self, acts: Sequence[Act], step: model.Block, scope: ProcedureScope) -> tuple[str, ...]:
        """Return the scripts of a block that nobody has run yet, if they are run one by one."""
        left = list(self.scripts(step, scope))
        for act in acts:
            if act.kind == "block":
                return ()
            if act.what in left:
                left.remove(act.what)
        return tuple(left)


def _has(given: Mapping[str, Any], wanted: Mapping[str, Argument], scope: ProcedureScope) -> bool:
    """Tell whether all values that are wanted were given."""
    values = {key: value_of(value, scope) for key, value in wanted.items()}
    return all(value is None or _plain(given.get(key)) == _plain(value) for key, value in values.items())


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _read(config: object) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(str(config))
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}
