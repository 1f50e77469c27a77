"""A plausible treatment of eight zones of a face, about a minute long: the events and trace blocks control would send.

Made of arithmetic and a seeded generator, so that every run gives the same bytes.
"""

from dataclasses import dataclass, field

import numpy as np

from sessions import events as ev
from sessions.reading import TRACE_DTYPE, Trace
from sessions.store import Store
from sessions.store.rows import Block
from sessions.store.writing import Writer
from tests.sessions.face_plan import ZONES, opened

SESSION = "S-20261121-093000-7f3a"
START_UTC_NS = 1_795_253_400_000_000_000  # 2026-11-21T09:30:00Z
START_MONO_NS = 5_000_000_000_000
INDEX_0 = 120_000
TOLERANCE_UM = 50


@dataclass
class Face:
    """Events and blocks under construction; `now_s` runs from 0 at the opening."""

    stream: str = SESSION
    seconds: float = 60.0
    simulated: bool = True
    client: str = "C-0001"
    events: list[ev.Event] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    now_s: float = 0.0
    first: int = 1

    def say(self, body: ev.Body, actor: str = "control") -> None:
        now_ns = round(self.now_s * 1e9)
        number = len(self.events) + self.first
        self.events.append(ev.make_event(self.stream, number, START_UTC_NS + now_ns, START_MONO_NS + now_ns, actor, body))

    @property
    def index(self) -> int:
        return INDEX_0 + round(self.now_s * 1000)


def face(stream: str = SESSION, seconds: float = 60.0, simulated: bool = True, client: str = "C-0001", end: bool = True) -> Face:
    """A whole session: two of the strokes' passes undone or told by tap, one trip by control, three alarms."""
    told = Face(stream, seconds, simulated, client)
    told.say(opened(simulated, client), "P-01")
    samples = round(seconds * 1000)
    trace = np.zeros(samples, TRACE_DTYPE)
    noise = np.random.default_rng(7)
    share = seconds / len(ZONES)
    trace["index"] = INDEX_0 + np.arange(samples, dtype=np.uint64)
    trace["t_pen_us"] = 900_000_000 + np.arange(samples, dtype=np.uint64) * 1000
    trace["mono_ns"] = START_MONO_NS + np.arange(samples, dtype=np.int64) * 1_000_000 + noise.integers(0, 90_000, samples)
    trace["age_us"] = noise.gamma(4.0, 60.0, samples).astype(np.int32)
    totals = []
    for number, zone in enumerate(ZONES, start=1):
        begin = (number - 1) * share
        totals.append(_zone(told, trace, noise, number, begin, share, zone))
    told.now_s = seconds
    if end:
        told.say(ev.StateChanged(old="PAUSED", new="CLOSED", reason="closed by the practitioner"), "P-01")
        told.say(
            ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=totals, enforcement=_report(samples)), "P-01"
        )
    told.blocks = _blocks(stream, trace)
    return told


