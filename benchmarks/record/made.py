"""A session of any length as the recorder would get it from control: events, blocks of trace and blocks of tape, in order.

The noise is what a rehearsal with the simulated pen shows: when a sample is read, how speed and current wander, a depth that
holds for a cycle. Made of a seeded generator: every run the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firmware_protocol import messages as wire
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, encode_frame
from firmware_protocol.recording import FROM_PEN, TO_PEN, Encoder
from pencontrol.control.journal import BLOCK_SAMPLES
from pencontrol.control.tape import TICK
from sessions import events as ev
from sessions.store.frames import TELEMETRY, frame_of
from sessions.store.records import TRACE_DTYPE, Trace
from sessions.store.rows import Block, WireBlock
from sessions.store.writing import Item

SESSION = "S-20261121-093000-BE4C"
ZONES = ("F.FOREHEAD", "F.TEMPLE.R", "F.CHEEK.R", "F.MALAR.R", "F.JAW.R", "F.CHIN", "F.UPLIP", "F.JAW.L", "F.CHEEK.L")
LIMIT_UM, DEPTH_UM, SPEED_RPM = 1000, 750, 6800
_UTC_NS = 1_795_253_400_000_000_000  # 2026-11-21T09:30:00Z
_MONO_NS = 11_900_000_000_000
_INDEX = 5_000
_PEN_SESSION = 0x48
_STROKE_MS = 1_500  # one in so long, half of it in contact
_DRIVE_EVERY, _STATUS_EVERY = 20, 100  # samples


@dataclass
class _Saying:
    events: int = 0

    def event(self, at_ns: int, body: ev.Body, actor: str = "control") -> ev.Event:
        self.events += 1
        return ev.make_event(SESSION, self.events, _UTC_NS + at_ns - _MONO_NS, at_ns, actor, body)


def session_made(samples: int, seed: int = 1) -> Iterator[list[Item]]:
    """About a second at a time, what one commit takes; first the opening, last the end."""
    noise = np.random.default_rng(seed)
    saying = _Saying()
    yield [saying.event(_MONO_NS, _opened(), "op-1")]
    strokes = [0] * len(ZONES)
    for block, first in enumerate(range(0, samples, BLOCK_SAMPLES), start=1):
        trace = _trace(first, min(samples, first + BLOCK_SAMPLES), samples, noise)
        events: list[Item] = []
        for each in range(first // _STROKE_MS, (first + len(trace)) // _STROKE_MS):
            zone = _zone_of(each * _STROKE_MS, samples)
            strokes[zone] += 1
            events.append(saying.event(int(trace["mono_ns"][-1]), _stroke(zone, strokes[zone], each)))
        records = Block(SESSION, block, int(trace["index"][0]), 0, ev.TRACE_LAYOUT, trace.tobytes())
        yield [*events, records, WireBlock(SESSION, block, ev.WIRE_LAYOUT, _tape(trace, noise))]
    yield [saying.event(_MONO_NS + samples * 1_000_000 + 1_000_000, _closed(samples, strokes), "op-1")]


def _trace(first: int, end: int, samples: int, noise: np.random.Generator) -> Trace:
    number = np.arange(first, end)
    trace = np.zeros(len(number), TRACE_DTYPE)
    trace["index"] = _INDEX + number
    trace["t_pen_us"] = 9_000_000 + number * 1000
    late_ns = (
        45_000 + noise.gamma(1.5, 18_000, len(number)) + (noise.random(len(number)) < 0.02) * noise.exponential(4e5, len(number))
    )
    trace["mono_ns"] = np.maximum.accumulate(_MONO_NS + number * 1_000_000 + late_ns.astype(np.int64))
    trace["age_us"] = ((trace["mono_ns"] - _MONO_NS + 137) * 1.000004).astype(np.int64) // 1000 - number * 1000
    cycles = noise.normal(0, 4, len(number) // 9 + 2).astype(np.int64)
    trace["depth_um"] = DEPTH_UM + cycles[(number - first) // 9]
    trace["speed_rpm"] = SPEED_RPM + noise.normal(0, 14, len(number))
    trace["current_ma"] = 300 + noise.normal(0, 7, len(number))
    trace["asked_depth_um"], trace["asked_speed_rpm"], trace["limit_um"] = DEPTH_UM, SPEED_RPM, LIMIT_UM
    trace["zone"] = 1 + number * len(ZONES) // samples
    trace["state"], trace["flags"] = wire.STATE_RUNNING, 0x6D
    trace["contact"] = number % _STROKE_MS < _STROKE_MS // 2
    return trace


def _tape(trace: Trace, noise: np.random.Generator) -> bytes:
    """One read a sample, a DRIVE every 20 ms, a STATUS every 100 ms."""
    number = trace["index"].astype(np.int64) - _INDEX
    told = np.zeros(len(trace), TELEMETRY)
    for name in TELEMETRY.names or ():
        if name in TRACE_DTYPE.fields:  # type: ignore[operator]
            told[name] = trace[name]
    told["major"], told["kind"], told["session"] = 1, wire.TELEMETRY.id, _PEN_SESSION
    told["sequence"] = number + number // _STATUS_EVERY
    told["drive_sequence"] = number // _DRIVE_EVERY
    frames = frame_of(told.view(np.uint8).reshape(len(trace), -1))
    encoder = Encoder()
    for each, at_ns, index, frame in zip(
        number.tolist(), trace["mono_ns"].tolist(), trace["index"].tolist(), frames, strict=True
    ):
        data = frame.tobytes() + b"\0"
        if each % _STATUS_EVERY == 0:
            data += _status(each)
        encoder.put(FROM_PEN, at_ns, data)
        if each % _DRIVE_EVERY == _DRIVE_EVERY - 1:
            due_ns = at_ns + 300_000 + int(noise.integers(0, 60_000))
            encoder.put(TICK, due_ns, b"")
            encoder.put(TO_PEN, due_ns, _drive(each // _DRIVE_EVERY + 1, index))
    return encoder.take()


def _drive(sequence: int, seen: int) -> bytes:
    drive = wire.Drive(0xA55A, 200, seen, 3, wire.MODE_TREAT, LIMIT_UM, DEPTH_UM, SPEED_RPM, 100, 3)
    return encode_frame(wire.DRIVE.id, _PEN_SESSION, 0, sequence & 0xFFFF, wire.DRIVE.payload.pack(drive))


def _status(number: int) -> bytes:
    kind = wire.STATUS.payload.type
    changing = {"lease_left_ms": 180 + number % 17, "rx_good": number // _DRIVE_EVERY}
    status = kind(*[changing.get(field.name, max(0, field.low)) for field in wire.STATUS.payload.fields])
    return encode_frame(
        wire.STATUS.id,
        _PEN_SESSION,
        0,
        number + number // _STATUS_EVERY + 1 & 0xFFFF,
        wire.STATUS.payload.pack(status),
        TO_HOST_WIRE_BYTES,
    )[1:]


def _zone_of(number: int, samples: int) -> int:
    return min(len(ZONES) - 1, number * len(ZONES) // samples)


def _opened() -> ev.SessionOpened:
    zones = [
        ev.ZoneLimit(
            zone=zone,
            number=number,
            name=zone,
            mode="treat",
            default_um=DEPTH_UM,
            limit_um=LIMIT_UM,
            speed_rpm=SPEED_RPM,
            passes=2,
            area_cm2=20.0,
            soft_cap_um=LIMIT_UM,
            hard_cap_um=1500,
        )
        for number, zone in enumerate(ZONES, start=1)
    ]
    return ev.SessionOpened(
        client="c-0001",
        operator="op-1",
        role="OPERATOR",
        role_ceiling_um=1500,
        indication="benchmark",
        plan_crc=1,
        zones=zones,
        pen=ev.PenIdentity(serial="BENCH", firmware="0", boot_id=1, simulated=True, protocol="1.0", port="none"),
        cartridge=ev.Cartridge(present=True, id="00", needles=12, tip_width_um=3000, lot="B-1", expires="2030-01-01", used_ms=0),
        gates=[],
        versions={},
    )


def _stroke(zone: int, number: int, each: int) -> ev.Stroke:
    first = _INDEX + each * _STROKE_MS
    last = first + _STROKE_MS // 2 - 1
    return ev.Stroke(
        zone=ZONES[zone],
        number=number,
        first_index=first,
        last_index=last,
        contact_ms=_STROKE_MS // 2,
        max_depth_um=DEPTH_UM + 12,
    )


def _closed(samples: int, strokes: list[int]) -> ev.SessionClosed:
    zones = [
        ev.ZoneTotals(
            zone=zone,
            passes=1,
            strokes=count,
            contact_s=count * _STROKE_MS / 2000,
            limit_um=LIMIT_UM,
            max_depth_um=DEPTH_UM + 12,
            strikes_per_cm2=count * 50.0,
        )
        for zone, count in zip(ZONES, strokes, strict=True)
    ]
    figures = ev.Enforcement(
        samples=samples,
        samples_lost=0,
        judged=samples,
        over_limit=0,
        worst_age_us=900,
        slowest_answer_us=None,
        deadlines_missed=0,
        worst_period_us=20_000,
        guards=["CONTROL", "PEN"],
        scheduling={},
    )
    return ev.SessionClosed(state="CLOSED", reason="end of the benchmark", zones=zones, enforcement=figures)
