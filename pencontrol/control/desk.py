"""What a person asks of control through a screen: each command checked, done or refused with one plain sentence. Pure."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

from pydantic import ValidationError

from firmware_protocol import messages
from pencontrol.control import commands, numbing
from pencontrol.control.calibration_gate import calibration_gate
from pencontrol.control.commands import AnyCommand, read_command
from pencontrol.control.core import Control
from pencontrol.control.figures import Figures
from pencontrol.control.identity import fault_name
from pencontrol.control.opening import Refused, open_event
from pencontrol.control.run import Phase
from pencontrol.control.snapshot import State
from pencontrol.control.treatment import Treatment
from pencontrol.control.watch import judge_disk, judge_due, judge_gates
from pencontrol.plan import explain
from sessions.events import FaultCleared, MediaApplied, Note, Numbing, PassCorrected, PassNoted, SettingAsked, utc_text

HEARTBEAT_MAX_AGE_NS = 250_000_000


class Desk:
    """Answers command lines; `search_pen` is the process's own business and is handed in."""

    def __init__(self, control: Control, session_id: Callable[[], str], search_pen: Callable[[], None]) -> None:
        self._control = control
        self._session_id = session_id
        self._search_pen = search_pen

    def answer(self, line: bytes, now_ns: int) -> tuple[bytes, int]:
        """The answer line for one command line, and the screen instance that said hello in it (0: none)."""
        self._control.on_command(line, now_ns)
        try:
            command = read_command(line)
        except ValidationError as error:
            return _line(0, f"this is no command: {explain(error)}"), 0
        try:
            self._do(command, now_ns)
        except Refused as refused:
            self._control.settle(now_ns)
            return _line(command.number, str(refused)), 0
        self._control.station.changed = True
        self._control.settle(now_ns)
        return _line(command.number, ""), command.instance if isinstance(command, commands.Hello) else 0

    def _do(self, command: AnyCommand, now_ns: int) -> None:
        station = self._control.station
        match command:
            case commands.Hello():
                station.instance = command.instance
                station.alarms.end_silences()
            case commands.OpenSession():
                self._open(command, now_ns)
            case commands.SelectZone():
                self._select(command.zone, now_ns)
            case commands.Ask():
                self._ask(command.depth_um, command.speed_rpm, now_ns)
            case commands.Start():
                self._start(command, now_ns)
            case commands.Pause():
                self._control.motion.stop(messages.STOP_PAUSE, self._operator(), now_ns)
            case commands.PassDone():
                self._pass_done(now_ns)
            case commands.PassUndo():
                self._pass_undo(now_ns)
            case commands.Numbing():
                self._numb(command, now_ns)
            case commands.NumbingOff():
                self._numbing_off(now_ns)
            case commands.Sound():
                if command.device:
                    station.alarms.clear("NO_SOUND")
                else:
                    station.alarms.raise_alarm("NO_SOUND", command.detail, now_ns)
            case commands.Acknowledge():
                if not station.alarms.acknowledge(command.alarm, command.occurrence, now_ns):
                    raise Refused(f"alarm {command.alarm} number {command.occurrence} does not stand")
            case commands.ClearFault():
                self._clear_fault(command.fault, now_ns)
            case commands.AddNote():
                treatment = self._treatment()
                note = Note(code=command.code, zone=treatment.zone, text=command.text)
                station.journal.write(note, now_ns, actor=self._operator())
            case commands.ApplyMedium() as said:
                self._treatment()
                applied = MediaApplied(medium=said.medium, name=said.name, amount_ul=said.amount_ul, lot=said.lot.strip())
                station.journal.write(applied, now_ns, actor=self._operator())
            case commands.NotePass():
                if command.zone not in self._treatment().limits:
                    raise Refused(f"{command.zone!r} is not in the plan")
                noted = PassNoted(zone=command.zone, number=command.pass_number, direction_deg=command.direction_deg)
                station.journal.write(noted, now_ns, actor=self._operator())
            case commands.CloseSession():
                self._close(now_ns)
            case commands.ReadCartridge():
                if station.line is None or station.line.identity is None:
                    raise Refused("no pen is connected: there is no cartridge to read")
                station.line.read_cartridge(now_ns)
            case commands.SearchPen():
                self._search_pen()

    def _treatment(self) -> Treatment:
        treatment = self._control.station.treatment
        if treatment is None:
            raise Refused("no session is open")
        return treatment

    def _operator(self) -> str:
        treatment = self._control.station.treatment
        return treatment.opened.operator if treatment is not None else "screen"

    def _open(self, command: commands.OpenSession, now_ns: int) -> None:
        station = self._control.station
        line = station.line
        if station.treatment is not None:
            raise Refused(f"session {station.treatment.id} is still open")
        if station.run is not None:
            raise Refused("the pen has not confirmed that it stands still")
        if line is None or line.identity is None or line.cartridge is None:
            raise Refused("no pen is connected: a session names the pen and cartridge it ran with")
        if not station.outbox.connected:
            raise Refused("the recorder is not there: nothing may happen that is not recorded")
        utc_ns = station.utc_ns()
        today = _today(utc_ns)
        gate = calibration_gate(line, today)
        versions = {**station.versions, **({"tape": f"none: {station.untaped}"} if station.untaped else {})}
        opened = open_event(command, station.zones, line.identity, line.cartridge, versions, today, gate)
        opened = opened.model_copy(
            update={"gates": list(numbing.with_gate(opened.gates, station.numbing, station.numbed_s, now_ns))}
        )
        treatment = Treatment(self._session_id(), opened, utc_text(utc_ns), now_ns)
        station.treatment = treatment
        station.figures = Figures(self._guards())
        station.journal.open_session(treatment.id)
        station.ran = bool(opened.carried)
        self._control.book.watch_loss()
        station.journal.write(opened, now_ns, actor=opened.operator)
        judge_gates(station, now_ns)
        judge_due(station, now_ns)
        line.hold_plan(treatment.plan_entries, now_ns)

    def _guards(self) -> tuple[str, ...]:
        control = "control: every sample" if self._control.motion.guarded else "control: GUARD REMOVED FOR A TEST"
        return (control, "pen: uploaded plan", "screen: limit on offer")

    def _select(self, zone: str, now_ns: int) -> None:
        treatment = self._treatment()
        if zone not in treatment.limits:
            raise Refused(f"{zone!r} is not in the plan; in it are {', '.join(treatment.limits)}")
        if zone == treatment.zone:
            return
        run = self._control.station.run
        new_limit_um = treatment.limit_in(zone)
        newest = self._control.station.newest
        measured_um = newest.telemetry.depth_um if newest is not None else 0
        moving = run is not None and run.phase is Phase.RUNNING
        if moving and run is not None and new_limit_um < max(treatment.asked_depth_um, measured_um):
            # the depth comes down first, judged by the old limit until the pen shows it
            run.entering = zone
            run.entering_since_ns = now_ns
            return
        if run is not None:
            run.entering = ""
        self._control.book.enter_zone(zone, now_ns)

    def _ask(self, depth_um: int, speed_rpm: int, now_ns: int) -> None:
        treatment = self._treatment()
        if not treatment.zone:
            raise Refused("no zone is chosen: a depth is always the depth of a zone")
        treatment.ask(depth_um, speed_rpm)
        asked = SettingAsked(
            asked_depth_um=depth_um,
            asked_speed_rpm=speed_rpm,
            granted_depth_um=treatment.asked_depth_um,
            granted_speed_rpm=treatment.asked_speed_rpm,
            reasons=list(treatment.cuts),
        )
        self._control.station.journal.write(asked, now_ns, actor=treatment.opened.operator)

    def _start(self, command: commands.Start, now_ns: int) -> None:
        station = self._control.station
        self._treatment()
        line = station.line
        if station.state not in (State.READY, State.PAUSED) or line is None:
            raise Refused(f"START is not possible in state {station.state.value}: {self._why_not_ready()}")
        missing = judge_gates(station, now_ns) or judge_disk(station, now_ns)
        if missing:
            raise Refused(f"START is refused: {missing}")
        if station.alarms.refusing:
            raise Refused(f"START is refused: {', '.join(sorted(station.alarms.refusing))}")
        if not line.link.clock.synced:
            raise Refused("START is refused: the pen's clock is not known yet")
        instance, count, beat_ns = station.heartbeat()
        if command.instance != station.instance or instance != command.instance:
            raise Refused("START is refused: it came from another screen than the one that is shown")
        if not (now_ns - beat_ns <= HEARTBEAT_MAX_AGE_NS and command.heartbeat <= count):
            raise Refused(f"START is refused: the screen's last sign of life is {(now_ns - beat_ns) // 1_000_000} ms old")
        if command.stops != station.stop_count():
            raise Refused("START is refused: STOP was pressed after it")
        if station.run is not None:
            raise Refused("START is refused: the last run has not ended")
        self._control.motion.start(now_ns)

    def _numb(self, command: commands.Numbing, now_ns: int) -> None:
        station = self._control.station
        before = station.numbing
        try:
            station.numbing = now = numbing.apply(command, before, now_ns, station.utc_ns())
        except numbing.NumbingError as error:
            raise Refused(f"numbing: {error}") from None
        told = Numbing(
            what="applied" if before is None else "topped_up",
            product=command.product.strip(),
            since_utc=now.since_utc,
            name=command.name.strip(),
            maximum_min=command.maximum_min,
            amount_g=command.amount_g,
            reason=command.reason.strip(),
        )
        station.journal.write(told, now_ns, actor=self._operator())

    def _numbing_off(self, now_ns: int) -> None:
        station = self._control.station
        if station.numbing is None:
            raise Refused("no numbing is on record")
        old, station.numbing = station.numbing, None
        on_skin_s = (now_ns - old.since_ns) // 1_000_000_000
        station.numbed_s = on_skin_s
        told = Numbing(what="taken_off", product=old.product, since_utc=old.since_utc, on_skin_s=on_skin_s)
        station.journal.write(told, now_ns, actor=self._operator())

    def _why_not_ready(self) -> str:
        station = self._control.station
        if station.reason:
            return station.reason
        if station.treatment is None:
            return "no session is open"
        if not station.treatment.zone:
            return "no zone is chosen"
        return "the pen is not ready"

    def _pass_done(self, now_ns: int) -> None:
        treatment = self._treatment()
        self._control.book.end_stroke(now_ns)
        if not self._control.book.end_pass("tap", now_ns):
            raise Refused(f"no stroke was seen in {treatment.zone or 'any zone'} since the last pass")

    def _pass_undo(self, now_ns: int) -> None:
        treatment = self._treatment()
        if not treatment.zone:
            raise Refused("no zone is chosen")
        counted = treatment.counter.passes
        if not treatment.counter.undo():
            raise Refused(f"no pass is counted in {treatment.zone}")
        corrected = PassCorrected(
            zone=treatment.zone, counted=counted, corrected=treatment.counter.passes, reason="undone by hand"
        )
        self._control.station.journal.write(corrected, now_ns, actor=treatment.opened.operator)
        if treatment.counter.passes <= treatment.limits[treatment.zone].passes:
            self._control.station.alarms.clear("PASS_OVER_PLAN")

    def _clear_fault(self, fault: str, now_ns: int) -> None:
        station = self._control.station
        line = station.line
        if line is None or line.identity is None or line.fault == messages.FAULT_NONE:
            raise Refused("the pen has no fault to clear")
        name = fault_name(line.fault)
        if fault != name:
            raise Refused(f"the pen's fault is {name}, not {fault}")
        station.journal.write(FaultCleared(fault=name), now_ns, actor=self._operator())
        station.reason = ""
        clear = messages.ClearFault(fault=line.fault, boot_id=line.identity.boot_id)
        line.link.request(messages.CLEAR_FAULT, clear, now_ns)

    def _close(self, now_ns: int) -> None:
        treatment = self._treatment()
        station = self._control.station
        if station.run is not None:
            raise Refused("the pen runs or has not confirmed STOP: stop it first")
        self._control.book.close_session("CLOSED", "closed by the operator", treatment.opened.operator, now_ns)
        if station.line is not None:
            station.line.read_cartridge(now_ns)


def _line(number: int, error: str) -> bytes:
    answer: dict[str, object] = {"number": number, "ok": not error}
    if error:
        answer["error"] = error
    return json.dumps(answer).encode() + b"\n"


def _today(utc_ns: int) -> date:
    return datetime.fromtimestamp(utc_ns / 1e9, UTC).date()
