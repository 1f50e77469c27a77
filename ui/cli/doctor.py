"""`pencontrol doctor`: what this machine grants, and how to mend what it does not. I/O, reads only."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from ui.cli.common import Home, JsonOut, default_home, print_json
from ui.cli.doctor_loop import last_loop, sound_way

DISK_MIN_BYTES = 500_000_000
LIBRARIES = ("PyQt6", "pyqtgraph", "numpy", "pyserial", "pydantic", "SQLAlchemy", "alembic", "reportlab", "zstandard", "typer")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    verdict: Literal["good", "fair", "bad"]  # fair: works, with less margin
    found: str
    mend: str = ""


def doctor(home: Home = None, json_out: JsonOut = False) -> None:
    """Look at display, sound, ports, real-time grants, disk, clock, database and versions; says how to mend each."""
    place = home or default_home()
    machine: tuple[Callable[[Path], Finding], ...] = (_display, _sound, _ports, _cores, _idle, _priority)
    checks = (*machine, _loop, _disk, _clock, _database)
    findings = [check(place) for check in checks] + [_versions()]
    if json_out:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            print(f"{finding.verdict:<5} {finding.name:<14} {finding.found}")
            if finding.mend:
                print(f"{'':<20} {finding.mend}")
    if any(finding.verdict == "bad" for finding in findings):
        raise SystemExit(1)


def _display(_: Path) -> Finding:
    if sys.platform != "linux":
        return Finding("display", "good", f"the desktop of {platform.system()}")
    named = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if named:
        return Finding("display", "good", named)
    return Finding("display", "fair", "none", "the touchscreen needs one; `pencontrol rehearse` and all else work without")


def _sound(_: Path) -> Finding:
    return Finding("sound", *sound_way())


def _loop(home: Path) -> Finding:
    return Finding("control's loop", *last_loop(home))


def _ports(_: Path) -> Finding:
    from firmware_protocol.discovery import candidate_urls

    found = candidate_urls()
    if not found:
        return Finding("ports", "fair", "no USB serial port", "plug the pen in, or use --pen sim")
    closed = [url for url in found if not os.access(url, os.R_OK | os.W_OK)] if sys.platform == "linux" else []
    if closed:
        return Finding(
            "ports", "bad", f"no permission for {', '.join(closed)}", "sudo usermod -aG dialout $USER, then sign in again"
        )
    return Finding("ports", "good", ", ".join(found))


def _cores(_: Path) -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if count < 2:
        return Finding(
            "own core", "fair", "one core", "control shares it with the screen: answers come later, limits hold all the same"
        )
    return Finding("own core", "good", f"{count} cores, the last one is control's")


def _idle(_: Path) -> Finding:
    if os.access("/dev/cpu_dma_latency", os.W_OK):
        return Finding("idle states", "good", "held off while armed")
    mend = 'a udev rule: KERNEL=="cpu_dma_latency", GROUP="dialout", MODE="0660"'
    return Finding("idle states", "fair", "not permitted", mend if sys.platform == "linux" else "")


def _priority(_: Path) -> Finding:
    if sys.platform != "linux":
        return Finding("priority", "fair", "not offered by this system")
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_RTPRIO)
    if os.geteuid() == 0 or soft >= 10:
        return Finding("priority", "good", "real-time priority 10 is permitted")
    return Finding(
        "priority", "fair", "real-time priority is not permitted", "in /etc/security/limits.conf: @dialout - rtprio 10"
    )


def _disk(home: Path) -> Finding:
    folder = next(each for each in (home, *home.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free for {home}"
    if free < DISK_MIN_BYTES:
        return Finding("disk", "bad", words, f"START is refused under {DISK_MIN_BYTES // 1_000_000} MB: make room")
    return Finding("disk", "good", words)


def _clock(_: Path) -> Finding:
    year = time.gmtime().tm_year
    if not (2026 <= year <= 2100):
        return Finding("clock", "bad", f"the year is {year}", "set the date: records carry it")
    resolution_us = time.get_clock_info("monotonic").resolution * 1e6
    return Finding("clock", "good", f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} UTC, monotonic to {resolution_us:g} us")


def _database(home: Path) -> Finding:
    from sessions.reading import count_sessions
    from sessions.store import FILE_NAME, StoreError, open_store

    if not (home / FILE_NAME).exists():
        return Finding("database", "good", f"none yet in {home}; the first session makes it")
    try:
        with open_store(home) as records:
            return Finding("database", "good", f"{count_sessions(records)} sessions in {home / FILE_NAME}")
    except StoreError as error:
        return Finding("database", "bad", str(error), "do not delete the file: it may be the only proof of a treatment")


def _versions() -> Finding:
    told = [f"Python {sys.version.split()[0]}"]
    for name in ("pencontrol", *LIBRARIES):
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return Finding("versions", "bad", f"{name} is not installed", "./run installs everything")
    return Finding("versions", "good", ", ".join(told))
