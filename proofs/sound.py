#!/usr/bin/env python3
"""A HIGH burst comes out of a real sound server, a hung screen sounds by itself, and a server that dies is told: by ear (FFT).

Needs pulseaudio, parec and pactl (Debian: apt-get install pulseaudio pulseaudio-utils); a null sink of its own, no loudspeaker.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import numpy as np

from ui.touch.sound.tones import BURSTS, RATE_HZ
from ui.touch.sound.voice import Process

TOOLS = ("pulseaudio", "parec", "pactl")
SERVER = ("pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "--load=module-native-protocol-unix")
SINK = "--load=module-null-sink sink_name=nul"
LISTEN = ("parec", "-d", "nul.monitor", "--latency-msec=20", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", "--raw")
OFF_HZ = 15.0
PATIENCE_S = 40.0


def pulses_hz(recorded: pathlib.Path) -> list[float]:
    """The pulses that were heard whole: the pitch of each, by FFT. A loaded machine may put a gap into one or another."""
    data = recorded.read_bytes()
    heard = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(float)
    size = RATE_HZ // 50
    if len(heard) < size:
        return []
    loud = np.abs(heard[: len(heard) // size * size]).reshape(-1, size).max(axis=1) > 2000
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0])))).reshape(-1, 2) * size
    return [pitch_hz(heard[begin:end]) for begin, end in edges if end - begin > RATE_HZ // 10]


def pitch_hz(pulse: Any) -> float:
    """Its strongest tone below 1000 Hz, where the pulse frequency lies."""
    power = np.abs(np.fft.rfft(pulse * np.hanning(len(pulse)), 1 << 16))
    at_hz = RATE_HZ / (1 << 16)
    return float(np.argmax(power[: round(1000 / at_hz)]) * at_hz)


def wait(voice: Process, what: str, condition: Callable[[], bool]) -> float:
    """Until it is so; the seconds it took."""
    begin_s = time.monotonic()
    while not condition():
        voice.poll(time.monotonic_ns())
        if time.monotonic() - begin_s > PATIENCE_S:
            raise SystemExit(f"BROKEN: waited in vain for {what}; the voice says {voice.device!r}, {voice.why!r}")
        time.sleep(0.1)
    return time.monotonic() - begin_s


def prove(folder: pathlib.Path) -> str:
    """All three, with a sound server of its own in `folder`."""
    (folder / "run").mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith("PULSE")]:
        del os.environ[name]
    os.environ |= {"XDG_RUNTIME_DIR": str(folder / "run"), "HOME": str(folder)}
    recorded = folder / "heard.raw"
    voice = Process()
    late_s = wait(voice, "word that there is no sound device", lambda: voice.device == "")
    server = subprocess.Popen([*SERVER, SINK], stderr=subprocess.DEVNULL)
    started = [server]
    sinks = ["pactl", "list", "short", "sinks"]
    try:
        wait(voice, "the server", lambda: subprocess.run(sinks, capture_output=True, check=False).stdout != b"")
        with recorded.open("wb") as file:
            started.append(subprocess.Popen(LISTEN, stdout=file, stderr=subprocess.DEVNULL))
        found_s = wait(voice, "the device that came later", lambda: bool(voice.device) and recorded.stat().st_size > 0)
        voice.say("HIGH")
        wait(voice, "a burst", lambda: len(pulses_hz(recorded)) >= 9)
        first = pulses_hz(recorded)
        voice.say("WATCH")  # and then not a word: the screen hangs
        wait(voice, "the burst of a hung screen", lambda: len(pulses_hz(recorded)) >= len(first) + 8)
        voice.say("REST")
        heard_hz = pulses_hz(recorded)
        server.kill()
        lost_s = wait(voice, "word that the server died", lambda: voice.device == "")
    finally:
        voice.close()
        for process in started:
            process.kill()
            process.wait()
    off_hz = max(min(abs(heard - asked) for asked in BURSTS["HIGH"].pulses_hz) for heard in heard_hz)
    if off_hz > OFF_HZ:
        raise SystemExit(f"BROKEN: a pulse was {off_hz:.0f} Hz off, heard were {[round(heard) for heard in heard_hz]}")
    return (
        f"no device told after {late_s:.1f} s, one that came later found after {found_s:.1f} s; {len(heard_hz)} pulses of two "
        f"HIGH bursts heard, the second of a hung screen, within {off_hz:.0f} Hz; a dead server told after {lost_s:.1f} s: kept"
    )


def main() -> int:
    """Print what was heard."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"NOT PROVED HERE: {', '.join(missing)} missing (Debian: apt-get install pulseaudio pulseaudio-utils)")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        print(prove(pathlib.Path(folder)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
