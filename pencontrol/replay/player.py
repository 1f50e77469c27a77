"""Plays a tape: makes control what it was, gives it every input again, and answers what it reads from the tape. Pure."""

import json
from array import array
from itertools import chain
from struct import Struct

from firmware_protocol.recording import TO_PEN, Damaged, Entry, decode
from pencontrol.control import tape
from pencontrol.control.core import Control
from pencontrol.control.desk import Desk
from pencontrol.control.image import ImageError, read_image, restore
from pencontrol.control.motion import judge
from pencontrol.control.station import Station
from pencontrol.replay.compare import Comparison, Place, Report
from pencontrol.replay.record import Record, RecordError, TraceBlock
from pencontrol.zones import shipped_zones
from sessions import feed
from sessions.events import TRACE_FORMAT, Event

_TRACE = Struct(TRACE_FORMAT)


class _Diverged(Exception):
    """Control asked for, or did, something else than what is on tape here: there is no going on."""

    def __init__(self, about: str, recorded: object, replayed: object) -> None:
        super().__init__(about)
        self.about, self.recorded, self.replayed = about, recorded, replayed


class _Script:
    """The tape under the reading head. Also the port, as far as control may know it."""

    def __init__(self, entries: list[Entry], report: Report) -> None:
        self.entries = entries
        self.at = 0
        self._report = report
        self.place = Place(0, 0.0, "the beginning")
        self._offset_ns = 0
        self._beat: tape.Beat = (0, 0, 0)

    def next_is(self, *kinds: int) -> bool:
        return self.at < len(self.entries) and self.entries[self.at].kind in kinds

    def _take(self, *kinds: int) -> Entry:
        if not self.next_is(*kinds):
            found = tape.NAMES.get(self.entries[self.at].kind, "?") if self.at < len(self.entries) else "the end of the tape"
            raise _Diverged("what control did", found, tape.NAMES[kinds[0]])
        self.at += 1
        return self.entries[self.at - 1]

    def _number(self, kind: int) -> int:
        entry = self._take(kind)
        if len(entry.data) != tape.NUMBER.size:
            raise _Diverged(tape.NAMES[kind], entry.data, "8 bytes")
        value: int = tape.NUMBER.unpack(entry.data)[0]
        return value

    # what control reads

    def mono_ns(self) -> int:
        return self._take(tape.MONO).at_ns

    def utc_ns(self) -> int:
        raise _Diverged("the wall clock", "the offset on tape", "a reading of its own")

    def offset_ns(self) -> int:
        if self.next_is(tape.UTC):
            self._offset_ns = self._number(tape.UTC)
        return self._offset_ns

    def nonce(self) -> int:
        return self._number(tape.NONCE)

    def stop_count(self) -> int:
        return self._number(tape.STOP_COUNT)

    def disk_free_bytes(self) -> int | None:
        value = self._number(tape.DISK_FREE)
        return None if value < 0 else value

    def heartbeat(self) -> tape.Beat:
        if self.next_is(tape.HEARTBEAT):
            data = self._take(tape.HEARTBEAT).data
            if len(data) != tape.BEAT.size:
                raise _Diverged("heartbeat", data, "24 bytes")
            self._beat = tape.BEAT.unpack(data)
        return self._beat

    # the port

    def write(self, data: bytes) -> bool:
        entry = self._take(TO_PEN, tape.NOT_TAKEN)
        self._report.writes += 1
        self._report.bytes_to_pen += len(data)
        if entry.data != data:
            self._report.differ(self.place, "bytes on the wire", entry.data, data)
        return entry.kind == TO_PEN

    def abandon(self) -> None:
        self._take(tape.ABANDONED)


