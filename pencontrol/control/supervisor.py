"""Judges every telemetry sample of a run against what is allowed and asked. Pure: times come with the samples.

The windows are those of clinic.md's alarm table and of the pen's own guards (pen-link.md): a depth change must show within
300 ms, a speed change within 500 ms, the start within 1500 ms.
"""

from dataclasses import dataclass
from math import ceil, floor

from firmware_protocol import messages
from firmware_protocol.messages import Telemetry
from firmware_protocol.runs import SampleRun
from pencontrol.limits import OVER_TOLERANCE_UM

MS = 1_000_000
SPIN_UP_NS = 1500 * MS
DEPTH_WINDOW_NS = 300 * MS
SPEED_WINDOW_NS = 500 * MS
SPEED_HOLD_NS = 200 * MS  # a dip shorter than this is the skin, not a fault: the pen's own window
DRIFT_HOLD_NS = 1000 * MS
STALE_NS = 150 * MS
OVER_ASKED_UM = 150
REACHED_UM = 50
FROZEN_UM = 50
FROZEN_CHANGE_UM = 100
IMPOSSIBLE_UM = 3000  # twice the pen's reach: no needle is there
OVERCURRENT_MA = 1200
OVERCURRENT_HOLD_NS = 20 * MS
STALL_MA = 600
STALL_SHARE = 0.25  # of the speed asked for
STALL_HOLD_NS = 200 * MS
OVERTEMPERATURE_DC = 600  # 60 degC, from STATUS
SPEED_OFF_SHARE = 0.20
SPEED_DRIFT_SHARE = 0.10
VALID = messages.FLAG_CARTRIDGE | messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID
WITH_VALID = bytes(flags for flags in range(256) if flags & VALID == VALID)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one sample: the alarm it raises and the figures."""

    alarm: str
    detail: str


class Supervisor:
    """The judge of one run: made when the pen is armed, dropped when it has stopped."""

    __slots__ = (
        "_calm",
        "_change_depth_um",
        "_change_high_um",
        "_change_low_um",
        "_change_ns",
        "_depth_um",
        "_drift_since_ns",
        "_fast_rpm",
        "_off_since_ns",
        "_over_since_ns",
        "_reached_depth",
        "_reached_speed",
        "_slow_rpm",
        "_speed_change_ns",
        "_speed_rpm",
        "_spun_up",
        "_stall_since_ns",
        "_start_ns",
    )

    def __init__(self, now_ns: int, depth_um: int, speed_rpm: int) -> None:
        """The run begins: the pen has accepted `depth_um` at `speed_rpm` at `now_ns`."""
        self._start_ns = now_ns
        self._spun_up = False
        self._depth_um = depth_um
        self._speed_rpm = speed_rpm
        self._change_ns = now_ns
        self._change_depth_um = 0
        self._change_low_um = 1 << 16
        self._change_high_um = 0
        self._speed_change_ns = now_ns
        self._off_since_ns: int | None = None
        self._drift_since_ns: int | None = None
        self._stall_since_ns: int | None = None
        self._over_since_ns: int | None = None
        self._reached_depth = False
        self._reached_speed = False
        self._slow_rpm, self._fast_rpm = _drift_bounds(speed_rpm)
        self._calm = False  # the last sample was in order, nothing is timed and nothing is waited for

    @property
    def reached(self) -> bool:
        """Has the pen's telemetry shown what was asked, since the last change?"""
        return self._reached_depth and self._reached_speed

    def accepted(self, now_ns: int, depth_um: int, speed_rpm: int) -> None:
        """The pen has accepted another setting."""
        self._calm = False
        if depth_um != self._depth_um:
            self._change_depth_um = abs(depth_um - self._depth_um)
            self._change_ns = now_ns
            self._change_low_um = 1 << 16
            self._change_high_um = 0
            self._depth_um = depth_um
            self._reached_depth = False
        if speed_rpm != self._speed_rpm:
            self._speed_change_ns = now_ns
            self._speed_rpm = speed_rpm
            self._slow_rpm, self._fast_rpm = _drift_bounds(speed_rpm)
            self._reached_speed = False
            self._off_since_ns = None
            self._drift_since_ns = None

    def is_calm(self, run: SampleRun, limit_um: int) -> bool:
        """Would `judge`, asked of each sample in `run`, find nothing and note nothing? It then need not be asked."""
        return (
            self._calm
            and run.among("flags", WITH_VALID)
            and run.within("depth_um", 0, min(self._depth_um + OVER_ASKED_UM, limit_um + OVER_TOLERANCE_UM))
            and run.within("speed_rpm", floor(self._slow_rpm) + 1, ceil(self._fast_rpm) - 1)
            and run.within("current_ma", 0, OVERCURRENT_MA)
        )

    def judge(self, telemetry: Telemetry, read_ns: int, limit_um: int) -> list[Finding]:
        """What is wrong with this sample of an armed or running pen. Empty: nothing."""
        if self._calm:
            _, _, depth_um, speed_rpm, current_ma, _, _, _, _, _, flags = telemetry
            if (
                flags & VALID == VALID
                and 0 <= depth_um <= self._depth_um + OVER_ASKED_UM
                and depth_um <= limit_um + OVER_TOLERANCE_UM
                and self._slow_rpm < speed_rpm < self._fast_rpm
                and current_ma <= OVERCURRENT_MA
            ):
                return []  # what follows would find nothing and note nothing: a third of its time for nearly every sample
        findings: list[Finding] = []
        flags = telemetry.flags
        depth_um = telemetry.depth_um
        if not (flags & messages.FLAG_CARTRIDGE):
            findings.append(Finding("CARTRIDGE_OUT", "the pen reports no cartridge"))
        if not (flags & messages.FLAG_DEPTH_VALID) or not (0 <= depth_um <= IMPOSSIBLE_UM):
            findings.append(
                Finding("DEPTH_INVALID", f"reading {depth_um} um, valid flag {bool(flags & messages.FLAG_DEPTH_VALID)}")
            )
        else:
            findings += judge_limit(telemetry, limit_um)
        self._judge_motor(telemetry, read_ns, findings)
        self._judge_speed(telemetry, read_ns, findings)
        if self._spun_up:
            self._judge_depth(depth_um, read_ns, findings)
        timed = (self._off_since_ns, self._drift_since_ns, self._stall_since_ns, self._over_since_ns)
        self._calm = not findings and self._spun_up and self.reached and timed == (None, None, None, None)
        return findings

    def _judge_motor(self, telemetry: Telemetry, read_ns: int, findings: list[Finding]) -> None:
        current_ma = telemetry.current_ma
        still = telemetry.speed_rpm < STALL_SHARE * self._speed_rpm and current_ma >= STALL_MA
        self._stall_since_ns = _since(self._stall_since_ns, still, read_ns)
        if self._stall_since_ns is not None and read_ns - self._stall_since_ns >= STALL_HOLD_NS:
            findings.append(Finding("STALL", f"{telemetry.speed_rpm} rpm at {current_ma} mA"))
        self._over_since_ns = _since(self._over_since_ns, not (current_ma <= OVERCURRENT_MA), read_ns)
        if self._over_since_ns is not None and read_ns - self._over_since_ns >= OVERCURRENT_HOLD_NS:
            findings.append(Finding("OVERCURRENT", f"{current_ma} mA, allowed is {OVERCURRENT_MA} mA"))

    def _judge_speed(self, telemetry: Telemetry, read_ns: int, findings: list[Finding]) -> None:
        if not (telemetry.flags & messages.FLAG_SPEED_VALID):
            error = 1.0
        else:
            error = abs(telemetry.speed_rpm - self._speed_rpm) / self._speed_rpm
        if error <= SPEED_DRIFT_SHARE:
            self._reached_speed = True
        if not self._spun_up and error <= SPEED_OFF_SHARE:
            self._spun_up = True  # needles go out now: the depth's window begins here
            self._change_ns = read_ns
            self._change_depth_um = self._depth_um
        self._off_since_ns = _since(self._off_since_ns, error > SPEED_OFF_SHARE, read_ns)
        self._drift_since_ns = _since(self._drift_since_ns, error > SPEED_DRIFT_SHARE, read_ns)
        if read_ns - self._start_ns < SPIN_UP_NS or read_ns - self._speed_change_ns < SPEED_WINDOW_NS:
            return
        shown = f"{telemetry.speed_rpm} rpm, asked {self._speed_rpm} rpm"
        if self._off_since_ns is not None and read_ns - self._off_since_ns >= SPEED_HOLD_NS:
            findings.append(Finding("SPEED_OFF", shown))
        elif not self._reached_speed:
            findings.append(Finding("NOT_REACHED", shown))
        if self._drift_since_ns is not None and read_ns - self._drift_since_ns >= DRIFT_HOLD_NS:
            findings.append(Finding("SPEED_DRIFT", shown))

    def _judge_depth(self, depth_um: int, read_ns: int, findings: list[Finding]) -> None:
        self._change_low_um = min(self._change_low_um, depth_um)
        self._change_high_um = max(self._change_high_um, depth_um)
        if abs(depth_um - self._depth_um) <= REACHED_UM:
            self._reached_depth = True
        if read_ns - self._change_ns < DEPTH_WINDOW_NS:
            return
        if not (depth_um <= self._depth_um + OVER_ASKED_UM):
            findings.append(Finding("DEPTH_OVER_ASKED", f"{depth_um / 1000:.3f} mm, asked {self._depth_um / 1000:.2f} mm"))
        if not self._reached_depth:
            moved_um = self._change_high_um - self._change_low_um
            if self._change_depth_um >= FROZEN_CHANGE_UM and moved_um < FROZEN_UM:
                findings.append(Finding("DEPTH_FROZEN", f"moved {moved_um} um in 300 ms, asked {self._change_depth_um} um"))
            else:
                findings.append(Finding("NOT_REACHED", f"{depth_um / 1000:.3f} mm, asked {self._depth_um / 1000:.2f} mm"))


def judge_status(temperature_dc: int) -> list[Finding]:
    """The figures that come ten times a second."""
    if temperature_dc <= OVERTEMPERATURE_DC:
        return []
    return [Finding("OVERTEMPERATURE", f"{temperature_dc / 10:.1f} degC, allowed is {OVERTEMPERATURE_DC / 10:.0f} degC")]


def judge_limit(telemetry: Telemetry, limit_um: int) -> list[Finding]:
    """The limit plus tolerance, no grace, ever."""
    depth_um = telemetry.depth_um
    if depth_um <= limit_um + OVER_TOLERANCE_UM:
        return []
    return [Finding("DEPTH_OVER_LIMIT", f"{depth_um / 1000:.3f} mm, limit {limit_um / 1000:.2f} mm")]


def _drift_bounds(speed_rpm: int) -> tuple[float, float]:
    """Between these the speed is certainly no drift; the exact figure is asked for at the edge."""
    return (1 - SPEED_DRIFT_SHARE) * speed_rpm + 1, (1 + SPEED_DRIFT_SHARE) * speed_rpm - 1


def _since(since_ns: int | None, holds: bool, now_ns: int) -> int | None:
    if not holds:
        return None
    return now_ns if since_ns is None else since_ns
