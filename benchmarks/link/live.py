"""The share of a processor that a control-like loop takes at 1 kHz over a pty, and what waiting and reading alone take."""

import contextlib
import os
import select
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path

from benchmarks.link.pen import DEPTH_UM, SPEED_RPM
from benchmarks.link.timing import DRIVE, LIMIT_UM, NONCE, in_order
from benchmarks.registry import Document
from firmware_protocol.happenings import Sample
from firmware_protocol.link import Link
from firmware_protocol.runs import SampleRun
from firmware_protocol.transport import Transport, open_transport
from pencontrol.control.supervisor import Supervisor

DRIVE_NS = 20_000_000
ROOT = Path(__file__).parents[2]


def at_1_khz(seconds: float) -> Document:
    """`cpu_share`: receive and judge every sample, send what is due and a DRIVE each 20 ms. `floor_share`: select and read."""
    with line() as transport:
        samples, lost, share = control_like(transport, seconds)
    with line() as transport:
        floor = floor_share(transport, seconds / 2)
    return {
        "seconds": seconds,
        "samples": samples,
        "lost": lost,
        "cpu_share": round(share, 4),
        "floor_share": round(floor, 4),
    }


@contextlib.contextmanager
def line() -> Iterator[Transport]:
    """A pen in a process of its own at the other end of a pty."""
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    with contextlib.closing(open_transport(name)) as transport:
        os.close(slave)
        pen = subprocess.Popen(
            [sys.executable, "-c", f"from benchmarks.link.pen import main; main({master})"], pass_fds=[master], cwd=ROOT
        )
        os.close(master)
        try:
            yield transport
        finally:
            pen.terminate()
            pen.wait()


def control_like(transport: Transport, seconds: float) -> tuple[int, int, float]:
    """Samples judged, samples lost, share of one processor."""
    link = Link(NONCE)
    supervisor = Supervisor(time.monotonic_ns(), DEPTH_UM, SPEED_RPM)
    judged = drive_ns = begun_ns = cpu_ns = ended_ns = 0
    while True:
        now_ns = time.monotonic_ns()
        due_ns = min(link.next_due_ns() or now_ns, drive_ns)
        if select.select([transport], [], [], max(0, due_ns - now_ns) / 1e9)[0]:
            now_ns = time.monotonic_ns()
            for each in link.receive_runs(transport.read(), now_ns):
                if type(each) is Sample:
                    supervisor.judge(each.telemetry, each.read_ns, LIMIT_UM)
                    judged += 1
                elif type(each) is SampleRun:
                    judged += len(each) if supervisor.is_calm(each, LIMIT_UM) else in_order(each, supervisor)
        else:
            now_ns = time.monotonic_ns()
            link.receive(b"", now_ns)
        out = link.poll(now_ns)
        if now_ns >= drive_ns:
            drive_ns = now_ns + DRIVE_NS
            out += link.drive(DRIVE)
        if out:
            transport.write(out)
        if not begun_ns and link.clock.rounds >= 8:  # connected: from here on it counts
            begun_ns, cpu_ns, judged = now_ns, time.process_time_ns(), 0
            ended_ns = begun_ns + int(seconds * 1e9)
        if begun_ns and now_ns >= ended_ns:
            return judged, link.samples_lost, (time.process_time_ns() - cpu_ns) / (now_ns - begun_ns)


def floor_share(transport: Transport, seconds: float) -> float:
    """The same waiting and reading, and nothing done with it."""
    select.select([transport], [], [], 5.0)
    begun_ns, cpu_ns = time.monotonic_ns(), time.process_time_ns()
    while time.monotonic_ns() - begun_ns < seconds * 1e9:
        if select.select([transport], [], [], 0.02)[0]:
            transport.read()
    return (time.process_time_ns() - cpu_ns) / (time.monotonic_ns() - begun_ns)
