"""Which tests and fixtures are ours, and how a coroutine becomes a plain function that keeps simulated time.

A test is ours if it uses one of our fixtures that has simulated time, or has the mark `simulated`. All others are
left alone: pytest-asyncio, anyio and their like find them as if we were not there, and never find ours.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cscsim.pytest_plugin.simulated import SimulatedTime

__all__ = ["TIME", "in_simulated_time", "is_ours", "with_simulated_time"]

TIME = "_cscsim_time"
"""The fixture that keeps the simulated time of a test."""


def is_ours(item: pytest.Item) -> bool:
    """Tell whether a test runs in simulated time."""
    names = getattr(item, "fixturenames", ())
    return TIME in names or item.get_closest_marker("simulated") is not None


def in_simulated_time(item: pytest.Function) -> None:
    """Let a test run in simulated time if it is asynchronous."""
    if TIME not in item.fixturenames:
        item.fixturenames.insert(0, TIME)
    test = item.obj
    if not inspect.iscoroutinefunction(test):
        return

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        time: Any = item.funcargs[TIME]
        time.run(test(*args, **kwargs))

    item.obj = run


@contextmanager
def with_simulated_time(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Iterator[None]:
    """While a fixture is set up, let it be a plain function if it is asynchronous and of a test that is ours."""
    function = fixturedef.func
    is_generator = inspect.isasyncgenfunction(function)
    if not (is_generator or inspect.iscoroutinefunction(function)):
        yield
        return
    if fixturedef.scope != "function" or not isinstance(request.node, pytest.Item) or not is_ours(request.node):
        yield
        return
    time: SimulatedTime = request.getfixturevalue(TIME)
    bound = _bound(function, request.instance)
    plain = _plain_generator(bound, time) if is_generator else _plain_function(bound, time)
    fixturedef.func = plain  # type: ignore[misc]  # pytest has no other way to lend a fixture a function
    try:
        yield
    finally:
        fixturedef.func = function  # type: ignore[misc]


def _bound(function: Callable[..., Any], instance: object) -> Callable[..., Any]:
    """Return a fixture of a class as a method of the test's own instance."""
    inner = getattr(function, "__func__", None)
    bound: Callable[..., Any] = function if inner is None or instance is None else inner.__get__(instance)
    return bound


def _plain_function(function: Callable[..., Any], time: SimulatedTime) -> Callable[..., Any]:
    def set_up(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return time.run(function(*args, **kwargs))

    return set_up


def _plain_generator(function: Callable[..., AsyncIterator[Any]], time: SimulatedTime) -> Callable[..., Any]:
    def set_up(*args: Any, **kwargs: Any) -> Iterator[Any]:
        __tracebackhide__ = True
        values = function(*args, **kwargs)
        yield time.run(_next(values))
        if time.run(_next(values)) is not _END:
            pytest.fail(f"the fixture {function.__name__} yields more than one value", pytrace=False)

    return set_up


_END = object()


async def _next(values: AsyncIterator[Any]) -> Any:
    __tracebackhide__ = True
    return await anext(values, _END)
