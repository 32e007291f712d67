"""Shows the coverage of the interface after the tests that count it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.csc.interface.coverage import Row, table

_ROWS = pytest.StashKey[list[Row]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[Row], None]:
    """Have a row shown in the summary of the run."""
    return request.config.stash.setdefault(_ROWS, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table, if anything was counted."""
    rows = terminalreporter.config.stash.get(_ROWS, [])
    if rows:
        terminalreporter.section("the observatory's interface")
        for line in table(rows, all_names=False):
            terminalreporter.write_line(line)
