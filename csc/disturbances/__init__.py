"""Disturbances: what may befall any component, without a word in its data sheet.

Messages that do not arrive as they were sent, sensors that lie, silence, slowness, restarts.
"""

from csc.disturbances.catalogue import DISTURBANCES, fault_of
from csc.disturbances.model import Disturbance
from csc.disturbances.sensors import Readings

__all__ = ["DISTURBANCES", "Disturbance", "Readings", "fault_of"]
