"""Contact and strokes by the plant's physics: a smaller version of proofs/passes.py, and what each mechanism is for."""

from dataclasses import fields, replace
from itertools import pairwise

import pytest

from firmware_protocol.simulator.hand import Strokes
from pencontrol.passes import ContactDetector, StrokeSeen
from tests.pencontrol.traces import JUDGED, TUNED, Interval, Ranges, Rig, conditions, make_trace
from tests.pencontrol.traces_passes import PASSES_JUDGED, PASSES_TUNED
from tests.pencontrol.traces_score import Score, found_strokes

STILL = Ranges(
    force_n=((1.0, 1.0),),
    contact_s=((0.8, 0.8),),
    lift_s=((0.4, 0.4),),
    tremor=((0.1, 0.1),),
    needles=((12.0, 12.0),),
    speed_rpm=((7000.0, 7000.0),),
    drag_ma=((0.0, 0.0),),
)


class Session:
    """A rig and the detector on it, sample by sample."""

    def __init__(self, seed: int = 7, ranges: Ranges = STILL) -> None:
        self.rig = Rig(seed, ranges)
        self.detector = ContactDetector()
        self.found: list[StrokeSeen] = []
        self.contact_ms = 0

    def start(self, asked_rpm: int = 7000) -> None:
        self.detector.restart()
        self.rig.start(asked_rpm, 800)

    def stop(self) -> None:
        self._take(self.detector.close())
        self.rig.stop()

    def run(self, steps: int) -> None:
        for _ in range(steps):
            before = len(self.rig.trace.samples)
            self.rig.step()
            for _, sample, depth_um, current_ma, speed_rpm, asked_rpm in self.rig.trace.samples[before:]:
                self._take(self.detector.feed(sample, depth_um, current_ma, speed_rpm, asked_rpm))
                self.contact_ms += self.detector.contact

    def press(self, force_n: float, steps: int) -> None:
        self.rig.hand.press(force_n)
        self.run(steps)

    def stroke(self, force_n: float = 1.0, contact_ms: int = 800, lift_ms: int = 400) -> None:
        self.press(force_n, contact_ms)
        self.press(0.0, lift_ms)

    def _take(self, stroke: StrokeSeen | None) -> None:
        if stroke is not None:
            self.found.append(stroke)

    def check(self, within_ms: int = 40) -> None:
        """Exactly the true strokes were found."""
        true = [span for span in self.rig.trace.truth if span.last - span.first >= 60]
        assert len(self.found) == len(true)
        for stroke, span in zip(self.found, true, strict=True):
            assert abs(stroke.first_index - span.first) <= within_ms
            assert abs(stroke.last_index - span.last) <= within_ms
            assert stroke.contact_ms == stroke.last_index - stroke.first_index + 1


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.mark.parametrize("name", list(conditions(JUDGED, True)))
def test_strokes_are_found_in_every_condition(name: str) -> None:
    trace = make_trace(800_000, conditions(JUDGED, True)[name], 12)
    found = found_strokes(trace.samples)
    score = Score()
    score.add(trace.truth, found)
    assert score.f1 >= 0.98
    assert score.edge_ms(0.95) <= 40
    assert all(after.first > before.last for before, after in pairwise(found)), "strokes overlap"


def overlap(one: tuple[Interval, ...], other: tuple[Interval, ...]) -> bool:
    return any(low < high_other and low_other < high for low, high in one for low_other, high_other in other)


def test_the_ranges_tuned_on_and_judged_on_are_disjoint() -> None:
    tuned, judged = conditions(TUNED, False), conditions(JUDGED, True)
    for name, pushed in tuned.items():
        for field in fields(Ranges):
            mine, other = getattr(pushed, field.name), getattr(judged[name], field.name)
            if isinstance(mine, tuple) and (mine != getattr(TUNED, field.name) or name == "plain"):
                assert not overlap(mine, other), (name, field.name)
    for field in fields(PASSES_TUNED):
        mine, other = getattr(PASSES_TUNED, field.name), getattr(PASSES_JUDGED, field.name)
        assert not isinstance(mine, tuple) or not overlap(mine, other), field.name


@pytest.mark.parametrize("noise_ma", [0.0, 12.0, 25.0])
def test_air_alone_is_no_stroke_however_noisy(noise_ma: float) -> None:
    session = Session(3, replace(STILL, noise_ma=((noise_ma, noise_ma),), noise_rpm=((noise_ma, noise_ma),)))
    session.start()
    session.run(10_000)
    assert session.contact_ms == 0
    session.stroke()
    session.run(10_000)
    session.stop()
    session.check()
    assert session.contact_ms < 900


