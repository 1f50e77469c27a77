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
from pencontrol.control.snapshot import NumbingView, State
from pencontrol.control.tape import Tape
from pencontrol.control.treatment import Treatment
from pencontrol.zones import Zone

SampleSink = Callable[[tuple[int, ...]], bytes]


STRIKES_LIMIT_PER_CM2 = 6000.0  # starting value: three passes of the clinic's example at 7000 rpm


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
        disk_free_bytes: Callable[[], int | None] = lambda: None,
        strikes_limit_per_cm2: float = STRIKES_LIMIT_PER_CM2,
    ) -> None:
        """`mono_ns` is read only to time control's own steps; `publish_sample` packs a trace record and shows it.

        `disk_free_bytes` gives what was last seen of the disk the record is on, None when it is not known.
        """
        self.id = id
        self.zones = zones
        self.versions = versions
        # whatever control reads it reads through the tape, so that a session can be replayed
        self.tape = Tape(mono_ns, utc_ns, nonce, heartbeat, stop_count, disk_free_bytes)
        self.mono_ns = self.tape.mono_ns
        self.utc_ns = self.tape.utc_ns
        self.nonce = self.tape.nonce
        self.publish_sample = publish_sample
        self.heartbeat = self.tape.heartbeat
        self.stop_count = self.tape.stop_count
        self.disk_free_bytes = self.tape.disk_free_bytes
        self.strikes_limit_per_cm2 = strikes_limit_per_cm2
        self.clock_offset_ns: int | None = None  # wall clock minus monotonic clock, as last seen
        self.alarms = Alarms()
        self.numbing: NumbingView | None = None  # on the client's skin, session or not
        self.numbed_s: int | None = None  # how long the numbing that was taken off had been on this client's skin
        self.look_ns = 0  # when the slow conditions are looked at next
        self.outbox = Outbox()
        self.journal = Journal(self.outbox, id, self.tape.stamp_ns)
        self.tape.send = self.journal.add_wire
        self.journal.on_block = self.tape.trace_sent
        self.figures = Figures()
        self.line: PenLine | None = None
        self.run: Run | None = None
        self.newest: Sample | None = None
        self.treatment: Treatment | None = None
        self.untaped = ""  # why the session about to open cannot be replayed
        self.ran = False  # this session has had a run: READY becomes PAUSED
        self.closed: Treatment | None = None  # the last session, for the screen
        self.closed_as: Literal["CLOSED", "INTERRUPTED"] = "CLOSED"
        self.state = State.NO_PEN
        self.reason = "No pen is connected"
        self.instance = 0  # the screen that may start
        self.scheduling: dict[str, str] = {}
        self.changed = True  # the screen must hear of it now
