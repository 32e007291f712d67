"""What becomes of tests that run mosquitto where it is not installed."""

from __future__ import annotations

import pytest

from tests.mqtt.brokers import needs_mosquitto


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program, **options: None)


@pytest.mark.usefixtures("nothing_installed")
def test_without_mosquitto_a_test_is_skipped_with_what_would_help(monkeypatch):
    monkeypatch.delenv("CSCSIM_MOSQUITTO", raising=False)

    mark = needs_mosquitto()

    assert mark.args == (True,)
    assert mark.kwargs["reason"] == "mosquitto, mosquitto_pub, mosquitto_passwd not installed: make system"


@pytest.mark.usefixtures("nothing_installed")
def test_without_mosquitto_a_test_is_run_and_fails_where_it_is_required(monkeypatch):
    monkeypatch.setenv("CSCSIM_MOSQUITTO", "required")

    assert needs_mosquitto().args == (False,)


def test_with_mosquitto_a_test_is_run(monkeypatch):
    monkeypatch.delenv("CSCSIM_MOSQUITTO", raising=False)
    monkeypatch.setattr("shutil.which", lambda program, **options: f"/usr/bin/{program}")

    assert needs_mosquitto().args == (False,)
