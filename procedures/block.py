"""One observing block: a list of scripts under one name, and the file that holds it.

A block's file is the observatory's own, as JSON or as YAML. Decides what such a file may hold; `procedures.blocks`
decides which files make a catalogue and what each script is given.

References
----------
lsst-ts/ts_observing: python/lsst/ts/observing/ (the form).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fsm import AuthorError, AuthorErrors, Document, Position, load_document, validate
from procedures.config import check_schema

__all__ = ["Block", "BlockScript", "load_block"]


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Constraint(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class _Airmass(_Constraint):
    name: Literal["airmass"]
    max: float = Field(ge=1.0)


class _MoonBrightness(_Constraint):
    name: Literal["moon_brightness"]
    max: float = Field(ge=0.0, le=1.0)


class _MoonDistance(_Constraint):
    name: Literal["moon_distance"]
    max: float = Field(ge=0.0, le=180.0)


class _SkyBrightness(_Constraint):
    name: Literal["sky_brightness"]
    max: float = Field(ge=0.0)
    band: Literal["u", "g", "r", "i", "z", "y"]


class _CloudExtinction(_Constraint):
    name: Literal["cloud_extinction"]
    max: float = Field(ge=0.0)


class _Seeing(_Constraint):
    name: Literal["seeing"]
    max: float = Field(ge=0.0)


_AnyConstraint: TypeAlias = Annotated[
    _Airmass | _MoonBrightness | _MoonDistance | _SkyBrightness | _CloudExtinction | _Seeing,
    Field(discriminator="name"),
]


class _ScriptSheet(_Sheet):
    name: str = Field(min_length=1)
    standard: bool
    parameters: Mapping[str, Any] = Field(default_factory=dict)


class _BlockSheet(_Sheet):
    name: str = Field(min_length=1)
    program: str
    constraints: tuple[_AnyConstraint, ...] = ()
    scripts: tuple[_ScriptSheet, ...] = Field(min_length=1)
    configuration_schema: str = ""
    id: uuid.UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_kind_of_empty(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("configuration_schema", "") is None:
            return {**data, "configuration_schema": ""}
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockScript:
    """One script of a block.

    Attributes
    ----------
    name
        Its path below the scripts' root.
    standard
        Whether it is a standard script, or an external one.
    parameters
        Its configuration; texts may hold ``$name`` or ``${name}``.
    position
        Where the file has it.
    """

    name: str
    standard: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None

    @property
    def text(self) -> str:
        """The parameters as YAML, in their own order; empty if there are none."""
        return yaml.safe_dump(dict(self.parameters), sort_keys=False) if self.parameters else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Scripts that belong together.

    Attributes
    ----------
    program
        The name under which a Scheduler knows it, ``BLOCK-295``.
    configuration_schema
        JSON schema of what may be given when the block is added; None if nothing may.
    id
        A UUID; of the program and the name if the file has none, so that it is the same in each run.
    file
        Where it comes from.
    """

    name: str
    program: str
    scripts: tuple[BlockScript, ...]
    constraints: tuple[Mapping[str, Any], ...] = ()
    configuration_schema: Mapping[str, Any] | None = None
    id: str = ""
    file: str = ""


def load_block(path: Path) -> Block:
    """Read a block.

    Parameters
    ----------
    path
        A JSON or YAML file.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, _BlockSheet)
    schema = _schema(sheet.configuration_schema, document)
    return Block(
        name=sheet.name,
        program=sheet.program,
        scripts=tuple(
            BlockScript(
                name=script.name,
                standard=script.standard,
                parameters=script.parameters,
                position=document.position(("scripts", number, "name")),
            )
            for number, script in enumerate(sheet.scripts)
        ),
        constraints=tuple(constraint.model_dump() for constraint in sheet.constraints),
        configuration_schema=schema,
        id=str(sheet.id or uuid.uuid5(uuid.NAMESPACE_URL, f"{sheet.program}/{sheet.name}")),
        file=path.name,
    )


def _schema(text: str, document: Document) -> Mapping[str, Any] | None:
    if not text.strip():
        return None
    here = document.position(("configuration_schema",))
    try:
        schema = load_document(text, name="configuration_schema").data
    except AuthorError as error:
        raise AuthorErrors([AuthorError.at(here, f"not YAML: {error}")]) from error
    if not isinstance(schema, dict):
        raise AuthorErrors([AuthorError.at(here, "not a JSON schema: it is no mapping")])
    keyed = {str(key): value for key, value in schema.items()}
    wrong = check_schema(keyed)
    if wrong:
        raise AuthorErrors([AuthorError.at(here, f"not a JSON schema: {wrong}")])
    return keyed
