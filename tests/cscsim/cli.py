"""Runs the command line as a person or a program does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from cscsim.command_line import main

DATA = Path(__file__).parent / "data"
LIGHT = str(DATA / "light.yaml")
SMALL = ("--observatory", str(DATA / "small.yaml"))


def call(*arguments: str) -> Result:
    """Run in this process; standard input is no terminal."""
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, arguments)


def in_a_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run in a process of its own, its output piped."""
    command = [sys.executable, "-m", "cscsim", *arguments]
    return subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, env=os.environ | environment, check=False
    )
