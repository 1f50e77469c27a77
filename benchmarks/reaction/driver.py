"""The person of the bench: opens a session over the command socket, presses START, and again whenever something stopped.

The heartbeat is the real screen's where there is one: the driver speaks as that screen's instance. Without one it beats itself.
"""

import time
from collections.abc import Callable

from benchmarks.registry import BenchError
from pencontrol.control import commands
from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.limits import OVER_TOLERANCE_UM, ROLE_CEILINGS_UM, zone_limit_um
from pencontrol.plan import read_plan, zone_limits
from pencontrol.rehearsal.chair import Chair
from pencontrol.runtime import Runtime
from pencontrol.zones import shipped_zones

ZONE = "F.CHEEK.R"
ROLE = "practitioner"
INSTANCE = 7
STEADY_S = 1.5
SILENT_NS = 100_000_000
READY_S = 20.0
ANSWER_S = 3.0
TURN_S = 0.02
LOOK_EVERY = 5  # turns: parsing a snapshot costs a millisecond of the screen's core
MOVING = (State.RUNNING, State.ARMING, State.STOPPING)

assert ROLE in ROLE_CEILINGS_UM, "control knows the role"


def plan_document() -> dict[str, object]:
    """The bench's plan, as OpenSession carries it."""
    plan = read_plan({"name": "bench", "zone": [{"id": ZONE}]}, shipped_zones(), "bench")
    return plan.model_dump(mode="json")


def over_um() -> int:
    """Deeper than this is over the limit: what the floor compares with, and control's judge too."""
    table = shipped_zones()
    (limit,) = zone_limits(read_plan({"name": "bench", "zone": [{"id": ZONE}]}, table, "bench"), table)
    return zone_limit_um(limit, ROLE)[0] + OVER_TOLERANCE_UM


class Driver:
    """One session, from opening to closing."""

    def __init__(self, runtime: Runtime, ring: Ring, screen: bool, watch: Callable[[], None]) -> None:
        """`watch` is called in every turn, and raises BenchError when a process is gone."""
        self._ring, self._screen, self._watch = ring, screen, watch
        self._chair: Chair | None = None
        self._runtime = runtime
        self._turns = 0
        self._last: Snapshot | None = None
        self.starts = 0
        self.scheduling: dict[str, str] = {}
        self.alarms: set[str] = set()

    def open(self) -> None:
        """Up to RUNNING and settled. Raises BenchError or ChairError."""
        instance = INSTANCE
        if self._screen:
            deadline = time.monotonic() + READY_S
            while (instance := self._ring.heartbeat()[0]) == 0:
                if time.monotonic() > deadline:
                    raise BenchError("the screen gave no heartbeat")
                self._watch()
                time.sleep(TURN_S)
        self._chair = Chair(self._runtime, self._ring, instance)
        self._chair.connect()
        self._wait(lambda now: now.state is State.CONNECTED and now.recorder and now.cartridge is not None, "the pen")
        number = self._chair.next_number()
        command = commands.OpenSession(number=number, plan=plan_document(), client="C-0001", operator="P-01", role=ROLE)
        self._say(command)
        self._say(commands.SelectZone(number=self._chair.next_number(), zone=ZONE))
        self._wait(lambda now: now.state is State.READY, "READY")
        if self._screen:
            self._wait_for_a_steady_screen()
        self._start()
        self._wait(lambda now: now.state is State.RUNNING and now.reached, "RUNNING")

    def turn(self) -> None:
        """Live on; press START again when something stopped the run."""
        now = self._live()
        if now is None or now.state in MOVING:
            return
        for alarm in now.alarms:
            self.alarms.add(f"{alarm.alarm}: {alarm.detail}")
            if self._chair is not None and not alarm.silenced:
                number = self._chair.next_number()
                self._chair.say(commands.Acknowledge(number=number, alarm=alarm.alarm, occurrence=alarm.occurrence))
        if now.session is None or now.session.state != "OPEN":
            raise BenchError(f"control closed the session: {now.reason or '; '.join(sorted(self.alarms)) or 'no word why'}")
        if now.state in (State.READY, State.PAUSED):
            self._start()

    def close(self) -> None:
        """Pause, close the session, and wait until all of it is on disk."""
        if self._chair is None:
            return
        self._say(commands.Pause(number=self._chair.next_number()))
        self._wait(lambda now: now.state not in MOVING, "the pen to stand still")
        self._say(commands.CloseSession(number=self._chair.next_number()))
        self._wait(lambda now: now.session is None or now.session.recorded, "the record")
        self._chair.close()

    def _start(self) -> None:
        if self._chair is None:
            return
        instance, count, _ = self._ring.heartbeat()
        number = self._chair.next_number()
        self._chair.say(commands.Start(number=number, instance=instance, heartbeat=count, stops=self._chair.stops))
        self.starts += 1

    def _wait_for_a_steady_screen(self) -> None:
        """A screen that has just come up still loads pages; START is refused to one that was silent for 250 ms."""
        began = steady = time.monotonic()
        while time.monotonic() - steady < STEADY_S:
            self._live()
            if time.monotonic_ns() - self._ring.heartbeat()[2] > SILENT_NS:
                steady = time.monotonic()
            if steady - began > READY_S:
                raise BenchError("the screen's heartbeat never became steady")

    def _live(self) -> Snapshot | None:
        """One turn; a snapshot in every fifth."""
        self._watch()
        if not self._screen and self._chair is not None:
            self._chair.beat()
        time.sleep(TURN_S)
        self._turns += 1
        if self._turns % LOOK_EVERY:
            return None
        now = self._ring.read_snapshot()
        if now is not None:
            self._last = now
            if now.state is State.RUNNING:
                self.scheduling = dict(now.scheduling)
        return now

    def _wait(self, condition: Callable[[Snapshot], bool], what: str) -> None:
        deadline = time.monotonic() + READY_S
        while True:
            now = self._live()
            if now is not None and condition(now):
                return
            if time.monotonic() > deadline:
                raise BenchError(f"waited {READY_S:g} s for {what}; control shows {self._seen()}")

    def _seen(self) -> str:
        last = self._last
        if last is None:
            return "nothing"
        return f"{last.state.value}, {last.reason or 'no reason'}, alarms {[alarm.alarm for alarm in last.alarms]}"

    def _say(self, command: commands.Command) -> None:
        chair = self._chair
        if chair is None:
            return
        chair.say(command)
        deadline = time.monotonic() + ANSWER_S
        while (answer := chair.answer(command.number)) is None:
            if time.monotonic() > deadline:
                raise BenchError(f"control gave no answer to {type(command).__name__}")
            self._live()
        if answer:
            raise BenchError(f"control refused {type(command).__name__}: {answer}")
