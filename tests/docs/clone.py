"""A clone of the repository in which the snippets of a page are run, and a shell that runs them.

What a snippet writes stays in the clone. Commands of `cscsim` run in this process, which is quicker; those of a page
that changes the program itself, and all other commands, run in processes of their own.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner

__all__ = ["COLUMNS", "Clone"]

ROOT = Path(__file__).parents[2]
COLUMNS = 90
"""Width of the outputs on the pages: so many signs stand in a line there."""
_SHARED = ("fsm", "procedures", "pipelines", "cscsim", "sim_configs", "docs", "tests", "Makefile", "README.md")
_PROGRAMS = {
    "cscsim": "from cscsim.command_line import main; main(prog_name='cscsim')",
    "pytest": "import sys, pytest; sys.exit(pytest.main())",
    "butler": "from lsst.daf.butler.cli.butler import main; main()",
}
_OPERATORS = frozenset("|&;<>")
_PROMPTS = ("Press Enter when it is announced. ", "Is it so? [y/n] ", "> ")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")
_LONGEST = 30.0
_UTF8 = codecs.getincrementaldecoder("utf-8")


class Clone:
    """A clone and a shell.

    Parameters
    ----------
    folder
        Where the clone is put; the working directory of its shell.
    apart
        Whether the page changes the program, so that nothing of it may run in this process.
    """

    def __init__(self, folder: Path, *, apart: bool) -> None:
        self.folder = folder
        self._apart = apart
        self._code = 0
        self.output: list[str] = []
        """What the last command has written, line by line; both streams as they came."""
        for name in _SHARED if apart else (*_SHARED, "csc"):
            (folder / name).symlink_to(ROOT / name)
        if apart:  # with what Python has compiled of it
            shutil.copytree(ROOT / "csc", folder / "csc")
        shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
        self._install()

    def _install(self) -> None:
        """Make an environment that looks as if `make` had made it."""
        bin_folder = self.folder / ".venv" / "bin"
        bin_folder.mkdir(parents=True)
        for name in ("pyvenv.cfg", ".stamp-base", ".stamp-dev"):
            (bin_folder.parent / name).touch()
        (bin_folder / "python").symlink_to(sys.executable)
        (bin_folder / "activate").touch()
        for name, call in _PROGRAMS.items():
            program = bin_folder / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n', encoding="utf-8")
            program.chmod(0o755)

    @property
    def _environment(self) -> dict[str, str]:
        path = f"{self.folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        return kept | {
            "PATH": path,
            "PYTHONPATH": str(self.folder),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": str(COLUMNS),
        }

    def run(self, command: str) -> int:
        """Run a command; return its exit code."""
        if command == "echo $?":
            self.output = [str(self._code)]
            return 0
        words = shlex.split(command)
        if words[0] == "cscsim" and not self._apart and not _OPERATORS.intersection(command):
            text, self._code = self._call(words[1:])
        else:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            text, self._code = done.stdout.decode(), done.returncode
        self.output = text.splitlines()
        return self._code

    def _call(self, words: list[str]) -> tuple[str, int]:
        from cscsim.command_line import main

        # What makes rich think of a terminal, or of another width, must not come from whoever runs the tests.
        plain: dict[str, str | None] = dict.fromkeys(("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "LINES"))
        result = CliRunner(env=plain | {"COLUMNS": str(COLUMNS)}).invoke(main, words, prog_name="cscsim")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output, result.exit_code

    def type(self, command: str, answers: list[str]) -> int:
        """Run a command on a terminal and answer what it asks; return its exit code."""
        main, other = pty.openpty()
        environment = self._environment | {"TERM": "xterm", "LINES": "40"}
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=self.folder, env=environment, stdin=other, stdout=other, stderr=other
        )
        os.close(other)
        seen, answered, waiting = "", 0, list(answers)
        text = _UTF8(errors="replace")  # a read may end in the middle of a character
        deadline = time.monotonic() + _LONGEST
        while time.monotonic() < deadline:
            if not select.select([main], [], [], 0.2)[0]:
                continue
            try:
                chunk = os.read(main, 65536)
            except OSError:  # how a terminal says that nobody holds its other end any more
                break
            if not chunk:
                break
            seen += text.decode(chunk)
            plain = _ESCAPES.sub("", seen)
            if waiting and plain.endswith(_PROMPTS) and len(plain) > answered:
                answered = len(plain)
                os.write(main, f"{waiting.pop(0)}\n".encode())
        os.close(main)
        self._code = process.wait(timeout=_LONGEST)
        self.output = [line.rstrip() for line in _ESCAPES.sub("", seen).splitlines()]
        return self._code
