"""One simulated pen without a cable: plant, hand, faults and scenario around `Pen`. Pure: stepped and timed from outside."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from firmware_protocol.frame import Frame
from firmware_protocol.messages import (
    CAPABILITY_CONTACT_FLAG,
    CAPABILITY_SIMULATED,
    DRIVE,
    FAULT_NONE,
    FAULTS,
    RESET_POWER_ON,
    RESET_SOFTWARE,
    STATE_ARMED,
    STATES,
    STOP,
)
from firmware_protocol.pen import Pen
from firmware_protocol.pen_calibration import Calibration
from firmware_protocol.pen_guards import Guards, Run
from firmware_protocol.pen_hardware import Readings
from firmware_protocol.simulator.faults import MOMENTARY, check_fault
from firmware_protocol.simulator.hand import Hand
from firmware_protocol.simulator.plant import Plant
from firmware_protocol.simulator.scenario import FaultRow, HandRow, Scenario
from firmware_protocol.simulator.storage import MemoryStorage

SERIAL = b"SIM-0001"
FIRMWARE = b"sim-1.0"
STEP_US = 1000
JOURNAL_MOST = 10_000
NONSENSE_MOST_BYTES = 60
CHANGE_S = 0.5  # a hand takes one cartridge out and puts another one in


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what matters for safety, with the station's monotonic clock and the pen's sample number."""

    mono_ns: int
    index: int
    state: str
    fault: str
    motor_powered: bool
    needles_home: bool


class SimulatedGuards(Guards):
    """The pen's guards, with the depth guard behind a switch, so that the host's own guard can be tested alone."""

    faults: dict[str, float]

    def depth(self, readings: Readings, run: Run, now_us: int) -> int:
        """As the pen's own, unless `no_own_trip`."""
        found = super().depth(readings, run, now_us)
        return FAULT_NONE if "no_own_trip" in self.faults else found


class SimulatedCalibration(Calibration):
    """The pen's calibration, that can be made to look out of date."""

    faults: dict[str, float]

    def allows_treatment(self, today_days: int) -> bool:
        """As the pen's own, unless `calibration_expired`."""
        return super().allows_treatment(today_days) and "calibration_expired" not in self.faults


class SimulatedPen(Pen):
    """`Pen` as boards run it, that can be made deaf and blind."""

    def __init__(self, plant: Plant, boot_id: int, reset_cause: int) -> None:
        class Switched(SimulatedGuards):
            """The guards of this one pen."""

            faults = plant.faults

        class Dated(SimulatedCalibration):
            """The calibration of this one pen."""

            faults = plant.faults

        self.guards_type = Switched
        self.calibration_type = Dated
        self._faults = plant.faults
        super().__init__(
            plant, boot_id, reset_cause, SERIAL, FIRMWARE, capabilities=CAPABILITY_SIMULATED | CAPABILITY_CONTACT_FLAG
        )

    def hear(self, frame: Frame, now_us: int) -> None:
        """As the pen's own, unless deaf to this kind of frame."""
        if frame.kind == DRIVE.id and "drive_deaf" in self._faults:
            return
        if frame.kind == STOP.id and "stop_deaf" in self._faults:
            self._faults["stop_deaf"] -= 1
            if self._faults["stop_deaf"] <= 0:
                del self._faults["stop_deaf"]
            return
        super().hear(frame, now_us)


