"""The room ends when it is told to."""

from __future__ import annotations

import asyncio

import pytest

from cscsim.console.room import _set_within


@pytest.mark.parametrize("ticks", range(5))
def test_an_end_that_comes_with_something_else_is_not_lost(ticks):
    async def wait_again_and_again(event):
        while True:
            event.clear()
            await _set_within(event, 5.0)

    async def main():
        event = asyncio.Event()
        task = asyncio.create_task(wait_again_and_again(event))
        for _ in range(3):
            await asyncio.sleep(0)
        event.set()
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        ended, _ = await asyncio.wait({task}, timeout=1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return bool(ended)

    assert asyncio.run(main())
