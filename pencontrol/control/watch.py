"""What has fallen silent: recorder, screen, pen. Pure; asked in every turn of control's loop.

The windows are those of clinic.md's alarm table: recorder 1 s, screen 300 ms, telemetry 150 ms, an accepted DRIVE 100 ms.
"""

from dataclasses import dataclass

from firmware_protocol import messages
from pencontrol.control.identity import refusal_name
from pencontrol.control.outbox import UNACKNOWLEDGED_NS
from pencontrol.control.run import NOT_ACCEPTED_NS, Phase, Run
from pencontrol.control.station import Station
from pencontrol.control.supervisor import STALE_NS

SCREEN_SILENT_NS = 300_000_000
AGE_FLOOR_US = -5000  # the pen's future: the clocks have lost each other
AGE_CEILING_US = 150_000
SYNC_LOST_NS = 5_000_000_000


@dataclass(frozen=True, slots=True)
class Silence:
    """One thing that is not heard: the alarm it raises, and the reason of the STOP it causes when the pen moves."""

    alarm: str
    detail: str
    stop: int


def silences(station: Station, now_ns: int) -> list[Silence]:
    """Everything that is silent at `now_ns`, most urgent first. Screen and pen count only while a run begins or lasts."""
    found = []
    run = station.run
    if run is not None and run.phase is Phase.RUNNING:
        pen = _pen(station, run, now_ns)
        if pen is not None:
            found.append(pen)
    if run is not None and run.phase in (Phase.ARMING, Phase.RUNNING):
        silent_ns = now_ns - station.heartbeat()[2]
        if silent_ns > SCREEN_SILENT_NS:
            found.append(Silence("SCREEN_SILENT", f"no sign for {silent_ns // 1_000_000} ms", messages.STOP_SCREEN))
    if station.treatment is not None:
        record = _record(station, now_ns)
        if record is not None:
            found.append(record)
    return found


def _record(station: Station, now_ns: int) -> Silence | None:
    outbox = station.outbox
    if not outbox.connected:
        return Silence("RECORD_LOST", "the recorder is gone", messages.STOP_RECORD)
    if outbox.overflowed or outbox.oldest_age_ns(now_ns) > UNACKNOWLEDGED_NS:
        return Silence("RECORD_LOST", "the recorder does not confirm", messages.STOP_RECORD)
    return None


def _pen(station: Station, run: Run, now_ns: int) -> Silence | None:
    newest, line = station.newest, station.line
    if newest is None or line is None:
        return Silence("TELEMETRY_STALE", "no reading at all", messages.STOP_LINK)
    silent_ns = now_ns - newest.read_ns
    age_us = newest.age_us
    if silent_ns > STALE_NS or (age_us is not None and not (AGE_FLOOR_US <= age_us <= AGE_CEILING_US)):
        detail = f"newest reading {silent_ns // 1_000_000} ms ago, age {age_us} us"
        return Silence("TELEMETRY_STALE", detail, messages.STOP_LINK)
    if not line.link.clock.good_within(now_ns, SYNC_LOST_NS):
        return Silence("TELEMETRY_STALE", "the pen's clock was not confirmed for 5 s", messages.STOP_LINK)
    if run.unaccepted_ns(newest.read_ns) > NOT_ACCEPTED_NS:  # by the pen's own word: its silence is another alarm
        refusal = refusal_name(newest.telemetry.refusal)
        return Silence("DRIVE_REFUSED", f"no DRIVE taken for 100 ms, the pen says {refusal}", messages.STOP_LIMIT)
    return None
