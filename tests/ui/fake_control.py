"""A stand-in for control: a real ring file, a real command socket and the real STOP pipe, with a pen that is only arithmetic."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np

from firmware_protocol import messages
from pencontrol.control.ring import Ring, create_ring
from pencontrol.control.snapshot import AlarmView, SessionView, Setting, Snapshot, State, ZoneView
from pencontrol.runtime import Runtime
from sessions.events import Cartridge, PenIdentity

ALL_WELL = messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID | messages.FLAG_CARTRIDGE
PEN = PenIdentity(serial="PEN-0042", firmware="1.2.0", boot_id=7, simulated=True, protocol="1.0", port="sim")
CARTRIDGE = Cartridge(present=True, id="a1b2", needles=12, tip_width_um=8000, lot="LOT-7", expires="2028-01-01", used_ms=0)


def zone(name: str, number: int, words: str, limit_um: int, **more: Any) -> ZoneView:
    values: dict[str, Any] = {"mode": "treat", "default_um": 500, "speed_rpm": 7000, "planned": 3} | more
    return ZoneView(zone=name, number=number, name=words, limit_um=limit_um, **values)


FACE = (
    zone("F.FOREHEAD", 1, "Forehead", 750, planned=2, passes=2, strokes=80, contact_s=41, strikes_per_cm2=960, max_depth_um=740),
    zone("F.GLABELLA", 2, "Glabella", 1000, planned=2, passes=1, strokes=12, contact_s=8, strikes_per_cm2=310, max_depth_um=700),
    zone("F.TEMPLE.R", 4, "Temple, right", 750, planned=2, passes=1, strokes=20, contact_s=11, max_depth_um=700),
    zone("F.TEMPLE.L", 3, "Temple, left", 750, planned=2),
    zone("F.PERIORB.R", 6, "Periorbital, outside the orbital rim, right", 500, planned=1, mode="caution", passes=1,
         floor_note="Charts advise 0.2 to 0.5 mm here; this pen cannot go under 0.5 mm."),
    zone("F.PERIORB.L", 5, "Periorbital, outside the orbital rim, left", 500, planned=1, mode="caution", passes=1),
    zone("F.NOSE.DORSUM", 9, "Nose, bridge and dorsum", 500, planned=1, mode="caution", passes=1),
    zone("F.MALAR.R", 13, "Cheekbone, right", 1000, passes=1),
    zone("F.MALAR.L", 12, "Cheekbone, left", 1000),
    zone("F.CHEEK.R", 15, "Cheek, right", 1000, passes=1, strokes=140, contact_s=95, strikes_per_cm2=1240, max_depth_um=800),
    zone("F.CHEEK.L", 14, "Cheek, left", 1000),
    zone("F.UPLIP", 16, "Upper lip, skin only", 500, planned=1, mode="caution", passes=2),
    zone("F.CHIN", 18, "Chin", 1000),
    zone("F.JAW.R", 20, "Jawline, right", 1000, passes=3),
    zone("F.JAW.L", 19, "Jawline, left", 1000, passes=4),
)  # fmt: skip


class FakeControl:
    """Writes what it is told to; reads commands; answers when asked to. Nothing here judges anything."""

    def __init__(self, folder: Path, now_ns: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.runtime = Runtime(folder)
        create_ring(self.runtime.ring)
        self.ring = Ring(self.runtime.ring)
        self.ring.next_generation()
        os.mkfifo(self.runtime.stop_pipe)
        self.stop_pipe = os.open(self.runtime.stop_pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.listener: socket.socket | None = None
        self.peer: socket.socket | None = None
        self.commands: list[dict[str, Any]] = []
        self.refuse = ""
        self.number = 0
        self.index = 0
        self.snapshot = Snapshot(
            mono_ns=now_ns, control="K-1", state=State.CONNECTED, pen=PEN, cartridge=CARTRIDGE, recorder=True
        )
        self.listen()
        self.publish(now_ns)

    def listen(self) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(self.runtime.commands))
        self.listener.listen(4)
        self.listener.setblocking(False)

    def hang_up(self) -> None:
        """The command socket is gone, listener and all."""
        for end in (self.peer, self.listener):
            if end is not None:
                end.close()
        self.peer = self.listener = None
        self.runtime.commands.unlink(missing_ok=True)

    def close(self) -> None:
        self.hang_up()
        os.close(self.stop_pipe)
        self.ring.close()

    def serve(self) -> list[dict[str, Any]]:
        """Take what came and answer it; the commands that were new."""
        if self.peer is None and self.listener is not None:
            try:
                self.peer, _ = self.listener.accept()
                self.peer.setblocking(False)
            except BlockingIOError:
                return []
        fresh: list[dict[str, Any]] = []
        if self.peer is not None:
            try:
                data = self.peer.recv(1 << 20)
            except BlockingIOError:
                data = b""
            for line in data.splitlines():
                command = json.loads(line)
                fresh.append(command)
                answer = {"number": command["number"], "ok": not self.refuse}
                if self.refuse:
                    answer["error"] = self.refuse
                self.peer.sendall(json.dumps(answer).encode() + b"\n")
        self.commands += fresh
        return fresh

    def publish(self, now_ns: int, **changes: Any) -> None:
        self.snapshot = self.snapshot.model_copy(update={"mono_ns": now_ns, **changes})
        self.ring.write_snapshot(Snapshot.model_validate_json(self.snapshot.model_dump_json()))

    def open_session(self, now_ns: int, state: State = State.READY, chosen: str = "F.CHEEK.R", **changes: Any) -> None:
        values = {
            "state": state,
            "session": SessionView(
                id="S-20261121-0001",
                client="C-0001",
                operator="P-01",
                opened_utc="2026-11-21T14:20:00.000000Z",
                opened_mono_ns=now_ns,
            ),
            "zones": FACE,
            "zone": chosen,
            "limit_um": next((each.limit_um for each in FACE if each.zone == chosen), 0),
            "asked": Setting(depth_um=750, speed_rpm=7000),
            "accepted": Setting(depth_um=750, speed_rpm=7000),
            "reached": True,
        }
        self.publish(now_ns, **(values | changes))

    def alarm(
        self, now_ns: int, priority: str = "HIGH", name: str = "DEPTH_OVER", words: str = "Depth over the limit", **more: Any
    ) -> None:
        raised = AlarmView(alarm=name, priority=priority, occurrence=len(self.snapshot.alarms) + 1, words=words, **more)  # type: ignore[arg-type]
        self.publish(now_ns, alarms=(*self.snapshot.alarms, raised))

    def stops(self) -> int:
        return self.ring.stop_count

    def woken(self) -> int:
        """Bytes in the STOP pipe."""
        try:
            return len(os.read(self.stop_pipe, 4096))
        except BlockingIOError:
            return 0

    def samples(self, now_ns: int, depth_um: int = 750, speed_rpm: int = 6912, contact: int = 1, flags: int = ALL_WELL) -> None:
        """One sample, stamped `now_ns`."""
        index = self.index
        values = (index, index * 1000, now_ns, 900, depth_um, speed_rpm, 400, 750, 7000, 1000, 15, 4, 0, 0, flags, contact)
        self.ring.write_sample(self.number, values)
        self.number += 1
        self.index += 1

    def history(self, now_ns: int, seconds: float = 10.0, seed: int = 4) -> None:
        """A calm treatment: needles go from 0.5 to 0.75 mm, the motor droops in contact. 1 kHz, the last sample at `now_ns`."""
        count = round(seconds * 1000)
        noise = np.random.default_rng(seed).normal(0, 1, (2, count))
        smooth = np.convolve(noise[1], np.ones(90) / 9.5, mode="same")
        for at in range(count):
            share = at / count
            touching = int(share * 8) % 2
            depth = 500 if share < 0.34 else min(750, 500 + (share - 0.34) * 4200)
            speed = 7010 - 150 * touching + 22 * smooth[at]
            stamp = now_ns - (count - 1 - at) * 1_000_000
            self.samples(stamp, round(depth + 4 * noise[0, at]), round(speed), touching)
