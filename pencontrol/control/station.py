"""What is at this chair now: pen, run, session, alarms, record. One object that control's parts share; no behaviour."""

from collections.abc import Callable, Mapping
from typing import Literal

from firmware_protocol.happenings import Sample
from pencontrol.control.alarms import Alarms
from pencontrol.control.figures import Figures
from pencontrol.control.journal import Journal
from pencontrol.control.outbox import Outbox
from pencontrol.control.pen_line import PenLine
from pencontrol.control.run import Run
from pencontrol.control.snapshot import State
from pencontrol.control.treatment import Treatment
from pencontrol.zones import Zone

SampleSink = Callable[[tuple[int, ...]], bytes]


class Station:
    """The facts. Written by `motion`, `book`, `desk` and `core`, all called from one thread."""

    def __init__(
        self,
        *,
        id: str,
        zones: Mapping[str, Zone],
        versions: Mapping[str, str],
        mono_ns: Callable[[], int],
        utc_ns: Callable[[], int],
        nonce: Callable[[], int],
        publish_sample: SampleSink,
        heartbeat: Callable[[], tuple[int, int, int]],
        stop_count: Callable[[], int],
    ) -> None:
        """`mono_ns` is read only to time control's own steps; `publish_sample` packs a trace record and shows it."""
        self.id = id
        self.zones = zones
        self.versions = versions
        self.mono_ns = mono_ns
        self.utc_ns = utc_ns
        self.nonce = nonce
        self.publish_sample = publish_sample
        self.heartbeat = heartbeat
        self.stop_count = stop_count
        self.alarms = Alarms()
        self.outbox = Outbox()
        self.journal = Journal(self.outbox, id, utc_ns)
        self.figures = Figures()
        self.line: PenLine | None = None
        self.run: Run | None = None
        self.newest: Sample | None = None
        self.treatment: Treatment | None = None
        self.ran = False  # this session has had a run: READY becomes PAUSED
        self.closed: Treatment | None = None  # the last session, for the screen
        self.closed_as: Literal["CLOSED", "INTERRUPTED"] = "CLOSED"
        self.state = State.NO_PEN
        self.reason = "No pen is connected"
        self.instance = 0  # the screen that may start
        self.scheduling: dict[str, str] = {}
        self.changed = True  # the screen must hear of it now
