"""The configuration of a procedure on a page: its JSON schema as a table."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from docutils import nodes

from cscsim.sphinx.words import Words, code, emphasis, joined, paragraph, said, table

__all__ = ["configuration"]


def configuration(schema: Mapping[str, Any] | None) -> list[nodes.Node]:
    """Return a configuration schema as a table."""
    properties: Mapping[str, Any] = (schema or {}).get("properties", {})
    required = (schema or {}).get("required", ())
    rows = [
        ([code(key)], _type(item), _default(key, item, required), said(str(item.get("description", ""))))
        for key, item in properties.items()
    ]
    return table(("key", "type", "default", "meaning"), rows) or [paragraph("It takes none.")]


def _type(item: Mapping[str, Any]) -> Words:
    if "enum" in item:
        return [nodes.Text("one of "), *joined(item["enum"])]
    kinds = item.get("type") or [branch.get("type", "?") for branch in item.get("anyOf", item.get("oneOf", ()))]
    text = kinds if isinstance(kinds, str) else " or ".join(str(kind) for kind in kinds)
    return [nodes.Text(f"{text}, {item['unit']}" if "unit" in item else text)]


def _default(key: str, item: Mapping[str, Any], required: Collection[str]) -> Words:
    if "default" in item:
        return [code(json.dumps(item["default"]))]
    return [emphasis("required")] if key in required else []
