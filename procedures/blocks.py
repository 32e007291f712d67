"""Observing blocks by program: the catalogue from which a Scheduler runs them.

Decides which files make a catalogue, and what configuration each script gets. Leaves the queueing to the Scheduler.

References
----------
lsst-ts/ts_config_scheduler: tests/test_scheduler_observing_blocks.py (what its files are checked for);
lsst-ts/ts_scheduler: python/lsst/ts/scheduler/ (how parameters are filled in).
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from fsm import AuthorError, AuthorErrors, load_document, nearest
from procedures.block import Block, BlockScript, load_block
from procedures.config import fill_schema, parse_config

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
