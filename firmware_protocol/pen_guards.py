"""The pen's own guards: each judges one reading against what was accepted and names the fault that ends the run. Pure.

Runs unchanged on CPython and MicroPython. Windows as in clinic.md, "Alarms"; rules as in pen-link.md, "Pen states".
"""

from collections import namedtuple

from firmware_protocol.messages import (
    FAULT_CARTRIDGE,
    FAULT_DEPTH_OVER,
    FAULT_NONE,
    FAULT_OVERCURRENT,
    FAULT_OVERTEMPERATURE,
    FAULT_SENSOR,
    FAULT_SPEED_RANGE,
    FAULT_STALL,
    FAULT_UNDERVOLTAGE,
    MODE_NONE,
    PARAMETER_BUTTON_HOLD,
    PARAMETER_CURRENT_TRIP,
    PARAMETER_SPIN_UP,
    PARAMETER_TEMPERATURE_TRIP,
    PARAMETERS,
)
from firmware_protocol.pen_clock import Hold, elapsed_us
from firmware_protocol.pen_hardware import Readings

SPEED_SETTLE_US = 500000  # no speed guard before this, from a change of speed
SPEED_TRIP_US = 200000
SPEED_WINDOW_PERCENT = 20
FROZEN_WINDOW_US = 300000
FROZEN_CHANGE_UM = 100  # a change at least this large must show
FROZEN_MOVEMENT_UM = 50  # as this much movement
FROZEN_WAY_UM = 75  # and is only expected to where the reach still has this far to go
STALL_SPEED_PERCENT = 25
STALL_CURRENT_MA = 600
STALL_TRIP_US = 200000
OVERCURRENT_TRIP_US = 20000
OVERTEMPERATURE_HYSTERESIS_DC = 50
OVERTEMPERATURE_TRIP_US = 100000
UNDERVOLTAGE_MV = 4400
UNDERVOLTAGE_TRIP_US = 20000

# What the stored parameters decide. `spin_up_us`: from the start of the motor, before its speed is judged.
Limits = namedtuple("Limits", ("spin_up_us", "current_ma", "temperature_dc", "button_hold_us"))


def limits_of(values: dict[int, int]) -> Limits:
    """The limits that a whole set of parameters {id: value} gives."""
    return Limits(
        values[PARAMETER_SPIN_UP] * 1000,
        values[PARAMETER_CURRENT_TRIP],
        values[PARAMETER_TEMPERATURE_TRIP],
        values[PARAMETER_BUTTON_HOLD] * 1000,
    )


INITIAL_LIMITS = limits_of({parameter.id: parameter.initial for parameter in PARAMETERS})


class Run:
    """What holds at the moment: ARM's terms and the last accepted DRIVE. `target_um` is the ramp's present reach."""

    __slots__ = (
        "ceiling_um",
        "depth_limit_um",
        "depth_um",
        "mode",
        "needles_out",
        "over_tolerance_um",
        "speed_rpm",
        "target_um",
        "trip_us",
        "zone",
    )

    def __init__(self) -> None:
        self.mode = MODE_NONE
        self.ceiling_um = 0
        self.zone = 0
        self.depth_limit_um = 0
        self.depth_um = 0
        self.speed_rpm = 0
        self.over_tolerance_um = 0
        self.trip_us = 0
        self.needles_out = False
        self.target_um = 0


def in_speed_window(readings: Readings, asked_rpm: int) -> bool:
    """Is the speed measured, and within 20 % of what was asked?"""
    off_rpm = abs(readings.speed_rpm - asked_rpm)
    return bool(readings.speed_valid) and 0 <= off_rpm * 100 <= asked_rpm * SPEED_WINDOW_PERCENT


