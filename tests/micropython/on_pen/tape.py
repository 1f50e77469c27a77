"""A tape: everything that went into a pen and everything that came out, so that another interpreter can be held to it.

One JSON value a line: ["new", arguments], ["receive", bytes, now_us], ["step", now_us], ["lost", now_us], ["take", bytes]
are the pen's own methods; ["ask", name, arguments, answer] is the pen asking its hardware, in between; ["again"] is the last
of those once more.
"""

import json

from firmware_protocol import messages, pen_hardware
from firmware_protocol.pen import Pen
from tests.micropython.on_pen.plain import from_plain, to_plain


class Differs(Exception):
    """The pen did other than the tape says: in which line, what was expected, what was found."""


def answer_to_plain(answer: object) -> object:
    """In JSON's terms; of a named tuple its name too."""
    return [type(answer).__name__, to_plain(answer)] if isinstance(answer, tuple) else to_plain(answer)


def answer_from_plain(plain: object) -> object:
    """Back, a named tuple as such."""
    if isinstance(plain, list):
        kind = getattr(pen_hardware, plain[0], None) or getattr(messages, plain[0])
        values = from_plain(plain[1])
        assert isinstance(values, tuple)
        return kind(*values)
    return from_plain(plain)


class TapeHardware:
    """Answers whatever the pen asks with what the tape holds, and minds that it asks the same in the same order."""

    def __init__(self, player: "Player") -> None:
        self._player = player

    def __getattr__(self, name: str) -> object:
        return lambda *arguments: self._player.asked(name, arguments)


class Player:
    """Plays one tape to a new pen. `play` raises Differs at the first difference."""

    def __init__(self, lines: object) -> None:
        """`lines`: an iterator over the tape's lines."""
        self._lines = lines
        self.line = 0
        self.steps = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self._asked: list[object] = []

    def next(self) -> list[object]:
        """The next line, [] at the end."""
        text = next(self._lines, "")  # type: ignore[call-overload]
        self.line += 1
        return json.loads(text) if text else []

    def asked(self, name: str, arguments: tuple[object, ...]) -> object:
        """The pen asked its hardware this."""
        entry = self.next()
        if entry == ["again"]:
            entry = self._asked
        self._asked = entry
        self.same(entry[:3], ["ask", name, to_plain(arguments)])
        return answer_from_plain(entry[3])

    def same(self, expected: object, found: object) -> None:
        """Raise Differs unless the two are equal."""
        if expected != found:
            raise Differs(f"line {self.line}: expected {json.dumps(expected)}, found {json.dumps(found)}")

    def play(self, most: int) -> bool:
        """Up to `most` lines of the pen's own; False at the tape's end."""
        for _ in range(most):
            entry = self.next()
            if not entry:
                return False
            self.do(str(entry[0]), [from_plain(one) for one in entry[1:]])
        return True

    def do(self, doing: str, given: list[object]) -> None:
        """One line of the pen's own."""
        if doing == "new":
            self.pen = Pen(TapeHardware(self), *given[0])  # type: ignore
        elif doing == "receive":
            self.bytes_in += len(given[0])  # type: ignore[arg-type]
            self.pen.receive(*given)  # type: ignore[arg-type]
        elif doing == "step":
            self.steps += 1
            self.pen.step(*given)  # type: ignore[arg-type]
        elif doing == "lost":
            self.pen.link_lost(*given)  # type: ignore[arg-type]
        else:
            out = self.pen.take_output()
            self.bytes_out += len(out)
            self.same(to_plain(given[0]), to_plain(out))
