"""A PIO state machine in virtual time: the instructions the gate uses, one cycle each, one FIFO of four words."""

from tests.micropython.stub.world import world

FIFO_WORDS = 4


class Assembler:
    """Collects a program from the words in a function's body, as `rp2.asm_pio` does."""

    OUT_LOW = 2

    def decorate(self, *, set_init: int) -> object:
        """The decorator; the function becomes (instructions, labels)."""
        assert set_init == self.OUT_LOW

        def assemble(function: object) -> tuple[list[tuple[object, ...]], dict[str, int]]:
            program: list[tuple[object, ...]] = []
            labels: dict[str, int] = {}
            words = {
                "label": lambda name: labels.update({name: len(program)}),
                "pull": lambda how: program.append(("pull", how)),
                "mov": lambda to, source: program.append(("mov", to, source)),
                "jmp": lambda *where: program.append(("jmp", where)),
                "set": lambda what, value: program.append(("set", what, value)),
            }
            for name in ("noblock", "x", "osr", "not_x", "x_dec", "pins"):
                words[name] = name  # type: ignore[assignment]
            names = function.__globals__  # type: ignore[attr-defined]
            kept = names.copy()
            names.clear()
            names.update(words)
            function()  # type: ignore[operator]
            names.clear()
            names.update(kept)
            return program, labels

        return assemble


asm_pio = Assembler()


class StateMachine:
    """Runs beside the processor: the world turns it, not the program."""

    def __init__(
        self, number: int, program: tuple[list[tuple[object, ...]], dict[str, int]], *, freq: int, set_base: object
    ) -> None:
        self._program, self._labels = program
        self.pin = set_base
        self._cycle_us = 1000000 // freq
        self._at_us = world.now_us
        self._next = 0
        self._x = 0
        self._osr = 0
        self._fifo: list[int] = []
        self.runs = False
        world.pio.append(self)

    def active(self, on: int) -> None:
        """Start or stop."""
        self.runs = bool(on)
        self._at_us = world.now_us

    def tx_fifo(self) -> int:
        """Words that wait."""
        return len(self._fifo)

    def put(self, word: int) -> None:
        """One more; the real one would wait here for room, which the board must never do."""
        assert len(self._fifo) < FIFO_WORDS
        self._fifo.append(word)

    def run_to(self, now_us: int) -> None:
        """All cycles until then."""
        while self.runs and now_us - self._at_us >= self._cycle_us:
            self._at_us += self._cycle_us
            self._cycle()

    def _cycle(self) -> None:
        instruction = self._program[self._next]
        self._next = (self._next + 1) % len(self._program)
        if instruction[0] == "pull":
            self._osr = self._fifo.pop(0) if self._fifo else self._x
        elif instruction[0] == "mov":
            self._x = self._osr
        elif instruction[0] == "set":
            world.level(self.pin.number, instruction[2])  # type: ignore[attr-defined, arg-type]
        else:
            where = instruction[1]
            condition = where[0] if len(where) == 2 else ""  # type: ignore[arg-type, index]
            taken = condition == "" or (condition == "not_x") == (self._x == 0)
            if condition == "x_dec":
                self._x = (self._x - 1) & 0xFFFFFFFF
            if taken:
                self._next = self._labels[where[-1]]  # type: ignore[index]
