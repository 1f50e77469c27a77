"""Stories of a pen and its host, told on CPython with the recorder running: what MicroPython has to repeat byte for byte."""

import random

from firmware_protocol import messages as m
from firmware_protocol.frame import encode_frame
from firmware_protocol.pen_hardware import STORE_DONE, STORE_FAILED
from tests.firmware_protocol.pen_bench import BOOT_ID, PLAN, PLAN_CRC
from tests.micropython.recording import TapedBench


def treatment(bench: TapedBench) -> None:
    """HELLO, plan, ARM, DRIVE, RUNNING, other depths and speeds, refused ones, STOP, and running again."""
    bench.running()
    for depth_um, speed_rpm in ((700, 7000), (1200, 7600), (500, 6000)):
        bench.keep(60, depth_um=depth_um, speed_rpm=speed_rpm)
    for change in ({"depth_um": 1201}, {"zone": 9}, {"lease_ms": 500}, {"arm_token": 1}, {"seen_index": 0}):
        bench.drive(**change)
        bench.run(3)
    assert bench.stop() == m.OK
    bench.run(60)
    assert bench.arm() == m.OK
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING
    bench.drive(depth_um=0, speed_rpm=0)
    bench.run(20)
    assert bench.pen.state == m.STATE_IDLE


def trips(bench: TapedBench) -> None:
    """Every guard once; each fault refused under another's name, then cleared under its own."""
    bench.ready()
    causes = (
        ({"depth_um": 1400}, m.FAULT_DEPTH_OVER),
        ({"depth_valid": False}, m.FAULT_SENSOR),
        ({"cartridge": False}, m.FAULT_CARTRIDGE),
        ({"current_ma": 1300}, m.FAULT_OVERCURRENT),
        ({"temperature_dc": 700}, m.FAULT_OVERTEMPERATURE),
        ({"supply_mv": 4000}, m.FAULT_UNDERVOLTAGE),
        ({"speed_rpm": 100, "current_ma": 900}, m.FAULT_STALL),
    )
    for override, fault in causes:
        assert bench.arm() == m.OK
        bench.keep(120)
        bench.hardware.override = dict(override)
        bench.keep(240)
        assert bench.pen.fault == fault
        bench.hardware.override = {}
        bench.run(120)
        assert bench.request(m.CLEAR_FAULT, m.FAULT_EMERGENCY, BOOT_ID) == m.DENIED
        assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.OK
        bench.run(60)


def lease_end(bench: TapedBench) -> None:
    """The host falls silent, across the wrap of the pen's clock; then ARM without a DRIVE."""
    bench.running()
    bench.run(230)
    assert bench.pen.fault == m.FAULT_HOST_TIMEOUT
    assert bench.request(m.CLEAR_FAULT, m.FAULT_HOST_TIMEOUT, BOOT_ID) == m.OK
    assert bench.arm() == m.OK
    bench.run(1010)
    assert bench.pen.state == m.STATE_IDLE


def button(bench: TapedBench) -> None:
    """The person presses the pen's button; EMERGENCY from the host; the cable falls."""
    bench.running()
    bench.hardware.override = {"button": True}
    bench.run(60)
    assert bench.pen.state == m.STATE_IDLE
    bench.hardware.override = {}
    bench.run(60)
    assert bench.arm() == m.OK
    bench.keep(60)
    assert bench.stop(m.STOP_EMERGENCY) == m.OK
    bench.run(120)
    assert bench.request(m.CLEAR_FAULT, m.FAULT_EMERGENCY, BOOT_ID) == m.OK
    assert bench.arm() == m.OK
    bench.keep(60)
    bench.pen.link_lost(bench.now_us)
    bench.run(50)
    assert bench.pen.fault == m.FAULT_LINK