class Player:
    """One replay of one record."""

    def __init__(self, record: Record) -> None:
        """Raises RecordError when there is no tape that this version can play."""
        self._record = record
        self.report = Report(record.session)
        self._comparison = Comparison(record, self.report, self._place)
        self._inputs = array("L")  # where each is on the tape
        self._script = _Script(self._entries(), self.report)
        for problem in record.problems:
            self.report.differ(self._script.place, "the record itself", problem, "nothing")
        self._messages = feed.Messages()
        entries = self._script.entries
        if not entries or entries[0].kind != tape.IMAGE:
            raise RecordError(f"session {record.session} has no inputs on record: it cannot be replayed")
        self._opened_ns = entries[0].at_ns
        try:
            image = read_image(entries[0].data)
            script = self._script
            self._station = Station(
                id=str(image["station"]["id"]),
                zones=shipped_zones(),
                versions={},
                mono_ns=script.mono_ns,
                utc_ns=script.utc_ns,
                nonce=script.nonce,
                publish_sample=self._publish,
                heartbeat=script.heartbeat,
                stop_count=script.stop_count,
                disk_free_bytes=script.disk_free_bytes,
            )
            self._station.tape.read_offset_ns = script.offset_ns
            self._control = Control(self._station, judge if image["guarded"] else lambda run, sample, limit_um: [])
            restore(image, self._control, script)
        except (ImageError, KeyError, TypeError) as error:
            raise RecordError(f"the tape begins with an image that does not fit: {error}") from None
        if not image["guarded"]:
            self.report.notes.append("control's guard was removed for a test: none is replayed")
        self._desk = Desk(self._control, lambda: record.session, lambda: None)

    def play(self) -> Report:
        """Every input, to the end of the tape or to where control does something else than is on it."""
        script, report = self._script, self.report
        last_ns = self._opened_ns
        script.at = 1
        self._listen()  # what was said before belongs to another stream
        while script.at < len(script.entries):
            entry = script.entries[script.at]
            script.at += 1
            report.inputs += 1
            last_ns = entry.at_ns
            self._inputs.append(script.at - 1)
            script.place = self._place(report.inputs)
            try:
                self._try(entry)
                if script.next_is(*tape.RESULTS):
                    left = script.entries[script.at]
                    raise _Diverged("what control did", f"{tape.NAMES[left.kind]} {left.data.hex(' ')}", "nothing more")
            except _Diverged as diverged:
                report.differ(script.place, diverged.about, diverged.recorded, diverged.replayed)
                report.notes.append("the replay ends at an input after which control did something else than is on tape")
                self._listen()
                return report
            self._listen()
            if report.events and self._station.treatment is None:
                report.complete = True
                break
        self._finish(last_ns)
        return report

    def _finish(self, last_ns: int) -> None:
        script, report = self._script, self.report
        if script.at < len(script.entries):
            report.differ(script.place, "the session's end", f"{len(script.entries) - script.at} more entries", "closed")
        if not self._station.outbox.connected:  # what nobody took is still there
            self._station.outbox.connect(b"")
            self._listen()
        if not report.complete:
            report.notes.append("the tape ends before the session does")
            if any(event.kind == "session_closed" and event.actor != "recorder" for event in self._record.events):
                report.differ(script.place, "the tape", "control closed the session", "the tape ends before")
        self._comparison.end(script.place, last_ns)

    def _try(self, entry: Entry) -> None:
        """An input that was tampered with may bring control to its knees: that too is a difference."""
        try:
            self._give(entry)
        except _Diverged:
            raise
        except Exception as error:
            raise _Diverged("control", "went on", f"failed: {type(error).__name__} {error}") from error

    def _give(self, entry: Entry) -> None:
        control, now_ns = self._control, entry.at_ns
        match entry.kind:
            case 1:  # FROM_PEN
                self.report.bytes_from_pen += len(entry.data)
                control.on_bytes(entry.data, now_ns)
            case tape.TICK:
                control.tick(now_ns)
            case tape.COMMAND:
                self._desk.answer(entry.data, now_ns)
            case tape.STOP_PRESSED:
                control.on_stop_pressed(now_ns)
            case tape.PEN_OPENED:
                control.pen_opened(_text(entry), self._script, now_ns)
            case tape.PEN_CLOSED:
                control.pen_closed(_text(entry), now_ns)
            case tape.PEN_MISSING:
                control.pen_missing(_text(entry), now_ns)
            case tape.SCREEN_LOST:
                control.screen_lost(_integer(_text(entry)), now_ns)
            case tape.RECORDER_READY:
                control.recorder_ready(now_ns)
            case tape.RECORDER_LOST:
                control.recorder_lost(now_ns)
            case tape.ACKNOWLEDGED:
                what, number, stream = [*_text(entry).split(" ", 2), "", ""][:3]
                control.acknowledged(what, stream, _integer(number), now_ns)
            case tape.SCHEDULING:
                self._schedule(entry)
            case tape.SHUT_DOWN:
                control.shut_down(now_ns)
            case _:
                raise _Diverged("the kind of input", f"kind {entry.kind}", "a kind that is known")

    def _schedule(self, entry: Entry) -> None:
        try:
            told = json.loads(entry.data)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise _Diverged("scheduling", entry.data, "a JSON object")
        self._station.scheduling = {str(name): str(value) for name, value in told.items()}
        self._station.tape.scheduling(self._station.scheduling, entry.at_ns)

    def _publish(self, values: tuple[int, ...]) -> bytes:
        self._comparison.sample(self.report.inputs)
        return _TRACE.pack(*values)

    def _listen(self) -> None:
        """Take what control has said since."""
        unsent = self._station.outbox.unsent
        if not unsent:
            return
        said = bytes(unsent)
        unsent.clear()
        for kind, body in self._messages.feed(said):
            if kind == feed.EVENT:
                event = Event.model_validate_json(body)
                if event.stream == self._record.session:
                    self._comparison.event(event, self._script.place)
            elif kind in (feed.BLOCK, feed.WIRE):
                head, data = feed.unpack_block(body)
                if head["stream"] != self._record.session:
                    continue
                if kind == feed.WIRE:
                    self._comparison.wire(head["wire"], data, self._script.place)
                else:
                    told = TraceBlock(head["block"], head["first_index"], head["lost"], head["layout"], data)
                    self._comparison.block(told, self._script.place)

    def _entries(self) -> list[Entry]:
        entries: list[Entry] = []
        try:
            entries.extend(chain.from_iterable(map(decode, self._record.wires)))
        except Damaged as damage:
            self.report.notes.append(f"the tape is damaged: {damage}")
            self.report.differ(Place(0, 0.0, "the tape"), "its entries", str(damage), "")
        return entries

    def _place(self, number: int) -> Place:
        """Input `number`, counted from 1."""
        entry = self._script.entries[self._inputs[number - 1]]
        at_s = (entry.at_ns - self._opened_ns) / 1e9
        return Place(number, at_s, tape.NAMES.get(entry.kind, f"kind {entry.kind}"))


def replay(record: Record) -> Report:
    """Play `record` and compare. Raises RecordError when there is nothing that can be played."""
    return Player(record).play()


def _text(entry: Entry) -> str:
    return entry.data.decode("utf-8", "replace")


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise _Diverged("a number on tape", text, "digits")
    return int(text)
