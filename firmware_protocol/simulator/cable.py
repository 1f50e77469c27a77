"""The cable as faults leave it: frames dropped, torn, turned, doubled, held up. Pure; times are microseconds handed in.

The same seed, bytes and times give the same bytes. A rate is judged frame by frame, each way by a row of random numbers of
its own. Bytes between two delimiters count as a frame, whether they are one or not.
"""

import binascii
import heapq
import random
import struct

from firmware_protocol.frame import CRC_BYTES, HEADER_BYTES, cobs_decode, cobs_encode

OTHER_MAJOR = 2
LATEST_COPY_US = 50_000
MOST_WAITING_BYTES = 65_536  # more than any host leaves unread; what is past it is lost
BUCKET_BYTES = 256.0  # a slow reader takes at most this at once


class Way:
    """One direction of the cable. `faults` is the pen's own table of what is wrong, by name."""

    def __init__(self, seed: int, faults: dict[str, float], name: str) -> None:
        """`name`: "to_pen" or "to_host"."""
        self._random = random.Random(f"{seed} {name}")
        self._faults = faults
        self._name = name
        self._part = b""
        self._waiting: list[tuple[int, int, bytes]] = []  # by time, then by number
        self._number = 0
        self._bytes = 0
        self._latest_us = 0
        self._freed_us = 0

    def clear(self) -> None:
        """The cable was pulled: what was in it is gone."""
        self._part = b""
        self._waiting = []
        self._bytes = 0

    def put(self, data: bytes, now_us: int) -> None:
        """Bytes enter at one end."""
        if not (self._touched() or self._part):
            self._push(now_us, data)
            return
        *frames, self._part = (self._part + data).split(b"\0")
        for frame in frames:
            self._pass(frame + b"\0", now_us)
        if len(self._part) > MOST_WAITING_BYTES or not self._touched():
            self._push(now_us, self._part)
            self._part = b""

    def take(self, now_us: int) -> bytes:
        """Bytes that have come out at the other end."""
        if "cable_stall" in self._faults:
            return b""
        out = b""
        while self._waiting and self._waiting[0][0] <= now_us:
            out += heapq.heappop(self._waiting)[2]
        self._bytes -= len(out)
        return out

    def _rate(self, fault: str) -> float:
        return max(self._faults.get(fault, 0.0), self._faults.get(f"{fault}_{self._name}", 0.0))

    def _touched(self) -> bool:
        return any(self._rate(fault) for fault in ("drop", "flip", "duplicate", "delay", "torn", "wrong_version"))

    def _happens(self, fault: str) -> bool:
        return self._random.random() < self._rate(fault)

    def _pass(self, frame: bytes, now_us: int) -> None:
        """One frame with its last delimiter. The same number of draws for each, so that one fault moves no other's."""
        drop, flip, torn, again, other = map(self._happens, ("drop", "flip", "torn", "duplicate", "wrong_version"))
        held_us = round(self._random.random() * self._rate("delay") * 1000)
        where, copy_us = self._random.random(), round(self._random.random() * LATEST_COPY_US)
        if len(frame) == 1:  # a lone delimiter
            self._push(now_us, frame)
            return
        if drop:
            return
        if other:
            frame = as_other_major(frame)
        if again:
            self._push(now_us + held_us + copy_us, b"\0" + frame, in_order=False)
        if flip:
            frame = turn_bit(frame, int(where * 8 * (len(frame) - 1)))
        if torn:
            frame = frame[: 1 + int(where * (len(frame) - 2))]
        self._push(now_us + held_us, frame)

    def _push(self, due_us: int, data: bytes, in_order: bool = True) -> None:
        if not data or self._bytes + len(data) > MOST_WAITING_BYTES:
            return
        if in_order:
            due_us = self._latest_us = max(due_us, self._latest_us)
        self._number += 1
        self._bytes += len(data)
        heapq.heappush(self._waiting, (due_us, self._number, data))


class Cable:
    """Both ways, and a host that may be slow to read. Without a fault bytes pass as they are, at once."""

    def __init__(self, seed: int, faults: dict[str, float]) -> None:
        self.to_pen = Way(seed, faults, "to_pen")
        self.to_host = Way(seed, faults, "to_host")
        self._faults = faults
        self._allowed = BUCKET_BYTES
        self._since_us = 0

    def clear(self) -> None:
        """Pulled."""
        self.to_pen.clear()
        self.to_host.clear()

    def host_takes(self, waiting: int, now_us: int) -> int:
        """How many of `waiting` bytes a host takes now: all, unless it is a slow reader; then what its rate has saved up."""
        bytes_a_second = self._faults.get("slow_reader")
        passed_us, self._since_us = max(0, now_us - self._since_us), now_us
        if bytes_a_second is None:
            return waiting
        self._allowed = min(BUCKET_BYTES, self._allowed + bytes_a_second * passed_us / 1e6)
        return min(waiting, int(self._allowed))

    def host_took(self, count: int) -> None:
        """So many bytes went out to it."""
        self._allowed = max(0.0, self._allowed - count)


def turn_bit(frame: bytes, number: int) -> bytes:
    """The frame with one bit turned."""
    at, bit = divmod(number, 8)
    return frame[:at] + bytes([frame[at] ^ (1 << bit)]) + frame[at + 1 :]


def as_other_major(frame: bytes) -> bytes:
    """The frame (without its first delimiter) as a host or pen of major version 2 would send it; as it is where it is none."""
    body = cobs_decode(frame[:-1])
    if body is None or len(body) < HEADER_BYTES + CRC_BYTES:
        return frame
    changed = bytes([OTHER_MAJOR]) + body[1:-CRC_BYTES]
    return cobs_encode(changed + struct.pack("<I", binascii.crc32(changed))) + b"\0"
