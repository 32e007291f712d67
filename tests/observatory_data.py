"""The observatory's own files, which some tests read when they are there.

They are no part of the repository: a folder `shared/data` beside it holds them, with `ts_xml` (the interface as
lsst-ts/ts_xml has it) and `blocks` (observing blocks of lsst-ts/ts_config_scheduler). Where it is absent these tests
are skipped, unless CSCSIM_OBSERVATORY_DATA=required: then they fail.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["OBSERVATORY_DATA", "is_required", "observatory_folder", "reads"]

OBSERVATORY_DATA = Path(__file__).parents[2] / "shared" / "data"
_VARIABLE = "CSCSIM_OBSERVATORY_DATA"


def is_required() -> bool:
    """Tell whether it is a failure that files are absent."""
    return os.environ.get(_VARIABLE) == "required"


def observatory_folder(name: str) -> Path:
    """Return a folder of the observatory's files, there or not."""
    return OBSERVATORY_DATA / name


def reads(folder: Path) -> pytest.MarkDecorator:
    """Mark a test that reads a folder: without the folder it is skipped, or fails where the folder is required."""
    return pytest.mark.skipif(
        not folder.is_dir() and not is_required(), reason=f"the observatory's own files are not at {folder}"
    )
