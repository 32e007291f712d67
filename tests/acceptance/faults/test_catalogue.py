"""Every fault that a data sheet names is the subject of a test in this folder."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

import pytest

import tests.acceptance.faults
from csc import load_catalogue


@cache
def covered() -> frozenset[str]:
    """The faults that tests declare, and that the bench holds them to; without the index of a component."""
    package = tests.acceptance.faults
    found = [item.name for item in pkgutil.iter_modules(package.__path__) if item.name.startswith("test_")]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in found]
    names = {name for module in modules for test in vars(module).values() for name in getattr(test, "faults", ())}
    return frozenset(re.sub(r":\d+", "", name) for name in names)


@pytest.mark.parametrize("component", [name for name, plan in sorted(load_catalogue().items()) if plan.faults])
def test_each_fault_has_its_test(component: str) -> None:
    plan = load_catalogue()[component]
    kin = (component, plan.like)  # a component that is like another has the other's faults, and its tests

    assert [fault for fault in plan.faults if not any(f"{one}.{fault}" in covered() for one in kin)] == []
