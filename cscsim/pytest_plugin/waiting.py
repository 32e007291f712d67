"""Waiting in a test until something is so."""

from __future__ import annotations

import asyncio

from csc import Observatory
from csc.truth import TruthScope
from fsm import Condition

__all__ = ["wait_until"]

_LOOK_EVERY = 0.2
"""How often is looked at what changes with time alone [simulated s]."""


async def wait_until(observatory: Observatory, condition: Condition, limit: float, *, who: str) -> None:
    """Wait until a condition is true, for at most `limit` [s].

    It is looked at whenever something happens to a component that it names or an image is taken; if it names
    outputs, which may change with time alone, also in between.

    Raises
    ------
    TimeoutError
        If it does not come true in that time; says why not, with the values seen.
    """
    scope, clock = TruthScope(observatory), observatory.clock
    done: asyncio.Future[None] = clock.loop.create_future()

    def look() -> None:
        if not done.done() and condition.evaluate(scope) is True:
            done.set_result(None)

    def look_again() -> None:
        look()
        if not done.done():
            clock.call_later(_LOOK_EVERY, look_again)

    components = [observatory.components[name] for name in scope.components(condition.names)]
    ends = [component.watch(look) for component in components]
    images = observatory.services.get("images")
    if images is not None and any(name.function is not None for name in condition.names):
        ends.append(images.listen(lambda _: look()))
    outputs = {output for component in components for output in component.blueprint.outputs}
    if any(part in outputs for name in condition.names for part in name.parts[1:]):
        look_again()
    look()
    try:
        await clock.wait(done, lambda: f"{condition} ({condition.explain(scope)})", who=who, timeout=limit)
    finally:
        for end in ends:
            end()
