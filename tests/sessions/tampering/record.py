"""The small session that is tampered with: every sort of event, six blocks of trace, four of tape, two signatures."""

import sqlite3
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from firmware_protocol.recording import Encoder
from sessions import events as ev
from sessions.audit import verify
from sessions.export import export_sessions
from sessions.signing.key import StationKey
from sessions.signing.sign import sign_session
from sessions.store import FILE_NAME, Store, open_store
from sessions.store.records import TRACE_DTYPE
from sessions.store.rows import Block, WireBlock
from sessions.store.writing import Writer
from tests.sessions.drawing import DRAWING
from tests.sessions.face import START_MONO_NS, START_UTC_NS, Face
from tests.sessions.face_plan import ZONES, opened

SESSION = "S-20261121-093000-7f3a"
KEY, STRANGE_KEY = StationKey(bytes(range(32))), StationKey(bytes(32))
BLOCKS, SAMPLES, TAPES = 6, 40, 4
_ZONE = str(ZONES[0][0])


FORMATS = ["pdf", "csv", "json", "fhir", *(["parquet"] if find_spec("pyarrow") else [])]


@dataclass(frozen=True)
class Record:
    """The home folder with the session in it, and its true heads."""

    home: Path
    heads: tuple[str, str, str]
    events: int


def make_record(home: Path) -> Record:
    """Store and sign the session."""
    with open_store(home) as store:
        # The tape first: it is packed by the trace on record before it, and would break with that.
        outcomes = Writer(store).write([*_told().events, *_tape(), *_blocks()])
        assert all(outcome.on_record for outcome in outcomes), outcomes
        later_ns = START_UTC_NS + 10**12, START_MONO_NS + 10**12
        sign_session(store, KEY, SESSION, "P-01", "performed", *later_ns, name="A. Name")
        sign_session(store, KEY, SESSION, "op-2", "reviewed", later_ns[0] + 10**9, later_ns[1] + 10**9, role="lead")
        verdict = verify(store, SESSION, {KEY.key_id})
    assert verdict.holds, verdict.problems
    return Record(home, (verdict.events_head, verdict.trace_head, verdict.wires_head), verdict.events)


def export(record: Record, out: Path) -> dict[str, bytes]:
    """The exported files by name."""
    with open_store(record.home) as store:
        (folder,) = export_sessions(store, [SESSION], FORMATS, out, DRAWING)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def in_memory(record: Record) -> sqlite3.Connection:
    """A copy of the database, with its triggers dropped as somebody would who may write the file."""
    source = sqlite3.connect(record.home / FILE_NAME)
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    source.backup(copy)
    source.close()
    for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        copy.execute(f"DROP TRIGGER {name}")
    copy.commit()
    copy.isolation_level = None
    return copy


def as_store(connection: sqlite3.Connection) -> Store:
    """A store over one open connection: what is not committed is seen too."""
    return Store(create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool), "memory")


def _told() -> Face:
    told = Face(SESSION)
    zone = _ZONE
    said: list[tuple[ev.Body, str]] = [
        (opened(True, "C-0001"), "P-01"),
        (ev.LinkChanged(state="connected", detail="first greeting"), "control"),
        (ev.ZoneSelected(zone=zone, limit_um=900, old_zone="", old_limit_um=0), "P-01"),
        (
            ev.SettingAsked(
                asked_depth_um=950, asked_speed_rpm=7000, granted_depth_um=900, granted_speed_rpm=7000, reasons=["zone limit"]
            ),
            "P-01",
        ),
        (ev.SettingReached(depth_um=900, speed_rpm=7000, after_ms=80), "control"),
        (ev.Armed(zone=zone, limit_um=900, token=1001), "control"),
        (ev.StateChanged(old="PAUSED", new="RUNNING"), "control"),
        (ev.Stroke(zone=zone, number=1, first_index=1, last_index=2, contact_ms=900, max_depth_um=890), "control"),
        (ev.PassCounted(zone=zone, number=1, how="tap", strokes=1, contact_ms=900), "P-01"),
        (ev.PassCorrected(zone=zone, counted=1, corrected=0, reason="wiped, not treated"), "P-01"),
        (ev.AlarmRaised(alarm="DEPTH_OVER_LIMIT", priority="HIGH", occurrence=1, words="Deeper than the plan allows"), "control"),
        (
            ev.Trip(
                guard="CONTROL",
                alarm="DEPTH_OVER_LIMIT",
                sample_index=7,
                depth_um=964,
                limit_um=900,
                tolerance_um=50,
                decided_us=31,
                stop_on_wire_us=58,
                motor_off_us=4120,
                needles_home_us=39800,
            ),
            "control",
        ),
        (ev.Stopped(reason="DEPTH_OVER_LIMIT", source="control", confirmed_us=4120), "control"),
        (ev.AlarmCleared(alarm="DEPTH_OVER_LIMIT", occurrence=1), "control"),
        (ev.AlarmAcknowledged(alarm="DEPTH_OVER_LIMIT", occurrence=1), "P-01"),
        (ev.FaultCleared(fault="DEPTH_OVER_LIMIT"), "P-01"),
        (ev.Note(code="end point: redness", zone=zone, text="even; =no bleeding"), "P-01"),
        (ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=[], enforcement=None), "P-01"),
    ]
    for at, (body, actor) in enumerate(said):
        told.now_s = at * 0.37
        told.say(body, actor)
    return told


def _blocks() -> list[Block]:
    trace = np.zeros(BLOCKS * SAMPLES, TRACE_DTYPE)
    noise = np.random.default_rng(3)
    trace["index"] = 120_000 + np.arange(len(trace))
    trace["t_pen_us"] = 900_000_000 + np.arange(len(trace)) * 1000
    trace["mono_ns"] = START_MONO_NS + np.arange(len(trace)) * 1_000_000 + noise.integers(0, 90_000, len(trace))
    trace["age_us"] = noise.integers(50, 900, len(trace))
    trace["age_us"][3] = ev.NO_AGE
    for name in ("depth_um", "speed_rpm", "current_ma", "asked_depth_um", "asked_speed_rpm", "limit_um"):
        trace[name] = noise.integers(0, 1000, len(trace))
    trace["zone"], trace["state"], trace["contact"] = 1, 3, noise.integers(0, 2, len(trace))
    parts = [trace[at : at + SAMPLES] for at in range(0, len(trace), SAMPLES)]
    return [
        Block(SESSION, number, int(part["index"][0]), 0, ev.TRACE_LAYOUT, part.tobytes()) for number, part in enumerate(parts, 1)
    ]


def _tape() -> list[WireBlock]:
    blocks = []
    for number in range(1, TAPES + 1):
        encoder = Encoder()
        for each in range(25):
            encoder.put(1, 10**9 * number + each * 10**6, bytes([0, number, each, 7, 0]))
        blocks.append(WireBlock(SESSION, number, ev.WIRE_LAYOUT, encoder.take()))
    return blocks
