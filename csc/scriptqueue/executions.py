"""Executions of blocks: which scripts on the queue belong together, and what they are called.

The observatory asks its image-name service for the number of an execution; here they are counted.

References
----------
lsst-ts/ts_scriptqueue: python/lsst/ts/scriptqueue/block_model.py
"""

from __future__ import annotations

import re
from types import SimpleNamespace

from fsm import Refused

__all__ = ["Executions"]

_BLOCK = re.compile(r"BLOCK-(T?)(\d+)")


class Executions:
    """The executions of blocks so far; the newest may still get scripts."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._open: tuple[str, str, int] | None = None

    def enrol(self, request: SimpleNamespace, day: int) -> str:
        """Give a script that is added the execution it belongs to.

        Parameters
        ----------
        request
            The fields of the command that adds it.
        day
            The observing day.

        Returns
        -------
        str
            Such as ``BL309_O_20260115_000001``; empty for a script of no block.

        Raises
        ------
        Refused
            If it is no block's name, nothing of that block has begun, or all its scripts are there.
        """
        if not request.block:
            return ""
        match = _BLOCK.fullmatch(request.block)
        if match is None:
            raise Refused(f"block={request.block!r} must look like BLOCK-123 or BLOCK-T123")
        if request.startBlock:
            count = self._counts[request.block] = self._counts.get(request.block, 0) + 1
            identity = f"BL{match[1]}{match[2]}_O_{day}_{count:06d}"
            self._open = (request.block, identity, 1)
            return identity
        if self._open is None or self._open[0] != request.block:
            raise Refused(f"there is no current {request.block}; its first script needs startBlock")
        block, identity, number = self._open
        if number >= request.blockSize:
            raise Refused(f"{request.block} has {request.blockSize} scripts and all are added")
        self._open = (block, identity, number + 1)
        return identity
