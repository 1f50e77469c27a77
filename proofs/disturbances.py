#!/usr/bin/env python3
"""A blocked or stopped screen, a full disk, a slow recorder, a lapped ring: control's period holds, limit and 300 ms too.

Real processes on the simulated pen, the real touchscreen without a display. For each disturbance two runs: in one the
figures are taken, in the other the needles run away past the limit while it lasts, with the pen's own guard switched off.
`--only NAME` (again and again) runs a part; `--seconds` is how long each run lasts before and after its disturbance.
"""

import argparse
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from pencontrol.control import commands
from pencontrol.control.ring import SLOTS, Ring
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.launcher import Launcher, Options, Simulated
from pencontrol.plan import load_plan
from pencontrol.zones import shipped_zones
from sessions.events import Event
from sessions.reading import list_sessions, load_events
from sessions.store import open_store
from tests.end_to_end.side import Side

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLAN = ROOT / "pencontrol" / "data" / "plans" / "full_face.toml"
ZONE = "F.CHEEK.R"
RATIO = 1.5
SILENCE_MS = (300.0, 320.0)
BLOCKED_S = 5.0
PEN_HELD_UP = frozenset({"DRIVE_REFUSED", "TELEMETRY_STALE", "PEN_FAULT"})
TRIES = 4
RUNAWAY_UM_PER_S = 4000
OVER_UM = 100 + 45  # tolerance, and what the needles travel in a cycle of 8.6 ms: the reach is read once in each
DISK_BYTES = 1 << 30  # control refuses START under 500 MB; a tmpfs takes only what is written


@dataclass
class Run:
    """One treatment under one disturbance, and what its record says."""

    launcher: Launcher
    side: Side
    home: pathlib.Path
    ended: list[Callable[[], None]] = field(default_factory=list)  # what the disturbance must undo

    def wait(self, what: str, condition: Callable[[Snapshot], bool], seconds: float = 20.0) -> Snapshot:
        """Until control's snapshot is as wanted."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.ring.read_snapshot()
            if now is not None and condition(now):
                return now
            if time.monotonic() > deadline:
                told = (now.state.value, now.reason, [alarm.alarm for alarm in now.alarms]) if now is not None else "nothing"
                log = (self.home.parent / "log").read_text() if (self.home.parent / "log").exists() else ""
                raise SystemExit(f"waited in vain for {what}; control says {told}\n{log[-3000:]}")
            time.sleep(0.005)

    @property
    def ring(self) -> Ring:
        """The shared ring."""
        assert self.launcher.ring is not None
        return self.launcher.ring

    def process(self, name: str) -> int:
        """Its process id."""
        return self.launcher.process_id(name)


# the disturbances: each begins, and says for how long it goes on by itself


def nothing(run: Run) -> float:
    """To compare with."""
    del run
    return BLOCKED_S


def qt_blocked(run: Run) -> float:
    """The screen's Qt thread does not return for 5 s."""
    os.kill(run.process("ui"), signal.SIGUSR1)
    return BLOCKED_S


def screen_stopped(run: Run) -> float:
    """SIGSTOP of the screen."""
    screen = run.process("ui")
    os.kill(screen, signal.SIGSTOP)
    run.ended.append(lambda: os.kill(screen, signal.SIGCONT))
    return BLOCKED_S


