"""A procedure's configuration: YAML text checked against its JSON schema, defaults filled in.

As SAL's scripts do it (lsst-ts/ts_salobj: python/lsst/ts/salobj/validator.py, base_script.py): draft 7;
defaults at the top level and one level down; a top-level key `metadata` is dropped; a script without a
schema takes no text at all. A property may say in its own words what it must be, under `errorMessage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fsm import AuthorError, AuthorErrors, Document, Name, Value, load_document, nearest
from procedures.model import Check, Procedure
from procedures.scope import as_value

__all__ = ["check_schema", "fill_schema", "parse_config", "validate_config"]


def parse_config(procedure: Procedure, text: str) -> dict[str, Any]:
    """Return the configuration that a text means, with defaults.

    Raises
    ------
    AuthorErrors
        With every mistake, by line and column of the text.
    """
    if procedure.config is None:
        if text:
            raise AuthorError(f"{procedure.name} takes no configuration; leave it empty")
        return {}
    document = load_document(text, name=f"config of {procedure.name}") if text.strip() else None
    data = document.data if document is not None else {}
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise AuthorError(f"the configuration of {procedure.name} must be a mapping, not {type(data).__name__}")
    return validate_config(procedure, {str(key): value for key, value in data.items() if key != "metadata"}, document)


def validate_config(procedure: Procedure, data: Mapping[str, Any], document: Document | None = None) -> dict[str, Any]:
    """Check a configuration and fill in defaults.

    Raises
    ------
    AuthorErrors
        With every mistake.
    """
    schema = procedure.config
    if schema is None:
        if data:
            raise AuthorError(f"{procedure.name} takes no configuration")
        return {}
    filled = fill_schema(schema, data, f"config of {procedure.name}", document)
    scope = _ConfigScope(filled)
    broken = [check for check in procedure.config_checks if check.that.evaluate(scope) is False]
    if broken:
        raise AuthorErrors(AuthorError(f"config of {procedure.name}: {_why(check, scope)}") for check in broken)
    return filled


def _why(check: Check, scope: _ConfigScope) -> str:
    because = check.that.explain(scope)
    return because if check.otherwise is None else f"{check.otherwise.fill(scope)} ({because})"


class _ConfigScope:
    """The names of a configuration, before anything runs."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    def read(self, name: Name) -> Value | None:
        return as_value(self._config.get(name.parts[1]))


def fill_schema(
    schema: Mapping[str, Any], data: Mapping[str, Any], what: str, document: Document | None = None
) -> dict[str, Any]:
    """Check values against a JSON schema and fill in its defaults; `what` is how messages call them.

    Raises
    ------
    AuthorErrors
        With every mistake.
    """
    filled = _with_defaults(schema, data)
    errors = [
        _as_author_error(what, schema, error, document) for error in _validator(_Frozen(schema)).iter_errors(filled)
    ]
    if errors:
        raise AuthorErrors(errors)
    return filled


def check_schema(schema: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a JSON schema itself; None if nothing is."""
    import jsonschema

    try:
        jsonschema.Draft7Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return str(error.message)
    return _foreign(schema)


def _foreign(schema: Any) -> str | None:
    """Say which part of a schema is elsewhere: nothing is ever fetched."""
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return f"$ref {reference!r} leads out of the file; write that part here"
    inner = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list | tuple) else ()
    return next((wrong for item in inner if (wrong := _foreign(item)) is not None), None)


class _Frozen:
    """A schema as a key: the same object is the same schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self.schema is other.schema

    def __hash__(self) -> int:
        return id(self.schema)


@lru_cache(maxsize=256)
def _validator(frozen: _Frozen) -> Any:
    import jsonschema

    return jsonschema.Draft7Validator(frozen.schema)


def _with_defaults(schema: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(data)
    for key, item in schema.get("properties", {}).items():
        if key not in filled and "default" in item:
            filled[key] = item["default"]
        if isinstance(filled.get(key), dict):
            inner = item.get("properties", {})
            filled[key] = {name: sub["default"] for name, sub in inner.items() if "default" in sub} | filled[key]
    return filled


def _as_author_error(what: str, schema: Mapping[str, Any], error: Any, document: Document | None) -> AuthorError:
    path = tuple(error.absolute_path)
    where = ".".join(str(part) for part in path)
    message, suggestion = str(error.message), None
    if isinstance(error.schema, Mapping) and "errorMessage" in error.schema:
        message = f"{error.instance!r} {error.schema['errorMessage']}"
    if error.validator == "enum":
        suggestion = nearest(str(error.instance), [str(item) for item in error.validator_value])
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        extra = [key for key in error.instance if key not in known]
        message = f"there is no key {', '.join(extra)}"
        suggestion = nearest(extra[0], known) if extra else None
        path = (*path, extra[0]) if extra else path
    elif where:
        message = f"{where}: {message}"
    if document is None:
        return AuthorError(f"{what}: {message}", suggestion=suggestion)
    place = document.key_position(path) if error.validator == "additionalProperties" else document.position(path)
    return AuthorError.at(place, message, suggestion=suggestion)
