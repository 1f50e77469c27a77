"""The treatment's state, from the facts. Pure."""

from firmware_protocol import messages
from pencontrol.control.run import Phase
from pencontrol.control.snapshot import State
from pencontrol.control.station import Station


def derive_state(station: Station) -> State:
    """The treatment's state from the facts (design.md, "States of a treatment")."""
    line, run = station.line, station.run
    if line is None:
        return State.NO_PEN
    if line.uncertain:
        return State.UNCERTAIN
    if line.identity is None:
        return State.NO_PEN
    if run is not None and run.phase is Phase.STOPPING:
        return State.STOPPING
    if line.fault != messages.FAULT_NONE or station.alarms.latched:
        return State.FAULT
    if run is not None:
        return State.ARMING if run.phase is Phase.ARMING else State.RUNNING
    treatment = station.treatment
    if treatment is None or not treatment.zone or not line.ready or line.plan_crc != treatment.opened.plan_crc:
        return State.CONNECTED
    return State.PAUSED if station.ran else State.READY
