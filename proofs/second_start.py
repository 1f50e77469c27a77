#!/usr/bin/env python3
"""Seconds from calling a prepared ./test or ./run until it starts its work."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CALLS = 5
LIMIT_S = 3.0


def first_word_s(*command: str, home: str) -> float:
    """Time until the command's first output, which it gives on starting its first stage; then it is ended."""
    environment = os.environ | {"PENCONTROL_HOME": home, "PENCONTROL_EXPORTS": home}
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,  # one group, so that ending it leaves no half-started stage behind
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read(1)
        elapsed = time.perf_counter() - start
        os.killpg(process.pid, signal.SIGTERM)
        rest = process.stdout.read()
    text = (said + rest).decode(errors="replace")
    if not any(mark in text.splitlines()[0] for mark in ("ruff format", "rehearsing")):
        raise SystemExit(f"{command[0]} was not ready to work: {text}")
    return elapsed


def main() -> int:
    """Measure both scripts and print the slowest call of each."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        slowest = {
            name: max(first_word_s(*command, home=home) for _ in range(CALLS))
            for name, command in {"./test": [f"{ROOT}/test"], "./run": [f"{ROOT}/run", "--headless"]}.items()
        }
    figures = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest.items())
    kept = max(slowest.values()) < LIMIT_S
    print(f"second start, slowest of {CALLS}: {figures} (limit {LIMIT_S:.0f} s): {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