def test_the_contact_flag_comes_within_a_twentieth_of_a_second(session: Session) -> None:
    session.start()
    session.run(1200)
    session.press(1.0, 50)
    assert session.detector.contact
    session.press(1.0, 700)
    session.press(0.0, 110)
    assert not session.detector.contact


def test_a_firm_hand_that_grows_light_and_a_light_one_leave_alike(session: Session) -> None:
    session.start()
    session.run(1200)
    session.stroke(2.5)
    session.stroke(0.25)
    session.press(2.0, 400)
    for tenth in range(20, 6, -1):
        session.press(tenth / 10, 150)
    session.stroke(0.7, 300)
    session.stop()
    session.check()
    assert len(session.found) == 3


def test_a_waver_is_no_lift(session: Session) -> None:
    session.start()
    session.run(1200)
    session.press(1.0, 400)
    for force_n, dip_ms in ((0.3, 60), (0.25, 100), (0.3, 100)):
        session.press(force_n, dip_ms)
        session.press(1.0, 400)
    session.press(0.0, 300)
    session.stop()
    session.check()
    assert len(session.found) == 1


def test_a_hand_that_is_back_while_the_current_still_falls_has_lifted(session: Session) -> None:
    session.start()
    session.run(1200)
    for _ in range(5):
        session.stroke(1.5, 350, 140)
    session.run(300)
    session.stop()
    session.check()
    assert len(session.found) == 5


def test_a_hand_that_is_down_at_the_first_start_is_found_at_once_by_the_dip(session: Session) -> None:
    session.rig.hand.press(1.2)
    session.run(100)
    session.start()
    session.run(700)
    assert session.detector.contact
    session.press(0.0, 400)
    session.stroke()
    session.stop()
    session.check()


def test_a_light_hand_down_at_the_first_start_is_found_when_it_lifts(session: Session) -> None:
    session.rig.hand.press(0.3)
    session.run(100)
    session.start()
    session.run(1200)
    assert not session.detector.contact
    session.press(0.0, 400)
    session.stroke(0.3)
    session.stop()
    session.check()
    assert len(session.found) == 2


def test_a_light_hand_down_at_the_first_start_that_wavers_makes_no_strokes_of_its_own(session: Session) -> None:
    session.rig.hand.press(0.4)
    session.run(100)
    session.start()
    session.run(800)
    for _ in range(4):
        session.press(0.5, 200)
        session.press(0.4, 200)
    session.press(0.0, 400)
    session.stop()
    session.check()
    assert len(session.found) == 1


def test_a_light_hand_down_at_a_later_start_is_found_by_what_air_was_before(session: Session) -> None:
    session.start()
    session.run(1200)
    session.stroke()
    session.stop()
    session.rig.hand.press(0.35)
    session.run(100)
    session.start()
    session.run(800)
    assert session.detector.contact
    session.press(0.0, 400)
    session.stop()
    session.check()


def test_a_motor_that_cooled_in_a_pause_is_no_hand(session: Session) -> None:
    session.start()
    session.run(1200)
    session.stroke()
    session.stop()
    contact_ms = session.contact_ms
    session.rig._drag_ma = 16.0
    session.start()
    session.run(3000)
    assert session.contact_ms == contact_ms


def test_a_hand_that_lifts_while_the_motor_still_settles_is_found(session: Session) -> None:
    session.rig.hand.press(1.2)
    session.run(100)
    session.start()
    session.run(400)
    session.press(0.0, 900)
    session.stroke()
    session.stop()
    session.check()
    assert len(session.found) == 2


def test_a_stiff_cartridge_is_taken_for_a_hand_no_longer_than_five_seconds() -> None:
    session = Session()
    session.rig._drag_ma = 75.0
    session.start()
    session.run(6500)
    assert not session.detector.contact
    assert session.found == []
    session.stroke()
    session.stroke(0.4)
    session.stop()
    session.start()
    session.run(1200)
    assert not session.detector.contact
    session.stroke(0.4)
    session.stop()
    session.check()
    assert len(session.found) == 3


