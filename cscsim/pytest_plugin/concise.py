"""Errors that end at the line of the test: what went wrong is in the message, how it was found out is not.

A mistake of ours is none of these: it keeps its traceback.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from fsm import CscsimError

__all__ = ["concise", "concisely"]

P = ParamSpec("P")
T = TypeVar("T")

_TOLD = (CscsimError, TimeoutError, AssertionError)


def concise(function: Callable[P, T]) -> Callable[P, T]:
    """Let the errors that a function raises on purpose begin where it is called."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except _TOLD as error:
            told = error
        told.__cause__ = told.__context__ = None
        raise told.with_traceback(None)

    return call


def concisely(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let the errors that a coroutine raises on purpose begin where it is awaited."""

    @functools.wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        try:
            return await function(*args, **kwargs)
        except _TOLD as error:
            told = error
        told.__cause__ = told.__context__ = None
        raise told.with_traceback(None)

    return call
