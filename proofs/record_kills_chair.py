"""One chair of proofs/record_kills.py: real processes that are killed in mid-treatment, and what the record says afterwards."""

import contextlib
import os
import pathlib
import random
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from proofs.record_kills_judge import Round, judge

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTROL = pathlib.Path(__file__).with_name("record_kills.py")
TREATMENT_S = 2.2  # from the opening to a little after the close; the kill falls anywhere in it
SETTLE_S = 15.0
PLAN = ROOT / "pencontrol" / "data" / "plans" / "full_face.toml"


class Worker:
    """Real processes and a simulated pen; this is their screen."""

    def __init__(self, folder: pathlib.Path, seed: int) -> None:
        from pencontrol.plan import load_plan
        from pencontrol.zones import shipped_zones

        self.home, self.witness, self.side, self.log = (folder / name for name in ("home", "witness", "side", "log"))
        self.seed, self.dice = seed, random.Random(seed)
        self.plan = load_plan(PLAN, shipped_zones()).model_dump(mode="json")
        self.chair: Any = None
        self.instance = 0
        self.before = ""  # the session of the round before
        self.start()

    def start(self) -> None:
        """The processes, and a pen as it comes from the factory: its cartridge is new."""
        from pencontrol.launcher import Launcher, Options, Simulated

        control = (sys.executable, str(CONTROL), "--control", str(self.witness))
        pen = Simulated(seed=self.seed, side=self.side)
        self.launcher = Launcher(Options(home=self.home, pen=pen, control=control, log=self.log))
        self.launcher.__enter__()
        self.chair = None

    def end(self) -> None:
        """All of them."""
        if self.chair is not None:
            self.chair.close()
        self.launcher.end()

    def round(self) -> Round:
        """Begin a treatment, kill within it, and look at the record."""
        done = Round(self.dice.choice(("control", "recorder")), round(self.dice.uniform(0, TREATMENT_S), 3))
        self._connect()
        carried = self._carried()
        if self.before and carried is None:  # ended in order: its cartridge may not be used again
            self.end()
            self.start()
            self.before = ""
            self._connect()
        self.carried = carried or []
        killed = threading.Event()

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.launcher.process_id(done.victim), signal.SIGKILL)
            killed.set()

        killer = threading.Timer(done.at_s, kill)
        killer.start()
        self._treat(killed, done)
        killer.join()
        self._until_dead(done.victim)
        ring = self._ring_samples() if done.victim == "control" else []
        if done.victim == "control":
            self.chair.close()
        self._settle(done, ring)
        self.before = done.session or self.before
        return done

    def _carried(self) -> list[dict[str, Any]] | None:
        """What the session before received, if it was interrupted and so can go on as a linked one."""
        from sessions.reading import load_facts
        from sessions.store import open_store

        if not self.before:
            return None
        with open_store(self.home) as store:
            facts = load_facts(store, self.before)
        return [total.model_dump(mode="json") for total in facts.totals] if facts.state == "INTERRUPTED" else None

    # -- the treatment

    def _connect(self) -> None:
        from pencontrol.control.snapshot import State
        from pencontrol.rehearsal.chair import Chair

        assert self.launcher.ring is not None
        if self.chair is None or not self.chair.connected:
            self.instance += 1
            self.chair = Chair(self.launcher.runtime, self.launcher.ring, instance=self.instance)
            self._reach()
        ready = (State.CONNECTED, State.READY, State.PAUSED, State.FAULT)
        self._wait(lambda now: now.state in ready and now.recorder and now.pen is not None and now.cartridge is not None)
        deadline = time.monotonic() + SETTLE_S
        while True:  # a fault, or an alarm, may come after what it comes from
            self._tidy()
            self._wait_a_little()
            if _at_rest(self.chair.snapshot()):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the chair does not come to rest: {self.chair.snapshot()}")

    def _wait_a_little(self) -> None:
        """Until the chair is at rest, or for 0.3 s."""
        tidied = time.monotonic() + 0.3
        self._wait(lambda now: now.recorder and (_at_rest(now) or time.monotonic() > tidied))

    def _reach(self) -> None:
        from pencontrol.rehearsal.chair import ChairError

        deadline = time.monotonic() + SETTLE_S
        while True:
            try:
                self.launcher.watch()
                self.chair.connect(1.0)
                return
            except ChairError:
                if time.monotonic() > deadline:
                    raise

    def _tidy(self) -> None:
        """What a person does after an interruption: acknowledge, clear the fault, close what is open."""
        from pencontrol.control import commands

        now = self.chair.snapshot()
        if now is None:
            return
        for view in now.alarms:
            self._say(commands.Acknowledge(number=self.chair.next_number(), alarm=view.alarm, occurrence=view.occurrence))
        if now.fault != "NONE":
            self._say(commands.ClearFault(number=self.chair.next_number(), fault=now.fault))
        if _open(now):
            self._say(commands.CloseSession(number=self.chair.next_number()))

    def _treat(self, killed: threading.Event, done: Round) -> None:
        """Open, treat two zones, pause, note, close; each step as far as it comes before the kill takes effect."""
        from pencontrol.control import commands
        from pencontrol.control.snapshot import State
        from pencontrol.rehearsal.chair import ChairError

        number = self.chair.next_number
        opening = commands.OpenSession(
            number=number(),
            plan=self.plan,
            client="C-0001",
            operator="P-01",
            resumed_from=self.before,
            carried=self.carried,
        )
        startable = (State.READY, State.PAUSED)

        def start() -> None:
            self._wait(lambda now: now.state in startable, killed)
            self.chair.beat()
            beats, stops = self.chair.beats, self.chair.stops
            self._say(commands.Start(number=number(), instance=self.instance, heartbeat=beats, stops=stops))

        steps: list[Callable[[], object]] = [
            lambda: self._say(opening),
            lambda: self._say(commands.SelectZone(number=number(), zone="F.CHEEK.R")),
            start,
            lambda: self._strokes(6),
            lambda: self._let(0.9, killed, done),
            lambda: self._say(commands.PassDone(number=number())),
            lambda: self._say(commands.SelectZone(number=number(), zone="F.CHIN")),
            lambda: self._let(0.5, killed, done),
            lambda: self._say(commands.Pause(number=number())),
            lambda: self._wait(lambda now: now.state is State.PAUSED, killed),
            lambda: self._say(commands.AddNote(number=number(), code="redness", text="")),
            start,
            lambda: self._let(0.4, killed, done),
            lambda: self._say(commands.Pause(number=number())),
            lambda: self._wait(lambda now: now.state is State.PAUSED, killed),
            lambda: self._say(commands.CloseSession(number=number())),
        ]
        with contextlib.suppress(ChairError, OSError):
            for step in steps:
                if killed.is_set():
                    break
                step()
                self._remember(done)
        while not killed.wait(0.01):
            self.chair.beat()
            self._remember(done)

    def _strokes(self, count: int) -> None:
        from tests.end_to_end.side import Side

        Side(self.side).ask(do="strokes", count=count, contact_s=0.15, lift_s=0.1)

    def _say(self, command: Any) -> str:
        from pencontrol.rehearsal.chair import ChairError

        self.chair.say(command)
        deadline = time.monotonic() + 2.0
        while (answer := self.chair.answer(command.number)) is None:
            if not self.chair.connected or time.monotonic() > deadline:
                raise ChairError("no answer")
            self.chair.beat()
            time.sleep(0.002)
        return str(answer)

    def _let(self, seconds: float, killed: threading.Event, done: Round) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not killed.is_set():
            self.chair.beat()
            self._remember(done)
            time.sleep(0.005)

    def _remember(self, done: Round) -> None:
        now = self.chair.snapshot()
        if now is not None:
            done.state = now.state.value
            done.session = now.session.id if _open(now) else done.session

    def _wait(self, condition: Callable[[Any], bool], killed: threading.Event | None = None) -> None:
        deadline = time.monotonic() + SETTLE_S
        while killed is None or not killed.is_set():
            self.chair.beat()
            if killed is None:
                self.launcher.watch()
                if not self.chair.connected:
                    self._reach()
            now = self.chair.snapshot()
            if now is not None and condition(now):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the processes did not come back: {now.state if now else None}, {now.reason if now else ''}")
            time.sleep(0.005)

    # -- after the kill

    def _until_dead(self, victim: str) -> None:
        process = self.launcher._children[victim].process
        assert process is not None
        process.wait(5)

    def _ring_samples(self) -> list[tuple[int, ...]]:
        """Every sample that control had judged, as its ring still shows them, oldest first."""
        from pencontrol.control.ring import SAMPLES_AT, SLOT_BYTES, SLOTS
        from sessions.events import TRACE_BYTES, TRACE_FORMAT

        ring = self.launcher.ring
        assert ring is not None
        written = ring.written
        found = []
        for number in range(max(0, written - SLOTS + 1), written):
            at = SAMPLES_AT + (number % SLOTS) * SLOT_BYTES
            found.append(struct.unpack(TRACE_FORMAT, ring.map[at : at + TRACE_BYTES]))
        return found

    def _settle(self, done: Round, ring: list[tuple[int, ...]]) -> None:
        """Let the launcher bring back what died, until the record has an end for every session; then judge it."""
        from sessions.reading import list_sessions
        from sessions.store import StoreError, open_store

        deadline = time.monotonic() + SETTLE_S
        while True:
            self.launcher.watch()
            self.chair.beat()
            with contextlib.suppress(StoreError), open_store(self.home) as store:
                live = self.chair.snapshot() if done.victim == "recorder" else None
                still = live.session.id if live is not None and _open(live) and live.session is not None else ""
                settled = live is None or live.session is None or still or live.session.recorded
                if settled and live is not None and not live.recorder:
                    settled = False
                if settled and not [row for row in list_sessions(store, 5) if row.state == "OPEN" and row.id != still]:
                    break
            if time.monotonic() > deadline:
                done.problems.append("a session has no end on record")
                break
            time.sleep(0.05)
        try:
            judge(self.home, self.witness, done, ring)
        except StoreError as error:
            done.problems.append(f"the database does not open: {error}")


def _at_rest(now: Any) -> bool:
    return now is not None and now.state.value == "CONNECTED" and not _open(now) and now.fault == "NONE" and not now.alarms


def _open(now: Any) -> bool:
    return now.session is not None and now.session.state == "OPEN"
