"""The volume: one tap a step, a tone at each, kept in the settings; no alarm falls below its floor."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.conftest import Rig, click
from ui.touch.settings import Settings, read_settings
from ui.touch.sound.desk import LIFE_NS, Seen, SoundDesk
from ui.touch.sound.mixer import Mixer
from ui.touch.sound.tones import BURSTS, CUES, FLOORS, LEVELS, gain, make_sounds

SOUNDS = make_sounds()


def peak(name: str, level: int) -> int:
    mixer = Mixer(SOUNDS)
    mixer.level = level
    mixer.play(name)
    return int(np.abs(np.frombuffer(mixer.take(10**7), "<i2").astype(int)).max())


def test_high_is_never_below_its_floor_and_stays_the_loudest() -> None:
    for level in range(1, LEVELS + 1):
        assert peak("HIGH", level) >= 0.7 * peak("HIGH", LEVELS) - 1
        assert peak("HIGH", level) >= peak("MEDIUM", level) >= peak("LOW", level) > peak("LIMIT_UP", level) > peak("PASS", level)
    assert peak("HIGH", LEVELS) == np.abs(SOUNDS["HIGH"].astype(int)).max(), "full is what the tones are made for"


@given(st.sampled_from([*BURSTS, *CUES]), st.integers(-(10**6), 10**6))
def test_no_level_that_anybody_can_give_silences_an_alarm(name: str, level: int) -> None:
    assert FLOORS.get(name, 0.2) <= gain(name, level) <= 1.0


def test_quieter_is_quieter() -> None:
    for name in CUES:
        heard = [peak(name, level) for level in range(1, LEVELS + 1)]
        assert heard == sorted(set(heard))


class Ear:
    device: str | None = "Speaker"
    why = ""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def say(self, word: str) -> None:
        self.heard.append(word)

    def poll(self, now_ns: int) -> None:
        del now_ns

    def close(self) -> None:
        pass


def test_the_volume_is_told_again_and_again_for_a_sound_process_that_began_anew() -> None:
    ear = Ear()
    desk = SoundDesk(ear, lambda make: True, level=2)
    for number in range(3):
        desk.frame(Seen(1 + number * LIFE_NS, False, None, ()))
    assert ear.heard == ["VOLUME 2", "REST"] * 3
    ear.heard.clear()
    desk.set_level(3)
    assert ear.heard == ["VOLUME 3", "LIMIT_SAME"], "at once, with a sample"
    desk.frame(Seen(10 * LIFE_NS, False, None, ()))
    assert ear.heard[2:] == ["VOLUME 3", "REST"]


def test_full_is_what_the_sound_process_begins_with_and_needs_no_word() -> None:
    ear = Ear()
    SoundDesk(ear, lambda make: True).frame(Seen(1, False, None, ()))
    assert ear.heard == ["REST"]
    assert Mixer(SOUNDS).level == LEVELS


def test_a_tap_changes_keeps_and_plays(rig: Rig) -> None:
    from ui.touch import happenings as h

    rig.touch.presenter.visit(h.Page.SETUP)
    tab = rig.touch.setup.sound_tab
    click(rig.touch.setup.keys["sound"])
    played: list[int] = []
    tab.level.connect(played.append)
    assert not tab.volume.plus.isEnabled()
    for _ in range(6):
        click(tab.volume.minus)
    assert not tab.volume.minus.isEnabled()
    assert tab.volume.value.text() == "1 of 5"
    click(tab.volume.plus)
    assert played == [4, 3, 2, 1, 2]
    assert read_settings(rig.home) == (rig.touch.household.settings, "")
    assert read_settings(rig.home)[0].volume == 2


@pytest.mark.parametrize("value", [0, 6, "loud", True, 2.5])
def test_a_volume_that_is_none_falls_back_to_full(rig: Rig, value: object) -> None:
    import json

    (rig.home / "screen.json").write_text(json.dumps({"volume": value, "pass_tick": False}))
    settings, problem = read_settings(rig.home)
    assert (settings.volume, settings.pass_tick, problem) == (5, False, "volume")
    assert Settings().volume == 5


def test_the_sound_process_takes_the_volume() -> None:
    mixer = Mixer(SOUNDS)
    for text, level in (("2", 2), ("x", 5), ("1", 1), ("", 5), ("3", 3), ("9", 5), ("0", 5), ("\u00b2", 5)):
        mixer.take_level(text)
        assert mixer.level == level
    source = (Path(__file__).parents[2] / "ui" / "touch" / "sound" / "__main__.py").read_text()
    assert 'word.startswith("VOLUME ")' in source
    assert "self._mixer.take_level(" in source