@pytest.mark.parametrize(("old_rpm", "new_rpm"), [(6000, 8000), (8000, 6000), (7500, 6500), (7000, 7200)])
@pytest.mark.parametrize("after_ms", [-785, -765, -720, -600, -150, 0, 120, 260])
def test_a_change_of_speed_makes_and_hides_no_stroke(old_rpm: int, new_rpm: int, after_ms: int) -> None:
    session = Session()
    session.start(old_rpm)
    session.run(1200)
    session.stroke(1.0, 700)
    events = sorted([(1000, "change"), (1000 + after_ms, "down"), (1700 + after_ms, "up")])
    at_ms = 0
    for due_ms, what in [*events, (3000, "")]:
        session.run(due_ms - at_ms)
        at_ms = due_ms
        if what == "change":
            session.rig.asked_rpm = new_rpm
        elif what:
            session.rig.hand.press(1.0 if what == "down" else 0.0)
    session.stroke(0.5)
    session.stop()
    session.check(60)
    assert len(session.found) == 3


def test_a_light_hand_that_lifts_while_the_speed_changes_has_lifted_then(session: Session) -> None:
    session.start(6000)
    session.run(1200)
    session.stroke()
    session.press(0.25, 500)
    session.rig.asked_rpm = 7600
    session.press(0.25, 80)
    session.press(0.0, 700)
    session.stroke()
    session.stop()
    session.check(100)
    assert len(session.found) == 3


@pytest.mark.parametrize("drag_ma", [-25.0, 30.0, 75.0])
def test_what_a_cartridge_dips_in_air_is_no_hand_at_another_speed(drag_ma: float) -> None:
    session = Session()
    session.rig._drag_ma = drag_ma
    session.start(6500)
    session.run(7000)
    session.contact_ms = 0
    session.rig.asked_rpm = 7500
    session.run(3000)
    assert session.contact_ms == 0
    session.stroke(0.4)
    session.stop()
    session.check()
    assert len(session.found) == 1


@pytest.mark.parametrize("down_ms", range(320, 760, 40))
def test_a_hand_down_at_start_is_found_whenever_it_lifts(down_ms: int) -> None:
    session = Session()
    session.rig.hand.press(1.2)
    session.run(100)
    session.start()
    session.run(200 + down_ms)
    session.press(0.0, 900)
    session.stroke()
    session.stop()
    session.check()
    assert len(session.found) == 2


def test_a_zone_change_in_contact_makes_two_strokes_that_touch(session: Session) -> None:
    session.start()
    session.run(1200)
    session.press(1.0, 500)
    cut = session.detector.close()
    assert cut is not None
    session.press(1.0, 300)
    session.press(0.0, 300)
    (rest,) = session.found
    assert rest.first_index == cut.last_index + 1
    (true,) = session.rig.trace.truth
    assert cut.contact_ms + rest.contact_ms == pytest.approx(true.last - true.first + 1, abs=50)


def test_a_change_of_depth_cuts_no_stroke_and_the_deepest_reading_is_kept(session: Session) -> None:
    session.start()
    session.run(1200)
    session.press(1.0, 400)
    session.rig.asked_um, session.rig.asked_rpm = 1300, 7300
    session.press(1.0, 120)
    session.rig.asked_um = session.rig._target_um = 700
    session.press(1.0, 400)
    session.press(0.0, 300)
    session.stop()
    session.check()
    deepest = max(seen.depth_um for seen in session.rig.trace.samples)
    assert deepest > 1290
    assert session.found[0].max_depth_um == deepest


def test_a_motor_that_grows_stiffer_by_and_by_is_no_hand(session: Session) -> None:
    session.start()
    session.run(1200)
    for _ in range(15_000):
        session.rig._drag_ma += 0.003
        session.run(1)
    session.rig.asked_rpm = 6500
    session.run(1500)
    assert session.contact_ms == 0
    session.stroke(0.4)
    session.stop()
    session.check()


def test_a_current_that_grows_noisy_by_and_by_is_no_hand(session: Session) -> None:
    session.start()
    session.run(1200)
    session.stroke()
    contact_ms = session.contact_ms
    for _ in range(10_000):
        session.rig._noise_ma += 0.0013
        session.run(1)
    assert session.contact_ms == contact_ms


def test_a_knock_is_no_stroke(session: Session) -> None:
    session.start()
    session.run(1200)
    session.press(3.0, 6)
    session.press(0.0, 500)
    session.stop()
    assert session.found == []


def test_without_contact_there_is_nothing_to_close(session: Session) -> None:
    assert session.detector.close() is None
    session.start()
    session.run(800)
    session.rig.hand.stroke(Strokes(1, 0.5))
    session.stop()
    assert session.found == []