class Guards:
    """Judges every reading of one run. A new object for every run: nothing of the last one is left."""

    def __init__(self, now_us: int, limits: Limits = INITIAL_LIMITS) -> None:
        """`now_us`: when the run began."""
        self._limits = limits
        self._depth = Hold()
        self._speed = Hold()
        self._stall = Hold()
        self._current = Hold()
        self._temperature = Hold()
        self._supply = Hold()
        self._grace_from_us = now_us
        self._grace_us = limits.spin_up_us
        self._watching = False
        self._watch_from_us = 0
        self._watch_um = 0

    def speed_asked(self, old_rpm: int, now_us: int) -> None:
        """Another speed was accepted: a motor that stood still spins up, one that turned gets its time to settle."""
        left_us = self._grace_us - elapsed_us(now_us, self._grace_from_us)
        self._grace_from_us = now_us
        self._grace_us = max(SPEED_SETTLE_US, left_us) if old_rpm else self._limits.spin_up_us

    def depth_asked(self, old_um: int, new_um: int, measured_um: int, now_us: int) -> None:
        """The needles were sent elsewhere: a change of 100 um must show as movement within 300 ms.

        A smaller change leaves the watch on an earlier one as it is, unless it brings the needles back to where they were.
        """
        if abs(new_um - old_um) >= FROZEN_CHANGE_UM and abs(new_um - measured_um) >= FROZEN_WAY_UM:
            self._watching = True
            self._watch_from_us = now_us
            self._watch_um = measured_um
        elif abs(new_um - self._watch_um) < FROZEN_WAY_UM:
            self._watching = False

    def judge(self, readings: Readings, run: Run, now_us: int) -> tuple[int, int]:
        """(fault, the value that tripped) of this reading, FAULT_NONE when all is well. Every guard sees every reading."""
        found = (
            (self.depth(readings, run, now_us), readings.depth_um),
            (self.frozen(readings, now_us), readings.depth_um),
            (FAULT_NONE if readings.cartridge else FAULT_CARTRIDGE, 0),
            (self.stall(readings, run, now_us), readings.speed_rpm),
            (self.current(readings, now_us), readings.current_ma),
            (self.speed(readings, run, now_us), readings.speed_rpm),
            (self.temperature(readings, now_us), readings.temperature_dc),
            (self.supply(readings, now_us), readings.supply_mv),
        )
        for fault, value in found:
            if fault != FAULT_NONE:
                return fault, value
        return FAULT_NONE, 0

    def depth(self, readings: Readings, run: Run, now_us: int) -> int:
        """DEPTH_OVER past depth_limit + over_tolerance for trip_ms; SENSOR where the depth is unknown for as long."""
        within = bool(readings.depth_valid) and 0 <= readings.depth_um <= run.depth_limit_um + run.over_tolerance_um
        if not self._depth.lasted(not within, now_us, run.trip_us):
            return FAULT_NONE
        return FAULT_DEPTH_OVER if readings.depth_valid else FAULT_SENSOR

    def frozen(self, readings: Readings, now_us: int) -> int:
        """SENSOR where less than 50 um of movement followed a change within 300 ms; a steady reading is not frozen."""
        if not self._watching:
            return FAULT_NONE
        if readings.depth_valid and abs(readings.depth_um - self._watch_um) >= FROZEN_MOVEMENT_UM:
            self._watching = False
        elif elapsed_us(now_us, self._watch_from_us) >= FROZEN_WINDOW_US:
            return FAULT_SENSOR
        return FAULT_NONE

    def speed(self, readings: Readings, run: Run, now_us: int) -> int:
        """SPEED_RANGE where the speed is outside +-20 % for 200 ms, after the spin-up (1500 ms at most)."""
        if elapsed_us(now_us, self._grace_from_us) >= self._grace_us:
            self._grace_us = 0  # remembered, because a run may outlast the clock's wrap
        outside = run.speed_rpm > 0 and not self._grace_us and not in_speed_window(readings, run.speed_rpm)
        return FAULT_SPEED_RANGE if self._speed.lasted(outside, now_us, SPEED_TRIP_US) else FAULT_NONE

    def stall(self, readings: Readings, run: Run, now_us: int) -> int:
        """STALL where the motor draws current and does not turn for 200 ms, from the first moment on."""
        still = not (readings.speed_rpm * 100 >= run.speed_rpm * STALL_SPEED_PERCENT)
        stalled = still and readings.current_ma >= STALL_CURRENT_MA
        return FAULT_STALL if self._stall.lasted(stalled, now_us, STALL_TRIP_US) else FAULT_NONE

    def current(self, readings: Readings, now_us: int) -> int:
        """OVERCURRENT over the current's limit (1200 mA at most) for 20 ms."""
        over = not (readings.current_ma <= self._limits.current_ma)
        return FAULT_OVERCURRENT if self._current.lasted(over, now_us, OVERCURRENT_TRIP_US) else FAULT_NONE

    def temperature(self, readings: Readings, now_us: int) -> int:
        """OVERTEMPERATURE over the temperature's limit (60 degC at most) for 100 ms."""
        over = not (readings.temperature_dc <= self._limits.temperature_dc)
        return FAULT_OVERTEMPERATURE if self._temperature.lasted(over, now_us, OVERTEMPERATURE_TRIP_US) else FAULT_NONE

    def supply(self, readings: Readings, now_us: int) -> int:
        """UNDERVOLTAGE under 4.4 V for 20 ms."""
        under = not (readings.supply_mv >= UNDERVOLTAGE_MV)
        return FAULT_UNDERVOLTAGE if self._supply.lasted(under, now_us, UNDERVOLTAGE_TRIP_US) else FAULT_NONE


def cause_is_gone(fault: int, readings: Readings, limits: Limits = INITIAL_LIMITS) -> bool:
    """May this latched fault be cleared now? The motor must be off, the needles home, and the cause itself gone."""
    if readings.motor_powered or not readings.needles_home:
        return False
    if fault in (FAULT_DEPTH_OVER, FAULT_SENSOR):
        return bool(readings.depth_valid)
    if fault == FAULT_CARTRIDGE:
        return bool(readings.cartridge)
    if fault == FAULT_OVERTEMPERATURE:
        return bool(readings.temperature_dc <= limits.temperature_dc - OVERTEMPERATURE_HYSTERESIS_DC)
    if fault == FAULT_UNDERVOLTAGE:
        return bool(readings.supply_mv >= UNDERVOLTAGE_MV)
    if fault == FAULT_OVERCURRENT:
        return bool(readings.current_ma <= limits.current_ma)
    return True
