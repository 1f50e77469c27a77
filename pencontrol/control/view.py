"""The station's facts as the document that the screen reads. Pure."""

from pencontrol.control.identity import fault_name
from pencontrol.control.snapshot import Counters, SessionView, Setting, Snapshot
from pencontrol.control.station import Station
from pencontrol.control.treatment import Treatment


def snapshot_of(station: Station, now_ns: int) -> Snapshot:
    """Everything the screen may show, at `now_ns`."""
    line, run, treatment = station.line, station.run, station.treatment
    shown = treatment if treatment is not None else station.closed
    reached = run is not None and run.supervisor is not None and run.supervisor.reached
    reason = station.reason
    if line is not None and line.identity is None and line.silent:
        reason = line.rx_problem
    return Snapshot(
        mono_ns=now_ns,
        control=station.id,
        state=station.state,
        reason=reason,
        pen=line.identity if line is not None else None,
        cartridge=line.cartridge if line is not None else None,
        session=_session(station, shown),
        zone=run.entering or treatment.zone if run is not None and treatment is not None else treatment.zone if treatment else "",
        limit_um=treatment.limit_um if treatment is not None else 0,
        asked=Setting(depth_um=treatment.asked_depth_um, speed_rpm=treatment.asked_speed_rpm) if treatment else Setting(),
        accepted=Setting(depth_um=run.accepted_depth_um, speed_rpm=run.accepted_speed_rpm) if run is not None else Setting(),
        reached=reached,
        cuts=treatment.cuts if treatment is not None else (),
        zones=shown.views() if shown is not None else (),
        alarms=station.alarms.views(now_ns),
        numbing=station.numbing,
        recorder=station.outbox.connected,
        fault=fault_name(line.fault) if line is not None else "NONE",
        counters=_counters(station, now_ns),
        scheduling=dict(station.scheduling),
    )


def _session(station: Station, shown: Treatment | None) -> SessionView | None:
    if shown is None:
        return None
    return SessionView(
        id=shown.id,
        client=shown.opened.client,
        operator=shown.opened.operator,
        opened_utc=shown.opened_utc,
        opened_mono_ns=shown.opened_ns,
        state="OPEN" if station.treatment is not None else station.closed_as,
        resumed_from=shown.opened.resumed_from,
        indication=shown.opened.indication,
        gates=shown.gates,
        recorded=not station.outbox.holds(shown.id),
    )


def _counters(station: Station, now_ns: int) -> Counters:
    line = station.line
    if line is None:
        return Counters()
    counters = line.link.counters
    return Counters(
        samples=line.link.samples,
        samples_lost=line.link.samples_lost,
        bad_frames=counters.bad_frames,
        refused=station.newest.telemetry.refusal if station.newest is not None else 0,
        deadlines_missed=station.figures.deadlines_missed,
        worst_period_us=station.figures.worst_period_us,
        clock_error_us=line.link.clock.error_us(now_ns),
    )
