"""Alarms that come and go with time, with the session, or with what a screen tells: numbing, disk, sound, certificate, dose."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pencontrol.control import commands, numbing
from pencontrol.control.figures import Figures
from pencontrol.control.image import image_of, read_image, restore
from pencontrol.control.ring import Ring, create_ring
from pencontrol.control.snapshot import NumbingView, State
from pencontrol.control.watch import DISK_MIN_BYTES
from pencontrol.replay import replay
from sessions.events import utc_text
from tests.pencontrol.bench import MS, START_NS, UTC_NS, Bench
from tests.pencontrol.tape_bench import TapeBench

MINUTE_NS = 60_000_000_000


def numb(bench: Bench, age_s: float = 0.0, maximum_min: int = 60, product: str = "Cream 5 %") -> str:
    applied = utc_text(UTC_NS + bench.now_ns - START_NS - round(age_s * 1e9))
    return bench.say(commands.Numbing(number=1, product=product, maximum_min=maximum_min, applied_utc=applied))


def connected() -> Bench:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(300)
    return bench


def test_numbing_past_its_maximum_is_an_alarm_to_the_millisecond_and_ends_when_it_is_taken_off() -> None:
    bench = connected()
    assert numb(bench, age_s=3599.0) == ""
    bench.run(999)
    assert bench.alarms == set()
    bench.run(2)
    assert bench.alarms == {"NUMBING_OVER"}
    assert "Cream 5 % on the skin since" in bench.snapshot.alarms[0].detail
    assert "at most 60 min" in bench.snapshot.alarms[0].detail
    assert bench.say(commands.NumbingOff(number=2)) == ""
    bench.run(2)
    assert bench.alarms == set()
    assert "no numbing is on record" in bench.say(commands.NumbingOff(number=3))
    told = bench.told("numbing")
    assert [each["what"] for each in told] == ["applied", "taken_off"]
    assert told[1]["on_skin_s"] == 3600


def test_a_top_up_is_logged_and_never_puts_the_end_off() -> None:
    bench = connected()
    numb(bench, age_s=3000.0)
    first = bench.snapshot.numbing
    assert first is not None
    assert numb(bench, maximum_min=60) == ""
    assert bench.snapshot.numbing == first.model_copy(update={"top_ups": 1})
    assert numb(bench, maximum_min=5) == ""
    sooner = bench.snapshot.numbing
    assert sooner is not None
    assert sooner.due_ns == bench.now_ns + 5 * MINUTE_NS
    bench.run(2)
    assert [each["what"] for each in bench.told("numbing")] == ["applied", "topped_up", "topped_up"]


def test_a_jump_of_the_wall_clock_does_not_move_the_end_of_numbing() -> None:
    bench = connected()
    numb(bench, age_s=3599.0)
    bench.utc_shift_ns = -24 * 60 * MINUTE_NS
    bench.run(1100)
    assert "NUMBING_OVER" in bench.alarms


def test_a_numbing_without_a_time_was_put_on_now() -> None:
    bench = connected()
    assert bench.say(commands.Numbing(number=1, product=" Cream ", maximum_min=30)) == ""
    view = bench.snapshot.numbing
    assert view is not None
    assert (view.product, view.since_ns, view.due_ns) == ("Cream", bench.now_ns, bench.now_ns + 30 * MINUTE_NS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"product": "  "}, "product is empty"),
        ({"maximum_min": 0}, "maximum_min is 0, allowed is 1 to 240"),
        ({"maximum_min": 241}, "allowed is 1 to 240"),
        ({"applied_utc": "yesterday"}, "allowed is ISO 8601"),
        ({"applied_utc": "2026-11-18T10:00:00"}, "a time with its zone is needed"),
        ({"applied_utc": "2020-01-01T00:00:00Z"}, "allowed is from 12 hours ago to now"),
        ({"applied_utc": "2126-01-01T00:00:00Z"}, "allowed is from 12 hours ago to now"),
    ],
)
def test_a_numbing_that_cannot_be_is_refused_in_words(values: dict[str, object], words: str) -> None:
    bench = connected()
    told = commands.Numbing.model_validate({"number": 1, "product": "Cream", "maximum_min": 60} | values)
    assert words in bench.say(told)
    assert bench.snapshot.numbing is None


@given(st.text(max_size=40), st.text(max_size=10), st.integers(-(2**70), 2**70))
def test_any_text_is_a_numbing_or_a_plain_refusal(applied: str, product: str, minutes: int) -> None:
    told = commands.Numbing(number=1, product=product, maximum_min=minutes, applied_utc=applied)
    try:
        view = numbing.apply(told, None, START_NS, UTC_NS)
    except numbing.NumbingError as error:
        assert len(str(error)) > 10
    else:
        assert view.since_ns <= START_NS < view.due_ns + 12 * 60 * MINUTE_NS


def test_numbing_outlives_an_interrupted_session_and_ends_with_a_closed_one() -> None:
    bench = Bench()
    bench.treat()
    numb(bench, age_s=100.0, maximum_min=1)
    bench.run(5)
    assert "NUMBING_OVER" in bench.alarms
    bench.control.shut_down(bench.now_ns)
    bench.run(200)
    assert bench.snapshot.session is not None
    assert bench.snapshot.session.state == "INTERRUPTED"
    assert "NUMBING_OVER" in bench.alarms
    bench = Bench()
    bench.treat()
    numb(bench, age_s=100.0, maximum_min=1)
    bench.pause()
    bench.run(300)
    assert bench.say(commands.CloseSession(number=9)) == ""
    bench.run(5)
    assert bench.snapshot.numbing is None
    assert "NUMBING_OVER" not in bench.alarms


def test_the_next_control_finds_the_numbing_in_the_ring(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    create_ring(path)
    bench = connected()
    numb(bench)
    Ring(path).write_snapshot(bench.snapshot)
    ring = Ring(path)
    ring.next_generation()
    told = ring.read_snapshot()
    assert told is not None
    assert told.numbing == bench.snapshot.numbing
    assert isinstance(told.numbing, NumbingView)


def test_a_disk_that_fills_in_mid_run_is_told_and_stops_nothing() -> None:
    bench = Bench()
    bench.treat()
    bench.disk_free = DISK_MIN_BYTES - 1
    bench.run(1100)
    assert "DISK_LOW" in bench.alarms
    assert bench.is_in(State.RUNNING)
    bench.pause()
    bench.run(300)
    assert "499 MB are free" in bench.start()
    bench.disk_free = DISK_MIN_BYTES
    bench.run(1100)
    assert "DISK_LOW" not in bench.alarms
    assert bench.start() == ""


def test_the_same_word_on_sound_raises_nothing_twice() -> None:
    bench = connected()
    for _ in range(3):
        assert bench.say(commands.Sound(number=1, device="", detail="unplugged")) == ""
    assert [view.occurrence for view in bench.snapshot.alarms] == [1]
    assert bench.snapshot.alarms[0].detail == "unplugged"
    assert bench.say(commands.Sound(number=2, device="Speaker")) == ""
    assert bench.alarms == set()


def test_dose_and_passes_are_judged_again_when_their_zone_comes_back() -> None:
    bench = Bench()
    bench.station.strikes_limit_per_cm2 = 20
    bench.treat()
    bench.device.hand.press(1.2)
    bench.run(1800)
    bench.device.hand.lift()
    bench.run(300)
    assert "DOSE_OVER" in bench.alarms
    bench.zone("F.JAW.R")
    bench.run(400)
    assert "DOSE_OVER" not in bench.alarms
    bench.zone("F.CHEEK.R")
    bench.run(400)
    assert "DOSE_OVER" in bench.alarms
    assert bench.say(commands.Pause(number=1)) == ""
    bench.run(300)
    assert bench.say(commands.CloseSession(number=2)) == ""
    assert bench.alarms == set()  # the next client has had none of it


def test_drift_ends_with_the_run_it_belongs_to() -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault("speed_drift", 1000.0)
    bench.run(2000)
    assert "SPEED_DRIFT" in bench.alarms
    bench.pause()
    bench.run(200)
    assert "SPEED_DRIFT" not in bench.alarms


def test_a_record_that_is_written_again_ends_the_alarm_once_it_was_seen() -> None:
    bench = Bench()
    bench.treat()
    bench.recorder_slow = True
    bench.ask(600, 7000)
    bench.run(1200)
    (view,) = [each for each in bench.snapshot.alarms if each.alarm == "RECORD_LOST"]
    assert bench.say(commands.Acknowledge(number=1, alarm="RECORD_LOST", occurrence=view.occurrence)) == ""
    bench.run(500)
    (still,) = [each for each in bench.snapshot.alarms if each.alarm == "RECORD_LOST"]
    assert (still.occurrence, still.active, still.silenced) == (view.occurrence, True, True)
    assert "RECORD_LOST" in bench.start()
    bench.recorder_slow = False
    bench.run(50)
    assert "RECORD_LOST" not in {each.alarm for each in bench.snapshot.alarms}
    assert bench.start() == ""


def test_an_image_keeps_numbing_and_alarms() -> None:
    bench = connected()
    numb(bench, age_s=100.0, maximum_min=1)
    bench.run(5)
    other = Bench()
    restore(read_image(image_of(bench.control)), other.control, other)
    assert other.station.numbing == bench.station.numbing
    assert other.alarms == bench.alarms == {"NUMBING_OVER"}


def test_the_99th_percentile_of_the_period_is_counted_without_keeping_the_periods() -> None:
    figures = Figures()
    assert figures.period_p99_us is None
    for number in range(1000):
        figures.drove(20_000_000 if number % 100 else 37_050_000, 0)
    assert figures.period_p99_us == 20_100  # ten of a thousand may be later
    figures.drove(37_050_000, 0)
    assert figures.period_p99_us == 37_050  # never more than the longest
    assert figures.worst_period_us == 37_050
    slow = Figures()
    slow.drove(900 * MS, 0)
    assert slow.period_p99_us == 100_000  # longer ones are not told apart


def test_alarms_that_come_with_time_alone_are_replayed_alike() -> None:
    bench = TapeBench()
    bench.until(State.CONNECTED)
    bench.run(200)
    numb(bench, age_s=3598.0, maximum_min=60)
    bench.treat()
    bench.say(commands.Sound(number=2, device="", detail="unplugged"))
    bench.disk_free = 1
    bench.run(1200)
    assert {"NUMBING_OVER", "NO_SOUND", "DISK_LOW"} <= bench.alarms
    view = next(view for view in bench.snapshot.alarms if view.alarm == "DISK_LOW")
    bench.say(commands.Acknowledge(number=3, alarm=view.alarm, occurrence=view.occurrence))
    bench.disk_free = 10**9
    bench.say(commands.NumbingOff(number=4))
    bench.recorder_slow = True
    bench.ask(600, 7000)
    bench.run(1200)
    bench.recorder_slow = False
    bench.run(100)
    (lost,) = [view for view in bench.snapshot.alarms if view.alarm == "RECORD_LOST"]
    bench.say(commands.Acknowledge(number=5, alarm="RECORD_LOST", occurrence=lost.occurrence))
    bench.run(400)
    assert bench.close() == ""
    bench.run(50)
    report = replay(bench.record())
    assert report.differences == []
    assert report.complete
