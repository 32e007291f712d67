"""The one door: everything that reaches a component goes through a bus.

Two buses keep one contract: `memory`, in process, and in time `mqtt`.
"""

from csc.bus.contract import Bus, Endpoint
from csc.bus.interference import Envelope, Interference, Rule
from csc.bus.memory import MemoryBus

__all__ = ["Bus", "Endpoint", "Envelope", "Interference", "MemoryBus", "Rule"]