def disk_full(run: Run) -> float:
    """Not a byte fits: a disk of its own shrinks, or (without the right to mount one) the recorder's files may not grow."""
    if os.path.ismount(run.home):
        resize(run.home, shutil.disk_usage(run.home).used)
        run.ended.append(lambda: resize(run.home, DISK_BYTES))
    else:
        largest = max(path.stat().st_size for path in run.home.iterdir() if path.is_file())
        recorder = run.process("recorder")
        before = resource.prlimit(recorder, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        run.ended.append(lambda: resource.prlimit(recorder, resource.RLIMIT_FSIZE, before) and None)
    return 2.5


def resize(disk: pathlib.Path, size: int) -> None:
    """A tmpfs takes another size while it is in use."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def slow_recorder(run: Run) -> float:
    """The recorder is stopped for 0.5 s, four times: its commits come late."""
    recorder = run.process("recorder")
    code = "import os,signal,sys,time\nfor _ in range(4):\n os.kill(int(sys.argv[1]),signal.SIGSTOP);time.sleep(.5)\n"
    code += " os.kill(int(sys.argv[1]),signal.SIGCONT);time.sleep(.5)\n"
    helper = subprocess.Popen([sys.executable, "-c", code, str(recorder)])
    run.ended.append(lambda: helper.wait(10) and None)
    return 4.0


def lapped_ring(run: Run) -> float:
    """A reader that does not look while the ring is written over once and more."""
    from ui.touch.ring_reader import RingReader

    ring = Ring(run.launcher.runtime.ring)
    reader = RingReader(ring)
    reader.read()

    def look() -> None:
        fresh = reader.read()
        index = fresh.samples["index"].astype(int)
        lapped, in_order = fresh.lapped, bool((index[1:] > index[:-1]).all()) and len(index) > SLOTS // 2
        reader.close()
        ring.close()
        if not lapped or not in_order:
            raise SystemExit(f"the reader was not lapped ({lapped} samples), or read {len(index)} samples out of order")

    run.ended.append(look)
    return SLOTS / 1000 + 1.0


DISTURBANCES: dict[str, Callable[[Run], float]] = {
    "nothing": nothing,
    "qt_blocked": qt_blocked,
    "screen_stopped": screen_stopped,
    "disk_full": disk_full,
    "slow_recorder": slow_recorder,
    "lapped_ring": lapped_ring,
}
SILENT = ("qt_blocked", "screen_stopped")
STOPS = {"qt_blocked": "SCREEN_SILENT", "screen_stopped": "SCREEN_SILENT", "disk_full": "RECORD_LOST"}


@dataclass(frozen=True)
class Found:
    """The figures of one run."""

    p99_us: int
    worst_us: int
    missed: int
    judged: int
    alarms: tuple[str, ...]
    stop_ms: float | None = None  # from the last heartbeat to STOP on the wire
    pen_ms: float | None = None  # ... to the pen's motor off
    trip_um: int | None = None
    limit_um: int = 0
    scheduling: str = ""


@contextlib.contextmanager
def home_on_a_small_disk(wanted: bool) -> Iterator[pathlib.Path]:
    """A folder for the record; on a tmpfs of its own where this process may mount one."""
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder, "home")
        home.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "disturbances", str(home)]
        mounted = wanted and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            yield home
        finally:
            if mounted:
                subprocess.run(["umount", "--lazy", str(home)], check=False)


def at_the_limit(now: Snapshot) -> bool:
    """The pen runs as deep as it may."""
    return now.state is State.RUNNING and now.reached and now.asked.depth_um == now.limit_um > 0


def measure(name: str, over: bool, seconds: float) -> Found:
    """One run. `over`: the needles run past the limit while the disturbance lasts."""
    with home_on_a_small_disk(name == "disk_full") as home:
        place = home.parent
        screen = (sys.executable, str(pathlib.Path(__file__).resolve()), "--screen")
        options = Options(home=home, pen=Simulated(seed=2, side=place / "side"), screen=screen, log=place / "log")
        with Launcher(options) as launcher:
            run = Run(launcher, Side(place / "side"), home)
            limit_um = run.wait("a run at the limit", at_the_limit, 40).limit_um
            run.side.ask(do="strokes", count=0, contact_s=0.5, lift_s=0.3)
            time.sleep(seconds)
            if over:
                run.side.ask(do="fault", name="no_own_trip")
            try:
                lasts_s = DISTURBANCES[name](run)
                begin_s = time.monotonic()
                if over:
                    run.side.ask(do="fault", name="depth_runaway", value=RUNAWAY_UM_PER_S)
                time.sleep(min(1.5, lasts_s))
                beat_ns = run.ring.heartbeat()[2]  # of a silent screen: its last
                time.sleep(max(0.0, begin_s + lasts_s - time.monotonic()))
            finally:
                for undo in run.ended:
                    undo()
            journal = run.side.ask(do="journal")["journal"]
            time.sleep(seconds)
        with open_store(home) as store:
            (session,) = [row.id for row in list_sessions(store)]
            events = [stored.event for stored in load_events(store, session)]
    return summary(name, events, journal, beat_ns, limit_um)


def steady(name: str, over: bool, seconds: float) -> Found:
    """`measure`, again while the simulated pen itself was held up by this machine: that says nothing about control."""
    for _ in range(TRIES):
        found = measure(name, over, seconds)
        held_up = set(found.alarms) & PEN_HELD_UP
        if not held_up:
            break
        print(f"{name:<15} (again: {', '.join(sorted(held_up))}, the simulated pen was held up)", flush=True)
    return found


def summary(name: str, events: list[Event], journal: list[dict[str, Any]], beat_ns: int, limit_um: int) -> Found:
    """What record and pen say."""
    closed = next(event.body for event in events if event.kind == "session_closed")
    enforcement = closed["enforcement"]
    if enforcement is None:
        raise SystemExit(f"{name}: control never closed its session: {closed}")
    raised = [event for event in events if event.kind == "alarm_raised"]
    stop_ms = pen_ms = None
    silent = [event.mono_ns for event in raised if event.body["alarm"] == "SCREEN_SILENT"]
    if silent and name in SILENT:
        stop_ms = (silent[0] - beat_ns) / 1e6
        off = [change["mono_ns"] for change in journal if change["mono_ns"] > beat_ns and not change["motor_powered"]]
        pen_ms = (off[0] - beat_ns) / 1e6 if off else None
    trips = [event.body for event in events if event.kind == "trip" and event.body["guard"] == "CONTROL"]
    scheduling = ", ".join(f"{what} {word}" for what, word in enforcement["scheduling"].items())
    return Found(
        p99_us=enforcement["period_p99_us"],
        worst_us=enforcement["worst_period_us"],
        missed=enforcement["deadlines_missed"],
        judged=enforcement["judged"],
        alarms=tuple(event.body["alarm"] for event in raised),
        stop_ms=stop_ms,
        pen_ms=pen_ms,
        trip_um=trips[0]["depth_um"] if trips else None,
        limit_um=limit_um,
        scheduling=scheduling,
    )


def faults(name: str, calm: Found, over: Found, base: Found) -> list[str]:
    """What was not kept."""
    wrong = []
    if calm.p99_us > RATIO * base.p99_us:
        wrong.append(f"period p99 {calm.p99_us} us is more than {RATIO} times {base.p99_us} us")
    wanted = STOPS.get(name)
    if wanted and wanted not in calm.alarms:
        wrong.append(f"no {wanted}, alarms were {', '.join(calm.alarms) or 'none'}")
    if not wanted and calm.alarms:
        wrong.append(f"alarms {', '.join(calm.alarms)}")
    if name in SILENT and (calm.stop_ms is None or not (SILENCE_MS[0] <= calm.stop_ms <= SILENCE_MS[1])):
        wrong.append(f"STOP {calm.stop_ms} ms after the last heartbeat, allowed is {SILENCE_MS[0]:.0f} to {SILENCE_MS[1]:.0f} ms")
    if over.trip_um is None:
        wrong.append(f"needles past the limit did not trip control; alarms were {', '.join(over.alarms) or 'none'}")
    elif over.trip_um > over.limit_um + OVER_UM:
        wrong.append(f"tripped only at {over.trip_um} um, limit {over.limit_um} um")
    return wrong


def play_screen(arguments: list[str]) -> int:
    """The real touchscreen, which opens a session and starts by itself; SIGUSR1 blocks its Qt thread."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", type=pathlib.Path, required=True)
    parser.add_argument("--home", type=pathlib.Path, required=True)
    parser.add_argument("--lifeline", type=int)
    given = parser.parse_args(arguments)
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from pencontrol.runtime import Runtime
    from ui.touch.fonts import load_fonts
    from ui.touch.guard import Guard
    from ui.touch.metrics import REFERENCE_PX_PER_MM, Metrics
    from ui.touch.outfit import Outfit
    from ui.touch.screen import Screen
    from ui.touch.stop_line import StopLine
    from ui.touch.theme import THEMES
    from ui.touch.words import load_words

    runtime = Runtime(given.runtime)
    ring = Ring(runtime.ring)
    stop = StopLine(ring, runtime.stop_pipe)
    guard = Guard(stop)
    sys.excepthook = guard
    signal.signal(signal.SIGUSR1, lambda *_: time.sleep(BLOCKED_S))
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    load_fonts()
    outfit = Outfit(given.home, THEMES["day"], Metrics(REFERENCE_PX_PER_MM), load_words())
    screen = Screen(runtime, ring, stop, guard, outfit)
    done: set[str] = set()

    def act() -> None:
        touch = screen.touch
        if touch is None or screen.start.left:
            return
        state = touch.presenter.state
        now, link = state.snapshot, touch.link
        if now is None or not link.up:
            return
        if "open" not in done and now.session is None and now.state is State.CONNECTED and now.recorder and now.cartridge:
            done.add("open")
            plan = load_plan(PLAN, shipped_zones()).model_dump(mode="json")
            link.send(commands.OpenSession(number=link.next_number(), plan=plan, client="C-0001", operator="P-01"))
            link.send(commands.SelectZone(number=link.next_number(), zone=ZONE))
        elif "open" in done and "start" not in done and now.state is State.READY:
            done.add("start")
            touch.presenter.start()
        elif "start" in done and "ask" not in done and now.state is State.RUNNING and now.reached:
            done.add("ask")  # as deep as it may be: what trips then is the limit, not the difference to what was asked
            link.send(commands.Ask(number=link.next_number(), depth_um=now.limit_um, speed_rpm=now.asked.speed_rpm))

    timer = QTimer()
    timer.timeout.connect(act)
    timer.start(100)
    screen.begin(False, (1280, 800))
    code: int = application.exec()
    return code


