"""The message table as the generators see it: every layout once, with offsets and the type names of other languages. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import calcsize
from typing import Any

from firmware_protocol import messages
from firmware_protocol.messages import Field, Layout, Message

TYPES = {"B": "u8", "H": "u16", "I": "u32", "Q": "u64", "h": "i16", "i": "i32"}
C_TYPES = {"B": "uint8_t", "H": "uint16_t", "I": "uint32_t", "Q": "uint64_t", "h": "int16_t", "i": "int32_t"}
WIDTHS = {code: (field.low, field.high) for code in TYPES for field in [Field("", code)]}  # what the type alone allows

# Lists of names that give codes: (name in messages.py, prefix of its constants, what the codes are).
CODE_LISTS = (
    ("RESULTS", "RESULT", "Results: the first byte of every reply"),
    ("STATES", "STATE", "States"),
    ("FAULTS", "FAULT", "Faults"),
    ("REFUSALS", "REFUSAL", "Refusals of a DRIVE"),
    ("STOP_REASONS", "STOP", "Reasons of a STOP"),
    ("EVENT_CAUSES", "CAUSE", "Causes of an event without a fault (EVENT.argument)"),
    ("MODES", "MODE", "Modes"),
    ("RESET_CAUSES", "RESET", "Reset causes"),
    ("STORAGE_STATES", "STORAGE", "Storage (STATUS.storage)"),
    ("CALIBRATION_STATUSES", "CALIBRATION", "Calibration status"),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A field with its offset and width in bytes."""

    field: Field
    offset: int
    width: int

    @property
    def is_text(self) -> bool:
        """A byte string, padded with zeros?"""
        return self.field.code.endswith("s")

    @property
    def type_name(self) -> str:
        """`u16`, or `12 bytes`."""
        return f"{self.width} bytes" if self.is_text else TYPES[self.field.code]

    @property
    def is_narrow(self) -> bool:
        """Is less allowed than the type can hold?"""
        return not self.is_text and (self.field.low, self.field.high) != WIDTHS[self.field.code]


def placed(fields: tuple[Field, ...]) -> list[Placed]:
    """Each field with its offset, from 0."""
    rows = []
    at = 0
    for field in fields:
        width = calcsize("<" + field.code)
        rows.append(Placed(field, at, width))
        at += width
    return rows


def entry_bytes(layout: Layout[Any]) -> int:
    """Length of one entry of the repeated group, 0 without one."""
    return sum(row.width for row in placed(layout.entries))


def layouts() -> Iterator[tuple[Message[Any, Any], Layout[Any], bool]]:
    """(message, layout, is it the reply's?) of every layout, in the table's order."""
    for message in messages.MESSAGES:
        yield message, message.payload, False
        if message.reply is not None:
            yield message, message.reply, True


def codes(name: str) -> tuple[str, ...]:
    """The names of one code list, numbered from 0."""
    found: tuple[str, ...] = getattr(messages, name)
    return found


def from_pen(message: Message[Any, Any]) -> bool:
    """Is the message unsolicited?"""
    return message.id >= 0xC0
