"""What must be computed for the white light: times of warm-up and cool-down, light, shutter, coolant.

All of it is closed form from one change to the next. What may happen, and when the CSC goes to FAULT, is
stated in the data sheet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from csc import Behaviour, on_enter, on_trigger
from csc.atwhitelight.coolant import Alarm, Approach, Law, Ramp, Threshold, Warn, beyond, next_crossing
from csc.kinematics import Path, constant_rate, stand
from fsm import Timeline

__all__ = ["ATWhiteLight"]

FLOW_ALARMS = {"ALARMED": Alarm.LOW_COOLANT_FLOW | Alarm.NO_COOLANT_FLOW}
FLOW_WARNINGS = {"WARNED": Warn.LOW_COOLANT_FLOW, "ALARMED": Warn.LOW_COOLANT_FLOW}
"""What the chiller shows in each state of its watch over the flow."""


class ATWhiteLight(Behaviour):
    """Computes for the lamp, the shutter and the chiller."""

    def start(self) -> None:
        """Begin dark, closed and at the temperature of the air."""
        now, ambient = self.now, self.p.ambient
        self._switched_on: float | None = None
        self._switched_off: float | None = None
        self._lit_since = now
        self._lit_power = 0.0
        self._connected_at = now
        self._light = Timeline(0.0, now)
        self._flow = Timeline(0.0, now)
        self._blade = stand(0.0, now)
        self._shutter = Timeline(0.0, now)
        self._law: Law = Approach(start=ambient, target=ambient, time_constant=self.p.standby_time_constant, t0=now)
        self._supply = Timeline(ambient, now)
        self._cancel_crossing: Callable[[], None] | None = None
        self.track("lamp_light", self._light)
        self.track("coolant_flow", self._flow)
        self.track("shutter_open", self._shutter)
        self.track("supply_temperature", self._supply)
        self.call_later(0.0, self._take_stock)

    def _take_stock(self) -> None:
        """Make what was placed at the beginning look as if it had long been so."""
        if self.state("shutter") == "OPEN":
            self._move_blade(stand(1.0, self.now))
        if self.state("thermotek") == "RUN":
            final = self.v.set_temperature
            self._law = Approach(start=final, target=final, time_constant=self.p.chiller_time_constant, t0=self.now)
            self._plan_coolant()
        if self.state("bulb") == "LIT":
            self.v.commanded_power = self.v.requested_power = self.p.default_power
            self._switched_on = self._lit_since = self.now - self.p.warmup_period
            self.v.warmup_end = self.tai
            self._read_power()
            self._shine()
            self._plan_coolant()

    # ----------------------------------------------------------------- lamp

    def warmup_left(self) -> float:
        """Time of warm-up that is left [s]."""
        if self._switched_on is None:
            return 0.0
        return max(0.0, self._switched_on + float(self.p.warmup_period) - self.now)

    def cooldown_left(self) -> float:
        """Time of cool-down that is left [s]."""
        if self._switched_off is None:
            return 0.0
        return max(0.0, self._switched_off + float(self.p.cooldown_period) - self.now)

    @on_enter("power", "ON")
    def _note_power_on(self) -> None:
        self._switched_on = self.now
        self.v.warmup_end = self.tai + self.p.warmup_period
        self._read_power()

    @on_enter("power", "OFF")
    def _note_power_off(self) -> None:
        self._switched_off = self.now
        self.v.cooldown_end = self.tai + self.p.cooldown_period
        self._read_power()
        if self._switched_on is not None:
            self.v.on_time = self.now - self._switched_on
        if self.state("lamp") == "UNEXPECTEDLY_OFF":
            self._forget_cooldown()

    @on_enter("lamp", "UNEXPECTEDLY_ON")
    @on_enter("lamp", "UNEXPECTEDLY_OFF")
    def _forget_cooldown(self) -> None:
        self._switched_off = None
        self.v.cooldown_end = 0.0

    @on_enter("bulb", "LIT")
    def _light_up(self) -> None:
        self._lit_since = self.now
        self._shine()
        self._plan_coolant()

    @on_trigger("turnLampOn")
    def _change_power(self) -> None:
        self._read_power()
        if self.state("bulb") == "LIT" and self.state("power") == "ON":
            self._shine()
            self._plan_coolant()

    @on_enter("bulb", "DARK")
    @on_enter("bulb", "DEAD")
    def _go_dark(self) -> None:
        self._light.follow(self.now, 0.0)
        self._plan_coolant()

    def _read_power(self) -> None:
        """Read the commanded power back from the set voltage, which has steps."""
        power, low = float(self.v.commanded_power), float(self.p.min_power)
        step = (float(self.p.max_power) - low) / float(self.p.power_steps)
        self.v.set_power = low + round((power - low) / step) * step if power else 0.0

    def _shine(self) -> None:
        """Follow L = (P / P_ref) (1 - exp(-(t - t_light) / tau))."""
        self._lit_power = float(self.v.commanded_power)
        final = self._lit_power / self.p.reference_power
        since, tau = self._lit_since, float(self.p.brightness_time_constant)
        self._light.follow(self.now, lambda t: final * -math.expm1(-(t - since) / tau))

    # -------------------------------------------------------------- shutter

    def opening_left(self) -> float:
        """Time to the switch for open [s]."""
        return (1.0 - self._blade.position(self.now)) * float(self.p.shutter_travel)

    def closing_left(self) -> float:
        """Time to the switch for closed [s]."""
        return self._blade.position(self.now) * float(self.p.shutter_travel)

    @on_enter("shutter_motor", "OPENING")
    def _open(self) -> None:
        self._drive(1.0)

    @on_enter("shutter_motor", "CLOSING")
    def _close(self) -> None:
        self._drive(0.0)

    @on_enter("shutter_motor", "STOPPED")
    @on_trigger("shutter_jams")
    def _stop(self) -> None:
        self._move_blade(stand(round(self._blade.position(self.now), 9), self.now))  # an end is that end exactly

    def _drive(self, end: float) -> None:
        target = self.p.jam_position if self.v.shutter_jammed else end
        rate = 1.0 / self.p.shutter_travel
        self._move_blade(constant_rate(self._blade.position(self.now), target, rate=rate, t0=self.now))

    def _move_blade(self, path: Path) -> None:
        self._blade = path
        standing = path.end <= self.now
        self._shutter.follow(self.now, path.position(self.now) if standing else path.position, path.kinks)

    # -------------------------------------------------------------- chiller

    def ambient_temperature(self) -> float:
        """Temperature of the air [deg_C]."""
        return float(self.p.ambient)

    def until_watchdog(self) -> float:
        """Time to the next reading of the chiller [s]; readings are counted from the connection."""
        interval = float(self.p.watchdog_interval)
        return interval - (self.now - self._connected_at) % interval

    @on_trigger("chiller_connected")
    def _begin_readings(self) -> None:
        self._connected_at = self.now

    @on_trigger("watchdog_read")
    def _read_chiller(self) -> None:
        alarms, warnings = self._temperature_flags()
        alarms |= FLOW_ALARMS.get(self.state("flow_watch"), Alarm(0))
        warnings |= FLOW_WARNINGS.get(self.state("flow_watch"), Warn(0))
        masks = (self.v.alarm_level1 | alarms, self.v.alarm_level21, self.v.alarm_level22)
        warnings |= self.v.warning_flags
        self.v.warnings_present = bool(warnings)
        self.publish("chillerAlarms", level1=masks[0], level21=masks[1], level22=masks[2])
        self.publish("chillerWarnings", warnings=warnings)

    def temperature_alarm(self) -> bool:
        """Whether the temperature of coolant or air is beyond a limit now."""
        alarms, _ = self._temperature_flags()
        return alarms != 0

    def flow_warning_left(self) -> float:
        """Time [s] until a flow that ceases is low enough for a warning."""
        return self._time_to_flow(self.p.low_flow_warning)

    def flow_alarm_left(self) -> float:
        """Time [s] until a flow that ceases is low enough for an alarm."""
        return self._time_to_flow(self.p.low_flow_alarm)

    def _time_to_flow(self, limit: float) -> float:
        excess = self._flow.value(self.now) - limit
        return max(0.0, float(excess * self.p.flow_decay / self.p.nominal_flow))

    @on_enter("pump", "RUNNING")
    def _flow_starts(self) -> None:
        self._flow.follow(self.now, self.p.nominal_flow)
        self._plan_coolant()

    @on_enter("pump", "STOPPED")
    def _flow_ceases(self) -> None:
        flow = self._flow.value(self.now)
        path = constant_rate(flow, 0.0, rate=self.p.nominal_flow / self.p.flow_decay, t0=self.now)
        self._flow.follow(self.now, path.position, path.kinks)
        self._plan_coolant()

    @on_trigger("heat_wave")
    def _warm_up_coolant(self) -> None:
        self._law = Approach(
            start=self.p.ambient, target=self.p.ambient, time_constant=self.p.standby_time_constant, t0=self.now
        )
        self._plan_coolant()

    @on_enter("thermotek", "AUTOSTART")
    @on_enter("thermotek", "STANDBY")
    @on_enter("thermotek", "RUN")
    @on_enter("thermotek", "SAFETY")
    @on_enter("thermotek", "TEST")
    @on_trigger("setChillerTemperature")
    @on_trigger("chiller_connected")
    @on_trigger("chiller_too_slow_cleared")
    def _plan_coolant(self) -> None:
        """Follow the law that holds from now on, and be there when it passes a threshold."""
        now, p = self.now, self.p
        temperature = self._law.value(now)
        lit = self.state("bulb") in ("LIT", "FADING")
        flows = self.state("pump") == "RUNNING"
        if flows and self.state("thermotek") == "RUN":
            heating = p.lamp_heating * self._lit_power / p.lamp_heating_power if lit else 0.0
            target, tau = self.v.set_temperature + heating, p.chiller_time_constant
            self._law = Approach(start=temperature, target=target, time_constant=tau, t0=now)
        elif lit and not flows:
            self._law = Ramp(start=temperature, rate=p.uncooled_heating, t0=now)
        else:
            self._law = Approach(start=temperature, target=p.ambient, time_constant=p.standby_time_constant, t0=now)
        self._supply.follow(now, self._law.value)
        self._await_crossing()

    def _await_crossing(self) -> None:
        if self._cancel_crossing is not None:
            self._cancel_crossing()
        crossing = next_crossing(self._law, self.now, self._thresholds())
        self._cancel_crossing = None if crossing is None else self.call_later(crossing - self.now, self._pass_threshold)

    def _pass_threshold(self) -> None:
        alarms, _ = self._temperature_flags()
        self.fire("alarm_raised" if alarms else "chiller_changed")
        self._await_crossing()

    def _thresholds(self) -> tuple[Threshold, ...]:
        p = self.p
        return (
            Threshold(limit=p.low_supply_alarm, high=False, flag=Alarm.LOW_CONTROL_TEMP),
            Threshold(limit=p.high_supply_alarm, high=True, flag=Alarm.HIGH_CONTROL_TEMP),
            Threshold(limit=p.low_supply_warning, high=False, flag=Warn.LOW_CONTROL_TEMP),
            Threshold(limit=p.high_supply_warning, high=True, flag=Warn.HIGH_CONTROL_TEMP),
        )

    def _temperature_flags(self) -> tuple[int, int]:
        """Return the masks of alarms and warnings that the temperatures of coolant and air raise now."""
        p = self.p
        flags: list[Alarm | Warn] = [each.flag for each in self._thresholds() if beyond(self._law, self.now, each)]
        air: dict[Alarm | Warn, bool] = {
            Alarm.LOW_AMBIENT_TEMP: p.ambient < p.low_ambient_alarm,
            Alarm.HIGH_AMBIENT_TEMP: p.ambient > p.high_ambient_alarm,
            Warn.LOW_AMBIENT_TEMP: p.ambient < p.low_ambient_warning,
            Warn.HIGH_AMBIENT_TEMP: p.ambient > p.high_ambient_warning,
        }
        flags += [flag for flag, raised in air.items() if raised]
        alarms = sum(int(flag) for flag in flags if isinstance(flag, Alarm))
        return alarms, sum(int(flag) for flag in flags if isinstance(flag, Warn))

    # ------------------------------------------------------------ telemetry

    def sample_chillerTemperatures(self) -> Mapping[str, float] | None:
        """Leave the return temperature open: its sensor is not trusted."""
        return {"returnTemperature": math.nan} if self._chiller_answers() else None

    def sample_chillerCoolantFlow(self) -> Mapping[str, float] | None:
        """Add nothing: the flow is an output."""
        return {} if self._chiller_answers() else None

    def sample_chillerFanSpeeds(self) -> Mapping[str, float] | None:
        """Measure the fans [Hz]."""
        return self._while_running("fan", self.p.fan_speeds)

    def sample_chillerTECBankCurrents(self) -> Mapping[str, float] | None:
        """Measure the currents of the thermoelectric coolers [A]."""
        return self._while_running("bank", self.p.tec_currents)

    def sample_chillerTECDrive(self) -> Mapping[str, float | bool] | None:
        """Measure the drive of the thermoelectric coolers [%]."""
        if not self._chiller_answers():
            return None
        runs = self.state("thermotek") == "RUN"
        return {"isCooling": runs and not self._law.rises, "level": self.p.tec_level if runs else 0.0}

    def _chiller_answers(self) -> bool:
        return self.state("chiller_link") == "CONNECTED"

    def _while_running(self, field: str, values: tuple[float, ...]) -> Mapping[str, float] | None:
        if not self._chiller_answers():
            return None
        runs = self.state("thermotek") == "RUN"
        return {f"{field}{number}": value if runs else 0.0 for number, value in enumerate(values, start=1)}
