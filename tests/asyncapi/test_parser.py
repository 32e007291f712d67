"""What becomes of tests that run AsyncAPI's parser where it is not installed."""

from __future__ import annotations

import pytest

from tests.asyncapi.parser import judge, needs_parser


@pytest.fixture(autouse=True)
def _nothing_required(monkeypatch):
    for name in ("CSCSIM_ASYNCAPI", "CI"):
        monkeypatch.delenv(name, raising=False)


def test_without_the_parser_a_test_is_skipped_with_what_would_help(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)

    mark = needs_parser()

    assert mark.args == (True,)
    assert mark.kwargs["reason"] == "AsyncAPI's parser is not installed: make system"


@pytest.mark.parametrize(("name", "value"), [("CSCSIM_ASYNCAPI", "required"), ("CI", "true")])
def test_without_the_parser_a_test_is_run_and_fails_where_it_is_required(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("shutil.which", lambda program: None)

    assert needs_parser().args == (False,)
    with pytest.raises(AssertionError, match="required and not installed: make system"):
        judge("asyncapi: 3.0.0")
