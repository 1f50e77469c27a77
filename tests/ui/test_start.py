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
from ui.touch.records.librarian import Librarian, NoStore
from ui.touch.start import PATIENCE_FRAMES, Piece, Start

WAIT_S = 20.0
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
    assert rig.touch.start.left == 0
    assert len(rig.touch.treat.plots()) == 2
    assert "F.CHIN" in rig.touch.treat.map.zones.zone_names()


FIRST_PAINT = """
import sys, time
from pathlib import Path
from PyQt6.QtWidgets import QApplication
from tests.ui.conftest import HandClock
from tests.ui.fake_control import FakeControl
from pencontrol.control.ring import Ring
from ui.touch.app import Touch
from ui.touch.guard import Guard
from ui.touch.metrics import Metrics
from ui.touch.stop_line import StopLine
from ui.touch.theme import DAY
from ui.touch.widgets.stop_button import StopButton
from ui.touch.words import load_words

def loaded(when):
    print(when, *[name for name in ("pyqtgraph", "sqlalchemy", "reportlab", "cryptography") if name in sys.modules])

painted, paint = [], StopButton.paintEvent
def paints(button, event):
    paint(button, event)
    if not painted:
        loaded("painted")
    painted.append(1)
StopButton.paintEvent = paints

application = QApplication([])
folder = Path(sys.argv[1])
control = FakeControl(folder / "run", time.monotonic_ns())
ring = Ring(control.runtime.ring)
stop = StopLine(ring, control.runtime.stop_pipe)
touch = Touch(control.runtime, folder, DAY, Metrics(5.9), load_words(), ring, stop, Guard(stop), HandClock())
touch.begin(False, (1280, 800))
end = time.monotonic() + 30
while touch.start.left and time.monotonic() < end:
    application.processEvents()
    time.sleep(0.002)
loaded("settled")
touch.close()
control.close()
"""


def test_stop_is_painted_before_any_of_the_large_libraries_is_loaded(tmp_path: Path) -> None:
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT))
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert ran.stdout.splitlines() == ["painted", "settled pyqtgraph sqlalchemy"], ran.stderr[-500:]
