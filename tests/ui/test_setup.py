"""Settings that survive, a setup page that keeps them, and a file that may be anything."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt

from pencontrol.control.snapshot import Counters, State
from tests.ui.conftest import Rig, click, hand
from ui.touch import happenings as h
from ui.touch.backlight import Backlight
from ui.touch.metrics import REFERENCE_PX_PER_MM
from ui.touch.pages.setup_screen import DIM_S, beside
from ui.touch.settings import SETTINGS_FILE, Settings, is_code, keys, read_settings, theme_now, write_settings
from ui.touch.theme import THEMES
from ui.touch.views import start_view
from ui.touch.widgets.ruler import BAR_MM
from ui.touch.words import CATALOGUES, languages, load_words


def kept(rig: Rig) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((rig.home / SETTINGS_FILE).read_text())
    return values


@pytest.fixture
def setup(rig: Rig) -> Rig:
    click(rig.shell.top_bar.more)
    click(rig.touch.more_panel.tiles["setup"])
    rig.frames(2)
    assert rig.shell.stack.currentWidget() is rig.touch.setup
    return rig


# -- the file


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == (Settings(), ""), "no file is no fault"
    mine = Settings(px_per_mm=4.25, theme="auto", language="de", dim_after_s=60, pass_tick=False, code="00:11")
    write_settings(tmp_path, mine)
    assert read_settings(tmp_path) == (mine, "")
    assert [path.name for path in tmp_path.iterdir()] == [SETTINGS_FILE]


def test_a_bad_field_falls_back_by_itself_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_text(json.dumps({"px_per_mm": 4, "theme": "pink", "brightness": 0, "colour": 3, "dim_after_s": True}))
    settings, problem = read_settings(tmp_path)
    assert settings == Settings(px_per_mm=4.0)
    assert problem == "brightness, colour, dim_after_s, theme"
    for nonsense in ("", "[]", "{", "\x00", '"text"'):
        path.write_text(nonsense)
        assert read_settings(tmp_path) == (Settings(), SETTINGS_FILE)
    for value in ("NaN", "0", '"7"', "1e9", "null", "-4"):
        path.write_text(f'{{"px_per_mm": {value}}}')
        assert read_settings(tmp_path) == (Settings(), "px_per_mm")


scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
anything = scalar | st.lists(scalar, max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(keys())) | st.text(max_size=4), anything, max_size=4))
def test_any_file_gives_settings_that_hold(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    home = tmp_path_factory.getbasetemp()
    (home / SETTINGS_FILE).write_text(json.dumps(values))
    settings, _ = read_settings(home)
    assert Settings(**asdict(settings)) == settings
    assert 2 <= settings.px_per_mm <= 40
    assert settings.brightness >= 3, "never dark"


@given(st.binary(max_size=60))
def test_any_bytes_give_settings(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    home = tmp_path_factory.getbasetemp()
    (home / SETTINGS_FILE).write_bytes(data)
    read_settings(home)


def test_the_theme_by_time() -> None:
    auto = Settings(theme="auto", day_from_h=7, dim_from_h=19)
    assert [theme_now(auto, hour) for hour in (6, 7, 18, 19)] == ["dim", "day", "day", "dim"]
    night = Settings(theme="auto", day_from_h=20, dim_from_h=4)
    assert [theme_now(night, hour) for hour in (3, 4, 19, 20)] == ["day", "dim", "dim", "day"]
    assert {theme_now(Settings(theme="dim"), hour) for hour in range(24)} == {"dim"}
    assert {theme_now(auto, hour) for hour in range(24)} <= set(THEMES)


# -- the page


@pytest.mark.parametrize("state", [State.READY, State.ARMING, State.RUNNING])
def test_setup_is_out_of_reach_while_armed_and_left_when_it_comes_to_that(treating: Rig, state: State) -> None:
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    treating.touch.presenter.visit(h.Page.SETUP)
    treating.frames(1)
    assert treating.shell.stack.currentWidget() is treating.touch.setup
    treating.control.publish(treating.clock(), state=state)
    treating.frames(1)
    assert treating.shell.stack.currentWidget() is treating.touch.treat
    treating.touch.presenter.visit(h.Page.SETUP)
    assert treating.shell.stack.currentWidget() is treating.touch.treat, "not for a moment"


def test_going_to_setup_ends_what_is_held_and_back_comes_back(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    hand.mousePress(treating.shell.column.ring, Qt.MouseButton.LeftButton)
    treating.frames(20)
    treating.touch.presenter.visit(h.Page.SETUP)
    treating.frames(60)
    assert not treating.sent("start")
    treating.touch.setup.left.emit()
    treating.frames(1)
    assert treating.shell.stack.currentWidget() is treating.touch.treat


def test_the_ruler_moves_by_taps_and_by_what_is_typed(setup: Rig) -> None:
    tab = setup.touch.setup.screen_tab
    assert tab.ruler.length_px() == pytest.approx(BAR_MM * REFERENCE_PX_PER_MM)
    click(tab.longer)
    assert tab.ruler.length_px() / (BAR_MM * REFERENCE_PX_PER_MM) == pytest.approx(1.004)
    click(tab.shorter)
    assert kept(setup)["px_per_mm"] == pytest.approx(REFERENCE_PX_PER_MM)
    click(tab.type_key)
    setup.frames(1)
    keypad = setup.touch.keypad_panel.keypad
    assert keypad.range.text() == "20.0 to 120.0 mm"
    for key in ("4", "0", "."):
        keypad.type(key)
    assert keypad.enter.isEnabled()
    click(keypad.enter)
    assert kept(setup)["px_per_mm"] == pytest.approx(REFERENCE_PX_PER_MM * 50 / 40), "40 mm measured: px/mm was too small"
    assert setup.touch.setup.plate.isVisible()
    assert setup.shell.stop_button.width() == 261, "nothing that is on show changes its size before it is drawn anew"


def test_the_keypad_takes_nothing_out_of_range(setup: Rig) -> None:
    keypad = setup.touch.keypad_panel.keypad
    told: list[str] = []
    keypad.ask_number("Depth", 0.5, 1.5, "mm", 2)
    keypad.done.connect(told.append)
    for text, fits in (("0.4", False), ("0.5", True), ("1.5", True), ("1.51", False), ("15", False), (".", False), ("", False)):
        keypad.refuse("again")
        for sign in text:
            keypad.type(sign)
        assert keypad.enter.isEnabled() is fits, text
    keypad.refuse("again")
    for sign in "1..2":
        keypad.type(sign)
    assert keypad.text == "1.2"
    keypad.type("")
    assert keypad.text == "1."
    hand.keyClick(keypad, Qt.Key.Key_Comma)
    hand.keyClick(keypad, Qt.Key.Key_2)
    hand.keyClick(keypad, Qt.Key.Key_Return)
    assert told == ["1.2"]


def test_every_row_changes_its_setting_and_says_it(setup: Rig) -> None:
    page = setup.touch.setup
    for _ in range(2):
        click(page.screen_tab.theme.keys["auto"])
    assert kept(setup)["theme"] == "auto"
    click(page.screen_tab.dim.plus)
    assert kept(setup)["dim_after_s"] == 600
    assert page.screen_tab.dim.value.text() == "10 min"
    for _ in range(len(DIM_S)):
        click(page.screen_tab.dim.minus)
    assert kept(setup)["dim_after_s"] == 0
    assert page.screen_tab.dim.value.text() == "never"
    assert not page.screen_tab.dim.minus.isEnabled()
    click(page.sound_tab.tick.keys["off"])
    assert kept(setup)["pass_tick"] is False
    click(page.locks_tab.idle.plus)
    assert kept(setup)["lock_after_s"] == 60
    assert read_settings(setup.home)[1] == ""


def test_a_new_code_needs_the_old_one(setup: Rig) -> None:
    def enter(code: str) -> None:
        keypad = setup.touch.keypad_panel.keypad
        for digit in code:
            keypad.type(digit)
        click(keypad.enter)

    page = setup.touch.setup
    click(page.locks_tab.code_row.key)
    enter("4711")
    assert is_code(kept(setup)["code"], "4711")
    assert "4711" not in (setup.home / SETTINGS_FILE).read_text()
    click(page.locks_tab.code_row.key)
    enter("0000")
    assert is_code(kept(setup)["code"], "4711")
    enter("4711")
    enter("123456")
    assert is_code(kept(setup)["code"], "123456")


def test_languages_are_the_catalogues_there_are(setup: Rig) -> None:
    assert set(setup.touch.setup.language_tab.tiles) == {path.stem for path in CATALOGUES.glob("*.json")}
    assert languages()["en"] == "English"
    assert next(iter(languages())) == "en"
    click(setup.touch.setup.language_tab.tiles["en"])
    assert not setup.touch.setup.plate.isVisible(), "nothing has changed"


def test_drawing_anew_is_a_hold_and_offered_only_when_it_is_needed(setup: Rig) -> None:
    told: list[str] = []
    setup.touch.household.anew.connect(lambda: told.append("anew"))
    page = setup.touch.setup
    assert not page.plate.isVisible()
    click(page.screen_tab.theme.keys["dim"])
    assert page.plate.isVisible()
    hand.mousePress(page.plate, Qt.MouseButton.LeftButton)
    setup.frames(51)
    hand.mouseRelease(page.plate, Qt.MouseButton.LeftButton)
    assert told == ["anew"]


def test_settings_that_cannot_be_kept_hold_and_say_so(setup: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(home: Path, settings: Settings) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ui.touch.household.write_settings", refuse)
    click(setup.touch.setup.screen_tab.dim.plus)
    assert setup.touch.household.settings.dim_after_s == 600
    assert "no space is left there" in setup.touch.setup.problem.text()


def test_what_the_file_would_refuse_is_not_taken(setup: Rig) -> None:
    refused: tuple[dict[str, object], ...] = ({"brightness": 0}, {"px_per_mm": float("nan")}, {"theme": "pink"}, {"no such": 1})
    for bad in refused:
        setup.touch.household.change(bad)
        assert setup.touch.household.settings == Settings()


def test_a_broken_file_is_said_on_the_screen(rig: Rig) -> None:
    from ui.touch.household import Household

    told = Household(
        rig.shell, rig.touch.presenter, rig.touch.setup, rig.touch.keypad_panel, rig.touch._words, Settings(), "theme, language",
        rig.home, rig.touch._means,
    )  # fmt: skip
    rig.frames(1)
    assert "theme, language" in rig.touch.setup.problem.text()
    assert "theme, language" in rig.shell.column.message.text()
    told.deleteLater()


def test_the_technicians_corner_shows_controls_own_figures_and_none_of_a_silent_control(setup: Rig) -> None:
    click(setup.touch.setup.keys["machine"])
    grants = {"core": "core 3", "idle states": "held off while armed", "priority": "refused", "memory": "locked"}
    setup.control.publish(setup.clock(), scheduling=grants, counters=Counters(samples=1234567, deadlines_missed=3))
    setup.frames(70)
    shown = setup.touch.setup.machine_tab.values()
    assert shown["core"] == "core 3"
    assert shown["samples"].replace("\u2009", "") == "1234567"
    assert shown["deadlines missed"] == "3"
    assert shown["PyQt6"][0].isdigit()
    setup.publishing = False
    setup.clock.now_ns += 1_000_000_000
    setup.frames(70)
    assert setup.touch.setup.machine_tab.values()["samples"] == "---"


def test_auto_theme_draws_anew_when_its_hour_comes_and_nobody_works(rig: Rig) -> None:
    from dataclasses import replace

    house = rig.touch.household
    told: list[str] = []
    house.anew.connect(lambda: told.append("anew"))
    house.settings = house._drawn = Settings(theme="auto")
    house._theme = "day"
    house._means = replace(house._means, now=lambda: datetime(2026, 11, 21, 12, 0))
    rig.frames(70)
    assert not told
    house._means = replace(house._means, now=lambda: datetime(2026, 11, 21, 20, 0))
    rig.control.open_session(rig.clock())
    rig.frames(70)
    assert not told, "never in a session"
    rig.control.publish(rig.clock(), session=None, state=State.CONNECTED, zone="")
    rig.frames(70)
    assert told


# -- small parts


@given(st.lists(st.integers(0, 99), min_size=1, unique=True).map(sorted), st.integers(0, 99), st.sampled_from([-1, 1]))
def test_beside_stays_inside(values: list[int], value: int, step: int) -> None:
    found = beside(tuple(values), value, step)
    assert found in values
    assert (found - value) * step > 0 or found in (values[0], values[-1])


def test_brightness_goes_to_the_panel_that_can_be_written(tmp_path: Path) -> None:
    assert not Backlight(tmp_path).offered
    assert not Backlight(tmp_path).set(5)
    panel = tmp_path / "acpi"
    panel.mkdir()
    (panel / "max_brightness").write_text("200\n")
    (panel / "brightness").write_text("200\n")
    light = Backlight(tmp_path)
    assert light.offered
    for tenths, value in ((5, 100), (10, 200), (0, 60), (99, 200)):
        assert light.set(tenths)
        assert (panel / "brightness").read_text() == str(value), "never dark"
    (panel / "max_brightness").write_text("nonsense")
    assert not Backlight(tmp_path).offered


def test_a_visit_from_an_open_session_says_that_start_is_on_the_treat_page(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    treating.touch.presenter.visit(h.Page.SETUP)
    treating.frames(3)
    words = load_words()
    assert start_view(treating.state, words).reason == "back to Treat"
    assert not start_view(treating.state, words).enabled
    assert treating.shell.column.message.text() != words("stop.confirmed")
