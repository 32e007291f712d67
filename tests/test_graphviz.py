"""What becomes of tests that run `dot` where it is not installed."""

from __future__ import annotations

from tests.graphviz import needs_dot


def test_without_dot_a_test_is_skipped_with_what_would_help(monkeypatch):
    monkeypatch.delenv("CSCSIM_GRAPHVIZ", raising=False)
    monkeypatch.setattr("shutil.which", lambda program: None)

    mark = needs_dot()

    assert mark.args == (True,)
    assert mark.kwargs["reason"] == "Graphviz is not installed: make system"


def test_without_dot_a_test_is_run_and_fails_where_it_is_required(monkeypatch):
    monkeypatch.setenv("CSCSIM_GRAPHVIZ", "required")
    monkeypatch.setattr("shutil.which", lambda program: None)

    assert needs_dot().args == (False,)


def test_with_dot_a_test_is_run(monkeypatch):
    monkeypatch.delenv("CSCSIM_GRAPHVIZ", raising=False)
    monkeypatch.setattr("shutil.which", lambda program: "/usr/bin/dot")

    assert needs_dot().args == (False,)
