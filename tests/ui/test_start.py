"""What comes after the first paint: nothing before STOP is on show, one piece a frame, the slow half in another thread."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Rig
from tests.ui.fake_control import FakeControl
from ui.touch.records.librarian import Librarian, NoStore
from ui.touch.start import PATIENCE_FRAMES, Piece, Start

WAIT_S = 30.0
ROOT = Path(__file__).parents[2]


class Bringing:
    """Three pieces, and who did what."""

    def __init__(self, watched: QWidget, home: Path) -> None:
        self.fetched: list[tuple[int, int]] = []  # number, thread
        self.put: list[tuple[int, int]] = []
        self.done = 0
        self.runner = Librarian(home, lambda _: NoStore())
        self.start = Start(watched, self.runner, [Piece(lambda at=at: self._fetch(at), self._put) for at in range(3)])  # type: ignore[misc]
        self.start.done.connect(self._count)

    def _fetch(self, at: int) -> int:
        self.fetched.append((at, threading.get_ident()))
        return at

    def _put(self, at: int) -> None:
        self.put.append((at, threading.get_ident()))

    def _count(self) -> None:
        self.done += 1


def tick_until(start: Start, end_s: float) -> None:
    while time.monotonic() < end_s:
        start.tick(0)
        time.sleep(0.001)
    raise AssertionError("nothing was told")


@pytest.fixture
def stop_button(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def bringing(stop_button: QWidget, tmp_path: Path) -> Iterator[Bringing]:
    made = Bringing(stop_button, tmp_path)
    yield made
    made.start.close()


def test_nothing_is_loaded_before_the_first_paint(bringing: Bringing, stop_button: QWidget) -> None:
    bringing.start.begin()
    for frame in range(5):
        bringing.start.tick(frame)
    QApplication.processEvents()
    assert (bringing.start.left, bringing.runner.busy) == (3, False)
    stop_button.show()
    QApplication.processEvents()
    bringing.start.tick(6)
    assert bringing.runner.busy, "STOP has been painted"


def test_a_display_that_sleeps_does_not_keep_the_screen_from_being_ready(bringing: Bringing) -> None:
    bringing.start.begin()
    for frame in range(PATIENCE_FRAMES):
        bringing.start.tick(frame)
    assert not bringing.runner.busy
    bringing.start.tick(0)
    assert bringing.runner.busy


def test_pieces_come_in_order_one_a_frame_and_fetched_in_another_thread(bringing: Bringing, stop_button: QWidget) -> None:
    bringing.start.begin()
    stop_button.show()
    QApplication.processEvents()
    deadline = time.monotonic() + WAIT_S
    while bringing.start.left:
        assert time.monotonic() < deadline
        before = len(bringing.put)
        bringing.start.tick(0)
        assert len(bringing.put) <= before + 1
        time.sleep(0.001)
    here = threading.get_ident()
    assert [at for at, _ in bringing.fetched] == [at for at, _ in bringing.put] == [0, 1, 2]
    assert {thread for _, thread in bringing.put} == {here}
    assert here not in {thread for _, thread in bringing.fetched}
    bringing.start.tick(0)
    assert bringing.done == 1


def test_all_of_it_at_once_for_who_does_not_wait(bringing: Bringing) -> None:
    bringing.start.begin()
    bringing.start.complete()
    assert [at for at, _ in bringing.put] == [0, 1, 2]
    assert (bringing.done, bringing.start.left) == (1, 0)
    bringing.start.complete()
    assert bringing.done == 1


def test_a_piece_of_many_steps_takes_one_a_frame(stop_button: QWidget, tmp_path: Path) -> None:
    taken: list[str] = []

    def steps(value: str) -> Iterator[None]:
        for at in range(3):
            taken.append(f"{value}{at}")
            yield
        start.add([Piece(lambda: None, lambda _: taken.append("more"))])

    runner = Librarian(tmp_path, lambda _: NoStore())
    start = Start(stop_button, runner, [Piece(lambda: "a", steps), Piece(lambda: None, lambda _: taken.append("next"))])
    start.begin()
    stop_button.show()
    QApplication.processEvents()
    deadline = time.monotonic() + WAIT_S
    while start.left:
        assert time.monotonic() < deadline
        before = len(taken)
        start.tick(0)
        assert len(taken) <= before + 1
        time.sleep(0.001)
    assert taken == ["a0", "a1", "a2", "next", "more"]
    start.close()


def test_steps_that_had_begun_are_completed_at_once(stop_button: QWidget, tmp_path: Path) -> None:
    taken: list[int] = []

    def steps(_: object) -> Iterator[None]:
        for at in range(3):
            taken.append(at)
            yield

    start = Start(stop_button, Librarian(tmp_path, lambda _: NoStore()), [Piece(lambda: None, steps)])
    start.begin()
    stop_button.show()
    QApplication.processEvents()
    deadline = time.monotonic() + WAIT_S
    while not taken:
        assert time.monotonic() < deadline
        start.tick(0)
        time.sleep(0.001)
    start.complete()
    assert (taken, start.left) == ([0, 1, 2], 0)
    start.close()


@pytest.mark.parametrize("where", ["fetch", "put", "step"])
def test_a_piece_that_fails_is_told_once_and_nothing_comes_after_it(stop_button: QWidget, tmp_path: Path, where: str) -> None:
    later: list[str] = []

    def fail(_: object = None) -> Any:
        raise RuntimeError(where)

    def steps(_: object) -> Iterator[None]:
        yield
        fail()

    broken = {"fetch": Piece(fail), "put": Piece(lambda: None, fail), "step": Piece(lambda: None, steps)}[where]
    start = Start(stop_button, Librarian(tmp_path, lambda _: NoStore()), [broken, Piece(lambda: later.append("fetched"))])
    start.done.connect(lambda: later.append("done"))
    start.begin()
    stop_button.show()
    QApplication.processEvents()
    with pytest.raises(RuntimeError, match=where):
        tick_until(start, time.monotonic() + WAIT_S)
    for _ in range(30):
        start.tick(0)
        time.sleep(0.001)
    assert (later, start.left) == (["done"], 0)
    start.close()


def test_a_piece_that_cannot_be_loaded_is_told_where_the_guard_hears_it(stop_button: QWidget, tmp_path: Path) -> None:
    def broken() -> Any:
        raise ImportError("no such module")

    runner = Librarian(tmp_path, lambda _: NoStore())
    start = Start(stop_button, runner, [Piece(broken)])
    start.begin()
    stop_button.show()
    QApplication.processEvents()
    with pytest.raises(ImportError, match="no such module"):
        tick_until(start, time.monotonic() + WAIT_S)
    start.close()


def test_the_screen_brings_its_traces_and_its_figure(rig: Rig) -> None:
    assert rig.screen.start.left == 0
    assert len(rig.touch.treat.plots()) == 2
    assert "F.CHIN" in rig.touch.treat.map.zones.zone_names()


FIRST_PAINT = """
import sys
began_with = set(sys.modules)
from pathlib import Path
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
import ui.touch.__main__ as entry
from ui.touch.widgets.stop_button import StopButton

