"""Graphviz' program `dot`, which some tests run: without it they are skipped, unless CSCSIM_GRAPHVIZ=required."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable

import pytest

__all__ = ["canonical", "is_required", "needs_dot"]

_VARIABLE = "CSCSIM_GRAPHVIZ"


def is_required() -> bool:
    """Tell whether it is a failure that Graphviz is absent."""
    return os.environ.get(_VARIABLE) == "required"


def needs_dot() -> pytest.MarkDecorator:
    """Mark a test that runs `dot`: without it the test is skipped, or fails where it is required."""
    absent = shutil.which("dot") is None
    return pytest.mark.skipif(absent and not is_required(), reason="Graphviz is not installed: make system")


def canonical(graphs: Iterable[str]) -> str:
    """Have `dot` read graphs and write them in its own form; one that it cannot read fails."""
    done = subprocess.run(["dot", "-Tcanon"], input="".join(graphs), capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
