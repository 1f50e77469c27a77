"""The simulated pen as a device: the real state machine on the plant, its faults, its script and its journal. No real time."""

import json
from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, Deframer, encode_frame
from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.scenario import read_scenario
from firmware_protocol.simulator.side import answer
from tests.firmware_protocol.pen_bench import PLAN, PLAN_CRC


class Host:
    """The least of a host: requests, and DRIVE every 20 ms that judges nothing."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.now_us = 0
        self.session = 0
        self.sequence = 0
        self.drive_sequence = 0
        self.token = 0
        self.samples: list[m.Telemetry] = []
        self.boots = 0
        self._deframer = Deframer(TO_HOST_WIRE_BYTES)
        self._last: bytes = b""

    def hear(self) -> None:
        for frame in self._deframer.feed(self.device.take_output()):
            if frame.kind == m.TELEMETRY.id:
                self.samples.append(m.TELEMETRY.payload.unpack(frame.payload))
            elif frame.kind == m.BOOT.id:
                self.boots += 1
            elif 0x80 <= frame.kind < 0xC0:
                self._last = frame.payload
                self._reply_session = frame.session

    def run(self, milliseconds: int) -> None:
        for _ in range(milliseconds):
            self.now_us += 1000
            self.device.step(self.now_us, self.now_us * 1000)
            self.hear()

    def ask(self, message: "m.Message[Any, Any]", *values: Any) -> int:
        self.sequence += 1
        payload = message.payload.pack(message.payload.type(*values))
        self._last = b"\xff"
        wire = encode_frame(message.id, self.session, FLAG_REPLY_WANTED, self.sequence, payload)
        self.device.receive(wire, self.now_us, self.now_us * 1000)
        self.hear()
        return self._last[0]

    def start(self) -> "Host":
        self.run(30)
        assert self.ask(m.HELLO, 1, 0, 1, 0) == m.OK
        self.session = self._reply_session
        assert self.ask(m.STREAM, 1000, 1) == m.OK
        assert self.ask(m.PLAN_WRITE, 0, PLAN) == m.OK
        assert self.ask(m.PLAN_COMMIT, PLAN_CRC) == m.OK
        assert self.ask(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, self.device.boot_id) == m.OK
        self.token = m.ARM.reply.unpack(self._last[1:]).arm_token
        return self

    def drive(self, milliseconds: int, depth_um: int = 1000) -> None:
        for _ in range(milliseconds // 20):
            self.drive_sequence += 1
            drive = m.Drive(self.token, 200, self.device.pen.index, 3, m.MODE_TREAT, 1200, depth_um, 7000, 100, 3)
            wire = encode_frame(m.DRIVE.id, self.session, 0, self.drive_sequence, m.DRIVE.payload.pack(drive))
            self.device.receive(wire, self.now_us, self.now_us * 1000)
            self.run(20)

    @property
    def fault(self) -> int:
        return self.device.pen.fault


def started(seed: int = 3, script: str = "") -> Host:
    return Host(Device(seed, boot_id=77, scenario=read_scenario(script, "test.toml"))).start()


def test_a_long_treatment_trips_nothing() -> None:
    host = started(script="[[hand]]\nat_s = 1\ndo = 'strokes'\ncount = 20\nforce_n = 1.8\ntremor = 0.3")
    for depth_um in (1000, 500, 1200, 600, 1150):
        host.drive(4000, depth_um)
        assert host.device.pen.state == m.STATE_RUNNING, m.FAULTS[host.fault]
        assert abs(host.samples[-1].depth_um - depth_um) < 40


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_and_the_same_host_give_the_same_samples(seed: int) -> None:
    one, two = started(seed), started(seed)
    for host in (one, two):
        host.drive(600)
    assert one.samples == two.samples


TRIPS = [
    ("depth_runaway", m.FAULT_DEPTH_OVER),
    ("depth_invalid", m.FAULT_SENSOR),
    ("speed_drift", m.FAULT_SPEED_RANGE),
    ("stall", m.FAULT_STALL),
    ("overcurrent", m.FAULT_OVERCURRENT),
    ("overtemperature", m.FAULT_OVERTEMPERATURE),
    ("undervoltage", m.FAULT_UNDERVOLTAGE),
    ("cartridge_out", m.FAULT_CARTRIDGE),
]


@pytest.mark.parametrize(("name", "fault"), TRIPS)
def test_each_fault_trips_its_guard_and_the_needles_come_home(name: str, fault: int) -> None:
    host = started()
    host.drive(2000)
    host.device.begin_fault(name)
    host.drive(600)
    assert host.fault == fault
    changes = list(host.device.journal)
    tripped = next(change for change in changes if change.fault == m.FAULTS[fault])
    home = next(change for change in changes if change.mono_ns >= tripped.mono_ns and change.needles_home)
    assert not tripped.motor_powered
    assert home.mono_ns - tripped.mono_ns <= 50_000_000


def test_own_trip_can_be_switched_off_and_only_that() -> None:
    host = started()
    host.drive(1000)
    host.device.begin_fault("no_own_trip")
    host.device.begin_fault("depth_runaway", 2000)
    host.drive(400)
    assert host.device.pen.state == m.STATE_RUNNING
    assert max(sample.depth_um for sample in host.samples) > 1500
    host.device.begin_fault("cartridge_out")
    host.run(1)
    assert host.fault == m.FAULT_CARTRIDGE


def test_a_frozen_depth_is_seen_on_the_next_change() -> None:
    host = started()
    host.drive(1000)
    host.device.begin_fault("depth_freeze")
    host.drive(1000)
    assert host.device.pen.state == m.STATE_RUNNING
    host.drive(400, depth_um=1150)
    assert host.fault == m.FAULT_SENSOR


def test_drive_deaf_ends_in_the_lease() -> None:
    host = started()
    host.drive(1000)
    host.device.begin_fault("drive_deaf")
    host.drive(240)
    assert host.fault == m.FAULT_HOST_TIMEOUT


def test_stop_deaf_ignores_so_many() -> None:
    host = started()
    host.drive(400)
    host.device.begin_fault("stop_deaf", 2)
    answers = [host.ask(m.STOP, 0) for _ in range(3)]
    assert answers == [0xFF, 0xFF, m.OK]
    assert not host.device.plant.powered


def test_silence_and_nonsense_change_only_what_the_cable_carries() -> None:
    host = started()
    host.drive(400)
    host.device.begin_fault("silence", for_s=0.1)
    heard = len(host.samples)
    host.drive(80)
    assert len(host.samples) == heard
    host.drive(100)
    assert len(host.samples) > heard
    host.device.begin_fault("nonsense")
    heard = len(host.samples)
    host.drive(200)
    assert len(host.samples) <= heard + 1
    assert host.device.pen.state == m.STATE_RUNNING


def test_reset_boots_again_with_the_motor_off() -> None:
    host = started()
    host.drive(400)
    host.device.begin_fault("reset")
    host.run(1)
    assert not host.device.plant.powered
    assert host.device.boot_id != 77
    host.run(30)
    assert host.boots == 2
    assert host.ask(m.SYNC, 1) == m.BAD_SESSION


def test_button_fault_stops_the_run() -> None:
    host = started()
    host.drive(400)
    host.device.begin_fault("button")
    host.run(2)
    assert host.device.pen.state == m.STATE_IDLE


def test_scenario_runs_from_the_first_arm() -> None:
    script = "[[hand]]\nat_s = 0.5\ndo = 'press'\nforce_n = 1\n[[fault]]\nat_s = 0.8\ndo = 'overcurrent'\nfor_s = 0.01"
    host = started(script=script)
    host.drive(480)
    assert host.device.hand.force_n == 0
    host.drive(200)
    assert host.device.hand.force_n == pytest.approx(1, abs=0.01)
    host.drive(400)
    assert host.device.pen.state == m.STATE_RUNNING  # 10 ms are less than the 20 that trip
    assert host.device.faults == {}


def test_journal_tells_each_change_once() -> None:
    host = started()
    host.drive(400)
    host.ask(m.STOP, 0)
    host.run(100)
    told = [(change.state, change.motor_powered, change.needles_home) for change in host.device.journal]
    assert told[-4:] == [
        ("RUNNING", True, True),
        ("RUNNING", True, False),
        ("IDLE", False, False),
        ("IDLE", False, True),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"3", "must be a JSON object"),
        (b'{"do":"dance"}', "do is 'dance', allowed is state"),
        (b'{"do":"press","force_n":"hard"}', "force_n is 'hard'"),
        (b'{"do":"press","force_n":NaN}', "force_n is nan"),
        (b'{"do":"fault","name":"boom"}', "there is no fault 'boom'"),
        (b'{"do":"fault"}', "there is no fault 'None'"),
        (b'{"do":"clear","name":7}', "there is no fault '7'"),
    ],
)
def test_side_channel_refuses_in_one_sentence(line: bytes, words: str) -> None:
    told = json.loads(answer(Device(1, 1), line, 5, "url"))
    assert told["ok"] is False
    assert words in told["error"]


def test_side_channel_obeys() -> None:
    device = Device(1, 1)

    def say(**command: object) -> dict[str, object]:
        told: dict[str, object] = json.loads(answer(device, json.dumps(command).encode(), 5, "url"))
        assert told["ok"] is True
        return told

    say(do="fault", name="depth_freeze")
    say(do="fault", name="overcurrent", value=900)
    assert say(do="state")["faults"] == {"depth_freeze": 1, "overcurrent": 900}
    say(do="clear", name="overcurrent")
    assert say(do="state")["faults"] == {"depth_freeze": 1}
    say(do="press", force_n=2)
    say(do="button", hold_s=0.01)
    for step in range(1, 100):
        device.step(step * 1000, step)
        if step == 1:
            assert device.plant.button
    assert say(do="state")["force_n"] == pytest.approx(2, abs=0.01)
    say(do="lift")
    assert isinstance(say(do="journal")["journal"], list)
