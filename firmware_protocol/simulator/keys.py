"""What a person may type where the simulated pen runs: a line each, for those who have no side channel at hand."""

import os
import sys
from collections.abc import Callable

from firmware_protocol.simulator.device import Device

MOST_BYTES = 1024
HELP = "c and Enter: a new cartridge; b and Enter: the button"


class Keys:
    """Lines from a terminal. `say` shows a line to the person."""

    def __init__(self, descriptor: int, say: Callable[[str], None]) -> None:
        self.descriptor = descriptor
        self._say = say
        self._held = b""
        self.ended = False

    def serve(self, device: Device) -> None:
        """Take what was typed; call it when the terminal has something."""
        data = os.read(self.descriptor, MOST_BYTES)
        self.ended = not data
        *lines, rest = (self._held + data).split(b"\n")
        self._held = rest[-MOST_BYTES:]
        for line in lines:
            match line.strip().lower():
                case b"c":
                    device.change_cartridge()
                    self._say("a new cartridge is in")
                case b"b":
                    device.hand.push_button(0.2)
                    self._say("the button was pressed")
                case _:
                    self._say(HELP)


def terminal_keys(say: Callable[[str], None]) -> Keys | None:
    """Those of the terminal this program runs at; None where there is none that can be waited for."""
    if sys.platform == "win32" or sys.stdin is None or not sys.stdin.isatty():
        return None
    say(HELP)
    return Keys(sys.stdin.fileno(), say)
