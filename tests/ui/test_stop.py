"""STOP: every way to press it, with everything else broken."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QEventPoint
from PyQt6.QtWidgets import QApplication

from pencontrol.control.snapshot import State
from tests.ui.conftest import Finger, Rig, hand
from ui.touch.happenings import Page, Panel, Stop

P, S = QEventPoint.State.Pressed, QEventPoint.State.Stationary


def sent_stop(rig: Rig) -> tuple[int, int]:
    return rig.control.stops(), rig.control.woken()


def test_a_mouse_press_is_enough_and_the_release_adds_nothing(treating: Rig) -> None:
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert sent_stop(treating) == (1, 1)
    hand.mouseRelease(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert sent_stop(treating) == (1, 0)


def test_first_contact_of_a_finger(treating: Rig, finger: Finger) -> None:
    finger.press(treating.shell.stop_button)
    assert sent_stop(treating) == (1, 1)


def test_second_finger_while_the_first_rests_on_another_widget(treating: Rig, finger: Finger) -> None:
    ring = treating.shell.column.ring
    finger.press(ring)
    finger.send(treating.shell.stop_button, QEvent.Type.TouchBegin, (2, P, QPoint(20, 20)))
    assert sent_stop(treating) == (1, 1)


def test_second_finger_while_the_first_rests_on_stop_counts_again(treating: Rig, finger: Finger) -> None:
    stop = treating.shell.stop_button
    finger.press(stop)
    finger.send(stop, QEvent.Type.TouchUpdate, (1, S, QPoint(9, 9)), (2, P, QPoint(30, 30)))
    assert treating.control.stops() == 2


def test_second_finger_that_qt_gives_to_the_ground_under_the_first(treating: Rig, finger: Finger) -> None:
    """A first finger on empty ground makes the window the target of the second; the window looks for STOP itself."""
    shell = treating.shell
    at = shell.stop_button.mapTo(shell, QPoint(40, 40))
    finger.press(shell, QPoint(10, 110))
    finger.send(shell, QEvent.Type.TouchUpdate, (1, S, QPoint(10, 110)), (2, P, at))
    assert sent_stop(treating) == (1, 1)


@pytest.mark.parametrize("first", ["ring", "ground", "plus", "map"])
def test_second_finger_as_qt_routes_it(treating: Rig, finger: Finger, first: str) -> None:
    shell, treat = treating.shell, treating.touch.treat
    resting = {"ring": shell.column.ring, "plus": treat.depth_step.plus_key, "map": treat.map.zones}.get(first)
    begin = resting.mapTo(shell, resting.rect().center()) if resting is not None else QPoint(960, 750)
    at = shell.stop_button.mapTo(shell, QPoint(40, 40))
    finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, begin))
    assert treating.control.stops() == 0
    finger.through_window(shell, QEvent.Type.TouchUpdate, (1, S, begin), (2, P, at))
    assert treating.control.stops() >= 1
    assert treating.control.woken() >= 1
    released = QEventPoint.State.Released
    finger.through_window(shell, QEvent.Type.TouchEnd, (1, released, begin), (2, released, at))


def test_a_mouse_press_that_passes_window_and_widget_is_one_stop(treating: Rig) -> None:
    at = treating.shell.stop_button.mapTo(treating.shell, QPoint(50, 50))
    hand.mousePress(treating.shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert sent_stop(treating) == (1, 1)
    hand.mouseRelease(treating.shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_one_event_told_twice_is_one_stop_and_events_without_a_time_are_all_told(treating: Rig) -> None:
    for stamp in (70, 70, 71, 0, 0):
        treating.shell.stop_button.contact(stamp)
    assert treating.control.stops() == 4


@pytest.mark.parametrize("target", ["shell", "treat", "ring"])
def test_pause_key_wherever_the_focus_is(treating: Rig, target: str) -> None:
    widget = {"shell": treating.shell, "treat": treating.touch.treat, "ring": treating.shell.column.ring}[target]
    hand.keyClick(widget, Qt.Key.Key_Pause)
    assert sent_stop(treating) == (1, 1)


def test_pause_key_through_the_window(treating: Rig) -> None:
    hand.keyClick(treating.shell.windowHandle(), Qt.Key.Key_Pause)
    assert treating.control.stops() == 1


def test_mouse_through_the_window_reaches_stop_under_anything_laid_over_it(treating: Rig) -> None:
    from PyQt6.QtWidgets import QWidget

    cover = QWidget(treating.shell)
    cover.setGeometry(treating.shell.rect())
    cover.show()
    at = treating.shell.stop_button.mapTo(treating.shell, QPoint(50, 50))
    hand.mousePress(treating.shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert treating.control.stops() == 1


def test_works_with_the_command_socket_gone(treating: Rig) -> None:
    treating.control.hang_up()
    treating.frames(3)
    assert not treating.state.linked
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert sent_stop(treating) == (1, 1)
    treating.control.listen()
    treating.frames(30)
    assert treating.state.linked, "the link comes back by itself"


def test_works_without_a_reader_on_the_pipe(treating: Rig) -> None:
    import os

    os.close(treating.control.stop_pipe)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert treating.control.stops() == 1
    treating.control.stop_pipe = os.open(treating.control.runtime.stop_pipe, os.O_RDONLY | os.O_NONBLOCK)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert sent_stop(treating) == (2, 1), "a control that restarted is woken again"


def test_works_with_a_pipe_that_was_made_anew(treating: Rig) -> None:
    import os

    os.close(treating.control.stop_pipe)
    treating.control.runtime.stop_pipe.unlink()
    os.mkfifo(treating.control.runtime.stop_pipe)
    treating.control.stop_pipe = os.open(treating.control.runtime.stop_pipe, os.O_RDONLY | os.O_NONBLOCK)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert sent_stop(treating) == (1, 1)


def test_a_panel_of_the_wrong_size_still_lies_under_stop(treating: Rig) -> None:
    panel = treating.touch.alarm_panel
    treating.touch.presenter.show_panel(Panel.CLOSE)
    panel.setGeometry(treating.shell.rect())
    treating.touch.presenter.show_panel(Panel.ALARMS)
    QApplication.processEvents()
    assert treating.shell.childAt(treating.shell.stop_button.geometry().center()) is treating.shell.stop_button


def test_works_with_a_full_pipe(treating: Rig) -> None:
    import fcntl
    import os

    filler = os.open(treating.control.runtime.stop_pipe, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.fcntl(filler, fcntl.F_SETPIPE_SZ, 4096)
    os.write(filler, b"x" * 4096)
    os.close(filler)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert treating.control.stops() == 1


def test_cannot_be_disabled(treating: Rig) -> None:
    treating.shell.stop_button.setEnabled(False)
    assert treating.shell.stop_button.isEnabled()


def test_stopping_is_shown_in_the_same_frame_and_stopped_only_on_controls_word(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert treating.shell.column.word.text() == "STOPPING"
    treating.frames(3)
    assert treating.shell.column.word.text() == "STOPPING", "a snapshot that still says RUNNING confirms nothing"
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    assert treating.shell.column.word.text() == "STOPPED"


def test_an_older_snapshot_confirms_nothing(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    treating.publishing = False
    said_before = treating.clock() - 1
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.control.publish(said_before, state=State.PAUSED)
    treating.frames(2)
    assert treating.state.stop is Stop.SENT


def test_not_confirmed_after_250_ms_is_said_loudly_and_taken_back_on_controls_word(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.frames(15)
    assert treating.state.stop is Stop.SENT, "240 ms"
    treating.frames(1)
    message = treating.shell.column.message
    assert "switch off at the pen" in message.text()
    assert message.property("loud") is True
    assert "STOP not confirmed" in treating.shell.top_bar.tile.accessibleName()
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    assert treating.shell.column.word.text() == "STOPPED"
    assert message.property("loud") is False


def test_pressing_again_and_again_does_not_put_off_the_message(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    for _ in range(4):
        hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
        treating.frames(5)
    assert treating.control.stops() == 4, "each press is sent"
    assert treating.state.stop is Stop.UNCONFIRMED


def test_a_pen_that_is_gone_confirms_nothing(treating: Rig) -> None:
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.control.publish(treating.clock(), state=State.NO_PEN)
    treating.frames(17)
    assert treating.state.stop is Stop.UNCONFIRMED


def test_stopped_stays_until_something_new_is_begun(treating: Rig) -> None:
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.frames(2)
    assert treating.shell.column.word.text() == "STOPPED"
    treating.frames(50)
    assert treating.shell.column.word.text() == "STOPPED"
    treating.control.publish(treating.clock(), zone="F.CHIN")
    treating.frames(1)
    assert treating.shell.column.word.text() == "READY"


def test_stop_ends_a_hold_and_what_was_pending(treating: Rig, finger: Finger) -> None:
    treating.touch.treat.depth_step.plus_key.click()
    finger.press(treating.shell.column.ring)
    treating.frames(20)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.frames(60)
    assert not treating.sent("start")
    assert treating.state.pending_depth_um is None


def test_stop_ends_a_hold_that_has_nothing_to_do_with_the_pen(treating: Rig, finger: Finger) -> None:
    treating.touch.presenter.show_panel(Panel.CLOSE)
    treating.frames(1)
    finger.press(treating.touch.close_panel.plate)
    treating.frames(25)
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    treating.frames(60)
    assert not treating.sent("close_session")


@pytest.mark.parametrize("panel", list(Panel))
def test_works_over_every_panel(treating: Rig, panel: Panel) -> None:
    treating.touch.presenter.show_panel(panel)
    QApplication.processEvents()
    at = treating.shell.stop_button.geometry().center()
    assert treating.shell.childAt(at) is treating.shell.stop_button
    hand.mousePress(treating.shell.stop_button, Qt.MouseButton.LeftButton)
    assert treating.control.stops() == 1


@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("page", [Page.SETUP, Page.RECORDS])
def test_stop_throws_nobody_off_the_page_they_are_on(rig: Rig, page: Page, session: bool) -> None:
    """A pen that stands is stopped too, and is STOPPING until it has proven it; what is half typed stays where it is."""
    rest = State.PAUSED if session else State.CONNECTED
    if session:
        rig.control.open_session(rig.clock(), state=rest)
    rig.frames(1)
    presenter = rig.touch.presenter
    presenter.visit(page)
    presenter.show_panel(Panel.TEXT)
    rig.frames(1)
    there = rig.shell.stack.currentWidget()
    hand.mousePress(rig.shell.stop_button, Qt.MouseButton.LeftButton)
    for state in (State.STOPPING, rest):
        rig.control.publish(rig.clock(), state=state)
        rig.frames(1)
        assert rig.shell.stack.currentWidget() is there
        assert rig.state.visit is page
        assert rig.state.panel is Panel.TEXT
    assert rig.shell.column.word.text() == "STOPPED"


def test_nobody_goes_elsewhere_while_the_pen_stops(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.STOPPING)
    treating.frames(1)
    treating.touch.presenter.visit(Page.SETUP)
    treating.frames(1)
    assert treating.shell.stack.currentWidget() is treating.touch.treat


def test_pages_exist_for_every_page(rig: Rig) -> None:
    assert set(rig.touch.shell_pages()) == set(Page)
    hand.mousePress(rig.shell.stop_button, Qt.MouseButton.LeftButton)
    assert rig.control.stops() == 1
