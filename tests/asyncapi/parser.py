"""The official parser of AsyncAPI documents, which runs on Node.js.

`make system` installs it. Without it tests that use it are skipped; with CSCSIM_ASYNCAPI=required, and in continuous
integration (CI=true), they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["ERROR", "Verdict", "is_installed", "is_required", "judge", "needs_parser"]

HERE = Path(__file__).parent
ERROR = 0
"""The severity of what makes a document invalid; warnings have 1, information 2, hints 3."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the parser says of a document: severity, code, path and words of each finding; and how much it has read."""

    findings: tuple[tuple[int, str, str, str], ...]
    channels: int
    operations: int


def is_required() -> bool:
    """Tell whether it is a failure that the parser is absent."""
    return os.environ.get("CSCSIM_ASYNCAPI") == "required" or os.environ.get("CI") == "true"


def is_installed() -> bool:
    """Tell whether the parser can be run."""
    return shutil.which("node") is not None and (HERE / "node_modules" / "@asyncapi" / "parser").is_dir()


def needs_parser() -> pytest.MarkDecorator:
    """Mark a test that runs the parser: without it the test is skipped, or fails where it is required."""
    return pytest.mark.skipif(
        not is_installed() and not is_required(), reason="AsyncAPI's parser is not installed: make system"
    )


def judge(document: str) -> Verdict:
    """Have the parser read a document, YAML or JSON."""
    assert is_installed(), "AsyncAPI's parser is required and not installed: make system"
    done = subprocess.run(
        ["node", HERE / "validate.mjs"], input=document, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    findings = tuple((each["severity"], each["code"], each["path"], each["message"]) for each in said["diagnostics"])
    return Verdict(findings, said["channels"], said["operations"])
