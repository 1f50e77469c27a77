"""One case of the codec: what to do, with what. Runs on both sides, so that what they make of it can be compared."""

import binascii

from firmware_protocol import messages
from firmware_protocol.frame import Deframer, FrameTooLong, cobs_decode, cobs_encode, encode_frame
from tests.micropython.on_pen.plain import from_plain, to_plain

COUNTERS = ("good", "bad_cobs", "bad_length", "bad_crc", "bad_major", "bad_flags", "overrun")
LAYOUTS = {layout.name: layout for row in messages.MESSAGES for layout in (row.payload, row.reply) if layout is not None}
for one in [getattr(messages, name) for name in dir(messages)]:
    if isinstance(one, messages.Layout):  # of a stored block, which is no message
        LAYOUTS[one.name] = one


def pack(name: str, values: tuple[object, ...]) -> bytes:
    """A payload, its ranges checked."""
    return LAYOUTS[name].pack(LAYOUTS[name].type(*values))


def pack_unchecked(name: str, values: tuple[object, ...]) -> bytes:
    """A payload, only the widths checked."""
    return LAYOUTS[name].pack_unchecked(LAYOUTS[name].type(*values))


def unpack(name: str, payload: bytes) -> object:
    """Fields of a payload."""
    return LAYOUTS[name].unpack(payload)


def deframe(limit: int, chunks: tuple[bytes, ...]) -> object:
    """Every frame in the chunks and every counter after them."""
    deframer = Deframer(limit)
    frames = []
    for chunk in chunks:
        frames += [(f.kind, f.session, f.flags, f.sequence, f.payload) for f in deframer.feed(chunk)]
    return frames, [getattr(deframer, counter) for counter in COUNTERS]


DOINGS = {
    "pack": pack,
    "pack_unchecked": pack_unchecked,
    "unpack": unpack,
    "frame": encode_frame,
    "deframe": deframe,
    "cobs_encode": cobs_encode,
    "cobs_decode": cobs_decode,
    "crc32": lambda data: binascii.crc32(data) & 0xFFFFFFFF,
}


def outcome(doing: str, arguments: object) -> object:
    """What comes of one case, in JSON's terms; a refusal by its name."""
    given = from_plain(arguments)
    assert isinstance(given, tuple)
    try:
        return to_plain(DOINGS[doing](*given))  # type: ignore[operator]
    except messages.MessageError:
        return "MessageError"
    except FrameTooLong:
        return "FrameTooLong"
