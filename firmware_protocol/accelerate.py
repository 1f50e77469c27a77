"""The host's COBS decoder: the one in C where the package `cobs` is installed with it, else the shared one. Decides at import.

Never on the pen. Both give the same bytes, or refuse, on every vector; only the time differs (33 bytes: 0.03 us against
0.45 us where this was written).
"""

from collections.abc import Callable
from importlib import import_module
from types import BuiltinFunctionType

from firmware_protocol.frame import Deframer, _unstuff

CobsDecode = Callable[[bytes], bytes]


def _in_c() -> tuple[CobsDecode | None, type[Exception]]:
    """The package's `decode` and what it raises; None without it, or where it runs in Python, slower than the shared one."""
    try:
        package = import_module("cobs.cobs")
    except ImportError:
        return None, ValueError
    if not isinstance(package.decode, BuiltinFunctionType):
        return None, ValueError
    return package.decode, package.DecodeError


_DECODE, _ERROR = _in_c()
ACCELERATED = _DECODE is not None


def host_deframer(wire_limit: int, accelerated: bool = True) -> Deframer:
    """A Deframer with the fastest decoder there is; with `accelerated` False the shared one, so that they can be compared."""
    return Deframer(wire_limit, _DECODE, _ERROR) if accelerated and _DECODE is not None else Deframer(wire_limit)


def unpack_joined(pieces: bytes, deframer: Deframer) -> bytes | None:
    """Pieces of COBS, each shorter than 254, put end to end and unpacked at once, by the decoder that `deframer` uses.

    With a zero where each begins; one that is missing there is a piece that was damaged. None when the last one was.
    """
    decode = deframer._cobs_decode
    if decode is not _unstuff:
        try:
            plain: bytes | None = decode(pieces)
        except deframer._cobs_error:
            return None
        return None if plain is None else b"\0" + plain
    rows = bytearray(pieces)
    at, end = 0, len(rows)
    while at < end:  # no block is full, so each code byte stands where a zero goes
        code = rows[at]
        rows[at] = 0
        at += code
    return bytes(rows) if at == end else None
