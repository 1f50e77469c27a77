"""The sounds themselves, measured from their samples against the figures of IEC 60601-1-8."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ui.touch.sound.mixer import Mixer
from ui.touch.sound.tones import BURSTS, CUES, RATE_HZ, burst, length_ms, make_sounds

MS = RATE_HZ // 1000


def height(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """The envelope: the largest sample within a period of the lowest tone, as a share of the loudest."""
    size = 4 * MS
    loud = np.abs(samples.astype(float))
    padded = np.pad(loud, (size // 2, size // 2))
    peaks = np.lib.stride_tricks.sliding_window_view(padded, size + 1).max(axis=1)
    shares: NDArray[np.float64] = peaks / peaks.max()
    return shares


def pulses(samples: NDArray[np.int16]) -> list[tuple[float, float]]:
    """Begin and end of each pulse at half its height, in milliseconds."""
    over = np.diff((height(samples) > 0.5).astype(int), prepend=0, append=0)
    return [(begin / MS, end / MS) for begin, end in zip(np.flatnonzero(over == 1), np.flatnonzero(over == -1), strict=True)]


def spectrum(samples: NDArray[np.int16], begin_ms: float, end_ms: float) -> tuple[float, dict[int, float]]:
    """The pulse frequency in Hz, and its harmonics between 300 and 4000 Hz by number with their level over it in dB."""
    part = samples[round(begin_ms * MS) : round(end_ms * MS)].astype(float)
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 17))
    at_hz = RATE_HZ / (1 << 17)
    peaks = [n for n in range(round(140 / at_hz), round(1010 / at_hz)) if power[n] == power[n - 200 : n + 201].max()]
    first = min(n for n in peaks if power[n] > power.max() / 10)
    levels = {}
    for number in range(2, 20):
        centre = first * number
        if 300 <= centre * at_hz <= 4000:
            level = power[centre - 60 : centre + 61].max() / power[first]
            levels[number] = 20 * np.log10(level)
    return first * at_hz, levels


@pytest.mark.parametrize("name", BURSTS)
def test_a_pulse_has_its_frequency_and_at_least_four_harmonics_within_15_db(name: str) -> None:
    samples = burst(BURSTS[name])
    for (begin, end), asked_hz in zip(pulses(samples), BURSTS[name].pulses_hz, strict=True):
        found_hz, levels = spectrum(samples, begin, end)
        assert 150 <= found_hz <= 1000
        assert found_hz == pytest.approx(asked_hz, abs=2)
        assert sum(abs(level) <= 15 for level in levels.values()) >= 4, levels


def test_a_high_burst_is_five_pulses_and_five_again() -> None:
    found = pulses(burst(BURSTS["HIGH"]))
    gaps = [after[0] - before[1] for before, after in pairwise(found)]
    assert len(found) == 10
    foot = 21 / 0.8 * 0.4 * 2  # from 90 % to half and back: what the measure at half height adds to a spacing
    x = np.array([gap for number, gap in enumerate(gaps) if number not in (2, 4, 7)]) + foot
    assert 50 <= x.min() <= x.max() <= 125
    assert x.max() / x.min() <= 1.05
    for long_gap in (gaps[2], gaps[7]):
        assert long_gap + foot == pytest.approx(2 * x.mean() + BURSTS["HIGH"].duration_ms, rel=0.05)
    assert 350 <= gaps[4] + foot <= 1300


@pytest.mark.parametrize(("name", "count"), [("MEDIUM", 3), ("LOW", 2)])
def test_a_medium_burst_is_three_pulses_and_a_low_one_two(name: str, count: int) -> None:
    found = pulses(burst(BURSTS[name]))
    assert len(found) == count
    gaps = np.array([after[0] - before[1] for before, after in pairwise(found)])
    y = gaps + 27 / 0.8 * 0.4 * 2
    assert 125 <= y.min() <= y.max() <= 250
    assert y.max() / y.min() <= 1.05


@pytest.mark.parametrize(("name", "low_ms", "high_ms"), [("HIGH", 75, 200), ("MEDIUM", 125, 250), ("LOW", 125, 250)])
def test_a_pulse_lasts_and_rises_as_long_as_it_may(name: str, low_ms: float, high_ms: float) -> None:
    shape = BURSTS[name]
    begin, end = pulses(burst(shape))[0]
    lasts_ms = end - begin - (shape.rise_ms + shape.fall_ms) / 0.8 * 0.4
    assert lasts_ms == pytest.approx(shape.duration_ms, abs=6)
    assert low_ms <= shape.duration_ms <= high_ms
    assert 0.1 <= shape.rise_ms / shape.duration_ms <= 0.2
    assert shape.fall_ms <= min(shape.spacings_ms) - shape.rise_ms
    rising = height(burst(shape))[: round(shape.rise_ms / 0.8 * MS) + 4 * MS]
    measured_ms = (np.argmax(rising > 0.9) - np.argmax(rising > 0.1)) / MS
    assert measured_ms == pytest.approx(shape.rise_ms, abs=5)


def test_urgent_is_faster_and_comes_again_sooner() -> None:
    high, medium, low = BURSTS["HIGH"], BURSTS["MEDIUM"], BURSTS["LOW"]
    assert 2500 <= high.interval_ms <= 15_000
    assert 2500 <= medium.interval_ms <= 30_000
    assert low.interval_ms > 15_000
    assert high.interval_ms < medium.interval_ms < low.interval_ms
    assert medium.duration_ms + medium.spacings_ms[0] >= high.duration_ms + high.spacings_ms[0]


@pytest.mark.parametrize("name", BURSTS)
def test_no_pulse_of_a_burst_is_10_db_louder_than_another(name: str) -> None:
    samples = burst(BURSTS[name]).astype(float)
    loud = [np.sqrt(np.mean(samples[round(begin * MS) : round(end * MS)] ** 2)) for begin, end in pulses(burst(BURSTS[name]))]
    assert 20 * np.log10(max(loud) / min(loud)) <= 10


def test_the_length_is_known_to_the_millisecond() -> None:
    for shape in BURSTS.values():
        assert len(burst(shape)) / MS == pytest.approx(length_ms(shape), abs=1)


def test_sounds_are_the_same_each_time_and_cues_are_quiet_beside_alarms() -> None:
    first, second = make_sounds(), make_sounds()
    assert set(first) == {*BURSTS, *CUES}
    assert all(np.array_equal(first[name], second[name]) for name in first)
    loudest = {name: int(np.abs(samples).max()) for name, samples in first.items()}
    assert all(loudest[cue] * 3 < loudest[name] for cue in CUES for name in BURSTS)
    assert loudest["PASS"] == min(loudest.values())
    assert all(length < 0.4 for length in (len(first[cue]) / RATE_HZ for cue in CUES))


@pytest.mark.parametrize(("cue", "sign"), [("LIMIT_UP", 1), ("LIMIT_DOWN", -1), ("LIMIT_SAME", 0)])
def test_the_tone_of_a_zone_change_goes_with_the_limit(cue: str, sign: int) -> None:
    samples = make_sounds()[cue].astype(float)
    third = len(samples) // 3
    tones = []
    for part in (samples[:third], samples[-third:]):
        power = np.abs(np.fft.rfft(part * np.hanning(third), 1 << 15))
        tones.append(np.argmax(power) * RATE_HZ / (1 << 15))
    change_hz = float(tones[1] - tones[0])
    assert (change_hz > 200, abs(change_hz) < 10, change_hz < -200) == (sign > 0, sign == 0, sign < 0)


def test_an_alarm_takes_over_and_a_cue_is_laid_on_top() -> None:
    loud = np.full(100, 30_000, np.int16)
    mixer = Mixer({"HIGH": loud, "PASS": np.full(10, 10_000, np.int16), "LOW": np.full(50, 1, np.int16)})
    assert mixer.play("LOW")
    assert mixer.play("HIGH")
    assert mixer.left == 100
    mixer.play("PASS")
    assert mixer.left == 100
    out = np.frombuffer(mixer.take(60), "<i2")
    assert list(out[:10]) == [32_767] * 10  # clipped, never wrapped
    assert list(out[10:]) == [30_000] * 50
    assert mixer.left == 40
    mixer.silence()
    assert mixer.take(100) == b""
    assert not mixer.play("NO SUCH SOUND")
    mixer.play("PASS")
    assert len(mixer.take(1000)) == 20
