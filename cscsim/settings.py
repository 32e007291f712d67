"""Values of a procedure's configuration as they are typed: key=value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from procedures import Procedure

__all__ = ["read_settings"]


def read_settings(procedure: Procedure, texts: Sequence[str]) -> dict[str, Any]:
    """Read key=value pairs, each value as YAML, and check them against the procedure's schema."""
    from fsm import AuthorError, load_document, nearest
    from procedures import validate_config

    config: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise Complaint(f"--set {text}: is written key=value")
        if key in config:
            raise Complaint(f"--set {text}: {key} is set twice")
        known = (procedure.config or {}).get("properties", {})
        if key not in known:
            near = nearest(key, known)
            takes = f"did you mean {near}?" if near else f"it takes {', '.join(known) or 'no configuration'}"
            raise Complaint(f"--set {text}: {procedure.name} has no key {key}; {takes}")
        config[key] = load_document(value, name=f"--set {key}").data if value else ""
    try:
        validate_config(procedure, config)
    except AuthorError as error:
        raise Complaint("\n".join(f"--set: {line}" for line in str(error).splitlines())) from error
    return config
