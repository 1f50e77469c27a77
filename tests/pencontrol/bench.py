"""Control and a simulated pen on one virtual clock: real bytes, no wall time, a screen and a recorder that can be taken away."""

import json
from pathlib import Path
from typing import Any

from firmware_protocol.simulator.device import Device
from pencontrol.control import commands
from pencontrol.control.core import Control
from pencontrol.control.desk import Desk
from pencontrol.control.motion import Guard, judge
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.control.station import Station
from pencontrol.control.view import snapshot_of
from pencontrol.plan import Plan, load_plan
from pencontrol.zones import shipped_zones
from sessions import feed

MS = 1_000_000
START_NS = 1_000_000_000_000
UTC_NS = 1_795_000_000_000_000_000
TABLE = shipped_zones()
PLANS = Path(__file__).parents[2] / "pencontrol" / "data" / "plans"
SCREEN = 77


def face_plan() -> Plan:
    return load_plan(PLANS / "full_face.toml", TABLE)


class Bench:
    """`run(ms)` lets time pass. `events` is what the recorder has taken."""

    def __init__(self, seed: int = 1, guard: Guard = judge) -> None:
        self.now_ns = START_NS
        self.device = Device(seed, boot_id=0x1234)
        self.screen_alive = True
        self.recorder_alive = True
        self.recorder_slow = False
        self.cable = True
        self.abandoned = False
        self.beats = 0
        self.stops = 0
        self.utc_shift_ns = 0
        self.disk_free: int | None = None
        self.beat_ns = self.now_ns
        self.events: list[dict[str, Any]] = []
        self.blocks: list[dict[str, Any]] = []
        self.records: list[bytes] = []  # of `blocks`
        self.tape: list[tuple[str, bytes]] = []  # stream, block
        self.samples: list[tuple[int, ...]] = []
        self.wire: list[bytes] = []
        self._messages = feed.Messages()
        self._number = 0
        self._nonce = 100
        self.station = Station(
            id="bench",
            zones=TABLE,
            versions={"pencontrol": "test"},
            mono_ns=lambda: self.now_ns,
            utc_ns=lambda: UTC_NS + self.now_ns - START_NS + self.utc_shift_ns,
            nonce=self._next_nonce,
            publish_sample=self._publish,
            heartbeat=lambda: (SCREEN, self.beats, self.beat_ns),
            stop_count=lambda: self.stops,
            disk_free_bytes=lambda: self.disk_free,
        )
        self.control = Control(self.station, guard)
        self.desk = Desk(self.control, self._session_id, lambda: None)
        self.opened = 0
        self.station.outbox.connect(b"")
        self.control.pen_opened("bench", self, self.now_ns)
        self.say(commands.Hello(number=0, instance=SCREEN))

    # the port

    def write(self, data: bytes) -> bool:
        self.wire.append(data)
        if not self.cable or not self.device.plugged_in:
            return False
        self.device.receive(data, self._pen_us(), self.now_ns)
        return True

    def abandon(self) -> None:
        self.abandoned = True

    # time

    def run(self, ms: int) -> None:
        for _ in range(ms):
            self.now_ns += MS
            if self.screen_alive:
                self.beats += 1
                self.beat_ns = self.now_ns
            self.device.step(self._pen_us(), self.now_ns)
            out = self.device.take_output()
            if not self.cable or not self.device.plugged_in:
                self.control.pen_closed("unplugged", self.now_ns)
                self.device.link_lost(self._pen_us(), self.now_ns)
            elif out:
                self.control.on_bytes(out, self.now_ns)
            self.control.tick(self.now_ns)
            self._record()

    def until(self, state: State, ms: int = 3000) -> None:
        for _ in range(ms):
            if self.station.state is state:
                return
            self.run(1)
        raise AssertionError(f"state is {self.station.state} ({self.station.reason}), not {state}, after {ms} ms")

    # the person

    def say(self, command: commands.Command) -> str:
        answer, _ = self.desk.answer(command.model_dump_json().encode(), self.now_ns)
        told = json.loads(answer)
        return "" if told["ok"] else str(told["error"])

    def number(self) -> int:
        self._number += 1
        return self._number

    def open(self, plan: Plan | None = None, role: str = "practitioner", **more: Any) -> str:
        return self.say(
            commands.OpenSession(
                number=self.number(),
                plan=(plan or face_plan()).model_dump(mode="json"),
                client="C-0001",
                operator="P-01",
                role=role,
                **more,
            )
        )

    def zone(self, zone: str) -> str:
        return self.say(commands.SelectZone(number=self.number(), zone=zone))

    def ask(self, depth_um: int, speed_rpm: int) -> str:
        return self.say(commands.Ask(number=self.number(), depth_um=depth_um, speed_rpm=speed_rpm))

    def start(self) -> str:
        return self.say(commands.Start(number=self.number(), instance=SCREEN, heartbeat=self.beats, stops=self.stops))

    def pause(self) -> str:
        return self.say(commands.Pause(number=self.number()))

    def treat(self, zone: str = "F.CHEEK.R", settle_ms: int = 900) -> None:
        """A session that runs in `zone`."""
        self.until(State.CONNECTED)
        self.run(200)
        assert self.open() == ""
        assert self.zone(zone) == ""
        self.until(State.READY)
        assert self.start() == ""
        self.until(State.RUNNING)
        self.run(settle_ms)

    # what there is to see

    @property
    def snapshot(self) -> Snapshot:
        return snapshot_of(self.station, self.now_ns)

    def is_in(self, *states: State) -> bool:
        return self.station.state in states

    @property
    def alarms(self) -> set[str]:
        return {view.alarm for view in self.snapshot.alarms if view.active}

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event["body"] for event in self.events if event["kind"] == kind]

    @property
    def safe(self) -> bool:
        """Motor unpowered and needles home, by the truth of the plant."""
        return not self.device.plant.powered and bool(self.device.plant.needles_home)

    # parts

    def _pen_us(self) -> int:
        return (self.now_ns - START_NS) // 1000 & 0xFFFFFFFF

    def _publish(self, values: tuple[int, ...]) -> bytes:
        self.samples.append(values)
        return b"\0" * 48

    def _next_nonce(self) -> int:
        self._nonce += 1
        return self._nonce

    def _session_id(self) -> str:
        self.opened += 1
        return f"S-{self.opened}"

    def _record(self) -> None:
        outbox = self.station.outbox
        if not self.recorder_alive or self.recorder_slow or not outbox.unsent:
            return
        data = bytes(outbox.unsent)
        outbox.unsent.clear()
        for kind, body in self._messages.feed(data):
            if kind == feed.EVENT:
                event = json.loads(body)
                self.events.append(event)
                self.control.acknowledged("number", event["stream"], event["number"], self.now_ns)
            elif kind == feed.BLOCK:
                header, records = feed.unpack_block(body)
                self.blocks.append(header)
                self.records.append(records)
                self.control.acknowledged("block", header["stream"], header["block"], self.now_ns)
            elif kind == feed.WIRE:
                header, tape = feed.unpack_block(body)
                self.tape.append((header["stream"], tape))
                self.control.acknowledged("wire", header["stream"], header["wire"], self.now_ns)
