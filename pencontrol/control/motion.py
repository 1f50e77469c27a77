"""Motion: arming, DRIVE every 20 ms, STOP, and what ends a run. Pure; the only sender of motion frames, by `decide()`."""

from collections.abc import Callable
from datetime import timedelta

from firmware_protocol import messages
from firmware_protocol.happenings import PenEvent, Replied, Sample
from firmware_protocol.runs import SampleRun
from pencontrol.control.arming import NOT_HOME, STANDSTILL_NS, arm_for, refused, stands
from pencontrol.control.book import Book
from pencontrol.control.calibration_gate import calibration_of
from pencontrol.control.identity import EPOCH, FAULT_ALARMS, PEN_TRIPS, fault_name
from pencontrol.control.run import Phase, Run, TripWatch
from pencontrol.control.station import Station
from pencontrol.control.supervisor import DEPTH_WINDOW_NS, Finding, judge_limit, judge_status
from pencontrol.control.watch import silences
from pencontrol.limits import Decision, FrozenPlan, JudgedSample, Request, decide
from sessions.events import Armed, Stopped

ENTER_WINDOW_NS = DEPTH_WINDOW_NS  # a lower limit waits this long for the needles, else STOP
ENTER_MARGIN_UM = 50
MOVING_STATES = (messages.STATE_ARMED, messages.STATE_RUNNING)

Guard = Callable[[Run, Sample, int], list[Finding]]


def judge(run: Run, sample: Sample, limit_um: int) -> list[Finding]:
    """Control's own guard: one sample of an armed or running pen. Before the first DRIVE is taken only the limit counts."""
    if run.supervisor is None:
        return judge_limit(sample.telemetry, limit_um)
    return run.supervisor.judge(sample.telemetry, sample.read_ns, limit_um)


