"""Strokes to passes: what a person ends, what a long lift proposes, undo and merge; whole treatments by the plant's physics."""

import pytest

from pencontrol.passes import Pace, PassCounter, PassEnd, StrokeSeen
from sessions.dose import strikes_per_cm2
from tests.pencontrol.traces import JUDGED
from tests.pencontrol.traces_passes import MARK_SHARE, PASSES_JUDGED, Style, counted_passes, make_worked

AREA_CM2 = 10.0
EXPECTED_MS = 8929  # 10 cm2 / (0.56 cm * 2 cm/s)
HANDS: list[PassEnd] = ["tap", "button"]
OTHERS: list[PassEnd] = ["zone_change", "close"]


class Work:
    """One zone and a hand: `stroke` after a short lift, `wipe` for a long one."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.counter = PassCounter(AREA_CM2, 5600, pace=pace)
        self.sample = 1000
        self.proposed = 0

    def stroke(self, contact_ms: int, lift_ms: int = 300) -> None:
        first = self.sample + lift_ms
        self.sample = first + contact_ms - 1
        self.counter.add(StrokeSeen(first, self.sample, contact_ms, 700))

    def wipe(self, lift_ms: int = 3000) -> None:
        for sample in range(self.sample + 1, self.sample + lift_ms):
            if self.counter.lifted(sample):
                assert sample - self.sample == 2500
                assert self.counter.end_pass("lift")
                self.proposed += 1
        self.sample += lift_ms


@pytest.fixture
def work() -> Work:
    return Work()


def test_the_expected_contact_is_area_over_tip_width_and_glide_speed(work: Work) -> None:
    assert work.counter.expected_ms == EXPECTED_MS


@pytest.mark.parametrize("how", [*HANDS, *OTHERS, "lift"])
def test_without_a_stroke_nothing_is_counted(work: Work, how: PassEnd) -> None:
    assert work.counter.end_pass(how) is None
    assert work.counter.passes == 0


@pytest.mark.parametrize("how", [*HANDS, *OTHERS])
def test_a_person_or_a_zone_change_ends_a_pass_however_short(work: Work, how: PassEnd) -> None:
    work.stroke(800)
    work.stroke(700)
    ended = work.counter.end_pass(how)
    assert ended is not None
    assert (ended.number, ended.strokes, ended.contact_ms, ended.how, ended.rejoined) == (1, 2, 1500, how, False)
    assert work.counter.open_strokes == 0


def test_a_long_lift_ends_a_pass_only_after_sixty_percent_of_the_expected_contact(work: Work) -> None:
    work.stroke(round(0.59 * EXPECTED_MS))
    work.wipe(20_000)
    assert work.proposed == 0
    work.stroke(100)
    work.wipe()
    assert work.proposed == 1


def test_a_lift_that_is_not_long_never_ends_a_pass(work: Work) -> None:
    work.stroke(2 * EXPECTED_MS)
    work.wipe(2499)
    work.stroke(200)
    assert work.proposed == 0


def test_short_gaps_do_not_merge_what_the_person_ended(work: Work) -> None:
    for number in (1, 2, 3):
        for _ in range(6):
            work.stroke(1500)
        assert work.counter.end_pass("tap")
        assert work.counter.passes == number


@pytest.mark.parametrize("how", [*HANDS, *OTHERS])
def test_a_long_lift_late_inside_a_pass_is_taken_back_when_the_person_ends_it(work: Work, how: PassEnd) -> None:
    work.stroke(6000)
    work.wipe()
    assert work.counter.passes == 1
    work.stroke(2900)
    ended = work.counter.end_pass(how)
    assert ended is not None
    assert (ended.number, ended.strokes, ended.contact_ms, ended.rejoined) == (1, 2, 8900, True)


def test_a_whole_pass_after_a_long_lift_stays_one_of_its_own(work: Work) -> None:
    for _ in range(2):
        work.stroke(8000)
        work.wipe()
    work.stroke(8500)
    ended = work.counter.end_pass("zone_change")
    assert ended is not None
    assert (ended.number, ended.rejoined) == (3, False)


def test_what_goes_on_of_the_contact_in_which_the_person_tapped_is_no_pass(work: Work) -> None:
    work.stroke(8000)
    assert work.counter.end_pass("tap")
    work.stroke(200, lift_ms=1)
    assert work.counter.end_pass("zone_change") is None
    work.stroke(3000)
    assert work.counter.end_pass("zone_change")
    assert work.counter.passes == 2


def test_undo_gives_the_strokes_back_and_the_next_end_counts_them_once(work: Work) -> None:
    work.stroke(3000)
    assert work.counter.end_pass("tap")
    assert work.counter.undo()
    assert (work.counter.passes, work.counter.open_strokes) == (0, 1)
    work.stroke(500)
    ended = work.counter.end_pass("zone_change")
    assert ended is not None
    assert (ended.number, ended.strokes, ended.contact_ms) == (1, 2, 3500)


def test_what_a_person_took_back_is_not_counted_again_by_leaving(work: Work) -> None:
    work.stroke(8000)
    assert work.counter.end_pass("tap")
    assert work.counter.undo()
    work.wipe(20_000)
    assert work.counter.end_pass("zone_change") is None
    assert work.counter.end_pass("tap") is not None
    assert not (work.counter.undo() and work.counter.undo())


def test_merge_makes_one_of_the_last_two(work: Work) -> None:
    assert not work.counter.merge()
    for contact_ms in (7000, 8000):
        work.stroke(contact_ms)
        assert work.counter.end_pass("tap")
    assert work.counter.merge()
    assert work.counter.passes == 1
    assert not work.counter.merge()
    assert work.counter.undo()
    ended = work.counter.end_pass("tap")
    assert ended is not None
    assert (ended.strokes, ended.contact_ms) == (2, 15_000)


def test_counts_do_not_depend_on_how_a_pass_was_ended(work: Work) -> None:
    work.stroke(700)
    work.counter.end_pass("tap")
    work.stroke(800)
    work.counter.undo()
    assert (work.counter.strokes, work.counter.contact_ms, work.counter.max_depth_um) == (2, 1500, 700)


def test_a_slow_person_who_taps_once_is_not_cut_short_afterwards() -> None:
    pace = Pace()
    work = Work(pace)
    work.stroke(2 * EXPECTED_MS)
    work.counter.end_pass("tap")
    other = Work(pace)
    other.stroke(round(1.1 * EXPECTED_MS))
    other.wipe()
    assert other.proposed == 0
    other.stroke(round(0.9 * EXPECTED_MS))
    other.wipe()
    assert other.proposed == 1


def test_a_quick_person_who_never_taps_is_known_after_three_pieces() -> None:
    pace = Pace()
    for _ in range(3):
        work = Work(pace)
        work.stroke(round(0.5 * EXPECTED_MS))
        work.wipe()
        work.counter.end_pass("zone_change")
    work = Work(pace)
    work.stroke(round(0.5 * EXPECTED_MS))
    work.wipe()
    assert work.proposed == 1


@pytest.mark.parametrize("how", HANDS)
def test_a_pass_with_wiping_inside_or_next_to_nothing_in_it_teaches_no_pace(how: PassEnd) -> None:
    pace = Pace()
    work = Work(pace)
    work.stroke(200)
    work.counter.end_pass(how)
    work.stroke(4000)
    work.wipe()
    work.stroke(12_000)
    work.counter.end_pass(how)
    assert pace.ratio == 1.0


def test_a_pen_that_restarted_counts_its_samples_anew(work: Work) -> None:
    work.stroke(6000)
    assert not work.counter.lifted(10)
    assert not work.counter.lifted(2509)
    assert work.counter.lifted(2510)


def test_carried_counts_go_on() -> None:
    counter = PassCounter(10, 5600, passes=2, strokes=7, contact_ms=6000)
    counter.add(StrokeSeen(1, 100, 100, 700))
    counter.end_pass("tap")
    assert (counter.passes, counter.strokes, counter.contact_ms) == (3, 8, 6100)
    assert counter.undo()
    assert counter.undo()
    assert counter.passes == 1


@pytest.mark.parametrize("style", list(MARK_SHARE))
def test_whole_treatments_have_the_right_count(style: Style) -> None:
    worked = [make_worked(810_000 + seed, JUDGED, PASSES_JUDGED, style, zones=3) for seed in range(2)]
    pairs = [pair for one in worked for pair in zip(one.passes, counted_passes(one), strict=True)]
    assert [counted for _, counted in pairs] == [true for true, _ in pairs]


@pytest.mark.parametrize(("rpm", "expected"), [(6000, 1800), (7000, 2100), (8000, 2400)])
def test_strikes_per_square_centimetre_by_the_clinics_example(rpm: int, expected: int) -> None:
    assert strikes_per_cm2(12, rpm, 60, 40) == expected
    assert strikes_per_cm2(12, rpm, 60, 0) == 0
