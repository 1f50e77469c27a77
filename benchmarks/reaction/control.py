"""The real control process, started as the bench needs it: `python -m benchmarks.reaction.control CONTROL'S ARGUMENTS`.

Three things differ from the product, all of them put in from here: a transport for Unix sockets; a hook that arms the judge
again after each answer; and, when the bench asks, grants withheld, a slow commit in control's thread (negative control), or
control as a thread of the screen's process (negative control). `judge`, link, record and ring are the product's own.
"""

import json
import os
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from unittest.mock import patch

from firmware_protocol.happenings import Sample
from firmware_protocol.transport import OpenFailed, Transport, open_transport
from pencontrol.control import port, process
from pencontrol.control.core import Control
from pencontrol.control.grants import leave_control_its_core
from pencontrol.control.pen_line import PenLine
from pencontrol.control.run import Phase

ENVIRONMENT = "PENCONTROL_BENCH_CONTROL"
UNIX = "unix://"
COMMIT_EVERY_S = 1.0  # as often as a second of trace is committed


@dataclass(frozen=True)
class Wishes:
    """What is to differ from the product; travels in the environment as JSON."""

    withheld: tuple[str, ...] = ()
    commit_s: float = 0.0  # a commit in control's own thread takes this long
    screen: tuple[str, ...] = ()  # arguments of `ui.touch`: the screen runs in this process, control in a thread of it

    def environment(self) -> dict[str, str]:
        """For the child."""
        return {ENVIRONMENT: json.dumps(asdict(self))}

    @classmethod
    def read(cls) -> "Wishes":
        """In the child."""
        said = json.loads(os.environ.get(ENVIRONMENT, "{}"))
        return cls(tuple(said.get("withheld", ())), float(said.get("commit_s", 0.0)), tuple(said.get("screen", ())))


class RearmedControl(Control):
    """A STOP of control's own guard is followed by RUNNING again, at once and as if nothing had been.

    All of the way from the sample to the STOP's write is the product's. What would come after it (alarm, state, record of
    the trip, proof of standstill) is dropped here: five hundred trips a second are no treatment.
    """

    def _on_sample(self, sample: Sample, line: PenLine, calm: bool = False) -> None:
        changed = self.station.changed
        super()._on_sample(sample, line, calm)
        run = self.station.run
        if run is None or run.phase is not Phase.STOPPING:
            return
        alarms = self.station.alarms
        if not any(change.row.id == "DEPTH_OVER_LIMIT" for change in alarms.changes):
            return
        for change in alarms.changes:
            alarms._alarms.pop(change.row.id, None)
        alarms.changes.clear()
        line.link._stopping.pending = False
        self.motion._trip = None
        run.phase = Phase.RUNNING
        self.station.changed = changed


class BenchProcess(process.ControlProcess):
    """Control with a slow commit in its own thread, when asked for."""

    wishes = Wishes()
    _commit_at_s = 0.0

    def _turn(self) -> None:
        super()._turn()
        if self.wishes.commit_s and time.monotonic() >= self._commit_at_s:
            self._commit_at_s = time.monotonic() + COMMIT_EVERY_S
            time.sleep(self.wishes.commit_s)


class InScreen(BenchProcess):
    """Control as a thread of the screen's process: what the product must not be."""

    def run(self) -> None:
        """The screen in the main thread, control beside it; both end with the lifeline."""
        from ui.touch.__main__ import main as screen

        control = threading.Thread(target=super().run, name="control")
        control.start()
        leave_control_its_core()
        screen(list(self.wishes.screen))
        control.join()


def open_any(url: str) -> Transport:
    """`open_transport`, and unix:///PATH besides. Raises OpenFailed."""
    if not url.startswith(UNIX):
        return open_transport(url)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.connect(url.removeprefix(UNIX))
    except OSError as failure:
        line.close()
        raise OpenFailed(f"{url}: {failure.strerror}") from failure
    line.setblocking(False)
    return Transport(url, line.fileno, line.recv, line.send, lambda: None, lambda stuck: line.close())


def main(arguments: list[str]) -> int:
    """Control's own `main`, with the three differences."""
    wishes = Wishes.read()
    kind: type[BenchProcess] = InScreen if wishes.screen else BenchProcess
    kind.wishes = wishes
    with (
        patch.object(port, "open_transport", open_any),
        patch.object(process, "Control", RearmedControl),
        patch.object(process, "ControlProcess", kind),
    ):
        return process.main(arguments, withheld=wishes.withheld)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
