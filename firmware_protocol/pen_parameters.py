"""The pen's parameters: the set in force, the staged one, and how a set stands in storage. Pure.

Runs unchanged on CPython and MicroPython. A stored set names each parameter by its id, so that firmware that knows more, or
fewer, of them reads what both know and takes its own initial value for the rest.
"""

import struct

from firmware_protocol.messages import (
    BAD_CRC,
    DENIED,
    OK,
    PARAMETERS,
    UNSUPPORTED,
    ParameterGetReply,
    parameters_crc,
)
from firmware_protocol.pen_guards import Limits, limits_of
from firmware_protocol.pen_storage import Storage

BY_NUMBER = {parameter.id: parameter for parameter in PARAMETERS}


def stored_form(values: dict[int, int]) -> bytes:
    """id u8, value i32 of each, by rising id: what is stored, and what PARAMETER_COMMIT's CRC-32 covers."""
    out = b""
    for number in sorted(values):
        out += struct.pack("<Bi", number, values[number])
    return out


class Parameters:
    """`values` are in force; `set` stages others, `commit` begins to store them, `take_stored` lets them hold."""

    def __init__(self, storage: Storage) -> None:
        """Takes what is stored. A value that is not allowed (a bit that rotted would fail the CRC; other firmware) is initial."""
        self._storage = storage
        self.values = self._stored()
        self._staged = dict(self.values)

    @property
    def crc(self) -> int:
        """CRC-32 of the set in force."""
        return parameters_crc(self.values)

    @property
    def limits(self) -> Limits:
        """What the set in force means for the guards."""
        return limits_of(self.values)

    def forget_staged(self) -> None:
        """A new session stages from what is in force."""
        self._staged = dict(self.values)

    def get(self, number: int) -> tuple[int, ParameterGetReply | None]:
        """Result and reply of PARAMETER_GET."""
        known = BY_NUMBER.get(number)
        if known is None:
            return UNSUPPORTED, None
        reply = ParameterGetReply(number, self.values[number], self._staged[number], known.low, known.high, known.initial)
        return OK, reply

    def set(self, number: int, value: int) -> int:
        """Stage one value; the result: UNSUPPORTED for an unknown id, DENIED for a value outside the range."""
        known = BY_NUMBER.get(number)
        if known is None:
            return UNSUPPORTED
        if not (known.low <= value <= known.high):
            return DENIED
        self._staged[number] = value
        return OK

    def commit(self, crc: int) -> int:
        """Begin to store the staged set; the result. BAD_CRC where the host thinks of another set."""
        if parameters_crc(self._staged) != crc:
            return BAD_CRC
        return self._storage.begin(self._storage.parameters, stored_form(self._staged))

    def take_stored(self) -> None:
        """The write ended well: what is stored holds from now on."""
        self.values = self._stored()

    def _stored(self) -> dict[int, int]:
        values = {parameter.id: parameter.initial for parameter in PARAMETERS}
        payload = self._storage.parameters.payload or b""
        for at in range(0, len(payload) - 4, 5):
            number, value = struct.unpack("<Bi", payload[at : at + 5])
            known = BY_NUMBER.get(number)
            if known is not None and known.low <= value <= known.high:
                values[number] = value
        return values
