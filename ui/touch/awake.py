"""Keeps the system from blanking the panel while the pen is armed. Never waits; what is not there is said in words."""

import logging
import shutil
from collections.abc import Callable
from typing import Protocol

from PyQt6.QtCore import QObject, QProcess
from PyQt6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusPendingReply

log = logging.getLogger(__name__)
RESET_NS = 20_000_000_000
SERVICE, PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"


class Inhibitor(Protocol):
    """One way to keep a panel lit."""

    words: str  # what came of it, for the technician

    def hold(self) -> None:
        """From now on no blanking."""

    def release(self) -> None:
        """The system's own rules again."""

    def again(self) -> None:
        """Still held: for ways that must be repeated."""


class Awake:
    """Holds every inhibitor while the pen is armed. The frame tick calls `look`."""

    def __init__(self, inhibitors: list[Inhibitor], clock: Callable[[], int]) -> None:
        self._inhibitors, self._clock = inhibitors, clock
        self._held = False
        self._again_ns = 0

    def look(self, armed: bool) -> None:
        """One frame later."""
        now = self._clock()
        if armed != self._held:
            self._held = armed
            for inhibitor in self._inhibitors:
                if armed:
                    inhibitor.hold()
                else:
                    inhibitor.release()
            self._again_ns = now + RESET_NS
        elif armed and now >= self._again_ns:
            self._again_ns = now + RESET_NS
            for inhibitor in self._inhibitors:
                inhibitor.again()

    def words(self) -> str:
        """What each way says of itself."""
        return ", ".join(inhibitor.words for inhibitor in self._inhibitors)

    def close(self) -> None:
        """Nothing is held any more."""
        self.look(False)


class DesktopInhibitor(QObject):
    """org.freedesktop.ScreenSaver on the session bus, as desktops offer it."""

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._cookie: int | None = None
        self._wanted = False
        self.words = "desktop: not asked yet" if bus.isConnected() else "desktop: no session bus"

    def hold(self) -> None:
        """Ask for a cookie; the answer may come later."""
        self._wanted = True
        if self._bus.isConnected() and self._cookie is None:
            self._call("Inhibit", ["pencontrol", "a needling pen is armed"], self._on_cookie)

    def release(self) -> None:
        """Give the cookie back."""
        self._wanted = False
        cookie, self._cookie = self._cookie, None
        if cookie is not None:
            self._call("UnInhibit", [cookie], None)

    def again(self) -> None:
        """A cookie holds until it is given back."""

    def _call(self, method: str, arguments: list[object], done: Callable[[QDBusPendingCallWatcher], None] | None) -> None:
        message = QDBusMessage.createMethodCall(SERVICE, PATH, SERVICE, method)
        message.setArguments(arguments)
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(message), self)
        if done is not None:
            watcher.finished.connect(done)
        watcher.finished.connect(watcher.deleteLater)

    def _on_cookie(self, watcher: QDBusPendingCallWatcher) -> None:
        reply = QDBusPendingReply(watcher)
        if reply.isError():
            self.words = "desktop: offers no inhibition"
            return
        self._cookie = int(reply.argumentAt(0))
        self.words = "desktop: held off while armed"
        if not self._wanted:
            self.release()


class ServerInhibitor(QObject):
    """The X server's own saver, set back every 20 s by `xset s reset`; its settings stay the person's."""

    def __init__(self, tool: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tool = tool if tool is not None else shutil.which("xset") or ""
        self._process: QProcess | None = None
        self.words = "X server: not asked yet" if self._tool else "X server: no xset"

    def hold(self) -> None:
        """Set back now."""
        self.again()

    def release(self) -> None:
        """Nothing to give back."""

    def again(self) -> None:
        """Set the saver's clock back, beside the screen; one at a time."""
        if not self._tool or self._process is not None:
            return
        process = QProcess(self)
        self._process = process
        process.finished.connect(lambda code: self._on_finished(code))
        process.errorOccurred.connect(lambda error: self._on_error(error))
        process.start(self._tool, ["s", "reset"])

    def _on_finished(self, code: int) -> None:
        self.words = "X server: held off while armed" if code == 0 else "X server: not reached"
        self._drop()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.words = "X server: xset does not start"
            log.warning("%s cannot be started: blanking is not held off on this X server", self._tool)
            self._drop()

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()


def inhibitors(platform: str, parent: QObject) -> list[Inhibitor]:
    """What this windowing platform ("xcb", "wayland", "offscreen") has."""
    if platform == "offscreen":
        return []
    found: list[Inhibitor] = [DesktopInhibitor(QDBusConnection.sessionBus(), parent)]
    if platform == "xcb":
        found.append(ServerInhibitor(parent=parent))
    return found
