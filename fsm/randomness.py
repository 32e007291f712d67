"""Random numbers: one seed, one independent stream for each component and purpose.

A stream's numbers depend on the seed and its name alone, so adding a component never changes another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Streams"]


class Streams:
    """The independent random streams of one run.

    Parameters
    ----------
    seed
        The run's seed, a whole number from 0 up.
    """

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise ValueError(f"seed must not be negative, got {seed}")
        self.seed = seed
        self._streams: dict[tuple[str, ...], np.random.Generator] = {}

    def stream(self, *name: str) -> np.random.Generator:
        """Return the stream of that name; the same object each time.

        Parameters
        ----------
        name
            The words of the name, for example a component and a purpose.
        """
        if name not in self._streams:
            import numpy as np

            digest = hashlib.sha256("\x1f".join(name).encode()).digest()
            words = [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4)]
            self._streams[name] = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *words])))
        return self._streams[name]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Leave every stream as it is now, whatever is drawn meanwhile: for those who look at a run from outside."""
        states = {name: stream.bit_generator.state for name, stream in self._streams.items()}
        try:
            yield
        finally:
            for name in [name for name in self._streams if name not in states]:
                del self._streams[name]
            for name, state in states.items():
                self._streams[name].bit_generator.state = state
