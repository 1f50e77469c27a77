"""One screen for a test: real ring, real socket, real pipe, a clock that the test moves by hand."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QEventPoint, QInputDevice, QPointingDevice, QTouchEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pencontrol.control.ring import Ring
from tests.ui.fake_control import FakeControl
from ui.touch.fonts import load_fonts
from ui.touch.guard import Guard
from ui.touch.metrics import REFERENCE_PX_PER_MM, Metrics
from ui.touch.outfit import Outfit
from ui.touch.screen import Screen
from ui.touch.stop_line import StopLine
from ui.touch.theme import DAY, Theme
from ui.touch.words import Words, load_words

PANELS = {
    "10.1": ((1280, 800), 1280 / 216.6),
    "13.3": ((1920, 1080), 1920 / 294.4),
    "15.6": ((1920, 1080), 1920 / 345.4),
}


LET_S = 30.0
hand: Any = QTest  # its methods are typed as if they needed an instance


class HandClock:
    """Monotonic nanoseconds that only the test moves."""

    def __init__(self, now_ns: int | None = None) -> None:
        self.now_ns = time.monotonic_ns() if now_ns is None else now_ns
        self.step_ns = 0  # how far each look moves it

    def __call__(self) -> int:
        self.now_ns += self.step_ns
        return self.now_ns


class Rig:
    """Screen and stand-in together. `frames` runs frames of 16 ms on the hand clock; no real time passes."""

    def __init__(
        self, folder: Path, size: tuple[int, int], px_per_mm: float, theme: Theme = DAY, words: Words | None = None, **more: Any
    ) -> None:
        """`more`: `now_ns`, where the clock begins, and what else the screen is made with."""
        self.clock = HandClock(more.pop("now_ns", None))
        self.home = folder / "home"
        (self.home / "plans").mkdir(parents=True)
        self.control = FakeControl(folder / "run", self.clock())
        self.ring = Ring(self.control.runtime.ring)
        stop = StopLine(self.ring, self.control.runtime.stop_pipe)
        self.guard = Guard(stop)
        outfit = Outfit(self.home, theme, Metrics(px_per_mm), words or load_words(), self.clock, **more)
        self.screen = Screen(self.control.runtime, self.ring, stop, self.guard, outfit)
        self.screen.begin(False, size)
        self.screen.start.complete()
        self.screen.frame_timer.stop()
        assert self.screen.touch is not None
        self.touch = self.screen.touch
        self.publishing = True
        QApplication.processEvents()
        self.frames(3)

    @property
    def shell(self) -> Any:
        return self.touch.shell

    @property
    def state(self) -> Any:
        return self.touch.presenter.state

    def frames(self, count: int = 1, samples: bool = False) -> None:
        for _ in range(count):
            self.clock.now_ns += 16_000_000
            if samples:
                for at in range(16):
                    self.control.samples(self.clock() - (15 - at) * 1_000_000)
            if self.publishing:
                self.control.publish(self.clock())
            self.control.serve()
            self.touch.presenter.tick()
        QApplication.processEvents()
        self.control.serve()

    def sent(self, what: str) -> list[dict[str, Any]]:
        self.control.serve()
        return [command for command in self.control.commands if command["do"] == what]

    def close(self) -> None:
        self.screen.close()
        self.screen.shell.deleteLater()
        self.screen.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.control.close()


class Finger:
    """Touches as the window system would send them, to the widget that Qt would choose for each point."""

    def __init__(self) -> None:
        capabilities = QInputDevice.Capability.Position
        self.device = QPointingDevice(
            "panel",
            1,
            QInputDevice.DeviceType.TouchScreen,
            QPointingDevice.PointerType.Finger,
            capabilities,
            10,
            0,
        )

    def send(self, widget: QWidget, kind: QEvent.Type, *points: tuple[int, QEventPoint.State, QPoint]) -> None:
        """Points: (id, state, position in the widget)."""
        made = [
            QEventPoint(number, state, QPointF(at), QPointF(widget.mapToGlobal(at))) for number, state, at in points
        ]  # position is the widget's, as Qt delivers it
        event = QTouchEvent(kind, self.device, Qt.KeyboardModifier.NoModifier, made)
        QApplication.sendEvent(widget, event)

    def through_window(self, window: QWidget, kind: QEvent.Type, *points: tuple[int, QEventPoint.State, QPoint]) -> None:
        """As the window system does: to the window, and Qt chooses the widget of each point. Positions in the window."""
        made = [QEventPoint(number, state, QPointF(at), QPointF(window.mapToGlobal(at))) for number, state, at in points]
        event = QTouchEvent(kind, self.device, Qt.KeyboardModifier.NoModifier, made)
        QApplication.sendEvent(window.windowHandle(), event)

    def press(self, widget: QWidget, at: QPoint | None = None) -> None:
        point = at or widget.rect().center()
        self.send(widget, QEvent.Type.TouchBegin, (1, QEventPoint.State.Pressed, point))

    def lift(self, widget: QWidget, at: QPoint | None = None) -> None:
        point = at or widget.rect().center()
        self.send(widget, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, point))


@pytest.fixture(scope="session", autouse=True)
def _fonts(qapp: QApplication) -> None:
    qapp.setStyle("Fusion")
    load_fonts()


@pytest.fixture
def make_rig(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(panel: str = "10.1") -> Rig:
        size, px_per_mm = PANELS[panel]
        rig = Rig(tmp_path / f"rig{len(made)}", size, px_per_mm)
        made.append(rig)
        return rig

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()


@pytest.fixture
def treating(rig: Rig) -> Rig:
    """An open session, READY in a zone."""
    rig.control.open_session(rig.clock())
    rig.frames(2)
    return rig


@pytest.fixture
def finger() -> Finger:
    return Finger()


@pytest.fixture
def guarded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(sys, "excepthook", rig.guard)
    return rig


def let_timers(ms: int) -> None:
    """Every timer of Qt's that is due within `ms` has run. `qWait` ends by the clock: a machine that stalls in it runs none."""
    over: list[bool] = []
    QTimer.singleShot(ms, Qt.TimerType.PreciseTimer, lambda: over.append(True))
    deadline = time.monotonic() + LET_S
    while not over:
        assert time.monotonic() < deadline
        QApplication.processEvents()
        time.sleep(0.001)


def click(widget: QWidget) -> None:
    hand.mouseClick(widget, Qt.MouseButton.LeftButton)


__all__ = ["REFERENCE_PX_PER_MM", "Finger", "Rig", "click", "let_timers"]