def main() -> int:
    """Every disturbance, one after the other; prints a line for each."""
    if "--screen" in sys.argv:
        return play_screen([word for word in sys.argv[1:] if word != "--screen"])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(DISTURBANCES), help="this one; `nothing` always runs")
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    os.chdir(ROOT)
    bases = [steady("nothing", False, given.seconds) for _ in range(3)]
    base = sorted(bases, key=lambda found: found.p99_us)[1]
    print(f"control runs with {base.scheduling or 'no grant'}; the middle of three undisturbed runs is compared with", flush=True)
    broken, ratios, stops = [], [], []
    for name in [name for name in DISTURBANCES if name == "nothing" or not given.only or name in given.only]:
        calm = base if name == "nothing" else steady(name, False, given.seconds)
        over = steady(name, True, given.seconds)
        wrong = faults(name, calm, over, base)
        broken += [f"{name}: {each}" for each in wrong]
        ratios.append(calm.p99_us / base.p99_us)
        words = f"period p99 {calm.p99_us / 1000:.1f} ms ({ratios[-1]:.2f}), longest {calm.worst_us / 1000:.1f} ms"
        words += f", {calm.missed} deadlines missed, {calm.judged} samples judged"
        if calm.stop_ms is not None:
            stops.append(calm.stop_ms)
            words += f"; STOP {calm.stop_ms:.1f} ms after the last heartbeat, motor off after {calm.pen_ms or -1:.1f} ms"
        if over.trip_um is not None:
            words += f"; runaway tripped at {over.trip_um / 1000:.3f} of {over.limit_um / 1000:.2f} mm"
        print(f"{name:<15} {words}; alarms {', '.join(calm.alarms) or 'none'}", flush=True)
        for each in wrong:
            print(f"{'':<15} NOT KEPT: {each}", flush=True)
    silence = f", STOP {min(stops):.1f} to {max(stops):.1f} ms after the last heartbeat" if stops else ""
    print(
        f"{len(ratios)} disturbances: period p99 at most {max(ratios):.2f} times the undisturbed one (limit {RATIO}, mean "
        f"{statistics.mean(ratios):.2f}){silence}: {'kept' if not broken else 'BROKEN'}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
