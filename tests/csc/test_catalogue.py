"""All data sheets are read at once, and nothing else is different afterwards."""

from __future__ import annotations

import gc

import pytest

from csc import load_catalogue


@pytest.fixture
def collector():
    was_enabled = gc.isenabled()
    yield
    (gc.enable if was_enabled else gc.disable)()


@pytest.mark.parametrize("switch", [gc.enable, gc.disable])
def test_the_garbage_collector_is_on_or_off_as_before(collector, switch):
    switch()
    before = gc.isenabled()

    catalogue = load_catalogue.__wrapped__()

    assert gc.isenabled() == before
    assert list(catalogue) == list(load_catalogue())
