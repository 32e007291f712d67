"""Observing blocks: lists of scripts under one name, which a Scheduler adds to a script queue.

A block's file is the observatory's own, as JSON or as YAML. Decides what such a file may hold, which files make a
catalogue, and what configuration each script gets. Leaves the queueing to the Scheduler.

References
----------
lsst-ts/ts_observing: python/lsst/ts/observing/ (the form);
lsst-ts/ts_config_scheduler: tests/test_scheduler_observing_blocks.py (what its files are checked for);
lsst-ts/ts_scheduler: python/lsst/ts/scheduler/ (how parameters are filled in).
"""

from __future__ import annotations

import json
import re
import string
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fsm import AuthorError, AuthorErrors, Document, Position, load_document, nearest, validate
from procedures.config import check_schema, fill_schema, parse_config

if TYPE_CHECKING:
    from procedures.library import Library

__all__ = ["LIBRARY_BLOCKS", "Block", "BlockScript", "Blocks", "load_block"]

LIBRARY_BLOCKS = Path(__file__).parent / "library" / "blocks"
"""This package's own blocks."""

TARGET_NAMES = frozenset(
    "targetid band_filter filter_name ra dec rot_sky alt az rot obs_time num_exp exp_times estimated_slew_time "
    "observation_reason".split()
)
"""Names that parameters may hold only if the block is run for a target of a survey."""

_PROGRAM = re.compile(r"BLOCK-T?[0-9]+")


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


class Blocks:
    """A catalogue of blocks, by program.

    Parameters
    ----------
    library
        The scripts that blocks may name.
    folders
        Where their files are; a program in a later folder replaces that of an earlier one. This package's own
        blocks if left out.

    Attributes
    ----------
    ignored
        Files whose program is no BLOCK-123 or BLOCK-T123, and that no Scheduler could be told to add.

    Raises
    ------
    AuthorErrors
        If a file is wrong, or two of one folder have the same program.
    """

    def __init__(self, library: Library, *folders: Path) -> None:
        self._library = library
        self._blocks: dict[str, Block] = {}
        self._valid: dict[str, bool] = {}
        self.ignored: list[str] = []
        errors: list[AuthorError] = []
        for folder in folders or (LIBRARY_BLOCKS,):
            self._blocks.update(self._read(folder, errors))
        if errors:
            raise AuthorErrors(errors)

    def _read(self, folder: Path, errors: list[AuthorError]) -> dict[str, Block]:
        found: dict[str, Block] = {}
        for path in sorted(path for path in folder.iterdir() if path.suffix in (".json", ".yaml")):
            try:
                block = load_block(path)
            except AuthorError as error:
                errors.append(error)
                continue
            if not _PROGRAM.fullmatch(block.program):
                self.ignored.append(path.name)
            elif block.program in found:
                other = found[block.program].file
                errors.append(AuthorError(f"{block.program} is also the program of {other}", file=path.name))
            else:
                found[block.program] = block
        return found

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks.values())

    def ids(self) -> list[str]:
        """Return the programs, in order of their names."""
        return sorted(self._blocks)

    def get(self, program: str) -> Block | None:
        """Return the block of a program; None if there is none."""
        return self._blocks.get(program)

    def valid(self, program: str) -> bool:
        """Tell whether there is such a block and all its scripts would take their configurations."""
        if program not in self._valid:
            block = self.get(program)
            self._valid[program] = block is not None and not self._mistakes(block, self._library)
        return self._valid[program]

    def check(self, block: Block, library: Library | None = None) -> None:
        """Make sure that every script of a block exists and takes its configuration.

        Parameters
        ----------
        block
            With the defaults of its own configuration.
        library
            Other scripts than the catalogue's.

        Raises
        ------
        AuthorErrors
            With every mistake, at the line of its script.
        """
        errors = self._mistakes(block, library or self._library)
        if errors:
            raise AuthorErrors(errors)

    @staticmethod
    def _mistakes(block: Block, library: Library) -> list[AuthorError]:
        try:
            values = _values(block, "")
        except AuthorError as error:
            return [error if error.file else AuthorError(error.message, file=block.file)]
        errors: list[AuthorError] = []
        for script in block.scripts:
            try:
                program = library.load(script.name, standard=script.standard)
                parse_config(program.procedure, _filled(script, values))
            except AuthorError as error:
                inner = error.errors if isinstance(error, AuthorErrors) else (error,)
                errors.extend(_at_script(script, each) for each in inner)
        return errors

    def configuration(self, block: Block | str, override: str = "") -> list[tuple[str, bool, str]]:
        """Work out what each script of a block is given.

        Parameters
        ----------
        block
            The block, or its program.
        override
            YAML text with values for the block's own configuration; without a schema for it, it is ignored.

        Returns
        -------
        list of (str, bool, str)
            Path, whether standard, and configuration as YAML, in the block's order.

        Raises
        ------
        AuthorError
            If there is no such block, the override does not fit its schema, or parameters hold a name that has no
            value.
        """
        if isinstance(block, str):
            if block not in self._blocks:
                raise AuthorError(f"there is no block {block}", suggestion=nearest(block, self._blocks))
            block = self._blocks[block]
        values = _values(block, override)
        return [(script.name, script.standard, _filled(script, values)) for script in block.scripts]


def _values(block: Block, override: str) -> dict[str, str]:
    """Return what stands for each name in the parameters."""
    values: dict[str, Any] = {"name": block.name, "program": block.program, "note": block.name}
    if block.configuration_schema is not None:
        document = load_document(override, name=f"override of {block.program}") if override.strip() else None
        given = document.data if document is not None else {}
        if not isinstance(given, dict):
            raise AuthorError(f"the override of {block.program} must be a mapping, not {type(given).__name__}")
        keyed = {str(key): value for key, value in given.items()}
        values |= fill_schema(block.configuration_schema, keyed, f"configuration of {block.program}", document)
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def _filled(script: BlockScript, values: Mapping[str, str]) -> str:
    """Put values for names, and write the parameters anew."""
    text = script.text
    if "$" not in text:
        return text
    template = string.Template(text)
    if not template.is_valid():
        raise AuthorError("a lone $ in the parameters; write $$ for the sign itself")
    for name in template.get_identifiers():
        if name in TARGET_NAMES and name not in values:
            raise AuthorError(f"${name} has a value only for a target of a survey")
        if name not in values:
            raise AuthorError(f"${name} has no value", suggestion=nearest(name, values))
    parameters = load_document(template.substitute(values), name=f"parameters of {script.name}").data
    return yaml.safe_dump(parameters, sort_keys=False)


def _at_script(script: BlockScript, error: AuthorError) -> AuthorError:
    return AuthorError.at(script.position, f"{script.name}: {error.message}", suggestion=error.suggestion)
