"""A session on the bench, replayed from its tape: equal to the last byte, and whatever was changed is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_protocol import messages
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, Deframer
from firmware_protocol.recording import FROM_PEN, TO_PEN, Encoder, Entry, decode
from pencontrol.control import commands, tape
from pencontrol.control.snapshot import State
from pencontrol.replay import Record, RecordError, Report, load, replay, save
from sessions.events import Event, Note, make_event
from tests.pencontrol.bench import SCREEN
from tests.pencontrol.tape_bench import TapeBench


def zones_and_passes(bench: TapeBench) -> None:
    bench.treat("F.CHEEK.R")
    for contact in (0, 400, 0, 400, 0):
        bench.device.plant.press(contact / 100) if hasattr(bench.device.plant, "press") else None
        bench.run(350)
    bench.ask(1400, 8000)
    bench.run(400)
    bench.zone("F.TEMPLE.R")
    bench.run(500)
    bench.say(commands.PassDone(number=bench.number()))
    bench.say(commands.PassUndo(number=bench.number()))
    bench.say(commands.AddNote(number=bench.number(), code="REDNESS", text="Rötung = normal"))
    bench.say(commands.ApplyMedium(number=bench.number(), medium="ME01", name="Hyaluronic acid", amount_ul=500, lot="HA 2/7"))
    bench.say(commands.NotePass(number=bench.number(), zone="F.CHEEK.R", pass_number=1, direction_deg=45))
    bench.pause()
    bench.run(500)
    bench.start()
    bench.run(1500)
    bench.pause()
    bench.run(200)


def trip_by_control(bench: TapeBench) -> None:
    bench.treat("F.TEMPLE.R")
    bench.device.begin_fault("no_own_trip")
    bench.device.begin_fault("depth_runaway", 4000.0)
    bench.run(500)


def trip_by_the_pen(bench: TapeBench) -> None:
    bench.treat("F.TEMPLE.R")
    bench.device.begin_fault("depth_runaway", 4000.0)
    bench.run(500)


def cartridge_out_and_on_again(bench: TapeBench) -> None:
    bench.treat()
    bench.device.begin_fault("cartridge_out")
    bench.run(100)
    bench.start()
    bench.device.clear_fault("cartridge_out")
    for view in bench.snapshot.alarms:
        bench.say(commands.Acknowledge(number=1, alarm=view.alarm, occurrence=view.occurrence))
    if bench.snapshot.fault != "NONE":
        bench.say(commands.ClearFault(number=2, fault=bench.snapshot.fault))
    bench.run(800)
    bench.start()
    bench.run(700)
    bench.pause()
    bench.run(200)


def started_just_after_a_stop(bench: TapeBench) -> None:
    bench.treat("F.CHEEK.R")
    for stopped_again in (False, True):
        bench.control.on_stop_pressed(bench.now_ns)
        bench.until(State.PAUSED)
        bench.start()
        if stopped_again:
            bench.control.on_stop_pressed(bench.now_ns)
        bench.run(700)


def unplugged_and_back(bench: TapeBench) -> None:
    bench.treat()
    bench.cable = False
    bench.run(200)
    bench.control.pen_missing("/dev/ttyACM0: there is no such port", bench.now_ns)
    bench.cable = True
    bench.control.pen_opened("bench", bench, bench.now_ns)
    bench.run(2000)


def silent_screen(bench: TapeBench) -> None:
    bench.treat()
    bench.screen_alive = False
    bench.run(500)


def screen_lost(bench: TapeBench) -> None:
    bench.treat()
    bench.control.screen_lost(SCREEN, bench.now_ns)
    bench.run(100)


def recorder_lost_in_mid_run(bench: TapeBench) -> None:
    bench.treat()
    bench.lose_recorder()
    bench.run(100)
    bench.regain_recorder()
    bench.run(50)


def recorder_restarts_while_paused(bench: TapeBench) -> None:
    bench.treat()
    bench.pause()
    bench.run(300)
    bench.lose_recorder()
    bench.run(30)
    bench.regain_recorder()
    bench.run(300)


def slow_recorder(bench: TapeBench) -> None:
    bench.treat(settle_ms=1200)
    bench.recorder_slow = True
    bench.ask(600, 7000)
    bench.run(1300)
    bench.recorder_slow = False
    bench.run(100)


def stop_of_a_deaf_pen(bench: TapeBench) -> None:
    bench.treat()
    bench.device.begin_fault("stop_deaf", 1000)
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(130)


def silence(bench: TapeBench) -> None:
    bench.treat()
    bench.device.begin_fault("silence")
    bench.run(2500)


def reset(bench: TapeBench) -> None:
    bench.treat()
    bench.device.begin_fault("reset")
    bench.run(1500)


def nonsense(bench: TapeBench) -> None:
    bench.treat()
    bench.device.begin_fault("nonsense")
    bench.run(1500)


def clock_set_by_hand(bench: TapeBench) -> None:
    bench.treat()
    bench.run(200)
    bench.utc_shift_ns = -7_200_000_000_000
    bench.run(200)
    bench.pause()
    bench.run(200)


def refused_starts(bench: TapeBench) -> None:
    bench.disk_free = 1_000_000
    bench.until(State.CONNECTED)
    bench.run(200)
    bench.open()
    bench.start()
    bench.zone("F.CHEEK.R")
    bench.until(State.READY)
    bench.start()
    bench.disk_free = 10_000_000_000
    bench.say(commands.Start(number=9, instance=SCREEN + 1, heartbeat=bench.beats, stops=0))
    bench.say(commands.Start(number=9, instance=SCREEN, heartbeat=bench.beats, stops=3))
    bench.desk.answer(b"{no command", bench.now_ns)
    bench.start()
    bench.run(1500)
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(200)


def shut_down(bench: TapeBench) -> None:
    bench.treat()
    bench.control.shut_down(bench.now_ns)
    bench.run(100)


def a_write_that_the_port_does_not_take(bench: TapeBench) -> None:
    bench.treat()
    bench.cable = False
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(100)


def grants_taken_back(bench: TapeBench) -> None:
    bench.treat()
    bench.station.scheduling = {"priority": "given up: it ran too long", "core": "1"}
    bench.pause()
    bench.run(200)


def unconfirmed_from_before(bench: TapeBench) -> None:
    bench.until(State.CONNECTED)
    bench.recorder_slow = True
    bench.station.journal.write(Note(code="BEFORE"), bench.now_ns)
    bench.run(200)
    bench.open()
    bench.zone("F.CHEEK.R")
    bench.until(State.READY)
    bench.start()
    bench.run(950)
    bench.recorder_slow = False
    bench.run(200)


STORIES: list[Callable[[TapeBench], None]] = [
    *(zones_and_passes, trip_by_control, trip_by_the_pen, cartridge_out_and_on_again, unplugged_and_back, silent_screen),
    *(screen_lost, recorder_lost_in_mid_run, recorder_restarts_while_paused, slow_recorder, stop_of_a_deaf_pen, silence),
    *(reset, nonsense, clock_set_by_hand, refused_starts, shut_down, a_write_that_the_port_does_not_take, grants_taken_back),
    unconfirmed_from_before,
    started_just_after_a_stop,
]


def played(story: Callable[[TapeBench], None]) -> Record:
    bench = TapeBench()
    bench.station.scheduling = {"priority": "normal", "core": "1"}
    story(bench)
    bench.run(20)
    if bench.station.treatment is not None:
        bench.close()
        bench.run(20)
    return bench.record()


@pytest.fixture(scope="module")
def tripped() -> Record:
    return played(trip_by_control)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_replay_is_identical(story: Callable[[TapeBench], None]) -> None:
    record = played(story)
    report = replay(record)
    assert report.identical, report.differences
    assert report.writes > 10
    assert report.events + report.events_after == len(record.events) > 3
    assert report.samples + report.samples_after == sum(len(block.records) for block in record.trace) // 48
    closed = [event for event in record.events if event.kind == "session_closed"]
    assert report.complete == bool(closed)
    if closed:
        assert report.events_after == 0
        assert report.samples > 400
        assert report.enforcement == closed[0].body["enforcement"]
        assert not report.notes
    assert replay(load(save(record))).told() == report.told()


def test_the_enforcement_report_of_a_trip_is_replayed_to_its_measured_times(tripped: Record) -> None:
    report = replay(tripped)
    assert report.enforcement is not None
    assert report.enforcement["judged"] > 900
    assert report.enforcement["slowest_answer_us"] > 50  # two readings of a clock that moves on by 37 us with each
    trip = next(event for event in report.replayed_events if event.kind == "trip")
    assert trip.body == next(event for event in tripped.events if event.kind == "trip").body


def test_a_session_without_its_own_end_is_compared_as_far_as_the_tape_goes() -> None:
    bench = TapeBench()
    bench.treat(settle_ms=2500)
    bench.ask(600, 7000)
    bench.run(5)
    record = bench.record()
    report = replay(record)
    assert report.identical, report.differences
    assert not report.complete
    assert report.events_after >= 1  # asked for after the last whole block of tape
    assert "ends before the session does" in report.notes[0]
    end = make_event("S-1", len(record.events) + 1, 0, bench.now_ns, "recorder", Note(code="lost"))
    assert replay(replace(record, events=[*record.events, end])).events_by_recorder == 1


def test_two_sessions_of_one_control_are_replayed_apart() -> None:
    bench = TapeBench()
    trip_by_the_pen(bench)
    bench.close()
    bench.device.clear_fault("depth_runaway")
    for view in bench.snapshot.alarms:
        bench.say(commands.Acknowledge(number=1, alarm=view.alarm, occurrence=view.occurrence))
    bench.run(500)
    assert bench.open(resumed_from="S-1") == ""
    bench.zone("F.CHEEK.R")
    bench.run(1500)
    bench.close()
    bench.run(20)
    for session in ("S-1", "S-2"):
        report = replay(bench.record(session))
        assert report.identical, report.differences
        assert report.complete


def test_an_open_that_is_refused_leaves_no_tape() -> None:
    bench = TapeBench()
    bench.until(State.CONNECTED)
    bench.run(300)
    bench.open(role="janitor")
    assert not bench.station.tape.on
    bench.run(1500)
    assert not bench.tape
    assert bench.open() == ""
    assert bench.station.tape.on


# tampering


def retaped(record: Record, change: Callable[[list[Entry]], list[Entry]]) -> Record:
    """`record` with its tape changed, each block by itself."""
    wires = []
    for block in record.wires:
        encoder = Encoder()
        for entry in change(list(decode(block))):
            encoder.put(*entry)
        wires.append(encoder.take())
    return replace(record, wires=wires)


def once(kind: int, nth: int, change: Callable[[Entry], list[Entry]]) -> Callable[[list[Entry]], list[Entry]]:
    seen = 0

    def changed(entries: list[Entry]) -> list[Entry]:
        nonlocal seen
        out: list[Entry] = []
        for entry in entries:
            seen += entry.kind == kind
            out += change(entry) if entry.kind == kind and seen == nth else [entry]
            seen += entry.kind == kind and seen == nth  # never again
        return out

    return changed


def flipped(entry: Entry, at: int = 12) -> list[Entry]:
    data = bytearray(entry.data)
    data[at] ^= 1
    return [entry._replace(data=bytes(data))]


def test_one_flipped_byte_from_the_pen_is_found_at_its_input(tripped: Record) -> None:
    report = replay(retaped(tripped, once(FROM_PEN, 700, flipped)))
    assert not report.identical
    first = min(difference.place.number for difference in report.differences)
    inputs = [entry.kind for block in tripped.wires for entry in decode(block) if entry.kind not in tape.RESULTS][1:]
    nth = [number for number, kind in enumerate(inputs, start=1) if kind == FROM_PEN][699]
    assert nth <= first <= nth + 40  # the DRIVE that names the newest sample leaves within 20 ms
    assert any(difference.about.startswith("sample ") for difference in report.differences)


@pytest.mark.parametrize("kind", [TO_PEN, tape.MONO, tape.HEARTBEAT, tape.UTC, tape.COMMAND, tape.TICK])
@pytest.mark.parametrize("how", ["gone", "twice"])
def test_an_entry_that_is_gone_or_there_twice_is_found(tripped: Record, kind: int, how: str) -> None:
    changed = retaped(tripped, once(kind, 1, lambda entry: [] if how == "gone" else [entry, entry]))
    assert changed != tripped
    report = replay(changed)
    assert not report.identical
    assert report.differences[0].sentence()


@pytest.mark.parametrize("kind", [TO_PEN, tape.UTC, tape.COMMAND])
def test_a_changed_byte_elsewhere_is_found(tripped: Record, kind: int) -> None:
    assert not replay(retaped(tripped, once(kind, 1, lambda entry: flipped(entry, 3)))).identical


def test_a_decision_at_another_time_is_found(tripped: Record) -> None:
    later = once(tape.TICK, 30, lambda entry: [entry._replace(at_ns=entry.at_ns + 1)])
    assert not replay(retaped(tripped, later)).identical


def changed_event(event: Event) -> Event:
    return event.model_copy(update={"mono_ns": event.mono_ns + 1})


def test_a_changed_event_missing_event_and_added_event_are_found(tripped: Record) -> None:
    events = tripped.events
    for changed in ([*events[:4], changed_event(events[4]), *events[5:]], events[:4] + events[5:], [*events, events[-1]]):
        report = replay(replace(tripped, events=changed))
        assert not report.identical
        assert any("event" in difference.about for difference in report.differences)


def test_a_changed_sample_is_named(tripped: Record) -> None:
    block = tripped.trace[0]
    records = bytearray(block.records)
    records[48 * 20 + 28] ^= 1
    changed = replace(tripped, trace=[replace(block, records=bytes(records)), *tripped.trace[1:]])
    (difference,) = replay(changed).differences
    assert difference.about == "sample 21 of trace block 1"
    assert difference.place.what == "bytes from the pen"
    for trace in (tripped.trace[:-1], [*tripped.trace, tripped.trace[-1]], [replace(block, lost=7), *tripped.trace[1:]]):
        assert not replay(replace(tripped, trace=trace)).identical


def test_a_cut_tape_of_a_closed_session_is_found(tripped: Record) -> None:
    report = replay(replace(tripped, wires=tripped.wires[:-1]))
    assert not report.identical
    assert "ends before" in report.differences[0].replayed
    assert not replay(replace(tripped, wires=[*tripped.wires, tripped.wires[-1]])).identical


def test_without_a_tape_there_is_no_replay(tripped: Record) -> None:
    for wires in ([], [b""], [b"\x01\x02"], tripped.wires[1:]):
        with pytest.raises(RecordError, match="no inputs on record"):
            replay(replace(tripped, wires=wires))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_a_difference_or_a_plain_refusal(tripped: Record, data: st.DataObject) -> None:
    nth = data.draw(st.integers(0, len(tripped.wires) - 1))
    block = bytearray(tripped.wires[nth])
    for _ in range(data.draw(st.integers(1, 4))):
        block[data.draw(st.integers(0, len(block) - 1))] ^= data.draw(st.integers(1, 255))
    wires = [*tripped.wires[:nth], bytes(block), *tripped.wires[nth + 1 :]]
    if wires == tripped.wires:
        return
    try:
        report: Report = replay(replace(tripped, wires=wires))
    except RecordError as error:
        assert "\n" not in str(error)
        return
    assert not report.identical or of_consequence(wires) == of_consequence(tripped.wires)
    assert report.told()


def of_consequence(wires: list[bytes]) -> list[object]:
    """The tape without what changes nothing here: a STATUS frame, and that a block of tape was acknowledged."""
    entries = [entry for wire in wires for entry in decode(wire)]
    heard = Deframer(TO_HOST_WIRE_BYTES).feed(b"".join(entry.data for entry in entries if entry.kind == FROM_PEN))
    frames = [(frame.kind, frame.payload) for frame in heard if frame.kind != messages.STATUS.id]
    others = [entry for entry in entries if entry.kind not in (FROM_PEN, tape.ACKNOWLEDGED)]
    return [*frames, *others, *(entry.at_ns for entry in entries if entry.kind == FROM_PEN)]


@given(st.binary(max_size=300))
def test_loading_junk_is_a_plain_refusal(junk: bytes) -> None:
    with pytest.raises(RecordError):
        load(junk)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_loading_a_damaged_file_never_raises_anything_else(tripped: Record, data: st.DataObject) -> None:
    file = bytearray(save(replace(tripped, wires=tripped.wires[:1], trace=tripped.trace[:1])))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        load(bytes(file[: data.draw(st.integers(0, len(file)))]))
    except RecordError as error:
        assert str(error)


def test_a_write_is_compared_at_the_input_that_caused_it(tripped: Record) -> None:
    first = replay(retaped(tripped, once(TO_PEN, 20, lambda entry: flipped(entry, 3)))).differences[0]
    assert first.about == "bytes on the wire"
    assert first.place.what == "tick"
    report = replay(retaped(tripped, once(TO_PEN, 20, lambda entry: [entry, entry])))
    assert (report.differences[0].about, report.differences[0].replayed) == ("what control did", "nothing more")
    assert report.inputs < replay(tripped).inputs