class Device:
    """The simulated pen as a whole. `step` once a millisecond; `now_us` is the pen's clock, `mono_ns` the station's.

    Given the same seed, bytes and times it gives the same bytes; `boot_id` names the first boot.
    """

    def __init__(
        self,
        seed: int,
        boot_id: int,
        scenario: Scenario | None = None,
        practice: bool = False,
        storage: MemoryStorage | None = None,
    ) -> None:
        self.plant = Plant(seed, storage)
        self.hand = Hand(seed + 1, practice)
        self.faults = self.plant.faults
        self.steps = 0
        self.journal: deque[Change] = deque(maxlen=JOURNAL_MOST)
        self._random = random.Random(boot_id)
        self.boot_id = boot_id
        self.pen = SimulatedPen(self.plant, boot_id, RESET_POWER_ON)
        scenario = scenario or Scenario()
        self._hand_rows: deque[HandRow] = deque(scenario.hand)
        self._fault_rows: deque[FaultRow] = deque(scenario.faults)
        self._clear_at: list[tuple[int, str]] = []
        self._armed_step: int | None = None
        self._reset_asked = False
        self._noted: tuple[int, int, bool, bool] | None = None

    @property
    def plugged_in(self) -> bool:
        """Is the cable in?"""
        return "disconnect" not in self.faults

    def step(self, now_us: int, mono_ns: int) -> None:
        """One millisecond of skin, metal and firmware."""
        self.steps += 1
        self._play()
        self.hand.step(self.plant.powered and not self.plant.needles_home)
        self.plant.hand_n = self.hand.force_n
        self.plant.button = self.hand.button
        self.plant.step()
        if self._reset_asked:
            self._reset()
        self.pen.step(now_us)
        if self._armed_step is None and self.pen.state == STATE_ARMED:
            self._armed_step = self.steps
        self._note(mono_ns)

    @property
    def half_steps(self) -> bool:
        """Does the pen ask to be stepped every 0.5 ms? Then `half_step` comes between two of `step`."""
        return self.pen.step_us < STEP_US

    def half_step(self, now_us: int, mono_ns: int) -> None:
        """Half a millisecond of firmware alone; skin and metal follow with the next `step`."""
        self.pen.step(now_us)
        self._note(mono_ns)

    def receive(self, data: bytes, now_us: int, mono_ns: int) -> None:
        """Bytes from the host."""
        self.pen.receive(data, now_us)
        if self._armed_step is None and self.pen.state == STATE_ARMED:
            self._armed_step = self.steps
        self._note(mono_ns)

    def link_lost(self, now_us: int, mono_ns: int) -> None:
        """The host closed the port, or the cable is out."""
        self.pen.link_lost(now_us)
        self._note(mono_ns)

    def take_output(self) -> bytes:
        """Bytes for the host, as the cable lets them through."""
        out = self.pen.take_output()
        if "silence" in self.faults or not self.plugged_in:
            return b""
        if out and "nonsense" in self.faults:
            return self._random.randbytes(self._random.randint(0, NONSENSE_MOST_BYTES))
        return out

    def begin_fault(self, name: str, value: float | None = None, for_s: float | None = None) -> None:
        """Let something go wrong from now on, for `for_s` seconds or until cleared. Raises FaultError."""
        kind, checked = check_fault(name, value)
        if kind.name == "button":
            self.hand.push_button(checked)
        elif kind.name == "reset":
            self._reset_asked = True
        else:
            self.faults[kind.name] = checked
        if kind.name == "cable_stall" and for_s is None:
            for_s = checked / 1000
        if for_s is not None and kind.name not in MOMENTARY:
            self._clear_at.append((self.steps + round(for_s * 1000), kind.name))

    def clear_fault(self, name: str) -> None:
        """Let it be well again; nothing happens where it was not wrong. Raises FaultError for an unknown name."""
        kind, _ = check_fault(name, None)
        self.faults.pop(kind.name, None)

    def change_cartridge(self) -> None:
        """A hand takes the cartridge out and puts a new, unused one in."""
        self.plant.new_cartridge()
        self.begin_fault("cartridge_out", for_s=CHANGE_S)

    def state(self) -> dict[str, Any]:
        """What is true of the pen now, past its own sensors."""
        pen, plant = self.pen, self.plant
        return {
            "state": STATES[pen.state],
            "fault": FAULTS[pen.fault],
            "boot_id": self.boot_id,
            "index": pen.index,
            "motor_powered": plant.powered,
            "needles_home": plant.needles_home,
            "depth_um": round(plant.reach_um),
            "speed_rpm": round(plant.speed_rpm),
            "current_ma": round(plant.current_ma),
            "force_n": round(self.hand.force_n, 3),
            "asked_depth_um": pen.motion.run.depth_um,
            "asked_speed_rpm": pen.motion.run.speed_rpm,
            "token": pen.motion.token,
            "refusal": pen.motion.refusal,
            "refused": pen.motion.refused,
            "cartridge": f"{plant.cartridge().id:016x}",
            "cartridge_used_ms": plant.cartridge().used_ms,
            "dropped": pen.sampling.dropped,
            "faults": dict(self.faults),
        }

    def _play(self) -> None:
        """Rows of the scenario that are due."""
        for at, name in [due for due in self._clear_at if due[0] <= self.steps]:
            self._clear_at.remove((at, name))
            self.clear_fault(name)
        if self._armed_step is None:
            return
        since_s = (self.steps - self._armed_step) / 1000
        while self._hand_rows and self._hand_rows[0].at_s <= since_s:
            self._do_hand(self._hand_rows.popleft())
        while self._fault_rows and self._fault_rows[0].at_s <= since_s:
            row = self._fault_rows.popleft()
            self.begin_fault(row.do, row.value, row.for_s)

    def _do_hand(self, row: HandRow) -> None:
        if row.strokes is not None:
            self.hand.stroke(row.strokes)
        elif row.do == "button":
            self.hand.push_button(row.hold_s)
        else:
            self.hand.press(row.force_n)

    def _reset(self) -> None:
        self._reset_asked = False
        self.boot_id = self._random.getrandbits(32)
        self.pen = SimulatedPen(self.plant, self.boot_id, RESET_SOFTWARE)

    def _note(self, mono_ns: int) -> None:
        found = (self.pen.state, self.pen.fault, self.plant.powered, self.plant.needles_home)
        if found != self._noted:
            self._noted = found
            state, fault, powered, home = found
            self.journal.append(Change(mono_ns, self.pen.index, STATES[state], FAULTS[fault], powered, home))
