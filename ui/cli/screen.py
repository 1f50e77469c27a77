"""`pencontrol` without a subcommand: launcher and touchscreen."""

import os
import sys
import time
from pathlib import Path

import typer

from pencontrol.launcher import Launcher, LaunchError, Options, Simulated
from ui.cli.common import PlainError

WATCH_S = 0.02


def open_touchscreen(home: Path, pen: str, kiosk: bool, size: str) -> None:
    """Start everything and watch it until the person closes the screen."""
    width, x, height = size.partition("x")
    if not (x and width.isdigit() and height.isdigit()):
        raise typer.BadParameter(f"--size is {size!r}, allowed is WIDTHxHEIGHT, e.g. 1280x800")
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise PlainError("There is no display here. Use `pencontrol rehearse SCENARIO` for a treatment without a screen.")
    logs = home / "logs"
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlainError(f"{logs}: cannot be made: {error.strerror}") from None
    screen = [sys.executable, "-m", "ui.touch", "--size", size, *(["--kiosk"] if kiosk else [])]
    chosen = Simulated(hand="practice") if pen == "sim" else pen
    options = Options(home=home, pen=chosen, screen=screen, log=logs / f"processes-{os.getpid()}.log")
    try:
        with Launcher(options) as launcher:
            while not launcher.screen_closed:
                launcher.watch()
                time.sleep(WATCH_S)
    except LaunchError as error:
        raise PlainError(str(error)) from None
