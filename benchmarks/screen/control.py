"""The real control process, with one stamp: the moment a STOP has been written to the pen's line.

`python -m benchmarks.screen.control CONTROL'S ARGUMENTS`
"""

import sys
import time
from unittest.mock import patch

from benchmarks.screen.stamps import StampWriter, What
from benchmarks.screen.wishes import Wishes
from firmware_protocol import messages
from firmware_protocol.transport import Transport
from pencontrol.control import process

AT_MAJOR, AT_TYPE = 2, 3  # in a frame whose first three bytes hold no zero, as STOP's: 00 | COBS code | major | type


def is_stop(data: bytes) -> bool:
    """Do these bytes begin with a STOP frame?"""
    return len(data) > AT_TYPE and data[0] == 0 and data[AT_MAJOR] == 1 and data[AT_TYPE] == messages.STOP.id


def main(arguments: list[str]) -> int:
    """Control's own `main`."""
    stamps = StampWriter(Wishes.read().wire_log, 20_000)
    write = Transport.write

    def stamped(self: Transport, data: bytes) -> None:
        write(self, data)
        if is_stop(data):
            at_ns = time.monotonic_ns()
            stamps.put(What.WIRE, at_ns, at_ns)

    with patch.object(Transport, "write", stamped):
        return process.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
