"""The power gate of motor and depth actuator: a timer in the chip's I/O hardware that opens it when nobody renews it.

The state machine below runs in PIO, beside the processor: it counts down whether the main loop turns, hangs, writes flash or
has crashed. Only `hold` keeps the gate closed, and only for the time it says.
"""
# The body of the PIO program is not Python: the decorator gives its words their meaning.
# ruff: noqa: F821
# mypy: disable-error-code="name-defined, call-overload, no-untyped-def"

import rp2
from machine import Pin

from firmware_protocol.board import pins

CYCLES_A_SECOND = 20000
CYCLES_A_ROUND = 5
ROUND_US = 1000000 * CYCLES_A_ROUND // CYCLES_A_SECOND  # 250: as exact as the gate is
FIFO_WORDS = 4


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def count_down():
    """X is the rounds that are left. Every round takes five cycles, with the gate closed or open."""
    label("round")
    pull(noblock)  # a new number; where none waits, X itself
    mov(x, osr)
    jmp(not_x, "open")
    set(pins, 1)
    jmp(x_dec, "round")
    label("open")
    set(pins, 0)
    jmp("round")


class Gate:
    """Closed for as long as it was last told, and not a round longer."""

    def __init__(self) -> None:
        """Starts open: no power."""
        self._pin = Pin(pins.MOTOR_GATE, Pin.OUT, value=0)
        self._machine = rp2.StateMachine(0, count_down, freq=CYCLES_A_SECOND, set_base=self._pin)
        self._machine.active(1)
        self.broken = False

    @property
    def closed(self) -> bool:
        """Is there power? Read at the pin itself."""
        return bool(self._pin.value())

    def hold(self, time_ms: int) -> None:
        """Stay closed for `time_ms` from now, unless told again."""
        self._tell(max(0, time_ms) * 1000 // ROUND_US)

    def open(self) -> None:
        """No power, within a millisecond."""
        self._tell(0)

    def _tell(self, rounds: int) -> None:
        if not self.broken and self._machine.tx_fifo() < FIFO_WORDS:
            self._machine.put(rounds)
            return
        # It takes a word every round, so it does not run any more: take the pin away from it, for good.
        self.broken = True
        self._pin.init(Pin.OUT, value=0)
        self._pin.value(0)
