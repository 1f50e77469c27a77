"""Asks a port whether a pen is there and what it says of itself. The shell around `link.Link`: opens, waits, closes.

HELLO ends whatever another host had begun, so a port that another program holds is not asked: opening it fails first.
"""

import contextlib
import datetime
import random
import select
import time
from dataclasses import dataclass

from firmware_protocol import messages as wire
from firmware_protocol.happenings import Replied, Unanswered, Voided
from firmware_protocol.link import Link
from firmware_protocol.messages import CALIBRATION, CALIBRATION_BYTES, HelloReply
from firmware_protocol.transport import LinkClosed, OpenFailed, Transport, open_transport

FIRST_DAY = datetime.date(2020, 1, 1)
NOT_READABLE = "not readable"
WAIT_S = 0.02
LONGEST_S = 2.5


@dataclass(frozen=True, slots=True)
class PenFound:
    """A pen that answered HELLO. `calibration_due` is a date (ISO 8601), or words where there is none."""

    url: str
    serial_number: str
    firmware: str
    protocol: str
    calibration_due: str
    simulated: bool


class NoPen(Exception):
    """Nobody who speaks the pen link is at this port: one sentence that says what was seen."""


def enquire(url: str) -> PenFound:
    """Opens the port, says HELLO, reads the calibration block, closes. Raises OpenFailed or NoPen within 3 s."""
    transport = open_transport(url)
    try:
        return _talk(url, transport)
    except LinkClosed as closed:
        raise NoPen(closed.reason) from closed
    finally:
        with contextlib.suppress(LinkClosed):
            transport.close()


def _talk(url: str, transport: Transport) -> PenFound:
    link = Link(random.getrandbits(32))
    hello: HelloReply | None = None
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        for happening in link.receive(transport.read(), time.monotonic_ns()):
            if isinstance(happening, Replied | Unanswered | Voided):
                asked, reply = happening.message, happening.reply if isinstance(happening, Replied) else None
                if asked is wire.HELLO and isinstance(happening, Replied) and reply is None:
                    raise NoPen(f"{url}: a pen that speaks another major version of the link ({_result(happening.result)}).")
                if asked is wire.HELLO and reply is None:
                    raise NoPen(f"{url}: nobody there speaks the pen link.")
                if asked is wire.HELLO:
                    hello = reply
                    link.request(wire.CALIBRATION_READ, wire.CalibrationRead(0, CALIBRATION_BYTES), time.monotonic_ns())
                elif asked is wire.CALIBRATION_READ and hello is not None:
                    return _found(url, hello, reply)
        out = link.poll(time.monotonic_ns())
        if out:
            transport.write(out)
        select.select([transport.fileno()], [], [], WAIT_S)
    if hello is None:
        raise NoPen(f"{url}: nobody there speaks the pen link.")
    return _found(url, hello, None)


def _result(result: int) -> str:
    return wire.RESULTS[result] if result < len(wire.RESULTS) else str(result)


def _found(url: str, hello: HelloReply, reply: wire.CalibrationReadReply | None) -> PenFound:
    return PenFound(
        url=url,
        serial_number=_text(hello.serial),
        firmware=_text(hello.firmware),
        protocol=f"{hello.major}.{hello.minor}",
        calibration_due=NOT_READABLE if reply is None else calibration_due(bytes(entry[0] for entry in reply.entries)),
        simulated=bool(hello.capabilities & wire.CAPABILITY_SIMULATED),
    )


def calibration_due(block: bytes) -> str:
    """When the calibration in this block ends: a date, "never", "none", "locked", or "not readable" where it is no block."""
    if not any(block):
        return "none"
    try:
        found = CALIBRATION.unpack(block)
    except wire.MessageError:
        return NOT_READABLE
    if found.status == wire.CALIBRATION_LOCKED:
        return "locked"
    if found.status != wire.CALIBRATION_PASS:
        return "none"
    if found.valid_until_days == wire.DAYS_WITHOUT_END:
        return "never"
    return (FIRST_DAY + datetime.timedelta(days=found.valid_until_days)).isoformat()


def _text(field: bytes) -> str:
    return field.rstrip(b"\0 ").decode("ascii", errors="replace")


__all__ = ["NoPen", "OpenFailed", "PenFound", "calibration_due", "enquire"]
