"""The CONFIG of a script as somebody types it: what is wrong with it, where, and what it may say."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from fsm import AuthorError, AuthorErrors
from procedures import Library, model
from procedures.config import parse_config
from procedures.model import Procedure
from procedures.walk import walk_steps

__all__ = ["config_mistakes", "script_page"]

_lock = Lock()
"""A library loads what it has not loaded yet; one at a time."""


def config_mistakes(library: Library, path: str, text: str, *, standard: bool) -> list[dict[str, Any]]:
    """Return what is wrong with a CONFIG, by line and column from 1; nothing if it will do.

    Raises
    ------
    AuthorError
        If there is no such script.
    """
    procedure = _script(library, path, standard=standard)
    try:
        parse_config(procedure, text)
    except AuthorErrors as errors:
        return [_mistake(error) for error in errors.errors]
    except AuthorError as error:
        return [_mistake(error)]
    except RecursionError:
        return [{"line": None, "column": None, "path": "", "message": "it is nested too deeply"}]
    return []


def _mistake(error: AuthorError) -> dict[str, Any]:
    hint = f"; did you mean {error.suggestion}?" if error.suggestion else ""
    where, colon, _ = error.message.partition(": ")
    is_path = bool(colon) and all(part.replace("_", "").isalnum() for part in where.split("."))
    return {
        "line": error.line,
        "column": error.column,
        "path": where if is_path else "",
        "message": f"{error.message}{hint}",
    }


def script_page(library: Library, path: str, *, standard: bool) -> dict[str, Any]:
    """Return the schema of a script, what it is about, and a CONFIG to begin with.

    Raises
    ------
    AuthorError
        If there is no such script.
    """
    procedure = _script(library, path, standard=standard)
    return {
        "path": path,
        "standard": standard,
        "schema": library.schema(path, standard=standard),
        "description": procedure.title,
        "overview": procedure.overview,
        "config": _beginning(procedure.config or {}),
        "checkpoints": [step.text.text for step in walk_steps(procedure.steps) if isinstance(step, model.Checkpoint)],
    }


def _script(library: Library, path: str, *, standard: bool) -> Procedure:
    with _lock:
        library.schema(path, standard=standard)  # names the nearest script if there is none
        return library.find(path)


def _beginning(schema: Mapping[str, Any]) -> str:
    """Return the keys that must be given, with their examples or nothing."""
    import yaml

    properties: Mapping[str, Any] = schema.get("properties", {})
    lines = []
    for key in schema.get("required", ()):
        plan = properties.get(key, {})
        value = next(iter(plan.get("examples", plan.get("enum", ()))), None)
        lines.append(yaml.safe_dump({key: value}, sort_keys=False).strip() if value is not None else f"{key}: ")
    return "".join(f"{line}\n" for line in lines)
