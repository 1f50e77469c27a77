"""`python -m ui.touch`: the screen process. Started by the launcher, may be killed at any moment."""

import argparse
import gc
import logging
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSocketNotifier, Qt
from PyQt6.QtWidgets import QApplication
from PyQt6.sip import voidptr

from pencontrol.control.ring import Ring, RingError
from pencontrol.runtime import Runtime
from ui.touch.fonts import load_fonts
from ui.touch.guard import Guard
from ui.touch.metrics import Metrics
from ui.touch.outfit import Outfit
from ui.touch.screen import Screen
from ui.touch.settings import read_settings, theme_now
from ui.touch.stop_line import StopLine
from ui.touch.theme import THEMES
from ui.touch.words import load_chosen

if TYPE_CHECKING:
    from ui.touch.sound.voice import Voice

ANEW = 86  # the event loop's own word for "draw the screen again"; never leaves this process


def main(arguments: list[str] | None = None) -> int:
    """Run until the window is closed or the launcher is gone. 1: the runtime folder cannot be used."""
    gc.disable()  # until all is loaded: nothing of it can go yet, and each look through it stops the frames
    given = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s touch %(levelname)s %(message)s")
    runtime = Runtime(given.runtime)
    try:
        ring = Ring(runtime.ring)
    except (OSError, RingError) as error:
        print(f"touch: the ring file cannot be used: {error}", file=sys.stderr)
        return 1
    stop = StopLine(ring, runtime.stop_pipe)
    guard = Guard(stop)
    sys.excepthook = guard
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a screen may be killed at any moment
    return _run(given, runtime, ring, stop, guard)


def _run(given: argparse.Namespace, runtime: Runtime, ring: Ring, stop: StopLine, guard: Guard) -> int:
    application = QApplication(sys.argv[:1])
    application.setAttribute(Qt.ApplicationAttribute.AA_SynthesizeMouseForUnhandledTouchEvents)
    application.setApplicationName("pencontrol")  # what a screen reader calls it
    application.setStyle("Fusion")
    load_fonts()
    watch = _watch_launcher(given.lifeline, application)
    while (code := _one_screen(given, runtime, ring, stop, guard, application)) == ANEW:
        ring = Ring(runtime.ring)
        stop = StopLine(ring, runtime.stop_pipe)
        guard = Guard(stop)
        sys.excepthook = guard
    if watch is not None:
        watch.setEnabled(False)
    return code


def _one_screen(
    given: argparse.Namespace, runtime: Runtime, ring: Ring, stop: StopLine, guard: Guard, application: QApplication
) -> int:
    """Draw with the settings as kept, run, let go of everything; ANEW when the settings have changed what is drawn."""
    settings, problem = read_settings(given.home)
    theme = given.theme or theme_now(settings, datetime.now().hour)
    outfit = Outfit(
        given.home,
        THEMES[theme],
        Metrics(settings.px_per_mm),
        load_chosen(settings.language),
        settings=settings,
        problem=problem,
        make_voice=_make_voice,
        pass_ticks=settings.pass_tick and not given.no_pass_tick,
    )
    screen = Screen(runtime, ring, stop, guard, outfit)
    screen.anew.connect(lambda: application.exit(ANEW))
    screen.leave.connect(application.quit)
    screen.start.done.connect(_settle)
    screen.begin(given.kiosk, given.size)
    code = application.exec()
    screen.close()
    screen.shell.deleteLater()
    screen.deleteLater()
    return code


def _make_voice() -> "Voice":
    from ui.touch.sound.voice import Process  # later than the first picture

    return Process()


def _settle() -> None:
    """What was loaded is here to stay: to look through it again and again is a frame of 80 ms."""
    gc.freeze()
    gc.enable()


def _watch_launcher(descriptor: int | None, application: QApplication) -> QSocketNotifier | None:
    """The launcher holds the other end: when it closes, this screen ends too."""
    if descriptor is None:
        return None
    os.set_blocking(descriptor, False)
    watch = QSocketNotifier(voidptr(descriptor), QSocketNotifier.Type.Read)
    watch.activated.connect(lambda: _on_lifeline(descriptor, application))
    return watch


def _on_lifeline(descriptor: int, application: QApplication) -> None:
    try:
        if os.read(descriptor, 64):
            return
    except BlockingIOError:
        return
    application.quit()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ui.touch", description="The touchscreen at the treatment chair.")
    parser.add_argument("--runtime", type=Path, required=True, help="folder shared by the launcher's processes")
    parser.add_argument("--home", type=Path, required=True, help="where data lives")
    parser.add_argument("--kiosk", action="store_true", help="full screen")
    parser.add_argument("--size", type=_size, default=(1280, 800), help="window size, e.g. 1280x800")
    parser.add_argument("--theme", choices=("day", "dim"), help="instead of the setting")
    parser.add_argument("--no-pass-tick", action="store_true", help="no quiet tick for a completed pass")
    parser.add_argument("--lifeline", type=int, help="file descriptor that closes when the launcher ends")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
