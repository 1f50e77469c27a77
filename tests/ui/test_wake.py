"""Dimming, the touch that only wakes, and keeping the system from blanking the panel while the pen is armed."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtGui import QEventPoint
from pytestqt.qtbot import QtBot

from pencontrol.control.snapshot import State
from tests.ui.conftest import Finger, Rig, hand
from ui.touch.awake import RESET_NS, Awake, DesktopInhibitor, ServerInhibitor, inhibitors

P = QEventPoint.State.Pressed
RELEASED = QEventPoint.State.Released
S_NS = 1_000_000_000


def dim(rig: Rig) -> None:
    rig.clock.now_ns += 301 * S_NS
    rig.frames(2)
    assert rig.shell.veil.isVisible()


def at_more(rig: Rig) -> QPoint:
    key = rig.shell.top_bar.more
    point: QPoint = key.mapTo(rig.shell, key.rect().center())
    return point


def test_the_first_touch_only_wakes(rig: Rig, finger: Finger) -> None:
    dim(rig)
    at = at_more(rig)
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, P, at))
    rig.frames(2)
    finger.through_window(rig.shell, QEvent.Type.TouchEnd, (1, RELEASED, at))
    rig.frames(2)
    assert rig.state.panel.value == "NONE", "the key under it heard nothing"
    assert not rig.shell.veil.isVisible()
    hand.mouseClick(rig.shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert rig.state.panel.value == "MORE"


def test_an_alarm_does_not_pull_the_veil_from_under_the_finger(rig: Rig, finger: Finger) -> None:
    dim(rig)
    at = at_more(rig)
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, P, at))
    rig.control.alarm(rig.clock())
    rig.frames(3)
    assert rig.shell.veil.isVisible()
    finger.through_window(rig.shell, QEvent.Type.TouchEnd, (1, RELEASED, at))
    rig.frames(1)
    assert not rig.shell.veil.isVisible()


def test_the_first_click_and_the_first_key_only_wake(rig: Rig) -> None:
    window = rig.shell.windowHandle()
    dim(rig)
    hand.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at_more(rig))
    rig.frames(1)
    assert rig.state.panel.value == "NONE"
    assert not rig.shell.veil.isVisible()
    rig.shell.top_bar.more.setFocus(Qt.FocusReason.TabFocusReason)
    dim(rig)
    hand.keyClick(window, Qt.Key.Key_Space)
    rig.frames(1)
    assert rig.state.panel.value == "NONE"
    assert not rig.shell.veil.isVisible()


@pytest.mark.parametrize("how", ["finger", "mouse", "key"])
def test_stop_works_as_stop_on_the_first_touch_and_wakes(rig: Rig, finger: Finger, how: str) -> None:
    dim(rig)
    shell, at = rig.shell, rig.shell.stop_button.mapTo(rig.shell, QPoint(50, 50))
    assert shell.childAt(at) is shell.stop_button
    if how == "finger":
        finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, at))
    elif how == "mouse":
        hand.mousePress(shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    else:
        hand.keyClick(shell.windowHandle(), Qt.Key.Key_Pause)
    assert rig.control.stops() >= 1
    rig.frames(1)
    assert not shell.veil.isVisible()


def test_a_second_finger_on_stop_while_the_first_wakes(rig: Rig, finger: Finger) -> None:
    dim(rig)
    at = rig.shell.stop_button.mapTo(rig.shell, QPoint(50, 50))
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, P, QPoint(300, 300)))
    finger.through_window(rig.shell, QEvent.Type.TouchUpdate, (1, QEventPoint.State.Stationary, QPoint(300, 300)), (2, P, at))
    assert rig.control.stops() >= 1
    finger.through_window(rig.shell, QEvent.Type.TouchCancel)


@pytest.mark.parametrize("state", [State.READY, State.ARMING, State.RUNNING, State.STOPPING, State.PAUSED, State.UNCERTAIN])
def test_it_never_dims_while_the_pen_may_be_needed(treating: Rig, state: State) -> None:
    treating.control.publish(treating.clock(), state=state)
    treating.frames(1)
    treating.clock.now_ns += 999 * S_NS
    treating.frames(2)
    assert not treating.shell.veil.isVisible()


def test_an_alarm_or_a_silent_control_lights_it_up(rig: Rig) -> None:
    dim(rig)
    rig.control.alarm(rig.clock())
    rig.frames(1)
    assert not rig.shell.veil.isVisible()
    rig.control.publish(rig.clock(), alarms=())
    rig.frames(1)
    dim(rig)
    rig.publishing = False
    rig.clock.now_ns += S_NS
    rig.frames(1)
    assert not rig.shell.veil.isVisible()


# -- the system's own blanking


class Fake:
    def __init__(self) -> None:
        self.words = "fake"
        self.calls: list[str] = []

    def hold(self) -> None:
        self.calls.append("hold")

    def release(self) -> None:
        self.calls.append("release")

    def again(self) -> None:
        self.calls.append("again")


def test_blanking_is_held_off_exactly_while_armed() -> None:
    now, fake = [0], Fake()
    awake = Awake([fake], lambda: now[0])
    for armed in (False, True, True, True, False, False):
        awake.look(armed)
    assert fake.calls == ["hold", "release"]
    awake.look(True)
    now[0] += RESET_NS
    awake.look(True)
    awake.look(True)
    assert fake.calls[2:] == ["hold", "again"]
    awake.close()
    assert fake.calls[-1] == "release"
    assert awake.words() == "fake"


@pytest.mark.parametrize(
    ("state", "armed"),
    [(State.READY, True), (State.RUNNING, True), (State.PAUSED, True), (State.CONNECTED, False), (State.NO_PEN, False)],
)
def test_which_states_are_armed(treating: Rig, state: State, armed: bool) -> None:
    fake = Fake()
    treating.touch.household._means.awake._inhibitors.append(fake)
    treating.control.publish(treating.clock(), state=State.CONNECTED)
    treating.frames(1)
    fake.calls.clear()
    treating.control.publish(treating.clock(), state=state)
    treating.frames(1)
    assert fake.calls == (["hold"] if armed else [])


def test_the_x_servers_saver_is_set_back_beside_the_screen(qtbot: QtBot, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    tool = folder / "xset"
    tool.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/asked"\n')
    tool.chmod(0o755)
    inhibitor = ServerInhibitor(str(tool))
    inhibitor.hold()
    inhibitor.again()
    qtbot.waitUntil(lambda: inhibitor.words == "X server: held off while armed", timeout=30_000)
    assert (folder / "asked").read_text() == "s reset\n", "one at a time"
    missing = ServerInhibitor("")
    missing.hold()
    assert missing.words == "X server: no xset"


def test_without_a_session_bus_the_desktop_way_says_so_and_does_nothing() -> None:
    inhibitor = DesktopInhibitor(QDBusConnection("nowhere"))
    inhibitor.hold()
    inhibitor.release()
    assert inhibitor.words == "desktop: no session bus"


def test_an_offscreen_screen_asks_nobody(rig: Rig) -> None:
    assert inhibitors("offscreen", rig.touch) == []
