"""The record side of control: trace, strokes, passes, zones, alarms and the session's end, each told as it happens. Pure."""

from datetime import timedelta
from typing import Literal

from firmware_protocol.happenings import Sample
from pencontrol.control.alarms import NAMES
from pencontrol.control.identity import EPOCH
from pencontrol.control.opening import cartridge_gate
from pencontrol.control.run import Phase
from pencontrol.control.station import Station
from pencontrol.control.watch import judge_gates
from pencontrol.passes import PassEnd, StrokeSeen
from sessions.events import (
    NO_AGE,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    CartridgeChanged,
    PassCorrected,
    PassCounted,
    SessionClosed,
    SettingReached,
    Stroke,
    ZoneSelected,
)


class Book:
    """Tells the record and the ring what the station goes through."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._lost_seen = self._dropped_seen = 0

    def count(self, sample: Sample) -> bool:
        """Contact, strokes and passes of one sample; True while in contact."""
        run, treatment = self._station.run, self._station.treatment
        if run is None or treatment is None or not treatment.zone or run.phase is not Phase.RUNNING:
            return False
        telemetry, accepted_rpm = sample.telemetry, run.accepted_speed_rpm
        if accepted_rpm == 0:
            return False  # armed, and nothing turns yet
        out = run.supervisor is not None and run.supervisor.reached
        stroke = treatment.feed(sample.index, telemetry.depth_um, telemetry.current_ma, telemetry.speed_rpm, accepted_rpm)
        if stroke is not None:
            self.tell_stroke(stroke, sample.read_ns)
        if not treatment.contact.contact and treatment.counter.lifted(sample.index):
            self.end_pass("lift", sample.read_ns)
        if out and not run.reached_told:
            run.reached_told = True
            reached = SettingReached(
                depth_um=run.accepted_depth_um,
                speed_rpm=run.accepted_speed_rpm,
                after_ms=(sample.read_ns - run.changed_ns) // 1_000_000,
            )
            self._station.journal.write(reached, sample.read_ns, actor="pen")
            self._station.changed = True
        return treatment.contact.contact

    def trace(self, sample: Sample, contact: bool) -> None:
        """The sample as control saw it: to the screen's ring, and to the record while a session is open."""
        telemetry = sample.telemetry
        treatment = self._station.treatment
        zone = treatment.limits[treatment.zone].number if treatment is not None and treatment.zone else 0
        record = self._station.publish_sample(
            (
                sample.index,
                sample.t_us,
                sample.read_ns,
                NO_AGE if sample.age_us is None else max(-(2**31) + 1, min(sample.age_us, 2**31 - 1)),
                telemetry.depth_um,
                telemetry.speed_rpm,
                telemetry.current_ma,
                treatment.asked_depth_um if treatment is not None else 0,
                treatment.asked_speed_rpm if treatment is not None else 0,
                treatment.limit_um if treatment is not None else 0,
                zone,
                telemetry.state,
                telemetry.fault,
                telemetry.refusal,
                telemetry.flags,
                int(contact),
            )
        )
        if treatment is not None and self._station.line is not None:
            link = self._station.line.link
            treatment.lost += link.samples_lost - self._lost_seen
            treatment.dropped += link.samples_dropped - self._dropped_seen
            self._lost_seen, self._dropped_seen = link.samples_lost, link.samples_dropped
            treatment.samples += 1
            self._station.journal.add_sample(sample.index, record, treatment.lost, sample.read_ns)
        elif self._station.line is not None:
            self.watch_loss()

    def enter_zone(self, zone: str, now_ns: int, actor: str = "") -> None:
        """`zone` holds from now on; the pass in progress in the old one ends."""
        treatment = self._station.treatment
        if treatment is None:
            return
        old, old_limit_um = treatment.zone, treatment.limit_um
        if old:
            self.end_stroke(now_ns)
            self.end_pass("zone_change", now_ns)
        treatment.enter(zone)
        who = actor or treatment.opened.operator
        selected = ZoneSelected(zone=zone, limit_um=treatment.limit_um, old_zone=old, old_limit_um=old_limit_um)
        self._station.journal.write(selected, now_ns, actor=who)
        self._judge_dose(now_ns)
        self._judge_passes(now_ns)
        self._station.changed = True

    def end_pass(self, how: PassEnd, now_ns: int) -> bool:
        """Count the pass in progress of the present zone. False: no stroke since the last one."""
        treatment = self._station.treatment
        if treatment is None or not treatment.zone:
            return False
        counter = treatment.counter
        ended = counter.end_pass(how)
        if ended is None:
            return False
        if ended.rejoined:
            joined = PassCorrected(
                zone=treatment.zone, counted=ended.number, corrected=ended.number - 1, reason="the long lift was inside a pass"
            )
            self._station.journal.write(joined, now_ns, actor="control")
        actor = "control" if how in ("lift", "zone_change", "close") else treatment.opened.operator
        counted = PassCounted(
            zone=treatment.zone, number=ended.number, how=how, strokes=ended.strokes, contact_ms=ended.contact_ms
        )
        self._station.journal.write(counted, now_ns, actor=actor)
        self._judge_passes(now_ns)
        self._station.changed = True
        return True

    def judge_cartridge(self, now_ns: int) -> None:
        """The chip was read: another cartridge than before is told, and must be one that may be used."""
        station, treatment = self._station, self._station.treatment
        found = station.line.cartridge if station.line is not None else None
        if treatment is None or station.line is None or found is None or not found.present or found.id == treatment.cartridge.id:
            return
        station.journal.write(CartridgeChanged(old=treatment.cartridge, new=found), now_ns, actor="pen")
        treatment.cartridge = found
        gate = cartridge_gate(found, EPOCH + timedelta(days=station.line.today_days), resumed=False)
        treatment.gates = tuple(gate if each.gate == gate.gate else each for each in treatment.gates)
        judge_gates(station, now_ns)
        station.changed = True

    def close_session(self, how: Literal["CLOSED", "INTERRUPTED"], reason: str, actor: str, now_ns: int) -> None:
        """Totals and enforcement figures end the session; the plan leaves with it."""
        treatment = self._station.treatment
        if treatment is None:
            return
        if treatment.zone:
            self.end_stroke(now_ns)
            self.end_pass("close", now_ns)
        self._station.journal.flush_trace(treatment.lost, now_ns)
        counts = treatment.samples, treatment.lost, treatment.dropped
        enforcement = self._station.figures.enforcement(*counts, self._station.scheduling)
        body = SessionClosed(state=how, reason=reason, zones=treatment.totals(), enforcement=enforcement)
        self._station.alarms.clear_with("session")
        if how == "CLOSED":
            self._station.numbing = self._station.numbed_s = None  # the client leaves; an interrupted session goes on
        self.tell_alarms(now_ns)
        self._station.journal.write(body, now_ns, actor=actor)
        self._station.journal.close_session()
        self._station.closed, self._station.closed_as = treatment, how
        self._station.treatment = None
        self._station.ran = False
        self._station.changed = True

    def tell_stroke(self, stroke: StrokeSeen, now_ns: int) -> None:
        """One stroke of the present zone ended."""
        treatment = self._station.treatment
        if treatment is None:
            return
        told = Stroke(
            zone=treatment.zone,
            number=treatment.counter.strokes,
            first_index=stroke.first_index,
            last_index=stroke.last_index,
            contact_ms=stroke.contact_ms,
            max_depth_um=stroke.max_depth_um,
        )
        self._station.journal.write(told, now_ns)
        self._station.changed = True
        self._judge_dose(now_ns)

    def _judge_dose(self, now_ns: int) -> None:
        """Strikes in the present zone against the clinic's limit."""
        treatment, alarms, limit = self._station.treatment, self._station.alarms, self._station.strikes_limit_per_cm2
        if treatment is None or not treatment.zone or treatment.strikes_per_cm2 <= limit:
            alarms.clear("DOSE_OVER")
        else:
            strikes = treatment.strikes_per_cm2
            alarms.raise_alarm("DOSE_OVER", f"{strikes:.0f} strikes/cm2 in {treatment.zone}, allowed are {limit:.0f}", now_ns)

    def _judge_passes(self, now_ns: int) -> None:
        """Passes in the present zone against the plan."""
        treatment, alarms = self._station.treatment, self._station.alarms
        planned = treatment.limits[treatment.zone].passes if treatment is not None and treatment.zone else 0
        if treatment is None or not treatment.zone or treatment.counter.passes <= planned:
            alarms.clear("PASS_OVER_PLAN")
        else:
            detail = f"pass {treatment.counter.passes} of {planned} in {treatment.zone}"
            alarms.raise_alarm("PASS_OVER_PLAN", detail, now_ns)

    def tell_alarms(self, now_ns: int) -> None:
        """Every change of an alarm goes into the record."""
        changes, self._station.alarms.changes = self._station.alarms.changes, []
        for change in changes:
            row = change.row
            if change.what == "raised":
                raised = AlarmRaised(
                    alarm=row.id,
                    priority=NAMES[row.priority],
                    occurrence=change.occurrence,
                    words=row.words,
                    detail=change.detail,
                )
                self._station.journal.write(raised, now_ns)
            elif change.what == "cleared":
                self._station.journal.write(AlarmCleared(alarm=row.id, occurrence=change.occurrence), now_ns)
            else:
                actor = self._station.treatment.opened.operator if self._station.treatment is not None else "control"
                self._station.journal.write(AlarmAcknowledged(alarm=row.id, occurrence=change.occurrence), now_ns, actor=actor)
            self._station.changed = True

    def end_stroke(self, now_ns: int) -> None:
        """The run or the zone ended: so does the stroke in progress."""
        treatment = self._station.treatment
        if treatment is None or not treatment.zone:
            return
        stroke = treatment.end_stroke()
        if stroke is not None:
            self.tell_stroke(stroke, now_ns)

    def watch_loss(self) -> None:
        """A new link, or a session that begins: what was lost before does not count."""
        line = self._station.line
        self._lost_seen = line.link.samples_lost if line is not None else 0
        self._dropped_seen = line.link.samples_dropped if line is not None else 0