OURS = ("ui.touch.pages", "ui.touch.presenter", "ui.touch.core", "ui.touch.app", "ui.touch.state", "ui.touch.sound",
        "sessions.events", "sessions.zones", "pencontrol.control.snapshot", "pencontrol.control.commands", "firmware_protocol")

def foreign():
    names = {name.split(".")[0] for name in set(sys.modules) - began_with} - sys.stdlib_module_names
    return sorted(name for name in names if not name.startswith("_"))

def press(button):
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    print("pressed", button.window().stop_button is button)

painted, paint = [], StopButton.paintEvent
def paints(button, event):
    paint(button, event)
    if not painted:
        painted.append(button)
        print("painted", *foreign(), *[name for name in sys.modules if name.startswith(OURS)])
        QTimer.singleShot(0, lambda: press(button))
StopButton.paintEvent = paints

def large(when):
    print(when, *[name for name in ("numpy", "pydantic", "pyqtgraph", "sqlalchemy", "reportlab") if name in sys.modules])

put = entry.Screen._put_touch
def puts(screen, make):
    large("pages")
    return put(screen, make)
entry.Screen._put_touch = puts

def settled():
    large("settled")
    QApplication.quit()
entry._settle = settled
sys.exit(entry.main(["--runtime", sys.argv[1], "--home", sys.argv[2]]))
"""


def test_the_process_paints_a_stop_that_acts_before_any_library_but_qt_is_loaded(tmp_path: Path) -> None:
    control = FakeControl(tmp_path / "run", time.monotonic_ns())
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT))
    try:
        ran = subprocess.run(
            [sys.executable, "-c", FIRST_PAINT, str(control.runtime.folder), str(tmp_path / "home")],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=True,
        )
        assert ran.stdout.splitlines() == [
            "painted PyQt6 pencontrol sessions ui",
            "pressed True",
            "pages numpy pydantic",
            "settled numpy pydantic pyqtgraph sqlalchemy",
        ], ran.stderr[-500:]
        assert (control.ring.stop_count, os.read(control.stop_pipe, 9)) == (1, b"\x01")
    finally:
        control.close()
