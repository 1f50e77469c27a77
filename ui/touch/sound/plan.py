"""What should sound now: from the alarms on show and from what changed since the last snapshot. Pure; `now_ns` is handed in.

The sight follows the condition, the sound latches: an alarm sounds from the moment it is on the list until it is
acknowledged (`silenced`), also when its condition has passed. Only the most urgent priority sounds; control says when a
silence ends, and this side never makes one.
"""

from collections.abc import Sequence

from pencontrol.control.alarms import SILENCE_NS
from pencontrol.control.snapshot import AlarmView, Snapshot, State
from ui.touch.sound.tones import BURSTS, length_ms

MS = 1_000_000
OWN_ALARMS = ("STOP_UNCONFIRMED", "CONTROL_SILENT")  # made by `views.alarms_view`, as occurrence 0
_RANK = {"LOW": 1, "MEDIUM": 2, "HIGH": 3}
_PERIOD_NS = {name: round((length_ms(shape) + shape.interval_ms) * MS) for name, shape in BURSTS.items()}


def wanted(alarms: Sequence[AlarmView]) -> str:
    """The priority that must be heard: the highest of all that nobody has silenced. Empty: none."""
    return max((alarm.priority for alarm in alarms if not alarm.silenced), key=_RANK.__getitem__, default="")


class Bursts:
    """When the next burst begins. Ask at every frame; `due` says at most once that a burst begins now."""

    def __init__(self) -> None:
        self._playing = ""
        self._seen: frozenset[tuple[str, int]] = frozenset()  # what is unsilenced now: alarm and occurrence
        self._began_ns = self._next_ns = 0

    def due(self, alarms: Sequence[AlarmView], now_ns: int) -> str | None:
        """The burst that begins now; "" when what sounds must end at once; None when there is nothing to do.

        A burst is repeated after its interval. It begins at once when an alarm of its priority or a higher one is new or is
        no longer silenced, but never again before the present burst of the same priority has ended.
        """
        name = wanted(alarms)
        heard = frozenset((alarm.alarm, alarm.occurrence) for alarm in alarms if not alarm.silenced and alarm.priority == name)
        fresh, self._seen = heard - self._seen, heard
        if not name:
            ended, self._playing = self._playing, ""
            return "" if ended else None
        if name == self._playing:
            if fresh:
                self._next_ns = min(self._next_ns, max(now_ns, self._began_ns + round(length_ms(BURSTS[name]) * MS)))
            if now_ns < self._next_ns:
                return None
        self._playing = name
        self._began_ns = now_ns
        self._next_ns = now_ns + _PERIOD_NS[name]
        return name


class Cues:
    """Which cue belongs to what changed since the snapshot before."""

    def __init__(self, ticks: bool = True) -> None:
        """`ticks`: one for each completed pass."""
        self.ticks = ticks
        self._old: Snapshot | None = None
        self._heard: tuple[str, int] = ("", 0)  # zone and limit of the last tone

    def next(self, new: Snapshot) -> list[str]:
        """The cues for `new`. Nothing is heard of another control or session: only what a person did here."""
        old, self._old = self._old, new
        place = (new.zone, new.limit_um)
        if old is None or old.control != new.control or _session(old) != _session(new):
            self._heard = place if old is None or _holds(new) else ("", 0)
            return []
        found = []
        if place != self._heard and _holds(new):
            found.append(_tone(self._heard, place))
            self._heard = place
        if new.state is not old.state:
            if new.state is State.RUNNING:
                found.append("STARTED")
            elif old.state in (State.RUNNING, State.ARMING):
                found.append("STOPPED")
        if self.ticks and _passes(new) > _passes(old):
            found.append("PASS")
        return found


def _holds(snapshot: Snapshot) -> bool:
    """Does the shown zone's own limit hold already? A lower one waits until the needles are shallow enough."""
    return any(zone.zone == snapshot.zone and zone.limit_um == snapshot.limit_um for zone in snapshot.zones)


def _tone(old: tuple[str, int], new: tuple[str, int]) -> str:
    if not old[0] or old[1] == new[1]:
        return "LIMIT_SAME"
    return "LIMIT_UP" if new[1] > old[1] else "LIMIT_DOWN"


class OwnSilences:
    """Silences of the screen's own alarms, which control does not know, by the rules of control's `alarms`."""

    def __init__(self) -> None:
        self._until_ns: dict[str, int] = {}
        self._standing: frozenset[tuple[str, int]] = frozenset()

    def acknowledge(self, alarm: str, now_ns: int) -> None:
        """A person has seen it: silent for 120 s at most."""
        if alarm in OWN_ALARMS:
            self._until_ns[alarm] = now_ns + SILENCE_NS

    def over(self, alarms: Sequence[AlarmView], now_ns: int) -> tuple[AlarmView, ...]:
        """`alarms` with these silences. Any new alarm as urgent, also one of them that comes back, ends them all."""
        standing = frozenset((alarm.alarm, alarm.occurrence) for alarm in alarms)
        fresh = {name for name, _ in standing - self._standing}
        if any(alarm.priority == "HIGH" and alarm.alarm in fresh for alarm in alarms):  # all own alarms are HIGH
            self._until_ns.clear()
        self._standing = standing
        self._until_ns = {name: until for name, until in self._until_ns.items() if now_ns < until}
        if not self._until_ns:
            return tuple(alarms)
        own = self._until_ns
        return tuple(
            alarm.model_copy(update={"silenced": True}) if alarm.alarm in own and alarm.occurrence == 0 else alarm
            for alarm in alarms
        )


def _session(snapshot: Snapshot) -> str:
    return snapshot.session.id if snapshot.session is not None else ""


def _passes(snapshot: Snapshot) -> int:
    return sum(zone.passes for zone in snapshot.zones)
