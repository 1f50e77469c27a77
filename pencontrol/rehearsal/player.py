"""Plays a scenario's operator rows against the real processes, in real time, and says what happened. I/O."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pencontrol.control import commands
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.launcher import Launcher
from pencontrol.rehearsal.chair import Chair, ChairError
from pencontrol.rehearsal.scenario import OperatorRow, Scenario

READY_S = 8.0
ANSWER_S = 2.0
STANDSTILL_S = 3.0
RECORDED_S = 5.0
TICK_S = 0.008
STARTABLE = (State.READY, State.PAUSED)

Totals = Callable[[str], list[dict[str, Any]]]
Progress = Callable[[float, str], None]


class RehearsalError(Exception):
    """The rehearsal cannot go on: one plain sentence."""


@dataclass
class Outcome:
    """What the player saw. `sessions` in the order they were opened; the summary of the record says the rest."""

    sessions: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)  # answers that were not as the scenario wanted
    pen_url: str = ""


class Player:
    """One scenario, once. The launcher is running already."""

    def __init__(self, launcher: Launcher, scenario: Scenario, totals: Totals, progress: Progress) -> None:
        """`totals`: what a session on record had given each zone, for `resume`."""
        if launcher.ring is None:
            raise RehearsalError("the launcher is not running")
        self._launcher = launcher
        self._scenario = scenario
        self._totals = totals
        self._progress = progress
        self._chair = Chair(launcher.runtime, launcher.ring, instance=os.getpid())
        self._outcome = Outcome(pen_url=launcher.pen_url)

    def play(self) -> Outcome:
        """From opening the session to its end on disk. Raises RehearsalError or ChairError."""
        scenario = self._scenario
        self._chair.connect()
        self._wait(lambda now: now.state is State.CONNECTED and now.recorder, READY_S, "the pen to connect")
        self._open("")
        for row in scenario.before:
            if row.do == "start":
                self._wait(lambda now: now.state in STARTABLE, READY_S, "the pen to be ready")
            self._do(row)
        start_s = time.monotonic()
        end_s = max((row.at_s for row in scenario.rows), default=0.0) or 1.0
        for row in scenario.rows:
            while (elapsed_s := time.monotonic() - start_s) < row.at_s:
                self._progress(elapsed_s / end_s, self._zone())
                self._live(TICK_S)
            self._do(row)
        self._progress(1.0, "closing")
        self._close_if_open()
        self._wait(lambda now: now.session is None or now.session.recorded, RECORDED_S, "the record to be on disk")
        self._chair.close()
        return self._outcome

    def _zone(self) -> str:
        now = self._chair.snapshot()
        return now.zone if now is not None else ""

    def _live(self, seconds: float) -> None:
        """One turn of a living screen."""
        self._chair.beat()
        if self._launcher.watch():
            self._chair.close()
        if not self._chair.connected:
            self._chair.connect()
        time.sleep(seconds)

    def _wait(self, condition: Callable[[Snapshot], bool], seconds: float, what: str) -> Snapshot:
        deadline = time.monotonic() + seconds
        while True:
            self._live(TICK_S)
            now = self._chair.snapshot()
            if now is not None and condition(now):
                return now
            if time.monotonic() > deadline:
                reason = f": {now.reason}" if now is not None and now.reason else ""
                state = now.state.value if now is not None else "no word from control"
                raise RehearsalError(f"waited {seconds:g} s for {what}, the state is {state}{reason}")

    def _say(self, command: commands.Command) -> str:
        """Control's answer: "" for done."""
        self._chair.say(command)
        deadline = time.monotonic() + ANSWER_S
        while (answer := self._chair.answer(command.number)) is None:
            if time.monotonic() > deadline:
                raise RehearsalError(f"control gave no answer to {type(command).__name__} within {ANSWER_S:g} s")
            self._chair.beat()
            time.sleep(0.001)
        return answer

    def _open(self, resumed_from: str) -> None:
        about = self._scenario.about
        carried = self._totals(resumed_from) if resumed_from else []
        command = commands.OpenSession(
            number=self._chair.next_number(),
            plan=self._scenario.plan.model_dump(mode="json"),
            client=about.client,
            operator=about.operator,
            role=about.role,
            resumed_from=resumed_from,
            carried=carried,
        )
        error = self._say(command)
        if error:
            raise RehearsalError(f"the session was not opened: {error}")
        opened = self._wait(lambda now: now.session is not None and now.session.state == "OPEN", READY_S, "the session")
        if opened.session is not None:
            self._outcome.sessions.append(opened.session.id)

    def _do(self, row: OperatorRow) -> None:
        match row.do:
            case "stop":
                self._chair.press_stop()
            case "kill":
                os.kill(self._launcher.process_id(row.process), signal.SIGKILL)
            case "freeze":
                time.sleep(row.for_s)  # no heartbeat: the screen hangs
            case "wait_state":
                self._wait(lambda now: now.state.value == row.state, row.for_s or READY_S, f"state {row.state}")
            case "resume":
                self._resume()
            case "close":
                self._close_if_open()
            case "acknowledge":
                self._acknowledge(row.alarm)
            case _:
                self._judge(row, self._say(self._command(row)))

    def _command(self, row: OperatorRow) -> commands.Command:
        number = self._chair.next_number()
        match row.do:
            case "zone":
                return commands.SelectZone(number=number, zone=row.zone)
            case "ask":
                return commands.Ask(number=number, depth_um=round((row.depth_mm or 0) * 1000), speed_rpm=row.speed_rpm or 0)
            case "start":
                self._chair.beat()
                return commands.Start(
                    number=number, instance=self._chair.instance, heartbeat=self._chair.beats, stops=self._chair.stops
                )
            case "pause":
                return commands.Pause(number=number)
            case "pass_done":
                return commands.PassDone(number=number)
            case "pass_undo":
                return commands.PassUndo(number=number)
            case "note":
                return commands.AddNote(number=number, code=row.code, text=row.text)
            case _:
                now = self._chair.snapshot()
                return commands.ClearFault(number=number, fault=now.fault if now is not None else "NONE")

    def _judge(self, row: OperatorRow, error: str) -> None:
        if error and not row.refused:
            self._outcome.surprises.append(f"at {row.at_s:g} s {row.do} was refused: {error}")
        elif row.refused and not error:
            self._outcome.surprises.append(f"at {row.at_s:g} s {row.do} was done, a refusal was expected")

    def _acknowledge(self, alarm: str) -> None:
        now = self._chair.snapshot()
        standing = [view for view in now.alarms if alarm in ("", view.alarm)] if now is not None else []
        if alarm and not standing:
            self._outcome.surprises.append(f"no alarm {alarm} stands that could be acknowledged")
        for view in standing:
            number = self._chair.next_number()
            self._say(commands.Acknowledge(number=number, alarm=view.alarm, occurrence=view.occurrence))

    def _resume(self) -> None:
        connected = (State.CONNECTED, State.READY, State.PAUSED, State.FAULT)
        settled = self._wait(lambda now: now.state in connected and now.recorder, READY_S, "the pen to come back")
        if settled.session is not None and settled.session.state == "OPEN":
            raise RehearsalError("the session is still open: nothing to resume")
        self._wait(lambda now: now.session is None or now.session.recorded, RECORDED_S, "the record to be on disk")
        self._open(self._outcome.sessions[-1])

    def _close_if_open(self) -> None:
        now = self._chair.snapshot()
        if now is None or now.session is None or now.session.state != "OPEN":
            return
        if now.state in (State.RUNNING, State.ARMING):
            self._say(commands.Pause(number=self._chair.next_number()))
        moving = (State.RUNNING, State.ARMING, State.STOPPING)
        self._wait(lambda seen: seen.state not in moving, STANDSTILL_S, "the pen to stand still")
        error = self._say(commands.CloseSession(number=self._chair.next_number()))
        if error:
            raise RehearsalError(f"the session was not closed: {error}")
        self._wait(lambda seen: seen.session is None or seen.session.state != "OPEN", ANSWER_S, "the session to close")


__all__ = ["ChairError", "Outcome", "Player", "RehearsalError"]
