"""What becomes of tests that open a page where no Chromium is installed."""

from __future__ import annotations

import pytest

from .devtools import program


def test_without_chromium_a_test_is_skipped_with_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSCSIM_BROWSER", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)

    with pytest.raises(pytest.skip.Exception, match="Chromium is not installed: make system"):
        program()


def test_without_chromium_a_test_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSCSIM_BROWSER", "required")
    monkeypatch.setattr("shutil.which", lambda name: None)

    with pytest.raises(pytest.fail.Exception, match="CSCSIM_BROWSER=required"):
        program()


def test_a_chromium_by_another_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/google-chrome" if name == "google-chrome" else None)

    assert program() == "/usr/bin/google-chrome"
