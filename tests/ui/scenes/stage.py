"""Where scenes are set: the real screen over a stand-in control, at a frozen time. The same scene gives the same pixels.

Every scene begins on a stage that was cleared, at a moment and with a trace of its own.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QFont, QFontMetricsF, QImage
from PyQt6.QtWidgets import QApplication

from firmware_protocol import messages
from pencontrol.control.ring import AT_WRITTEN, SAMPLES_AT, SLOTS
from pencontrol.control.snapshot import State
from tests.ui.conftest import PANELS, Rig
from ui.touch import happenings as h
from ui.touch.awake import Awake
from ui.touch.backlight import Backlight
from ui.touch.first import First
from ui.touch.fonts import WEIGHTS
from ui.touch.household import Means
from ui.touch.metrics import Metrics
from ui.touch.records.folders import Entry, Listing, Place
from ui.touch.records.page import RecordsPage
from ui.touch.ring_reader import SLOT_DTYPE
from ui.touch.settings import Settings
from ui.touch.state import BAND_NS, ScreenState
from ui.touch.stop_line import StopLine
from ui.touch.theme import FAMILY, THEMES, Theme
from ui.touch.words import Words, load_words

NOW = datetime(2026, 11, 21, 14, 32)
APART_NS = 100_000_000_000  # between scenes; whole periods of every flashing alarm
FLASH_NS = 2_000_000_000
OPEN_FOR_NS = 706_000_000_000  # 11 min 46 s
VERSIONS = (("Python", "3.11.2"), ("System", "Linux 6.1.0"), ("pencontrol", "1.0"), ("PyQt6", "6.11.0"))
EXPORTS = Path("/home/clinic/pencontrol/exports")
STICK = Path("/media/clinic/STICK")
WAIT_S = 30.0
REST_S = 2.5
STILL = (State.CONNECTED, State.READY, State.PAUSED, State.FAULT)  # what a pen shows there is motor off, needles in


@dataclass(frozen=True)
class Look:
    """How a scene is drawn. `name` is its key in the file of digests and the folder of its pictures."""

    name: str
    language: str = "en"
    theme: str = "day"
    panel: str = "10.1"


@dataclass(frozen=True)
class Scene:
    """One page in one state. `show` brings it about on a cleared stage, `after` ends what would go on."""

    name: str
    show: Callable[["Stage"], None]
    after: Callable[["Stage"], None] | None = None


def trace(
    end_ns: int, depth_um: int = 750, seconds: float = 10.0, rest_s: float = 0.0, peak_um: int = 0
) -> "np.ndarray[Any, Any]":
    """Slots of a calm treatment that ends at `end_ns`: needles go from 0.5 mm to `depth_um`, the motor droops in contact.

    For the last `rest_s` motor and needles are home; `peak_um` is reached just before.
    """
    count = round(seconds * 1000)
    noise = np.random.default_rng(4).normal(0, 1, (2, count))
    smooth = np.convolve(noise[1], np.ones(90) / 9.5, mode="same")
    share = np.arange(count) / count
    touching = (share * 8).astype(int) % 2
    slots = np.zeros(count, SLOT_DTYPE)
    slots["index"] = slots["again"] = np.arange(count)
    slots["t_pen_us"] = np.arange(count) * 1000
    slots["mono_ns"] = end_ns - np.arange(count)[::-1] * 1_000_000
    slots["depth_um"] = np.rint(np.clip(500 + (share - 0.34) * 4200, 500, depth_um) + 4 * noise[0])
    slots["speed_rpm"] = np.rint(7010 - 150 * touching + 22 * smooth)
    slots["flags"] = messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID | messages.FLAG_CARTRIDGE
    slots["contact"] = touching
    if rest_s:
        home = count - round(rest_s * 1000)
        falls = np.arange(count - home)
        if peak_um:
            slots["depth_um"][home - 60 : home] = np.linspace(depth_um, peak_um, 60)
        high = int(slots["depth_um"][home - 1])
        slots["depth_um"][home:] = np.clip(high - falls * 25, 0, high)
        slots["speed_rpm"][home:] = np.clip(6900 - falls * 28, 0, 6900)
        slots["contact"][home:] = 0
    return slots


def even_letters(size_px: int) -> None:
    """Large letters are drawn from whole pixels again, whatever small letter came last. `size_px`: of no letter before.

    Qt draws letters over 64 px as outlines, and leaves on the font's face the part of a pixel by which it moved the last
    small letter that it had to make: outlines move by up to 2/64 px with it. Measuring a letter at a new size moves it back.
    """
    for weight in WEIGHTS.values():
        made = QFont(FAMILY)
        made.setPixelSize(size_px)
        made.setWeight(weight)
        QFontMetricsF(made).horizontalAdvance("S")


class Stage(Rig):
    """One screen on which scene after scene is shown. `close` lets go of everything."""

    _sizes_px: ClassVar[Iterator[int]] = itertools.count(300)  # nothing on a screen is as large

    def __init__(self, folder: Path, look: Look, words: Words | None = None, theme: Theme | None = None) -> None:
        size, px_per_mm = PANELS[look.panel]
        self.look = look
        self.still: Callable[[], object] = lambda: None  # called when nothing moves any more, before the picture is taken
        self._zone = os.environ.get("TZ")
        os.environ["TZ"] = "UTC"
        time.tzset()
        self._number = 0
        self._first: tuple[First, StopLine] | None = None
        means = Means(
            lambda: self.clock(),
            lambda: NOW,
            lambda: b"salt",
            Backlight(folder / "no backlight"),
            Awake([], lambda: self.clock()),
            VERSIONS,
        )
        self.words = words or load_words(look.language)
        settings = Settings(px_per_mm=px_per_mm, language=look.language, theme=look.theme, dim_after_s=0)
        super().__init__(
            folder,
            size,
            px_per_mm,
            theme or THEMES[look.theme],
            self.words,
            now_ns=APART_NS,
            means=means,
            settings=settings,
        )
        self._settings, self._theme = settings, theme or THEMES[look.theme]
        self.blank = self.control.snapshot

    def show(self, scene: Scene) -> QImage:
        """The scene as pixels, RGB32."""
        self.clear()
        scene.show(self)
        self.settle()
        self.still()
        before, image = QImage(), self._grab()  # lays out what comes up for the first time, and makes its small letters
        while image != before:  # a font that Qt forgot meanwhile was made again while the picture was drawn
            even_letters(next(self._sizes_px))
            before, image = image, self._grab()
        return image

    def _grab(self) -> QImage:
        image: QImage = self.shell.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        return image

    def settle(self) -> None:
        """What was asked of threads is there, and everything is laid out and drawn at one moment."""
        for _ in range(2):
            self.rest()
            self.frames(1)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def clear(self) -> None:
        """An empty stage at a moment of its own."""
        touch, presenter = self.touch, self.touch.presenter
        self._number += 1
        self.clock.now_ns = APART_NS * (self._number + 1)
        self.publishing = True
        self.control.refuse = ""
        if self.control.listener is None:
            self.control.listen()
        self.control.ring.next_generation()
        self.control.snapshot = self.blank
        if touch.household.settings != self._settings:
            touch.household.change(asdict(self._settings))
        touch.household._unlock()
        touch.shell.veil.hide()
        presenter._state = ScreenState(now_ns=self.clock.now_ns)
        presenter._notice_until_ns = self.clock.now_ns
        touch.prepare_desk._template, touch.prepare_desk._client = None, ""
        touch.prepare_desk.reload_plans()
        touch.front.sign_in.members = ()
        touch.setup.choose("screen")
        touch.setup.show_problem("")
        treat = touch.treat
        if treat.map._view != "face":
            treat.map.choose("face", toggle=False)
        treat.map.zones.overview()
        treat.zone_keys.turn_key.setChecked(False)
        for _ in range(4):
            self.clock.now_ns += 500_000_000  # a lost link is tried again
            self.frames(1)
        assert presenter.state.linked, "the stand-in listens"

    def treat(self, state: State = State.RUNNING, chosen: str = "F.CHEEK.R", settled: bool = True, **changes: Any) -> None:
        """An open session; `settled`: the band of the zone change has gone and the traces are full."""
        self.control.open_session(self.clock() - OPEN_FOR_NS, state, chosen, **changes)
        self.control.publish(self.clock())
        self.frames(2)
        if settled:
            self.clock.now_ns += BAND_NS
        self.play(rest_s=REST_S if state in STILL else 0.0)

    def play(self, depth_um: int = 750, rest_s: float = 0.0, peak_um: int = 0, gap_s: float = 0.0) -> None:
        """Ten seconds of trace, and two frames more at the beginning of a flash. `gap_s`: no reading since so long."""
        self.clock.now_ns += -self.clock.now_ns % FLASH_NS
        ring = self.control.ring
        ring.next_generation()
        slots = trace(self.clock.now_ns - round(gap_s * 1e9), depth_um, rest_s=rest_s, peak_um=peak_um)
        at = np.frombuffer(ring.map, dtype=SLOT_DTYPE, count=SLOTS, offset=SAMPLES_AT)
        at[: len(slots)] = slots
        del at
        ring._put(AT_WRITTEN, len(slots))
        self.control.number = self.control.index = len(slots)
        self.touch.presenter.rewind()
        self.touch.presenter._digits_at_ns = 0
        shown = (0, 0, 0) if rest_s else (depth_um, 6912, 1)
        for _ in range(2):
            if not gap_s:
                for later in range(1, 16):
                    self.control.samples(self.clock() + later * 1_000_000, *shown)
            self.frames(1)

    def session(self, **changes: Any) -> None:
        """The same session with something changed."""
        assert self.control.snapshot.session is not None
        self.control.publish(self.clock(), session=self.control.snapshot.session.model_copy(update=changes))
        self.frames(2)

    def publish(self, **changes: Any) -> None:
        """Control says something else."""
        self.control.publish(self.clock(), **changes)
        self.frames(2)

    @property
    def shell(self) -> Any:
        """The frame on show."""
        return self.touch.shell if self._first is None else self._first[0].shell

    def begin(self) -> None:
        """A frame as a start brings it, before anything else is there, in front of the one that is complete; until `ended`."""
        whole = self.touch.shell
        stop = StopLine(self.ring, self.control.runtime.stop_pipe)
        first = First(self._theme, Metrics(self._settings.px_per_mm), self.words, stop, self.clock)
        first.show(False, (whole.width(), whole.height()))
        self._first = first, stop

    def ended(self) -> None:
        """The complete frame again."""
        assert self._first is not None
        (first, stop), self._first = self._first, None
        first.shell.may_close = True
        first.shell.close()
        first.shell.deleteLater()
        first.deleteLater()
        stop.close()

    def panel(self, panel: h.Panel) -> None:
        """A panel over the page."""
        self.touch.presenter.show_panel(panel)
        self.frames(1)

    def dispatch(self, event: h.Event) -> None:
        """Something happens to the screen's state."""
        self.touch.presenter.dispatch(event)
        self.frames(1)

    @property
    def desk(self) -> Any:
        """Between records' page and librarian; None before the first visit."""
        return self.touch.records.desk

    @property
    def page(self) -> RecordsPage:
        """The records' page, after the first visit."""
        assert self.touch.records.page is not None
        return self.touch.records.page

    def rest(self) -> None:
        """Every answer of every librarian is there. Real time passes, time on the stage does not."""
        deadline = time.monotonic() + WAIT_S
        while any(reader.busy for reader in self._readers()) or (self.desk is not None and not self.desk.settled):
            assert time.monotonic() < deadline
            for reader in self._readers():
                reader.poll()
            if self.desk is not None:
                self.desk.tick(self.clock())
            QApplication.processEvents()
            time.sleep(0.001)

    def _readers(self) -> list[Any]:
        touch = self.touch
        own = [touch.last_time._fetcher, touch.front.clerk._fetcher, self.screen.start._runner]
        return own if self.desk is None else [*own, self.desk._librarian, self.desk._runner]

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        if self._zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = self._zone
        time.tzset()


def places(_exports: Path) -> list[Place]:
    """What a station with one stick offers."""
    return [Place("home", EXPORTS, 41_200_000_000, True), Place("stick", STICK, 7_900_000_000, True)]


def folder(path: Path, photos: bool) -> Listing:
    """What lies on that stick."""
    found = [Entry(path / name, True) for name in ("2026-10", "2026-11", "Backup")]
    found += [Entry(path / f"IMG_{number}.jpg", False, 2_400_000 + number) for number in (204, 205)] if photos else []
    return Listing(path, tuple(found), 7_900_000_000, True)
