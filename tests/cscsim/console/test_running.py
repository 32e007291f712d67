"""A console as a process: it says where it is, and at its end where the journal is."""

from __future__ import annotations

import signal
import subprocess
import sys

from fsm import read_journal


def test_one_that_is_terminated_ends_in_order_and_says_where_the_journal_is(tmp_path):
    journal = tmp_path / "journal.jsonl"
    arguments = ("--training", "first_weekly", "--no-browser", "--port", "0", "--journal", str(journal))
    with subprocess.Popen(
        [sys.executable, "-m", "cscsim", "console", *arguments], stdout=subprocess.PIPE, text=True
    ) as console:
        assert console.stdout is not None
        assert console.stdout.readline().startswith("trainee:    http://127.0.0.1:")
        console.send_signal(signal.SIGTERM)
        said = console.communicate(timeout=20)[0]

    assert console.returncode == 0
    assert f"journal: {journal}" in said
    assert [*read_journal(journal)][-1]["kind"] == "end"