class Motion:
    """Runs begin and end here. `send` puts bytes on the wire at once."""

    def __init__(self, station: Station, book: Book, send: Callable[[bytes, int], None], guard: Guard) -> None:
        self._station = station
        self._book = book
        self._send = send
        self._guard = guard
        self._trip: TripWatch | None = None
        self.last_decision: Decision | None = None

    @property
    def guarded(self) -> bool:
        """Is control's own guard in place?"""
        return self._guard is judge

    def is_calm(self, samples: SampleRun) -> bool:
        """Are these samples judged herewith, all at once: would the guard find nothing and note nothing in any of them?"""
        run, treatment = self._station.run, self._station.treatment
        if run is None or run.supervisor is None or treatment is None or not self.guarded:
            return False
        calm = run.supervisor.is_calm(samples, treatment.limit_um)
        return calm and run.keeps(samples.values("drive_sequence"))  # else another setting holds for the rest of them

    def on_sample(self, sample: Sample, calm: bool = False) -> None:
        """Judge one sample of a run, unless `is_calm` did; STOP is on the wire before this returns if anything is wrong."""
        run, treatment = self._station.run, self._station.treatment
        telemetry = sample.telemetry
        if run is not None and run.phase is Phase.RUNNING and treatment is not None:
            limit_um = treatment.limit_um
            findings = [] if calm else self._guard(run, sample, limit_um)
            if findings:
                self._answer(findings, sample, limit_um)
            elif self._station.alarms.is_active("SPEED_DRIFT"):
                self._station.alarms.clear("SPEED_DRIFT")
            self._station.figures.judged(sample, findings)
            if run.observe(telemetry, sample.read_ns):
                self._station.changed = True
            if telemetry.state not in MOVING_STATES and run.answered and run.phase is Phase.RUNNING:
                self._pen_ended_run(sample, limit_um)
        if self._trip is not None:
            self._trip.observe(telemetry, sample.read_ns)
            self.finish_trip(sample.read_ns)

    def on_status(self, temperature_dc: int, now_ns: int) -> None:
        """The pen's ten-a-second figures: judged while a run lasts."""
        run = self._station.run
        findings = judge_status(temperature_dc) if run is not None and run.phase is Phase.RUNNING else []
        for finding in findings:
            self.stop(messages.STOP_LIMIT, "control", now_ns)
            self._station.alarms.raise_alarm(finding.alarm, finding.detail, now_ns)

    def start(self, now_ns: int) -> None:
        """A person's START, already checked: ask the pen for a token."""
        self._station.run = run = Run()
        run.arm_by_ns = now_ns + STANDSTILL_NS
        self._try_arm(run, now_ns)
        self._station.changed = True

    def _try_arm(self, run: Run, now_ns: int) -> None:
        """ARM as soon as the pen stands: just after a STOP its needles are on their way home, and it would answer BUSY."""
        line, treatment = self._station.line, self._station.treatment
        pen = line.identity if line is not None else None
        if line is not None and pen is not None and treatment is not None and stands(self._station.newest):
            run.arm_by_ns = 0
            line.link.request(messages.ARM, arm_for(treatment, pen.boot_id), now_ns)
            self._send(line.link.poll(now_ns), now_ns)
        elif now_ns > run.arm_by_ns or (line is not None and line.fault != messages.FAULT_NONE):
            self._station.reason = self._station.reason or refused(NOT_HOME)
            self._station.changed = True
            self.end_run(now_ns)

    def armed(self, replied: Replied, now_ns: int) -> None:
        """The pen's answer to ARM; one that comes after a STOP does nothing."""
        run, treatment = self._station.run, self._station.treatment
        if run is None or run.phase is not Phase.ARMING or treatment is None:
            return
        if replied.result != messages.OK:
            self._station.reason = refused(replied.result)
            self.end_run(now_ns)
            return
        run.armed(replied.reply.arm_token, now_ns)
        treatment.contact.restart()
        self._station.ran = True
        self._station.reason = ""
        armed = Armed(zone=treatment.zone, limit_um=treatment.limit_um, token=run.token)
        self._station.journal.write(armed, now_ns, actor="pen")
        self._drive(now_ns)

    def pen_event(self, seen: PenEvent, now_ns: int) -> None:
        """The pen's word on its own trip: which sample, which depth."""
        event = seen.event
        run, treatment = self._station.run, self._station.treatment
        if run is None or treatment is None or event.fault not in PEN_TRIPS:
            return
        if run.phase is Phase.RUNNING:
            self._pen_trip(event.sample_index, event.argument, treatment.limit_um, event.fault, now_ns)
        elif self._trip is not None and self._trip.guard == "PEN":
            self._trip.sample_index = event.sample_index
            self._trip.depth_um = event.argument

    def _pen_ended_run(self, sample: Sample, limit_um: int) -> None:
        """The pen left ARMED or RUNNING without our word: its button, or its own guard."""
        telemetry = sample.telemetry
        if telemetry.fault in PEN_TRIPS:
            self._pen_trip(sample.index, telemetry.depth_um, limit_um, telemetry.fault, sample.read_ns)
        elif telemetry.fault != messages.FAULT_NONE:
            self.stop(messages.STOP_LIMIT, "pen", sample.read_ns)
            self._raise_fault(telemetry.fault, sample.read_ns)
        else:
            self.stop(messages.STOP_PAUSE, "pen", sample.read_ns)

    def _raise_fault(self, fault: int, now_ns: int) -> None:
        detail = f"the pen stopped itself: {fault_name(fault)}"
        self._station.alarms.raise_alarm(FAULT_ALARMS.get(fault, "PEN_FAULT"), detail, now_ns)

    def _pen_trip(self, index: int, depth_um: int, limit_um: int, fault: int, read_ns: int) -> None:
        decided_ns = self._station.mono_ns()
        self.stop(messages.STOP_LIMIT, "pen", read_ns)
        wire_ns = self._station.mono_ns()
        if self._trip is None:
            self._trip = TripWatch("PEN", FAULT_ALARMS[fault], index, depth_um, limit_um, read_ns, decided_ns, wire_ns)
        self._raise_fault(fault, read_ns)

    def stop(self, reason: int, source: str, now_ns: int) -> None:
        """STOP on the wire, now. With no run it is sent all the same: nobody has to know better than the person."""
        line = self._station.line
        if line is None:
            return
        run = self._station.run
        if run is not None and run.phase is Phase.STOPPING:
            return  # the link repeats it every 20 ms until it is proven
        self._send(line.link.stop(reason, now_ns), now_ns)
        if self._station.line is None:
            return  # the write showed that the cable is gone: the lease stops the pen
        if run is None:
            run = self._station.run = Run()
        run.phase = Phase.STOPPING
        run.stop_source = source
        run.stop_reason = reason
        self._book.end_stroke(now_ns)
        self._station.changed = True

    def stop_confirmed(self, after_us: int, now_ns: int) -> None:
        """Proof that the motor is off."""
        run = self._station.run
        if run is None or run.phase is not Phase.STOPPING:
            return
        told = Stopped(reason=messages.STOP_REASONS[run.stop_reason], source=run.stop_source, confirmed_us=after_us)
        self._station.journal.write(told, now_ns)
        self._station.run = None
        self._clear_passing()

    def end_run(self, now_ns: int) -> None:
        """There is no run any more, by proof or because the pen that ran is gone."""
        if self._trip is not None:
            self.write_trip(now_ns)
        if self._station.run is None:
            return
        self._station.run = None
        self._book.end_stroke(now_ns)
        self._clear_passing()

    def _clear_passing(self) -> None:
        """With the run ends the condition of what is only judged while it lasts; the sound stays until acknowledged."""
        self._station.alarms.clear_with("run")

    def _answer(self, findings: list[Finding], sample: Sample, limit_um: int) -> None:
        """Something is wrong with a sample of a run: STOP first."""
        read_ns = sample.read_ns
        stops = [finding for finding in findings if finding.alarm != "SPEED_DRIFT"]
        if stops:
            decided_ns = self._station.mono_ns()
            self.stop(messages.STOP_LIMIT, "control", read_ns)
            wire_ns = self._station.mono_ns()
            self._station.figures.answered(wire_ns - read_ns)
            if self._trip is None:
                self._trip = TripWatch(
                    guard="CONTROL",
                    alarm=stops[0].alarm,
                    sample_index=sample.index,
                    depth_um=sample.telemetry.depth_um,
                    limit_um=limit_um,
                    read_ns=read_ns,
                    decided_ns=decided_ns,
                    wire_ns=wire_ns,
                )
        for finding in findings:
            self._station.alarms.raise_alarm(finding.alarm, finding.detail, read_ns)

    def finish_trip(self, now_ns: int) -> None:
        """Write the trip down once everything was seen of it, or it is too late to wait."""
        if self._trip is not None and self._trip.complete(now_ns):
            self.write_trip(now_ns)

    def write_trip(self, now_ns: int) -> None:
        """Write the trip down as far as it was seen."""
        if self._trip is not None:
            self._station.journal.write(self._trip.event(), now_ns)
            self._trip = None

    def tick(self, now_ns: int) -> None:
        """DRIVE when due; silence of pen, screen and recorder."""
        self._watch(now_ns)
        run = self._station.run
        if run is not None and run.phase is Phase.ARMING and run.arm_by_ns:
            self._try_arm(run, now_ns)
        elif run is not None and run.phase is Phase.RUNNING and now_ns >= run.next_drive_ns:
            self._drive(now_ns)
        self.finish_trip(now_ns)

    def _watch(self, now_ns: int) -> None:
        station = self._station
        for silence in silences(station, now_ns):
            run = station.run
            if run is not None and run.phase is not Phase.STOPPING:
                self.stop(silence.stop, "control", now_ns)
            station.alarms.raise_alarm(silence.alarm, silence.detail, now_ns)
        run = station.run
        if run is not None and run.phase is Phase.RUNNING and run.entering:
            self._try_enter(run, now_ns)

    def _drive(self, now_ns: int) -> None:
        run, treatment, line = self._station.run, self._station.treatment, self._station.line
        if run is None or treatment is None or line is None:
            return
        newest = self._station.newest
        depth_um = treatment.asked_depth_um
        if run.entering:
            depth_um = min(depth_um, treatment.target_in(run.entering))
        decision = decide(
            Request(depth_um, treatment.asked_speed_rpm, run.token),
            treatment.zone,
            FrozenPlan(treatment.limits, treatment.opened.plan_crc, line.plan_crc),
            calibration_of(line, EPOCH + timedelta(days=line.today_days)),
            treatment.role,
            self._station.alarms.stopping,
            JudgedSample(newest.telemetry.index, newest.read_ns) if newest is not None else None,
            now_ns,
        )
        self.last_decision = decision
        if decision.drive is None:
            self.stop(messages.STOP_LIMIT, "control", now_ns)
            self._station.alarms.raise_alarm("NO_AUTHORITY", "; ".join(decision.reasons), now_ns)
            return
        previous_ns = run.last_drive_ns
        self._send(line.link.drive(decision.drive), now_ns)
        late_ns = run.sent(line.link.drive_sequence, decision.depth_um, decision.speed_rpm, now_ns)
        self._station.figures.drove(now_ns - previous_ns, late_ns)

    def _try_enter(self, run: Run, now_ns: int) -> None:
        """A zone with a lower limit takes over when the needles are shallow enough for it; the old limit judges until then."""
        treatment, newest = self._station.treatment, self._station.newest
        if treatment is None or newest is None:
            return
        target_um = treatment.target_in(run.entering)
        if newest.telemetry.depth_um <= target_um + ENTER_MARGIN_UM and run.accepted_depth_um <= target_um:
            zone, run.entering = run.entering, ""
            self._book.enter_zone(zone, now_ns)
        elif now_ns - run.entering_since_ns > ENTER_WINDOW_NS:
            run.entering = ""
            self.stop(messages.STOP_LIMIT, "control", now_ns)
            self._station.alarms.raise_alarm("NOT_REACHED", "the needles did not rise for the new zone's lower limit", now_ns)