def uploads(bench: TapedBench) -> None:
    """Plans in pieces, with gaps, with wrong sums; a repeat from the cache; every request there is, good and cut."""
    bench.run(30)
    assert bench.hello() == m.OK
    assert bench.request(m.STREAM, 1000, 4) == m.OK
    whole = tuple((zone, 500 + zone) for zone in range(m.PLAN_MAX_ZONES))
    for offset in range(0, m.PLAN_MAX_ZONES, 8):
        assert bench.request(m.PLAN_WRITE, offset, whole[offset : offset + 8]) == m.OK
        assert bench.request(m.PLAN_WRITE, offset, whole[offset : offset + 8], sequence=bench.sequence) == m.OK
    assert bench.request(m.PLAN_COMMIT, 1) == m.BAD_CRC
    assert bench.request(m.PLAN_COMMIT, m.plan_crc(whole)) == m.OK
    assert bench.request(m.PLAN_WRITE, 60, PLAN * 3) == m.DENIED
    chance = random.Random(7)
    for message in m.MESSAGES:
        if message.id < 0x40:
            for size in (0, message.payload.size, message.payload.size + 3):
                bench.sequence += 1
                payload = chance.randbytes(size)
                bench.send(encode_frame(message.id, bench.session, 1, bench.sequence, payload))
                bench.run(2)
    bench.run(300)


def junk(bench: TapedBench) -> None:
    """Random bytes, torn and repeated frames, other sessions, a stalled loop, a host that does not read."""
    bench.running()
    chance = random.Random(3)
    for _ in range(150):
        wire = bench.drive_wire(bench.drive_sequence + 1, bench.session)
        bench.drive()
        bench.send(chance.choice((wire[: chance.randrange(len(wire))], chance.randbytes(90), wire, b"\0\0")))
        bench.drive(session=chance.randrange(256))
        bench.run(chance.randrange(1, 12))
    bench.now_us = (bench.now_us + 37_000) & 0xFFFFFFFF
    bench.run(5)
    for _ in range(300):  # nobody takes the output
        bench.now_us = (bench.now_us + 1000) & 0xFFFFFFFF
        bench.pen.step(bench.now_us)
    bench.collect()


def calibration(bench: TapedBench) -> None:
    """Calibrate mode: needles held out with the motor still, then the motor alone."""
    bench.ready()
    assert bench.arm(m.MODE_CALIBRATE, crc=0) == m.OK
    bench.keep(200, mode=m.MODE_CALIBRATE, depth_um=1500, depth_limit_um=1500, speed_rpm=0, zone=0)
    assert bench.hardware.asked == (0, 1500)
    bench.keep(100, mode=m.MODE_CALIBRATE, depth_um=0, depth_limit_um=1500, speed_rpm=8000, zone=0)
    assert bench.hardware.asked == (8000, 0)
    assert bench.stop() == m.OK
    bench.run(60)
    assert bench.arm() == m.OK
    assert bench.pen.requests.plan.crc == PLAN_CRC


def workshop(bench: TapedBench) -> None:
    """Date, parameters and a new calibration stored, one write that fails, then a run under it; the log read out."""
    bench.ready()
    assert bench.request(m.TODAY, 2500) == m.OK
    values = {parameter.id: parameter.initial for parameter in m.PARAMETERS}
    values[m.PARAMETER_SPIN_UP] = 700
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 700) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(values)) == m.IN_PROGRESS
    bench.run(20)
    block = m.calibration_bytes(-40, 18_500, -333, b"CERT-7", 2600, m.CALIBRATION_PASS)
    for offset in range(0, len(block), 11):
        assert bench.request(m.CALIBRATION_WRITE, offset, tuple((octet,) for octet in block[offset : offset + 11])) == m.OK
    crc = int.from_bytes(block[-4:], "little")
    for says in (STORE_FAILED, STORE_DONE):
        bench.hardware.store_says = says
        assert bench.request(m.CALIBRATION_COMMIT, crc) == m.IN_PROGRESS
        bench.run(20)
    assert bench.request(m.CALIBRATION_READ, 0, m.CALIBRATION_BYTES) == m.OK
    assert bench.arm() == m.OK
    bench.keep(200)
    assert bench.pen.state == m.STATE_RUNNING
    assert bench.hardware.asked != (7000, 1000), "the calibration holds"
    assert bench.request(m.LOG_INFO) == m.OK
    assert bench.request(m.LOG_READ, 1, m.LOG_READ_MOST) == m.OK


STORIES = (treatment, trips, lease_end, button, uploads, junk, calibration, workshop)


def tape_of(name: str) -> list[str]:
    """The tape of one story."""
    start_us = 2**32 - 300_000 if name == "lease_end" else 0
    bench = TapedBench(start_us=start_us)
    next(story for story in STORIES if story.__name__ == name)(bench)
    return bench.tape.lines