def _zone(
    told: Face, trace: Trace, noise: np.random.Generator, number: int, begin: float, share: float, zone: tuple[object, ...]
) -> ev.ZoneTotals:
    name, limit, speed, planned = str(zone[0]), int(str(zone[4])), int(str(zone[5])), int(str(zone[6]))
    area, asked = float(str(zone[7])), min(int(str(zone[4])), int(str(zone[3])) + 150)
    told.now_s = begin + 0.1
    told.say(ev.ZoneSelected(zone=name, limit_um=limit, old_zone=str(ZONES[number - 2][0]) if number > 1 else ""), "P-01")
    told.say(
        ev.SettingAsked(
            asked_depth_um=asked + 100,
            asked_speed_rpm=speed,
            granted_depth_um=min(asked + 100, limit),
            granted_speed_rpm=speed,
            reasons=["zone limit"] if asked + 100 > limit else [],
        ),
        "P-01",
    )
    told.now_s += 0.08
    told.say(ev.SettingReached(depth_um=asked, speed_rpm=speed, after_ms=80))
    told.say(ev.Armed(zone=name, limit_um=limit, token=1000 + number))
    told.say(ev.StateChanged(old="PAUSED", new="RUNNING"))
    low, high = round((begin + 0.3) * 1000), round((begin + share - 0.2) * 1000)
    span = trace[low:high]
    time_s = np.arange(high - low) / 1000
    ramp = np.clip(time_s / 0.25, 0, 1) * np.clip((time_s[-1] - time_s) / 0.12, 0, 1)
    span["asked_depth_um"], span["asked_speed_rpm"] = asked, speed
    span["state"] = 3
    strokes, contact_s, deepest, passes = 0, 0.0, 0, 0
    contact = np.zeros(high - low, bool)
    each = (share - 0.9) / planned
    for nth in range(planned):
        start = 0.45 + nth * each
        for part in range(3):
            a, b = start + part * each / 3, start + part * each / 3 + each / 3 * 0.7
            contact[round(a * 1000) : round(b * 1000)] = True
    ripple = 7 * np.sin(time_s * 2 * np.pi * 1.7 + number) + noise.normal(0, 5, high - low)
    depth = np.where(ramp > 0, ramp * (asked - 18 * contact + ripple), 0)
    trip_at = -1
    if name == "F.CHEEK.L":
        trip_at = round((0.45 + 2 * each + each / 3 * 0.4) * 1000)
        surge = np.arange(24)
        depth[trip_at - 23 : trip_at + 1] = asked + surge * (limit + TOLERANCE_UM + 14 - asked) / 23
        depth[trip_at + 1 : trip_at + 40] = np.linspace(limit + 60, 0, 39)
        depth[trip_at + 40 : trip_at + 900] = 0
        contact[trip_at + 30 : trip_at + 900] = False
    span["depth_um"] = np.clip(depth, 0, 65535).round().astype(np.uint16)
    running = span["depth_um"] > 0
    span["speed_rpm"] = np.where(running, ramp * (speed - 260 * contact) + noise.normal(0, 22, high - low), 0).clip(0, 9000)
    span["current_ma"] = np.where(running, 180 + 90 * contact + noise.normal(0, 6, high - low), 12).clip(0)
    span["contact"] = contact
    trace["limit_um"][round((begin + 0.1) * 1000) : high + 200] = limit
    trace["zone"][round((begin + 0.1) * 1000) : high + 200] = number
    for nth in range(planned):
        start = 0.45 + nth * each
        for part in range(3):
            a = start + part * each / 3
            b = a + each / 3 * 0.7
            told.now_s = begin + 0.3 + b
            last = span["depth_um"][round(a * 1000) : round(b * 1000)]
            strokes += 1
            contact_s += round((b - a) * 1000) / 1000
            deepest = max(deepest, int(last.max()))
            told.say(
                ev.Stroke(
                    zone=name,
                    number=strokes,
                    first_index=INDEX_0 + low + round(a * 1000),
                    last_index=INDEX_0 + low + round(b * 1000),
                    contact_ms=round((b - a) * 1000),
                    max_depth_um=int(last.max()),
                )
            )
        passes += 1
        if trip_at >= 0 and nth == planned - 1:
            _trip(told, low + trip_at, int(depth[trip_at]), limit)
        how = "tap" if nth == 0 else "zone_change"
        told.say(
            ev.PassCounted(
                zone=name,
                number=passes,
                how="tap" if how == "tap" else "zone_change",
                strokes=3,
                contact_ms=round((b - a) * 3000),
            ),
            "P-01",
        )
    if name == "F.CHIN":
        told.say(ev.PassCorrected(zone=name, counted=3, corrected=2, reason="wiped, not treated"), "P-01")
        passes -= 1
    if name == "F.GLABELLA":
        told.say(
            ev.AlarmRaised(
                alarm="SPEED_DEVIATION",
                priority="MEDIUM",
                occurrence=1,
                words="Speed off by more than 10 %",
                detail="5790 of 6500 rpm for 1.0 s",
            )
        )
        told.now_s += 0.2
        told.say(ev.AlarmCleared(alarm="SPEED_DEVIATION", occurrence=1))
    if name == "F.MALAR.L":
        told.say(ev.Note(code="end point: redness", zone=name, text="even, no bleeding"), "P-01")
    if name == "F.UPLIP":
        told.say(
            ev.AlarmRaised(
                alarm="DOSE_OVER_CLINIC_LIMIT", priority="LOW", occurrence=1, words="Strikes per cm² over the clinic's limit"
            )
        )
        told.say(ev.AlarmAcknowledged(alarm="DOSE_OVER_CLINIC_LIMIT", occurrence=1), "P-01")
    told.now_s = begin + share - 0.15
    told.say(ev.Stopped(reason="zone finished", source="P-01", confirmed_us=6210))
    told.say(ev.StateChanged(old="RUNNING", new="PAUSED"))
    hits = 12 * speed / 60 * contact_s / area
    return ev.ZoneTotals(
        zone=name,
        passes=passes,
        strokes=strokes,
        contact_s=round(contact_s, 3),
        limit_um=limit,
        max_depth_um=deepest,
        strikes_per_cm2=round(hits, 1),
    )


def _trip(told: Face, at: int, depth_um: int, limit_um: int) -> None:
    told.say(
        ev.AlarmRaised(
            alarm="DEPTH_OVER_LIMIT",
            priority="HIGH",
            occurrence=1,
            words="Deeper than the plan allows",
            detail=f"{depth_um} um measured, {limit_um} um allowed, tolerance {TOLERANCE_UM} um",
        )
    )
    told.say(
        ev.Trip(
            guard="CONTROL",
            alarm="DEPTH_OVER_LIMIT",
            sample_index=INDEX_0 + at,
            depth_um=depth_um,
            limit_um=limit_um,
            tolerance_um=TOLERANCE_UM,
            decided_us=31,
            stop_on_wire_us=58,
            motor_off_us=4120,
            needles_home_us=39800,
        )
    )
    told.say(ev.Stopped(reason="DEPTH_OVER_LIMIT", source="control", confirmed_us=4120))
    told.now_s += 0.15
    told.say(ev.AlarmCleared(alarm="DEPTH_OVER_LIMIT", occurrence=1))
    told.now_s += 0.25
    told.say(ev.AlarmAcknowledged(alarm="DEPTH_OVER_LIMIT", occurrence=1), "P-01")
    told.say(ev.FaultCleared(fault="DEPTH_OVER_LIMIT"), "P-01")


def _report(samples: int) -> ev.Enforcement:
    return ev.Enforcement(
        samples=samples,
        samples_lost=0,
        judged=samples,
        over_limit=1,
        worst_age_us=2113,
        slowest_answer_us=412,
        deadlines_missed=0,
        worst_period_us=20480,
        guards=["pen clamp", "pen trip", "control", "screen"],
        scheduling={"core": "granted: 1", "cpu_dma_latency": "refused", "fifo": "refused: no privilege", "mlockall": "granted"},
    )


def _blocks(stream: str, trace: Trace) -> list[Block]:
    return [
        Block(stream, number, int(part["index"][0]), 0, ev.TRACE_LAYOUT, part.tobytes())
        for number, part in enumerate((trace[at : at + 1000] for at in range(0, len(trace), 1000)), start=1)
    ]


def store_face(store: Store, told: Face) -> None:
    """Write a session as the recorder would."""
    outcomes = Writer(store).write([*told.events, *told.blocks])
    refused = [outcome.why for outcome in outcomes if not outcome.on_record]
    assert not refused, refused
