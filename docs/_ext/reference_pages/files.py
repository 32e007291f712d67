"""Tables of the keys of YAML files, from the models that read them.

What a key means is told in `meanings.yaml`. A key of a model that is not told there, or one that is told and does
not exist, fails the build.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from csc import ObservatorySheet
from csc.datasheet import DataSheet
from csc.parameter_set import ParameterSetSheet
from cscsim.campaign_file import CampaignSheet
from cscsim.course import course_rows
from fsm import load_document
from procedures import scenario, sheets
from procedures.extension import ExtensionSheet
from procedures.scenario_injection import InjectionSheet
from procedures.sheets import COMMON, KINDS, CheckSheet, ProcedureSheet, StepSheet
from procedures.training import load as training_load
from reference_pages.markdown import GENERATED, code, joined, prose, table, target

__all__ = ["pages"]


def pages() -> Iterator[tuple[str, str]]:
    """Yield the tables that the pages about files include."""
    told = dict(_meanings())
    scenario_sheet: type[BaseModel] = vars(scenario)["_ScenarioSheet"]  # the module's own, and the only schema there is
    yield "generated/data_sheet_keys.md", _keys(DataSheet, told)
    yield "generated/observatory_keys.md", _keys(ObservatorySheet, told)
    yield "generated/parameter_set_keys.md", _keys(ParameterSetSheet, told)
    yield "generated/campaign_keys.md", _keys(CampaignSheet, told)
    yield "generated/scenario_keys.md", _keys(scenario_sheet, told)
    yield "generated/procedure_keys.md", _keys(ProcedureSheet, told, without=(StepSheet,))
    yield "generated/step_kinds.md", _steps(told)
    yield "generated/extension_keys.md", _keys(ExtensionSheet, told, without=(StepSheet, CheckSheet))
    training_sheet: type[BaseModel] = vars(training_load)["_TrainingSheet"]
    yield "generated/training_keys.md", _keys(training_sheet, told, without=(InjectionSheet,))
    yield "generated/training_course.md", _course()
    if told:
        raise LookupError(f"meanings.yaml tells of {', '.join(told)}, which no file may contain")


@cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    document = load_document(Path(__file__).with_name("meanings.yaml"), name="meanings.yaml")
    data: Any = document.data
    return {str(model): {str(key): str(text) for key, text in keys.items()} for model, keys in data.items()}


def _course() -> str:
    rows = [
        (
            str(row["number"]),
            code(row["name"]),
            prose(row["title"]),
            code(row["procedure"]),
            f"{row['par_s'] / 60:.0f} min",
        )
        for row in course_rows()
    ]
    return f"{GENERATED}\n" + table(("number", "name", "title", "procedure", "par"), rows)


# ---------------------------------------------------------------------- models


def _keys(model: type[BaseModel], told: dict[str, Any], without: Collection[type[BaseModel]] = ()) -> str:
    """Return a table for a model, and below it one for each model inside."""
    parts = [GENERATED]
    for each in _models(model, without):
        if each is not model:
            parts.append(f"({_anchor(each)})=\n\n### {_title(each)}\n")
            if each.__doc__:
                parts.append(f"{prose(each.__doc__)}\n")
        parts.append(_table(each, told))
    return "\n".join(parts)


def _models(model: type[BaseModel], without: Collection[type[BaseModel]]) -> list[type[BaseModel]]:
    found = [model]
    for each in found:
        for field in each.model_fields.values():
            found += [inner for inner in _inside(field.annotation) if inner not in (*found, *without)]
    return found


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


def _table(model: type[BaseModel], told: dict[str, Any]) -> str:
    meanings = told.pop(model.__name__, None)
    if meanings is None:
        raise LookupError(f"meanings.yaml does not tell of {model.__name__}")
    rows = [_row(field.alias or name, field, meanings) for name, field in model.model_fields.items()]
    if differing := {row[0].strip("`") for row in rows} ^ set(meanings):
        raise LookupError(f"meanings.yaml and {model.__name__} differ in {', '.join(sorted(differing))}")
    return table(("key", "value", "default", "meaning"), rows)


def _row(
    key: str,
    field: FieldInfo,
    meanings: Mapping[str, str],
) -> tuple[str, str, str, str]:
    meaning = meanings.get(key, "")
    return code(key), _value(_whole(field)), _default(field), prose(meaning)


def _whole(field: FieldInfo) -> Any:
    """Return the annotation with what pydantic has taken apart put together again."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), "") or value == {}:
        return ""
    if isinstance(value, bool):
        return code(str(value).lower())
    return joined(value) if isinstance(value, tuple) else code(value)


def _value(annotation: Any) -> str:
    """Say in words what may stand under a key."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = _value(arguments[0])
        return _RELAXED.get(inner, inner)
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(_value(each) for each in arguments if each is not type(None))
        return " or ".join(kinds)
    if origin is Literal:
        return joined(arguments)
    if annotation is Any:
        return "any"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "[step](#step-kinds)" if annotation is StepSheet else f"[{_title(annotation)}](#{_anchor(annotation)})"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping of {_value(arguments[0])} to {_value(arguments[1])}"
    if isinstance(origin, type) and issubclass(origin, Collection):
        items = [item for item in arguments if item is not Ellipsis]
        return f"list of {len(items)}" if len(items) > 1 else f"list of {_value(items[0])}"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "truth value"}[annotation.__name__]


_RELAXED = {"text": "text or number", "list of text": "text, or list of text"}
"""What a key also takes because its model reads it leniently."""


def _title(model: type[BaseModel]) -> str:
    words = model.__name__.strip("_").removesuffix("Sheet")
    return "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in words).strip()


def _anchor(model: type[BaseModel]) -> str:
    return target(model.__module__.rpartition(".")[2], _title(model))


# ----------------------------------------------------------------------- steps


def _steps(told: dict[str, Any]) -> str:
    """Return the keys that every step may have, and then each kind of step with its own."""
    fields = {(field.alias or name): field for name, field in StepSheet.model_fields.items()}
    meanings = told.pop("StepSheet")
    if differing := set(fields) ^ set(meanings):
        raise LookupError(f"meanings.yaml and StepSheet differ in {', '.join(sorted(differing))}")
    rows = [(code(key), _value(_whole(field)), prose(meanings[key])) for key, field in fields.items() if key in COMMON]
    parts = [GENERATED, "## Keys of every step\n", table(("key", "value", "meaning"), rows)]
    parts.append("(step-kinds)=\n\n## Kinds of step\n")
    parts.append("A step has exactly one of these keys.\n")
    for kind, own in KINDS.items():
        parts += [f"### {kind}\n", f"{prose(meanings[kind])}\n"]
        keys = [kind, *sorted(key.rstrip("_") for key in own if key.rstrip("_") != kind)]
        below = [model for model in _inside(fields[kind].annotation) if model.__name__ in told]
        if len(keys) > 1 or not below:
            parts.append(table(("key", "value", "meaning"), _kind_rows(kind, keys, fields, meanings)))
        for model in below:
            parts.append(f"({_anchor(model)})=\n\nBelow `{kind}`:\n\n{_table(model, told)}")
    extra = [model for model in (sheets.UnlessSheet,) if model.__name__ in told]
    parts += [f"({_anchor(model)})=\n\n### {_title(model)}\n\n{_table(model, told)}" for model in extra]
    return "\n".join(parts)


def _kind_rows(
    kind: str, keys: list[str], fields: Mapping[str, FieldInfo], meanings: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    for key in keys:
        meaning = "" if key == kind else prose(meanings[key])
        yield code(key), _value(_whole(fields[key])), meaning
