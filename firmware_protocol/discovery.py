"""Which ports could be a pen, and which is the one with this serial number. With transport.py the only importer of pyserial.

A port's name is no identity: it changes when the pen is plugged in again. The USB serial number stays. Whether a pen answers
at a port only HELLO tells: see `enquiry`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from serial.tools import list_ports

# USB ids of boards that run the pen's firmware: Raspberry Pi Pico with MicroPython, and with the C SDK.
PEN_IDS = frozenset({(0x2E8A, 0x0005), (0x2E8A, 0x000A)})


class Entry(Protocol):
    """One port as pyserial lists it."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A USB serial port. `serial_number` is USB's, "" where the device gives none; `known` means vid and pid are a pen's."""

    url: str
    vid: int
    pid: int
    serial_number: str
    description: str
    known: bool


def candidates(entries: Iterable[Entry] | None = None) -> list[Candidate]:
    """USB serial ports, known ids first, then by name. `entries`: default those of this machine.

    macOS lists a port twice; only its `cu.` name opens without waiting for a modem line.
    """
    found = list(list_ports.comports() if entries is None else entries)
    names = {entry.device for entry in found}
    out = []
    for entry in found:
        if entry.vid is None or entry.pid is None or entry.device.replace("/dev/tty.", "/dev/cu.", 1) in names - {entry.device}:
            continue
        known = (entry.vid, entry.pid) in PEN_IDS
        out.append(Candidate(entry.device, entry.vid, entry.pid, entry.serial_number or "", entry.description or "", known))
    return sorted(out, key=lambda each: (not each.known, _by_number(each.url)))


def candidate_urls() -> list[str]:
    """Addresses of `candidates`, the most likely first."""
    return [each.url for each in candidates()]


def url_of(serial_number: str, entries: Iterable[Entry] | None = None) -> str | None:
    """Where the device with this USB serial number is now, whatever its port is called; None while it is not plugged in.

    None, too, where two devices carry the same number: a cheap bridge chip's number is nobody's identity.
    """
    urls = [each.url for each in candidates(entries) if serial_number and each.serial_number == serial_number]
    return urls[0] if len(urls) == 1 else None


def _by_number(url: str) -> tuple[str, int]:
    """COM10 comes after COM9."""
    stem = url.rstrip("0123456789")
    return stem, int(url[len(stem) :] or 0)
