#!/usr/bin/env python3
"""STOP to reply p99 under 5 ms at 1 kHz over a pty; a killed host is a FAULT within lease + 20 ms, a deaf one within 350 ms.

A STOP in the middle of an upload is proven within 10 ms, so it was on the wire before."""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from firmware_protocol import messages as m
from firmware_protocol.conformance.driving import drive, running
from firmware_protocol.conformance.probe import LEASE_MS, Probe
from firmware_protocol.conformance.runner import PortLine
from firmware_protocol.happenings import StopConfirmed
from firmware_protocol.link import Link

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAYS = 2500
STOPS = 1000
ROUNDS = 5
P99_MS = 5.0
UPLOAD_STOPS = 300
UPLOAD_MS = 10.0
KILLED_MS = LEASE_MS + 20
DEAF_MS = 350


@contextlib.contextmanager
def simulated_pen(side: pathlib.Path) -> Iterator[str]:
    """The URL of a simulated pen in a process of its own, over a pty that `side` may tell about."""
    command = [sys.executable, "-m", "firmware_protocol.simulator", "--pty", "--side", str(side)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def truth(side: pathlib.Path) -> list[dict[str, Any]]:
    """The pen's journal: every change of state and power, with the time of this computer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(side))
        line.sendall(b'{"do": "journal"}\n')
        journal: list[dict[str, Any]] = json.loads(line.makefile().readline())["journal"]
    return journal


def faulted_ns(side: pathlib.Path, after_ns: int) -> int:
    """When the pen, after this moment, was in FAULT with the motor off."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        for change in truth(side):
            if change["mono_ns"] > after_ns and change["state"] == "FAULT" and not change["motor_powered"]:
                return int(change["mono_ns"])
        time.sleep(0.02)
    raise SystemExit("the pen never stopped")


def stops_ms(url: str) -> list[float]:
    """Milliseconds from writing STOP to reading its reply, sorted, while telemetry flows at 1 kHz."""
    with contextlib.closing(PortLine(url)) as line:
        probe = Probe(line, DAYS)
        probe.fresh(plan=False)
        took = []
        for _ in range(STOPS):
            start = line.now_s()
            probe.must(m.OK, "STOP", probe.ask(m.STOP, m.STOP_OPERATOR))
            took.append((line.now_s() - start) * 1000)
            probe.run(0.002)
    return sorted(took)


def stops_in_upload_ms(url: str) -> list[float]:
    """Milliseconds from asking the product's link for a STOP to reading its proof, sorted, while a plan is being uploaded."""
    dice = random.Random(3)
    with contextlib.closing(PortLine(url)) as line:
        link, took = Link(dice.getrandbits(32)), []
        entries = tuple((zone, 1000) for zone in range(1, 17))

        def turn(wait_s: float) -> list[object]:
            line.write(link.poll(time.monotonic_ns()))
            return list(link.receive(line.read(wait_s), time.monotonic_ns()))

        while link.hello is None:
            turn(0.005)
        for _ in range(UPLOAD_STOPS):
            for _ in range(80):  # more than the pen can have answered when STOP comes
                link.request(m.PLAN_WRITE, m.PlanWrite(0, entries), time.monotonic_ns())
            before_ns = time.monotonic_ns()
            moment_ns = dice.uniform(0, 1e6)
            while time.monotonic_ns() - before_ns < moment_ns:
                turn(0.001)
            assert link._requests.queue, "the upload was over before the STOP"
            start_ns = time.monotonic_ns()
            line.write(link.stop(m.STOP_OPERATOR, start_ns))
            while not any(isinstance(each, StopConfirmed) for each in turn(0.001)):
                assert time.monotonic_ns() - start_ns < 1_000_000_000, "no proof of STOP"
            took.append((time.monotonic_ns() - start_ns) / 1e6)
            while link._requests.flight or link._requests.queue:
                turn(0.001)
        return sorted(took)


def play_host(url: str, deaf: bool) -> None:
    """The host that is killed or goes deaf: drives, and prints the time of each DRIVE or of the last sample it judged."""
    line = PortLine(url)
    probe = Probe(line, DAYS)
    running(probe, needles_out=False)
    if deaf:
        seen = probe.newest.index
        print(time.monotonic_ns(), flush=True)
        while True:  # the sender lives on, the reader does not
            drive(probe, seen_index=seen)
            time.sleep(0.02)
    while True:
        drive(probe)
        print(time.monotonic_ns(), flush=True)
        probe.run(0.02)


def host_dies_ms(url: str, side: pathlib.Path, deaf: bool) -> float:
    """Milliseconds from the last DRIVE of a killed host, or the last sample of a deaf one, to FAULT with the motor off."""
    command = [sys.executable, __file__, "--host", url, *(["--deaf"] if deaf else [])]
    holder = os.open(url, os.O_RDWR | os.O_NOCTTY)  # the port stays open: no HUP, so the lease alone must do it
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
            assert host.stdout is not None
            last_ns = int(host.stdout.readline())
            if deaf:
                found = (faulted_ns(side, last_ns) - last_ns) / 1e6
                host.kill()
                return found
            time.sleep(0.3)
            host.send_signal(signal.SIGKILL)
            for text in host.stdout:
                last_ns = int(text) if text.endswith("\n") else last_ns
            return (faulted_ns(side, last_ns) - last_ns) / 1e6
    finally:
        os.close(holder)


def main() -> int:
    """Measure all three and print the slowest of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--deaf", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.chdir(ROOT)
    if given.host:
        play_host(given.host, given.deaf)
    with tempfile.TemporaryDirectory() as folder:
        side = pathlib.Path(folder) / "side"
        with simulated_pen(side) as url:
            took = stops_ms(url)
            upload = stops_in_upload_ms(url)
            killed = max(host_dies_ms(url, side, deaf=False) for _ in range(ROUNDS))
            deaf = max(host_dies_ms(url, side, deaf=True) for _ in range(ROUNDS))
    p99 = took[len(took) * 99 // 100]
    upload_p99 = upload[len(upload) * 99 // 100]
    kept = p99 < P99_MS and upload_p99 < UPLOAD_MS and killed <= KILLED_MS and deaf <= DEAF_MS
    print(
        f"STOP to reply, {STOPS} at 1 kHz: p50 {took[STOPS // 2]:.2f}, p99 {p99:.2f}, max {took[-1]:.2f} ms (limit {P99_MS:g}); "
        f"in mid-upload, {UPLOAD_STOPS}: p99 {upload_p99:.2f}, max {upload[-1]:.2f} ms to its proof (limit {UPLOAD_MS:g}); "
        f"slowest of {ROUNDS}: host killed -> FAULT {killed:.0f} ms (limit {KILLED_MS}), "
        f"reader frozen -> FAULT {deaf:.0f} ms (limit {DEAF_MS}): {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
