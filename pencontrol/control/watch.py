"""What has fallen silent: recorder, screen, pen; and what else holds or is over. Pure; asked in every turn of control's loop.

The windows are those of clinic.md's alarm table: recorder 1 s, screen 300 ms, telemetry 150 ms, an accepted DRIVE 100 ms.
"""

from dataclasses import dataclass
from datetime import timedelta

from firmware_protocol import messages
from pencontrol.control import numbing
from pencontrol.control.calibration_gate import due_soon
from pencontrol.control.identity import EPOCH, refusal_name
from pencontrol.control.outbox import UNACKNOWLEDGED_NS
from pencontrol.control.run import NOT_ACCEPTED_NS, Phase, Run
from pencontrol.control.station import Station
from pencontrol.control.supervisor import STALE_NS

SCREEN_SILENT_NS = 300_000_000
AGE_FLOOR_US = -5000  # the pen's future: the clocks have lost each other
AGE_CEILING_US = 150_000
SYNC_LOST_NS = 5_000_000_000
LOOK_NS = 1_000_000_000
DISK_MIN_BYTES = 500_000_000


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


def look(station: Station, now_ns: int) -> None:
    """Raise and clear the alarms whose condition comes and goes with time alone. A run is never stopped by one of these."""
    alarms = station.alarms
    over = numbing.over(station.numbing, now_ns)
    if over:
        alarms.raise_alarm("NUMBING_OVER", over, now_ns)
    if alarms.standing:
        _look_for_the_end(station, over, now_ns)
    if station.treatment is not None and now_ns >= station.look_ns:
        station.look_ns = now_ns + LOOK_NS
        if station.numbing is not None or station.numbed_s is not None:
            judge_gates(station, now_ns)
        judge_disk(station, now_ns)
        judge_due(station, now_ns)


def _look_for_the_end(station: Station, over: str, now_ns: int) -> None:
    alarms, line = station.alarms, station.line
    gone = not over and alarms.clear("NUMBING_OVER")
    if alarms.is_active("RECORD_LOST") and (station.treatment is None or _record(station, now_ns) is None):
        gone |= alarms.clear("RECORD_LOST")
    if alarms.is_active("LINK_LOST"):
        # without a session nobody misses the pen
        stands = line is not None and line.identity is not None and not line.uncertain and not line.needs_greeting
        if stands or (station.treatment is None and station.run is None):
            gone |= alarms.clear("LINK_LOST")
    if gone:
        station.tape.touch()  # a latch that still waits for a person changes without a word to the record


def judge_disk(station: Station, now_ns: int) -> str:
    """Raise or clear DISK_LOW; in words what is missing, empty when there is room or nobody knows."""
    free = station.disk_free_bytes()
    if free is None or free >= DISK_MIN_BYTES:
        station.alarms.clear("DISK_LOW")
        return ""
    words = f"{free // 1_000_000} MB are free for the record, {DISK_MIN_BYTES // 1_000_000} MB are needed"
    station.alarms.raise_alarm("DISK_LOW", words, now_ns)
    return words


def judge_due(station: Station, now_ns: int) -> None:
    """Raise or clear CALIBRATION_DUE, by the certificate of the pen that is connected."""
    line = station.line
    if line is None or line.identity is None:
        return
    due = due_soon(line, EPOCH + timedelta(days=line.today_days))
    if due:
        station.alarms.raise_alarm("CALIBRATION_DUE", due, now_ns)
    else:
        station.alarms.clear("CALIBRATION_DUE")


# which alarm a red gate is; every other gate is GATES_RED
_GATE_ALARMS = {"calibration": "CALIBRATION_OVERDUE", "cartridge": "CARTRIDGE_REFUSED"}


def judge_gates(station: Station, now_ns: int) -> str:
    """Raise or clear what the open session's gates say; in words every red one, empty when none is."""
    treatment = station.treatment
    if treatment is not None:  # the numbing's time goes on
        treatment.gates = numbing.with_gate(treatment.gates, station.numbing, station.numbed_s, now_ns)
    red: dict[str, list[str]] = {alarm: [] for alarm in (*_GATE_ALARMS.values(), "GATES_RED")}
    for gate in treatment.gates if treatment is not None else ():
        if gate.status == "RED":
            red[_GATE_ALARMS.get(gate.gate.lower(), "GATES_RED")].append(f"{gate.gate}: {gate.detail}")
    for alarm, gates in red.items():
        if gates:
            station.alarms.raise_alarm(alarm, "; ".join(gates), now_ns)
        else:
            station.alarms.clear(alarm)
    return "; ".join(words for gates in red.values() for words in gates)
