"""The control process without its I/O: what comes from pen, person, recorder and clock goes to the part that answers it.

Whatever happens, the order is: STOP on the wire first, then alarms, then the record, then the screen. One thread calls
this; nothing in here waits, reads a clock of its own, or touches a file.
"""

from firmware_protocol import messages
from firmware_protocol.happenings import (
    Happening,
    PenBooted,
    PenEvent,
    Replied,
    Sample,
    StatusSeen,
    StopConfirmed,
    StopUnconfirmed,
    Unanswered,
    Voided,
)
from firmware_protocol.recording import FROM_PEN
from firmware_protocol.runs import SampleRun
from pencontrol.control import tape
from pencontrol.control.book import Book
from pencontrol.control.identity import days_since_epoch, result_name
from pencontrol.control.image import ImageError, image_of
from pencontrol.control.motion import Guard, Motion, judge
from pencontrol.control.pen_line import PenLine, Port
from pencontrol.control.run import Phase
from pencontrol.control.states import derive_state
from pencontrol.control.station import Station
from pencontrol.control.watch import look
from sessions.events import LinkChanged, StateChanged, Stopped

CLOCK_JUMP_NS = 1_000_000_000


class Control:
    """Takes what happened, in order."""

    def __init__(self, station: Station, guard: Guard = judge) -> None:
        """`guard` judges each sample of a run; another one than `judge` is for tests that take control's guard away."""
        self.station = station
        self.book = Book(station)
        self.motion = Motion(station, self.book, self._send, guard)
        self._tape = station.tape

    # the pen

    def pen_opened(self, url: str, port: Port, now_ns: int) -> None:
        """The port is open: greet. Nothing re-arms by itself."""
        station = self.station
        self._tape.input(tape.PEN_OPENED, now_ns, url.encode())
        station.line = line = PenLine(url, port, station.nonce, now_ns)
        line.today_days = days_since_epoch(station.utc_ns())
        self.book.watch_loss()
        if station.treatment is not None:
            line.hold_plan(station.treatment.plan_entries, now_ns)
        self._send(line.link.poll(now_ns), now_ns)
        station.changed = True

    def pen_closed(self, detail: str, now_ns: int) -> None:
        """The port is gone; the pen stops by its lease."""
        self._tape.input(tape.PEN_CLOSED, now_ns, detail.encode())
        self._lose_pen(detail, now_ns)

    def pen_missing(self, reason: str, now_ns: int) -> None:
        """The port could not be opened."""
        if self.station.reason != reason:
            self._tape.input(tape.PEN_MISSING, now_ns, reason.encode())
            self.station.reason = reason
            self.station.changed = True

    def on_bytes(self, data: bytes, now_ns: int) -> None:
        """What the port gave. Every sample is judged before anything else is done with it."""
        self._tape.input(FROM_PEN, now_ns, data)
        self._hear(data, now_ns)

    def _lose_pen(self, detail: str, now_ns: int) -> None:
        station = self.station
        line, station.line = station.line, None
        if line is None:
            return
        moving = station.run is not None
        station.newest = None
        self.motion.end_run(now_ns)
        if moving or station.treatment is not None:
            station.alarms.raise_alarm("LINK_LOST", detail, now_ns)
        station.alarms.end_silences()
        if line.identity is not None:
            station.journal.write(LinkChanged(state="lost", detail=detail), now_ns)
        station.reason = detail
        station.changed = True
        self.settle(now_ns)

    def _hear(self, data: bytes, now_ns: int) -> None:
        """`data` is b"" when only time has passed."""
        line = self.station.line
        if line is None:
            return
        for happening in line.link.receive_runs(data, now_ns):
            self._tape.touch()
            if self.station.line is not line:
                break
            if type(happening) is Sample:
                self._on_sample(happening, line)
            elif type(happening) is SampleRun:
                self._on_run(happening, line)
            else:
                self._on_happening(happening, line, now_ns)
        self.settle(now_ns)

    def on_stop_pressed(self, now_ns: int) -> None:
        """A screen's STOP: in every state, before everything else."""
        self._tape.input(tape.STOP_PRESSED, now_ns)
        self.motion.stop(messages.STOP_OPERATOR, "screen", now_ns)
        self.settle(now_ns)

    # people and processes

    def on_command(self, line: bytes, now_ns: int) -> None:
        """The desk is about to answer this line: it goes on tape, and one that may open a session begins a tape."""
        station = self.station
        if station.treatment is None and station.run is None and tape.OPENS in line:
            try:
                self._tape.begin(image_of(self), now_ns)
                station.untaped = ""
            except ImageError as error:  # the record says that this session cannot be replayed, and why
                station.untaped = str(error)
        self._tape.scheduling(station.scheduling, now_ns)
        self._tape.input(tape.COMMAND, now_ns, line)

    def recorder_ready(self, now_ns: int) -> None:
        """A recorder is there: it gets everything unconfirmed again."""
        self._tape.input(tape.RECORDER_READY, now_ns)
        self.station.outbox.connect(b"")
        self.station.changed = True

    def acknowledged(self, what: str, stream: str, number: int, now_ns: int) -> None:
        """The recorder has committed an event ("number"), a block of trace ("block") or of tape ("wire")."""
        self._tape.input(tape.ACKNOWLEDGED, now_ns, f"{what} {number} {stream}".encode())
        self.station.outbox.acknowledge(what, stream, number)

    def shut_down(self, now_ns: int) -> None:
        """The program ends: STOP, and a session that is open is interrupted."""
        self._tape.scheduling(self.station.scheduling, now_ns)
        self._tape.input(tape.SHUT_DOWN, now_ns)
        self.motion.stop(messages.STOP_SHUTDOWN, "control", now_ns)
        if self.station.treatment is not None:
            self.book.close_session("INTERRUPTED", "the program was closed", "control", now_ns)
        self.settle(now_ns)

    def screen_lost(self, instance: int, now_ns: int) -> None:
        """A screen's socket ended. In mid-run that is the end of the session: it can be resumed as a linked one."""
        station = self.station
        if instance != station.instance:
            return
        self._tape.scheduling(station.scheduling, now_ns)
        self._tape.input(tape.SCREEN_LOST, now_ns, str(instance).encode())
        station.instance = 0
        station.alarms.end_silences()
        if station.run is not None and station.run.phase is not Phase.STOPPING:
            self.motion.stop(messages.STOP_SCREEN, "control", now_ns)
            station.alarms.raise_alarm("SCREEN_SILENT", "the screen's process ended", now_ns)
            self.book.close_session("INTERRUPTED", "the screen's process ended during treatment", "control", now_ns)
        self.settle(now_ns)

    def recorder_lost(self, now_ns: int) -> None:
        """The recorder's socket ended. In mid-run that ends the session too; a new recorder gets all that is unconfirmed."""
        station = self.station
        self._tape.scheduling(station.scheduling, now_ns)
        self._tape.input(tape.RECORDER_LOST, now_ns)
        station.outbox.disconnect()
        if station.run is not None and station.run.phase is not Phase.STOPPING and station.treatment is not None:
            self.motion.stop(messages.STOP_RECORD, "control", now_ns)
            station.alarms.raise_alarm("RECORD_LOST", "the recorder's process ended", now_ns)
            self.book.close_session("INTERRUPTED", "the recorder's process ended during treatment", "control", now_ns)
        station.changed = True
        self.settle(now_ns)

    # time

    def tick(self, now_ns: int) -> None:
        """What is due: DRIVE, retries, silence of pen, screen and recorder. Call it at `next_due_ns` at the latest."""
        self._tape.tick(now_ns)
        self._hear(b"", now_ns)
        line = self.station.line
        if line is not None:
            if line.tick(now_ns):
                self._tape.touch()
            self._send(line.link.poll(now_ns), now_ns)
        self.motion.tick(now_ns)
        self._watch_clock(now_ns)
        look(self.station, now_ns)
        self.settle(now_ns)

    def next_due_ns(self, now_ns: int) -> int:
        """When `tick` has something to do at the latest."""
        station = self.station
        due_ns = now_ns + 50_000_000
        if station.run is not None:
            due_ns = min(due_ns, station.run.next_drive_ns or due_ns)
        if station.line is not None:
            link_due_ns = station.line.link.next_due_ns()
            if link_due_ns is not None:
                due_ns = min(due_ns, link_due_ns)
        return max(due_ns, now_ns)

    def settle(self, now_ns: int) -> None:
        """After anything happened: tell the record of alarms and of a new state."""
        station = self.station
        if station.alarms.changes:
            self.book.tell_alarms(now_ns)
        state = derive_state(station)
        if state is not station.state:
            old, station.state = station.state, state
            station.journal.write(StateChanged(old=old.value, new=state.value, reason=station.reason), now_ns)
            station.changed = True
        if self._tape.on:
            self._tape.follow(station.treatment.id if station.treatment is not None else "", now_ns)

    # parts

    def _on_run(self, run: SampleRun, line: PenLine) -> None:
        """A long read's samples: all are judged before the first is told on."""
        calm = self.motion.is_calm(run)
        for sample in run.samples():
            if self.station.line is not line:
                break
            self._on_sample(sample, line, calm)

    def _on_sample(self, sample: Sample, line: PenLine, calm: bool = False) -> None:
        station = self.station
        self.motion.on_sample(sample, calm)
        station.newest = sample
        if sample.telemetry.fault != line.fault:
            line.fault = sample.telemetry.fault
            station.changed = True
        present = bool(sample.telemetry.flags & messages.FLAG_CARTRIDGE)
        if present != line.cartridge_in:
            line.cartridge_in = present
            line.read_cartridge(sample.read_ns)
        contact = self.book.count(sample)
        self.book.trace(sample, contact)

    def _on_happening(self, happening: Happening, line: PenLine, now_ns: int) -> None:
        station = self.station
        if isinstance(happening, Replied):
            self._on_replied(happening, line, now_ns)
        elif isinstance(happening, Unanswered):
            line.on_unanswered(happening)
            if happening.message is not messages.HELLO:
                self._uncertain(happening.message.name, now_ns)
        elif isinstance(happening, Voided):
            if happening.message is messages.ARM and station.run is not None and station.run.phase is Phase.ARMING:
                self.motion.end_run(now_ns)
        elif isinstance(happening, StatusSeen):
            self.motion.on_status(happening.status.temperature_dc, now_ns)
        elif isinstance(happening, PenEvent):
            self.motion.pen_event(happening, now_ns)
        elif isinstance(happening, PenBooted):
            self._on_booted(happening, line, now_ns)
        elif isinstance(happening, StopConfirmed):
            self.motion.stop_confirmed(happening.after_us, now_ns)
        elif isinstance(happening, StopUnconfirmed):
            station.alarms.raise_alarm("STOP_UNCONFIRMED", "no proof for 100 ms", now_ns)
            self._send(line.link.stop(messages.STOP_EMERGENCY, now_ns), now_ns)
            station.journal.write(Stopped(reason="EMERGENCY", source="control", confirmed_us=None), now_ns)
            line.port.abandon()
            self._tape.abandoned()
        station.changed = True

    def _on_replied(self, replied: Replied, line: PenLine, now_ns: int) -> None:
        station = self.station
        was_known = line.identity
        line.on_replied(replied, now_ns)
        if line.identity is not None and line.identity != was_known:
            station.journal.write(LinkChanged(state="connected", pen=line.identity), now_ns)
            station.reason = ""
            self.motion.end_run(now_ns)  # HELLO disarmed the pen, whatever we thought
            self.book.watch_loss()
        if replied.message is messages.CARTRIDGE_GET:
            self.book.judge_cartridge(now_ns)
        if replied.message is messages.ARM:
            self.motion.armed(replied, now_ns)
        elif replied.message is messages.CLEAR_FAULT:
            if replied.result == messages.OK:
                line.fault = messages.FAULT_NONE
                line.set_up(now_ns)
            else:
                station.reason = f"The pen keeps its fault: {result_name(replied.result)}"

    def _on_booted(self, booted: PenBooted, line: PenLine, now_ns: int) -> None:
        station = self.station
        if station.run is not None or station.treatment is not None:
            self.motion.end_run(now_ns)
            station.alarms.raise_alarm("PEN_RESTARTED", f"boot {booted.boot.boot_id:08x}", now_ns)
        line.restarted(now_ns)

    def _watch_clock(self, now_ns: int) -> None:
        """The wall clock is for people and records; a jump in it is told, and nothing is judged by it."""
        station = self.station
        offset_ns = station.utc_ns() - now_ns
        before_ns, station.clock_offset_ns = station.clock_offset_ns, offset_ns
        if before_ns is not None and abs(offset_ns - before_ns) > CLOCK_JUMP_NS:
            seconds = (offset_ns - before_ns) / 1e9
            station.alarms.raise_alarm("CLOCK_JUMPED", f"by {seconds:+.1f} s", now_ns)
            station.alarms.clear("CLOCK_JUMPED")  # over as soon as it happened; the sound waits for a person

    def _uncertain(self, name: str, now_ns: int) -> None:
        station = self.station
        station.reason = f"{name} had no answer: what the pen does is not known"
        station.alarms.end_silences()
        if station.run is not None and station.run.phase is not Phase.STOPPING:
            self.motion.stop(messages.STOP_LINK, "control", now_ns)
            station.alarms.raise_alarm("LINK_LOST", station.reason, now_ns)

    def _send(self, data: bytes, now_ns: int) -> None:
        line = self.station.line
        if not data or line is None:
            return
        taken = line.port.write(data)
        self._tape.wrote(data, taken)
        if not taken:
            self._lose_pen("the connection to the pen broke while writing", now_ns)
