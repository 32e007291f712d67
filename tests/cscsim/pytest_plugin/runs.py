"""Runs pytest on the text of a test module, and hands back what it says."""

from __future__ import annotations

import textwrap

import pytest

__all__ = ["Run", "run_tests"]


class Run:
    """What came of a run of pytest."""

    def __init__(self, result: pytest.RunResult) -> None:
        self._result = result
        self.text = result.stdout.str()

    @property
    def outcomes(self) -> dict[str, int]:
        """How many tests passed, failed, had errors."""
        outcomes = self._result.parseoutcomes()
        outcomes.pop("warnings", None)
        return outcomes

    def section(self, title: str) -> str:
        """Return what stands below a title, up to the next one."""
        lines = self.text.splitlines()
        begin = next(
            number for number, line in enumerate(lines) if f" {title} " in line and line.strip(f"-_= {title}") == ""
        )
        end = next(
            (
                number
                for number, line in enumerate(lines[begin + 1 :], begin + 1)
                if line[:5] in ("-----", "_____", "=====")
            ),
            len(lines),
        )
        return "\n".join(lines[begin + 1 : end])


def run_tests(pytester: pytest.Pytester, text: str, *arguments: str, apart: bool = False) -> Run:
    """Run the tests of a module, with what users import at its head; `apart` in a process of its own."""
    head = "import asyncio\nimport pytest\nfrom cscsim.pytest_plugin import all_faults\n"
    pytester.makepyfile(test_it=f"{head}\n{textwrap.dedent(text)}")
    run = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
    return Run(run("-p", "no:cacheprovider", *arguments))
