"""Records what goes into a pen on the bench and what comes out, for `on_pen.tape` to hold another interpreter to it."""

import json
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.pen import Pen
from firmware_protocol.pen_hardware import Hardware
from tests.firmware_protocol.pen_bench import BOOT_ID, Bench, BenchHardware
from tests.micropython.on_pen.plain import to_plain
from tests.micropython.on_pen.tape import answer_to_plain


class Tape:
    """Lines as `on_pen.tape` describes them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._asked = ""

    def add(self, *entry: Any) -> None:
        self.lines.append(json.dumps([to_plain(one) for one in entry]))

    def ask(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        line = json.dumps(["ask", name, to_plain(arguments), answer_to_plain(answer)])
        self.lines.append('["again"]' if line == self._asked else line)
        self._asked = line


class TapedHardware(BenchHardware):
    """The bench's hardware; every question of the contract, whatever it has grown by, goes onto the tape."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name.startswith("_") or name not in vars(Hardware):
            return value

        def taped(*arguments: Any) -> Any:
            answer = value(*arguments)
            self._tape.ask(name, arguments, answer)
            return answer

        return taped


class TapedPen(Pen):
    """A pen whose own methods go onto the tape of its hardware, before what it asks in them."""

    tape: Tape

    def receive(self, data: bytes, now_us: int) -> None:
        self.tape.add("receive", data, now_us)
        super().receive(data, now_us)

    def step(self, now_us: int) -> None:
        self.tape.add("step", now_us)
        super().step(now_us)

    def link_lost(self, now_us: int) -> None:
        self.tape.add("lost", now_us)
        super().link_lost(now_us)

    def take_output(self) -> bytes:
        out = super().take_output()
        self.tape.add("take", out)
        return out


class TapedBench(Bench):
    """A bench with the recorder running."""

    def __init__(self, reset_cause: int = m.RESET_POWER_ON, start_us: int = 0) -> None:
        super().__init__(reset_cause, start_us)
        self.tape = Tape()
        given = (BOOT_ID, reset_cause, b"BENCH-1", b"1.0", 0)
        self.tape.add("new", given)
        hardware = TapedHardware(self.tape)
        pen = TapedPen(hardware, *given)
        pen.tape = self.tape
        self.hardware, self.pen = hardware, pen
