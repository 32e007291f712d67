"""The journals of a test: written while it runs, kept when it fails, gone when it passes.

A journal is written in pytest's own folder for temporary files, as things happen, so that it is there even if the
whole run is killed. It moves to its place when the test is over and has failed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["DIRECTORY", "JOURNALS", "Account", "Journals"]

DIRECTORY = ".cscsim/journals"
"""Where the journals of failed tests are kept, from the root of the tests."""
_LONGEST = 160
"""Length [characters] of a file's name beyond which it is cut."""
_AT_MOST = 10
"""So many journals of one test are kept: the last ones."""


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """One journal, and who can tell what is in it.

    Attributes
    ----------
    path
        Where it is written.
    place
        Where it will be kept.
    matters
        Whether a failed test is likely to be about it.
    """

    path: Path
    place: Path
    tell: Callable[[], list[str]] = list
    matters: bool = True


class Journals:
    """The journals of one test.

    Parameters
    ----------
    item
        The test.
    folder
        Where they are written.
    """

    def __init__(self, item: pytest.Item, folder: Path) -> None:
        self._folder = folder
        self._directory, self._is_ours = _directory_of(item.config)
        self._name = file_name(item.nodeid)
        self._accounts: list[Account] = []
        self._count = 0
        self.failed = False
        self._told = False
        for place in self._old():
            place.unlink(missing_ok=True)

    def _old(self) -> list[Path]:
        """Return what an earlier run of this test has left."""
        if not self._directory.is_dir():
            return []
        pattern = re.compile(re.escape(self._name) + r"(\.\d+)?\.jsonl")
        return [path for path in self._directory.iterdir() if pattern.fullmatch(path.name)]

    def open(self) -> Account:
        """Return a new journal's place."""
        self._count += 1
        name = f"{self._name}.jsonl" if self._count == 1 else f"{self._name}.{self._count}.jsonl"
        account = Account(path=self._folder / name, place=self._directory / name)
        self._accounts.append(account)
        for old in [old for old in self._accounts[:-1] if not old.matters]:
            self._forget(old)
        if len(self._accounts) > _AT_MOST:
            self._forget(self._accounts[0])
        return account

    def _forget(self, account: Account) -> None:
        account.path.unlink(missing_ok=True)
        self._accounts.remove(account)

    def heed(self, report: pytest.TestReport) -> None:
        """Learn how a phase of the test went: a failure is told about, and the end says what is kept."""
        if report.failed:
            self.failed = True
            written = [account for account in self._accounts if account.path.exists()]
            if written and not self._told:
                self._told = True
                report.sections.append(("cscsim", "\n\n".join("\n".join(self._lines(each)) for each in written)))
        if report.when == "teardown":
            for account in tuple(self._accounts):
                if self.failed:
                    self._keep(account)
                self._forget(account)

    def _lines(self, account: Account) -> list[str]:
        return [*account.tell(), f"journal      {shown(account.place)}"]

    def _keep(self, account: Account) -> None:
        if not account.path.exists():
            return
        account.place.parent.mkdir(parents=True, exist_ok=True)
        if self._is_ours:
            (self._directory.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        shutil.move(account.path, account.place)


def _directory_of(config: pytest.Config) -> tuple[Path, bool]:
    """Return where journals are kept, and whether nobody has said so."""
    typed = config.getoption("--cscsim-journals")
    if typed:
        return config.invocation_params.dir / str(typed), False
    written = str(config.getini("cscsim_journals") or "")
    return config.rootpath / (written or DIRECTORY), not written


def file_name(nodeid: str) -> str:
    """Return a test's name as that of a file, which no shell needs to have quoted.

    >>> file_name("tests/test_dome.py::TestHoming::test_it[weekly-2 deg]")
    'tests.test_dome.TestHoming.test_it-weekly-2_deg-dcce2b'
    """
    test, bracket, parameters = nodeid.partition("[")
    place = test.replace(".py::", ".").replace("::", ".").replace("/", ".")
    plain = f"{place}-{parameters.removesuffix(']')}" if bracket else place
    name = re.sub(r"[^A-Za-z0-9_.,=+-]", "_", plain)[:_LONGEST]
    if name == plain:
        return name
    return f"{name}-{hashlib.sha256(nodeid.encode()).hexdigest()[:6]}"


def shown(path: Path) -> str:
    """Return a path as a person would type it from here."""
    try:
        return os.fspath(path.relative_to(Path.cwd()))
    except ValueError:
        return os.fspath(path)


JOURNALS = pytest.StashKey[Journals]()
