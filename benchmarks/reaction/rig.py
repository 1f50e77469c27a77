"""One run: pen, floor, launcher with control, recorder and screen; measure; put away. I/O."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reaction.conditions import ANSWERS_A_SECOND, Plan
from benchmarks.reaction.control import UNIX, Wishes
from benchmarks.reaction.driver import Driver, over_um
from benchmarks.reaction.figures import Figures, figures, read_log
from benchmarks.reaction.gates import broken, conclusive, enough
from benchmarks.reaction.processes import Display, Effort, Pen, end, start_floor, start_hogs, start_witness
from benchmarks.registry import BenchError
from pencontrol.launcher import Launcher, LaunchError, Options
from pencontrol.rehearsal.chair import ChairError

ROOT = Path(__file__).parents[2]
FRAMES_A_SECOND = 60
PATIENCE_S = 60.0  # for starting, settling and starting again, beyond the run's own time


@dataclass(frozen=True)
class Rig:
    """What stays the same from run to run."""

    binaries: Path
    display: Display
    seconds: float | None


def measure(rig: Rig, plan: Plan) -> dict[str, Any]:
    """One entry of `runs`. Raises BenchError when the run could not be made."""
    with tempfile.TemporaryDirectory(prefix="pencontrol-bench-", ignore_cleanup_errors=True) as folder:
        try:
            return _measure(rig, plan, Path(folder))
        except (ChairError, LaunchError) as error:
            raise BenchError(f"{plan.name}, {plan.transport}: {error}{_last_words(Path(folder))}") from None
        except BenchError as error:
            raise BenchError(f"{plan.name}, {plan.transport}: {error}{_last_words(Path(folder))}") from None


def _measure(rig: Rig, plan: Plan, folder: Path) -> dict[str, Any]:
    cores = sorted(os.sched_getaffinity(0))
    seconds = rig.seconds or plan.answers / ANSWERS_A_SECOND * 1.2
    answers = plan.answers if rig.seconds is None else max(1, int(rig.seconds * 1000))
    with contextlib.ExitStack() as stack:
        pen = Pen(rig.binaries / "pen", plan.transport, folder, answers, seconds, cores[0])
        stack.callback(pen.close)
        launcher = stack.enter_context(_launched(rig, plan, folder, pen.paths["ours"]))
        for hog in start_hogs(plan.hogs):
            stack.callback(end, hog)
        if launcher.ring is None:
            raise BenchError("the launcher has no ring")
        died: list[str] = []

        def watch() -> None:
            died.extend(launcher.watch())
            if died:
                raise BenchError(f"{' and '.join(died)} died")

        driver = Driver(launcher.runtime, launcher.ring, plan.screen, watch)
        driver.open()
        if "core" in plan.withheld:
            _anywhere(launcher, plan, set(cores))
        fifo = driver.scheduling.get("priority", "").startswith("FIFO")
        core = int(driver.scheduling["core"].split()[1]) if driver.scheduling.get("core", "").startswith("core") else -1
        floor = start_floor(rig.binaries / "floor", plan.transport, pen.paths["floor"], over_um(), core, fifo)
        stack.callback(end, floor)
        timer = folder / "timer"
        witness = start_witness(rig.binaries / "witness", core, timer) if fifo and core >= 0 else None
        if witness is not None:
            stack.callback(end, witness)
        beats, effort = launcher.ring.heartbeat()[1], Effort.of(launcher.process_id("control"))
        while not pen.measured:
            driver.turn()
            pen.listen(0)
            if floor.poll() is not None:
                raise BenchError("the floor ended")
            if witness is not None and witness.poll() is not None:
                raise BenchError("the timer on control's core ended")
            if time.monotonic() - effort.at_s > seconds + PATIENCE_S:
                raise BenchError(f"the pen did not finish; it said {pen.lines}; alarms {sorted(driver.alarms)}")
        frames = (launcher.ring.heartbeat()[1] - beats) / (time.monotonic() - effort.at_s)
        spent = effort.until(Effort.of(launcher.process_id("control")))
        driver.close()
        seen, witnesses = [read_log(pen.log)], ["pen's timer"] + ["C channel"] * fifo
        if witness is not None:
            end(witness)
            seen.append(read_log(timer))
            witnesses.append("timer on control's core")
        told = _told(rig, plan, pen, driver, frames, figures(np.concatenate(seen), floor_is_witness=fifo))
        told["conditions"]["witnesses"] = witnesses
        return told | {"control": spent}


def _told(rig: Rig, plan: Plan, pen: Pen, driver: Driver, frames: float, found: Figures) -> dict[str, Any]:
    words = driver.scheduling
    commit = f"; {plan.commit_s * 1000:.0f} ms of commit in control's thread besides" if plan.commit_s else ""
    screen = f"{rig.display.words}, {frames:.0f} of {FRAMES_A_SECOND} frames a second" if plan.screen else "none"
    conditions = {
        "name": plan.name,
        "ui": f"{screen}, control in its process" if plan.in_screen else screen,
        "recorder": f"committing{commit}",
        "core": words.get("core", "unknown"),
        "idle_states": words.get("idle states", "unknown"),
        "fifo": words.get("priority", "unknown"),
        "memory": words.get("memory", "unknown"),
        "hogs": plan.hogs,
        "pen": pen.paths["priority"],
    }
    run = asdict(found) | {
        "transport": plan.transport,
        "role": plan.role,
        "conditions": conditions,
        "negative_control": plan.role == "negative control",
        "interruptions": driver.starts - 1,
        "alarms": sorted(driver.alarms),
    }
    gates = broken(plan, run)
    run["broken_gates"] = gates
    run["conclusive"] = conclusive(run)
    run["passed"] = not gates and run["conclusive"]
    run["enough_samples"] = enough(plan, run)
    return run


@contextlib.contextmanager
def _launched(rig: Rig, plan: Plan, folder: Path, path: str) -> Iterator[Launcher]:
    """Control (the bench's entry), recorder and screen, by the product's own launcher."""
    home = folder / "home"
    url = path if plan.transport == "pty" else UNIX + path
    screen = (sys.executable, "-m", "ui.touch")
    options = Options(
        home=home,
        pen=url,
        screen=screen if plan.screen and not plan.in_screen else (),
        control=(sys.executable, "-m", "benchmarks.reaction.control"),
        log=folder / "processes.log",
    )
    home.mkdir()
    launcher = Launcher(options)
    inside: tuple[str, ...] = ()
    if plan.in_screen:
        inside = ("--runtime", str(launcher.runtime.folder), "--home", str(home))
    wishes = Wishes(plan.withheld, plan.commit_s, inside)
    here = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))}
    with _environment(here | wishes.environment() | rig.display.environment), launcher:
        yield launcher


@contextlib.contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    """For children: the launcher hands its own environment on."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _anywhere(launcher: Launcher, plan: Plan, cores: set[int]) -> None:
    """Own core withheld: screen and recorder may run where control does."""
    for name in ("recorder", "ui") if plan.screen else ("recorder",):
        for thread in Path(f"/proc/{launcher.process_id(name)}/task").iterdir():
            with contextlib.suppress(OSError):
                os.sched_setaffinity(int(thread.name), cores)


def _last_words(folder: Path) -> str:
    """The end of the processes' log, for whoever must find out why."""
    try:
        lines = (folder / "processes.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n  | {line}" for line in lines[-6:])
