"""What must be computed for the building's vents: the gates as one event, and the fan that runs up and down."""

from __future__ import annotations

from types import SimpleNamespace

from csc import Behaviour, Refused, on_trigger
from csc.kinematics import constant_rate
from fsm import Timeline

__all__ = ["ATBuilding"]

_GATES = ("gate_0", "gate_1", "gate_2", "gate_3")


class ATBuilding(Behaviour):
    """Computes for gates and fan."""

    def start(self) -> None:
        """Begin with the fan at rest."""
        self._frequency = Timeline(0.0, self.now)
        self._target = 0.0
        self.track("drive_frequency", self._frequency)

    def vent_gates(self) -> tuple[int, ...]:
        """State of each gate, as SAL's number."""
        machines = (self.component.machines[name] for name in _GATES)
        return tuple(machine.current.value or 0 for machine in machines)

    def drive_voltage(self) -> float:
        """Line voltage of the drive [V]."""
        return float(self.p.line_voltage)

    def largest_frequency(self) -> float:
        """Largest frequency that is accepted [Hz]."""
        return float(self.p.maximum_frequency)

    def do_openVentGate(self, data: SimpleNamespace) -> None:
        """Check the gates' numbers."""
        _check(data.gate)

    def do_closeVentGate(self, data: SimpleNamespace) -> None:
        """Check the gates' numbers."""
        _check(data.gate)

    @on_trigger("startExtractionFan")
    @on_trigger("stopExtractionFan")
    @on_trigger("setExtractionFanDriveFreq")
    @on_trigger("setExtractionFanManualControlMode")
    @on_trigger("drive_failed")
    def _run_fan(self) -> None:
        """Let the frequency go steadily to its target."""
        target = float(self.v.target_frequency)
        if target == self._target:
            return
        self._target = target
        rate = self.p.maximum_frequency / self.p.fan_ramp_time
        path = constant_rate(self._frequency.value(self.now), target, rate=rate, t0=self.now)
        self._frequency.follow(self.now, path.position, path.kinks)


def _check(gates: tuple[int, ...]) -> None:
    """Refuse numbers that no gate has."""
    for gate in gates:
        if gate not in range(-1, len(_GATES)):
            raise Refused(f"Invalid gate number: {gate}; gates are 0 to 3, -1 is none")
