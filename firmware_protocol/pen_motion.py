"""The pen's states and its motion: BOOT, SELFTEST, IDLE, ARMED, RUNNING, FAULT. No I/O but the hardware handed in, no clock.

Runs unchanged on CPython and MicroPython. Authority is a token and a lease (pen-link.md, "Two kinds of traffic" and "Pen
states"); every end is `Hardware.safe` first and words after.
"""

from firmware_protocol.frame import is_newer
from firmware_protocol.messages import (
    BAD_STATE,
    CAUSE_BUTTON,
    CAUSE_CLEARED,
    CAUSE_DRIVE,
    CAUSE_NO_DRIVE,
    CAUSE_STATE,
    CAUSE_STOP,
    DENIED,
    FAILED,
    FAULT_EMERGENCY,
    FAULT_HOMING,
    FAULT_HOST_TIMEOUT,
    FAULT_LINK,
    FAULT_NONE,
    FAULT_SENSOR,
    FAULT_UNDERVOLTAGE,
    FAULT_WATCHDOG_RESET,
    OK,
    REFUSAL_NONE,
    REFUSAL_NOT_ARMED,
    REFUSAL_SEQUENCE,
    REFUSAL_TOKEN,
    RESET_WATCHDOG,
    STATE_ARMED,
    STATE_BOOT,
    STATE_FAULT,
    STATE_IDLE,
    STATE_RUNNING,
    STATE_SELFTEST,
    STOP_EMERGENCY,
    Drive,
)
from firmware_protocol.pen_clock import Hold, elapsed_us, is_reached
from firmware_protocol.pen_guards import INITIAL_LIMITS, UNDERVOLTAGE_MV, Guards, Run, cause_is_gone, in_speed_window
from firmware_protocol.pen_hardware import Hardware, Readings
from firmware_protocol.pen_plan import refusal_of

ARMED_WITHOUT_DRIVE_US = 1000000
SELFTEST_US = 20000  # good readings in a row
SELFTEST_GIVE_UP_US = 1000000
HOMING_US = 100000  # the spring needs 50 ms
RAMP_UM_PER_MS = 8  # deeper; shallower is immediate


