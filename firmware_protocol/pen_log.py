"""The pen's event log: the newest 16-byte records, by index, in a ring of fixed size. Pure.

Runs unchanged on CPython and MicroPython. A record is the payload of the EVENT that was sent, so a host that missed one reads
it here. The ring lives in memory and begins anew with every start of the pen; its bytes are allocated once.
"""

from firmware_protocol.messages import EVENT, Event

RECORDS = 256
RECORD_BYTES = 16


class Log:
    """Indices count from 1 and go round after 2^32 events; the oldest record gives way."""

    def __init__(self, records: int = RECORDS) -> None:
        self._records = records
        self._ring = bytearray(records * RECORD_BYTES)
        self.last = 0  # 0: empty

    @property
    def first(self) -> int:
        """Index of the oldest record that is kept; 0 where there is none."""
        return min(self.last, max(1, self.last - self._records + 1))

    def add(self, record: bytes) -> None:
        """Keep the record whose index is `last` + 1 (16 bytes)."""
        self.last += 1
        at = self.last % self._records * RECORD_BYTES
        self._ring[at : at + RECORD_BYTES] = record

    def read(self, first: int, count: int) -> tuple[Event, ...] | None:
        """Up to `count` records from `first` on; None where `first` is not kept."""
        if not (count > 0 and self.last > 0 and self.first <= first <= self.last):
            return None
        records = []
        for index in range(first, min(first + count, self.last + 1)):
            at = index % self._records * RECORD_BYTES
            records.append(EVENT.payload.unpack(bytes(self._ring[at : at + RECORD_BYTES])))
        return tuple(records)
