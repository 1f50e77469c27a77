"""The peer: the same session in plain pyqtgraph, as its manual has it. `python -m benchmarks.screen.plain --mode raw|downsampled`

Two plots as in the replay, each with a curve of every sample; raw, or with pyqtgraph's own downsampling and clipping to the view.
Says what it took as JSON. Its drags come from inside, without the way through the X server, which is in its favour.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from benchmarks.screen.figures import times_of
from benchmarks.screen.processes import rss_mb, rss_peak_from_now, rss_peak_mb
from sessions.reading import load_trace
from sessions.store import open_store

PANS = {"raw": 12, "downsampled": 60}
SPANS = (1_125_000, 70_312, 4_394)  # samples on show, as the replay's three widths
SIZE = (1280, 800)


class Window(QWidget):
    """Says when it has been painted."""

    painted_ns = 0

    def event(self, event: QEvent | None) -> bool:
        """After the update request everything is on the display's side."""
        taken = super().event(event)
        if event is not None and event.type() == QEvent.Type.UpdateRequest:
            self.painted_ns = time.monotonic_ns()
        return taken


def measure(home: Path, session: str, mode: str) -> dict[str, object]:
    """Open and drag."""
    application = QApplication([])
    window = Window()
    window.resize(*SIZE)
    box = QVBoxLayout(window)
    plots = [pg.PlotWidget(), pg.PlotWidget()]
    for plot in plots:
        plot.setMouseEnabled(False, False)
        box.addWidget(plot)
        if mode == "downsampled":
            plot.setDownsampling(auto=True, mode="peak")
            plot.setClipToView(True)
    window.show()

    def drawn(since_ns: int) -> int:
        while window.painted_ns < since_ns:
            application.processEvents()
        return window.painted_ns - since_ns

    drawn(time.monotonic_ns())
    process = os.getpid()
    before_mb = rss_mb(process)
    rss_peak_from_now(process)
    begin_ns = time.monotonic_ns()
    with open_store(home) as store:
        trace = load_trace(store, session)
        place = trace["index"].astype(np.float64)
        values = (trace["speed_rpm"].astype(np.float64), trace["depth_um"] / 1000.0)
        del trace
    read_ns = time.monotonic_ns()
    for plot, value in zip(plots, values, strict=True):
        plot.plot(place, value, pen=pg.mkPen("w"))
    drawn(time.monotonic_ns())
    shown_ns = window.painted_ns
    took: list[int] = []
    for span in SPANS:
        first = float(place[0])
        for step in range(PANS[mode]):
            at_ns = time.monotonic_ns()
            for plot in plots:
                plot.setXRange(first + step * span / 100, first + step * span / 100 + span, padding=0)
            took.append(drawn(at_ns))
    return {
        "samples": len(place),
        "read_ms": round((read_ns - begin_ns) / 1e6, 1),
        "open_ms": round((shown_ns - begin_ns) / 1e6, 1),
        "pan_ms": vars(times_of(np.array(took[1:], np.int64))),
        "memory_open_mb": round(rss_mb(process) - before_mb, 1),
        "memory_peak_mb": round(rss_peak_mb(process) - before_mb, 1),
    }


def main() -> int:
    """For `benchmarks.screen.records`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.plain")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--session", required=True)
    parser.add_argument("--mode", choices=sorted(PANS), required=True)
    given = parser.parse_args()
    print(json.dumps(measure(given.home, given.session, given.mode)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