class Motion:
    """What the pen does and why. `happened` collects (state, fault, argument) of every change; the owner empties it."""

    def __init__(self, hardware: Hardware, reset_cause: int, token_seed: int, guards_type: type[Guards]) -> None:
        """`token_seed` makes the tokens of two boots differ; `guards_type` makes the judge of each run."""
        self.hardware = hardware
        self.limits = INITIAL_LIMITS  # of the next run
        self.happened: list[tuple[int, int, int]] = []
        hardware.safe()
        self.readings: Readings = hardware.read()
        self.state = STATE_BOOT
        self.fault = FAULT_NONE
        self.fault_bits = 0
        self.token = 0  # 0: none is valid
        self.run = Run()
        self.refusal = REFUSAL_NONE  # of the newest DRIVE
        self.refused = 0
        self.drive_sequence = 0
        self.longest_step_us = 0
        self._guards_type = guards_type
        self._guards = guards_type(0)
        self._last_token = token_seed & 0xFFFF
        self._any_drive = False
        self._leased = False
        self._lease_end_us = 0
        self._armed_us = 0
        self._self_test_passed = False
        self._well = Hold()
        self._unwell = Hold()
        self._away = Hold()
        self._pressed = Hold()
        self._press_counts = False
        if reset_cause == RESET_WATCHDOG:
            self.trip(FAULT_WATCHDOG_RESET, 0)

    def open_session(self, cause: int) -> None:
        """HELLO: disarm, and forget the last host's DRIVE sequence and refusal."""
        self.end(cause)
        self._any_drive = False
        self.drive_sequence = 0
        self.refusal = REFUSAL_NONE

    def arm(self, mode: int, ceiling_um: int, now_us: int) -> int:
        """Enter ARMED; returns the new token. The caller has judged the preconditions."""
        self._last_token = self._last_token % 0xFFFF + 1
        self.token = self._last_token
        self.run = Run()
        self.run.mode = mode
        self.run.ceiling_um = ceiling_um
        self._armed_us = now_us
        self._change(STATE_ARMED, CAUSE_STATE)
        return self.token

    def drive(self, drive: Drive, sequence: int, limits_um: dict[int, int], seen_age_us: int, now_us: int) -> int:
        """Obey or refuse one DRIVE of the current session; the refusal. Refused: nothing changes, nothing is renewed."""
        self._judge_lease(now_us)  # a DRIVE that comes after the lease ended does not bring it back
        refusal = self._refusal_of(drive, sequence, limits_um, seen_age_us)
        if refusal != REFUSAL_NONE:
            self.refuse(refusal)
            return refusal
        self.refusal = REFUSAL_NONE
        self.drive_sequence = sequence
        self._any_drive = True
        self._leased = True
        self._lease_end_us = (now_us + drive.lease_ms * 1000) & 0xFFFFFFFF
        if drive.depth_um or drive.speed_rpm:
            self._take(drive, now_us)
        elif self.state == STATE_RUNNING:
            self.end(CAUSE_DRIVE)
        return refusal

    def refuse(self, refusal: int) -> None:
        """Count a DRIVE that is not obeyed; telemetry shows why until the next accepted one."""
        self.refusal = refusal
        self.refused = (self.refused + 1) & 0xFFFF

    def stop(self, reason: int) -> None:
        """STOP, in every state. EMERGENCY latches a fault, over any other: it is a person's word."""
        self.hardware.safe()
        if reason == STOP_EMERGENCY:
            self.trip(FAULT_EMERGENCY, reason)
        else:
            self.end(CAUSE_STOP)

    def end(self, cause: int) -> None:
        """Motor off, token void, back to IDLE from ARMED or RUNNING. Elsewhere the motor is off already."""
        self.hardware.safe()
        self._void()
        if self.state in (STATE_ARMED, STATE_RUNNING):
            self._change(STATE_IDLE, cause)

    def trip(self, fault: int, value: int) -> None:
        """Motor off, FAULT latched. The first fault keeps its name, except before EMERGENCY."""
        self.hardware.safe()
        self._void()
        self.fault_bits |= 1 << fault
        if self.state != STATE_FAULT or (fault == FAULT_EMERGENCY and self.fault != fault):
            self.fault = fault
            self._change(STATE_FAULT, value)

    def link_lost(self) -> None:
        """DTR, TCP or HUP fell: ARMED and RUNNING latch FAULT LINK."""
        if self.state in (STATE_ARMED, STATE_RUNNING):
            self.trip(FAULT_LINK, 0)

    def clear_fault(self, fault: int) -> int:
        """CLEAR_FAULT: it must name the latched fault, and its cause must be gone; the result code."""
        if self.state != STATE_FAULT:
            return BAD_STATE
        if fault != self.fault:
            return DENIED
        if not cause_is_gone(fault, self.readings, self.limits):
            return FAILED
        self.fault = FAULT_NONE
        self._change(STATE_IDLE if self._self_test_passed else STATE_SELFTEST, CAUSE_CLEARED)
        return OK

    def lease_left_ms(self, now_us: int) -> int:
        """Milliseconds until the lease ends, 0 without one."""
        if not self._leased or is_reached(now_us, self._lease_end_us):
            return 0
        return elapsed_us(self._lease_end_us, now_us) // 1000

    def step(self, now_us: int, step_us: int) -> None:
        """Read the hardware, judge, move: once a base period. `step_us`: time since the last step."""
        self.longest_step_us = max(self.longest_step_us, step_us)
        was_pressed = self.readings.button
        self.readings = self.hardware.read()
        if self.state in (STATE_BOOT, STATE_SELFTEST):
            self._test_itself(now_us)
        self._judge_lease(now_us)
        if self._button_stops(bool(was_pressed), now_us) and self.state in (STATE_ARMED, STATE_RUNNING):
            self.end(CAUSE_BUTTON)
        if self.state == STATE_RUNNING:
            fault, value = self._guards.judge(self.readings, self.run, now_us)
            if fault != FAULT_NONE:
                self.trip(fault, value)
            else:
                self._move(now_us, step_us)
        astray = self.state != STATE_RUNNING and not (self.readings.needles_home and not self.readings.motor_powered)
        if self._away.lasted(astray, now_us, HOMING_US):
            self.trip(FAULT_HOMING, self.readings.depth_um)

    def _refusal_of(self, drive: Drive, sequence: int, limits_um: dict[int, int], seen_age_us: int) -> int:
        if self.state not in (STATE_ARMED, STATE_RUNNING):
            return REFUSAL_NOT_ARMED
        if drive.arm_token != self.token:
            return REFUSAL_TOKEN
        if self._any_drive and not is_newer(sequence, self.drive_sequence):
            return REFUSAL_SEQUENCE
        return refusal_of(drive, self.run.mode, self.run.ceiling_um, limits_um, seen_age_us)

    def _take(self, drive: Drive, now_us: int) -> None:
        """Let an accepted DRIVE with motion hold from now on."""
        run = self.run
        if self.state != STATE_RUNNING:
            self._guards = self._guards_type(now_us, self.limits)
            self._change(STATE_RUNNING, CAUSE_STATE)
        elif drive.speed_rpm != run.speed_rpm:
            self._guards.speed_asked(run.speed_rpm, now_us)
        if run.needles_out:
            self._guards.depth_asked(run.depth_um, drive.depth_um, self.readings.depth_um, now_us)
        run.zone = drive.zone
        run.depth_limit_um = drive.depth_limit_um
        run.depth_um = drive.depth_um
        run.speed_rpm = drive.speed_rpm
        run.over_tolerance_um = drive.over_tolerance_um
        run.trip_us = drive.trip_ms * 1000

    def _move(self, now_us: int, step_us: int) -> None:
        """Speed first; needles out when it is in its window, or at once where calibrate mode holds the motor still."""
        run = self.run
        if run.depth_um == 0:
            run.needles_out = False
        elif not run.needles_out and (run.speed_rpm == 0 or in_speed_window(self.readings, run.speed_rpm)):
            run.needles_out = True
            run.target_um = 0
            self._guards.depth_asked(0, run.depth_um, self.readings.depth_um, now_us)
        if run.needles_out:
            run.target_um = min(run.depth_um, run.target_um + max(1, RAMP_UM_PER_MS * step_us // 1000))
        else:
            run.target_um = 0
        self.hardware.drive(run.speed_rpm, run.target_um)

    def _button_stops(self, was_pressed: bool, now_us: int) -> bool:
        """Has a press just lasted long enough? One that began before ARM is the START that led to it, and never counts."""
        pressed = bool(self.readings.button)
        if not pressed or not was_pressed:
            self._press_counts = pressed and self.state in (STATE_ARMED, STATE_RUNNING)
        if not self._pressed.lasted(pressed and self._press_counts, now_us, self.limits.button_hold_us):
            return False
        self._press_counts = False
        return True

    def _judge_lease(self, now_us: int) -> None:
        """Lease ended: FAULT. ARMED and no DRIVE within 1000 ms: IDLE."""
        if self.state not in (STATE_ARMED, STATE_RUNNING):
            return
        if self._leased:
            if is_reached(now_us, self._lease_end_us):
                self.trip(FAULT_HOST_TIMEOUT, 0)
        elif elapsed_us(now_us, self._armed_us) >= ARMED_WITHOUT_DRIVE_US:
            self.end(CAUSE_NO_DRIVE)

    def _test_itself(self, now_us: int) -> None:
        """Home, unpowered, depth known and supply good for 20 ms: IDLE. Not so for a second: FAULT by what is wrong."""
        if self.state == STATE_BOOT:
            self._change(STATE_SELFTEST, CAUSE_STATE)
        found = self.readings
        home = found.needles_home and not found.motor_powered
        well = home and found.depth_valid and found.supply_mv >= UNDERVOLTAGE_MV
        if self._well.lasted(bool(well), now_us, SELFTEST_US):
            self._self_test_passed = True
            self._change(STATE_IDLE, CAUSE_STATE)
        elif self._unwell.lasted(not well, now_us, SELFTEST_GIVE_UP_US):
            self.trip(FAULT_HOMING if not home else FAULT_SENSOR if not found.depth_valid else FAULT_UNDERVOLTAGE, 0)

    def _void(self) -> None:
        """Running again takes a new ARM."""
        self.token = 0
        self._leased = False
        self.run = Run()

    def _change(self, state: int, argument: int) -> None:
        self.state = state
        self.happened.append((state, self.fault, max(0, min(argument, 0xFFFF))))
