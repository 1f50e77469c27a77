"""What ends a hold that is under way. Pure."""

from pencontrol.control.snapshot import State
from ui.touch.state import ScreenState, page


def ends_holds(old: ScreenState, new: ScreenState) -> bool:
    """An alarm, a page or panel change, a lost link or a silent control ends what is held."""
    if (
        (old.linked and not new.linked)
        or (old.alive and not new.alive)
        or old.panel != new.panel
        or len(new.faults) > len(old.faults)
    ):
        return True
    if page(old) != page(new):
        return True
    if old.snapshot is None or new.snapshot is None:
        return False
    before = {(alarm.alarm, alarm.occurrence) for alarm in old.snapshot.alarms}
    after = {(alarm.alarm, alarm.occurrence) for alarm in new.snapshot.alarms}
    stopped = new.snapshot.state in (State.UNCERTAIN, State.FAULT)
    return bool(after - before) or (stopped and old.snapshot.state != new.snapshot.state)
