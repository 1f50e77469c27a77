"""What this machine offers the screen: backlight, ways to keep the panel lit, versions. The only place that asks for them."""

import os
import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication

from ui.touch.awake import Awake, inhibitors
from ui.touch.backlight import Backlight
from ui.touch.household import Means
from ui.touch.widgets.hold import Clock

LIBRARIES = ("pencontrol", "PyQt6", "pyqtgraph", "numpy")


def system_means(clock: Clock, parent: QObject) -> Means:
    """The real ones."""
    ways = inhibitors(QGuiApplication.platformName(), parent)
    return Means(clock, datetime.now, lambda: os.urandom(16), Backlight(), Awake(ways, clock), versions())


def versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of what the screen is made of."""
    told = [("Python", platform.python_version()), ("System", f"{platform.system()} {platform.release()}")]
    for name in LIBRARIES:
        try:
            told.append((name, version(name)))
        except PackageNotFoundError:
            told.append((name, "---"))
    return tuple(told)
