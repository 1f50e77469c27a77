"""The bench's line into the screen: goes to pages, opens panels and sessions, says where things are. Never while timing.

One JSON line in, one out. What is timed is done by real X events (`benchmarks.screen.finger`), not from here.
"""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QPoint, QSocketNotifier
from PyQt6.QtWidgets import QWidget
from PyQt6.sip import voidptr

from benchmarks.screen.tour import Tour
from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.app import Touch
from ui.touch.pyramid import MISSING

Order = dict[str, Any]


class Hands(QObject):
    """Listens on a Unix socket; one bench at a time."""

    def __init__(self, touch: Touch, path: Path) -> None:
        super().__init__(touch)
        self._touch = touch
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._peer: socket.socket | None = None
        self._watch = QSocketNotifier(voidptr(self._listener.fileno()), QSocketNotifier.Type.Read, self)
        self._watch.activated.connect(self._accept)
        self._hear: QSocketNotifier | None = None
        self._wanted = ""  # the section to show as soon as the session that is being opened has its head
        self._connected = False
        self._tour = Tour(touch)
        self._orders: dict[str, Callable[[Order], object]] = {
            "where": self._where,
            "state": self._state,
            "page": self._page,
            "panel": lambda order: touch.presenter.show_panel(h.Panel(order["panel"])),
            "ask": lambda order: self._tour.orders[order["what"]](),
            "tab": lambda order: touch.setup.choose(order["tab"]),
            "section": lambda order: self._tour.records.show_section(order["section"]),
            "search": lambda order: self._tour.records.ask_search(),
            "open": self._open,
            "zoom": lambda order: self._tour.records.replay.zoom(order["factor"]),
            "span": lambda order: self._tour.records.replay.window_shown.span,
            "track": self._track,
            "leave_session": lambda order: touch.presenter.leave_session(),
        }

    def _accept(self) -> None:
        if self._peer is not None:
            self._peer.close()
        self._peer, _ = self._listener.accept()
        self._hear = QSocketNotifier(voidptr(self._peer.fileno()), QSocketNotifier.Type.Read, self)
        self._hear.activated.connect(self._read)

    def _read(self) -> None:
        peer, hear = self._peer, self._hear
        if peer is None or hear is None:
            return
        data = peer.recv(65536)  # an order is one short line, written at once
        if not data:
            hear.setEnabled(False)
            peer.close()
            self._peer = None
            return
        order = json.loads(data)
        peer.sendall(json.dumps({"is": self._orders[order["do"]](order)}).encode() + b"\n")

    def _page(self, order: Order) -> None:
        self._touch.presenter.visit(h.Page(order["page"]) if order["page"] else None)

    def _open(self, order: Order) -> None:
        """As a finger on the list's row does; the section is touched as soon as there is something to touch."""
        page = self._tour.records
        if not self._connected:
            self._connected = True
            page.section_shown.connect(self._on_section)
        page.show_section("list")
        self._wanted = order["section"]
        page.list.chosen.emit(order["session"])

    def _on_section(self, section: str) -> None:
        if section == "summary" and self._wanted:
            wanted, self._wanted = self._wanted, ""
            if wanted != section:
                self._tour.records.show_section(wanted)

    def _state(self, order: Order) -> Order:
        state = self._touch.presenter.state
        desk = self._touch.records.desk
        return {
            "page": s.page(state).value,
            "panel": s.shown_panel(state).value,
            "stop": state.stop.value,
            "pen": state.snapshot.state.value if state.snapshot is not None else "",
            "linked": state.linked,
            "lid": self._tour.lid(),
            "section": self._tour.section(s.page(state)),
            "tabs": list(self._touch.setup.keys),
            "busy": desk is not None and desk._librarian.busy,
            "session_shown": desk is not None and desk._record is not None and self._tour.records.replay.track is not None,
        }

    def _track(self, order: Order) -> Order:
        """Is the trace on show whole? Looks through all of it: never while timing."""
        page = self._touch.records.page
        track = page.replay.track if page is not None else None
        if page is None or track is None:
            return {"samples": 0, "missing": 0}
        missing = int((track.depth.samples == MISSING).sum())
        return {"samples": track.end - track.begin, "missing": missing, "columns": page.replay.plots[0].columns()}

    def _where(self, order: Order) -> Order:
        """Global rectangles: STOP, the pen's lamp, and the replay's speed trace when it is on show."""
        shell = self._touch.shell
        where = {"stop": _rectangle(shell.stop_button), "lamp": _rectangle(shell.top_bar.lamp)}
        page = self._touch.records.page
        if page is not None:
            where["trace"] = _rectangle(page.replay.plots[0])
        return where


def _rectangle(widget: QWidget) -> tuple[int, int, int, int]:
    corner = widget.mapToGlobal(QPoint(0, 0))
    return corner.x(), corner.y(), widget.width(), widget.height()
