"""Checks of the frame: what a pen must hear, and what it must drop without a word (pen-link.md, "Frame"). Pure."""

import binascii
import struct

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Answer
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.probe import PLAN_CRC, Probe
from firmware_protocol.frame import FLAG_REPLY_WANTED, MAJOR, cobs_encode, encode_frame

FRAMING: list[Check] = []

JUNK = bytes(range(1, 41))
OVERLONG = b"\x55" * 300
NO_REPLY = "no reply"


def _wire(body: bytes) -> bytes:
    return b"\0" + cobs_encode(body + struct.pack("<I", binascii.crc32(body))) + b"\0"


def _sync(probe: Probe, major: int = MAJOR, flags: int = FLAG_REPLY_WANTED) -> bytes:
    """A SYNC made by hand, so that each byte of its header can be wrong."""
    sequence = probe.next_sequence()
    header = struct.pack("<BBBBH", major, m.SYNC.id, probe.session, flags, sequence)
    return _wire(header + m.SYNC.payload.pack(m.Sync(7)))


def _heard(probe: Probe, wire: bytes) -> Finding:
    """The newest SYNC, within `wire`, is answered with nothing sent after it."""
    return same("OK", probe.exchange(wire, m.SYNC).word)


def _dropped(probe: Probe, wire: bytes) -> Finding:
    return same(NO_REPLY, probe.provoke(wire, m.SYNC, probe.sequence).word)


def _request(probe: Probe, kind: int) -> Answer:
    """A bare request of any type."""
    sequence = probe.next_sequence()
    known = len(probe.replies)
    probe.line.write(encode_frame(kind, probe.session, FLAG_REPLY_WANTED, sequence, b""))
    probe.settle()
    for frame in probe.replies[known:]:
        if frame.sequence == sequence:
            return Answer(frame.payload[0] if frame.payload else -1, None, frame)
    return Answer(-1, None, None)


@rule(FRAMING)
def frame_after_junk(probe: Probe) -> Finding:
    """A frame with both delimiters is heard right after bytes that are none."""
    probe.fresh(plan=False)
    return _heard(probe, JUNK + _sync(probe))


@rule(FRAMING)
def frame_ends_with_its_delimiter(probe: Probe) -> Finding:
    """A frame acts when its last delimiter comes: not before, and nothing more is needed."""
    probe.fresh(plan=False)
    wire = _sync(probe)
    sequence = probe.sequence
    probe.line.write(wire[:-1])
    probe.run(0.03)
    before = probe.reply_to(m.SYNC, sequence).word
    probe.line.write(wire[-1:])
    probe.until(lambda: probe.reply_to(m.SYNC, sequence).result >= 0, 1.0)
    return same("no reply, then OK", f"{before}, then {probe.reply_to(m.SYNC, sequence).word}")


@rule(FRAMING)
def frame_in_single_bytes(probe: Probe) -> Finding:
    """A frame is heard in any chunking, down to single bytes."""
    probe.fresh(plan=False)
    wire = _sync(probe)
    for at in range(len(wire) - 1):
        probe.line.write(wire[at : at + 1])
        probe.turn()
    return _heard(probe, wire[-1:])


@rule(FRAMING)
def frames_in_one_write(probe: Probe) -> Finding:
    """Two frames in one write are both heard; empty frames between them mean nothing."""
    probe.fresh(plan=False)
    first = _sync(probe)
    sequence = probe.sequence
    second = _sync(probe)
    found = _heard(probe, first + b"\0\0\0" + second)
    return same("OK and OK", f"{probe.reply_to(m.SYNC, sequence).word} and {found.found}")


@rule(FRAMING)
def stop_after_torn_frame(probe: Probe) -> Finding:
    """A STOP is heard right after the first half of another frame."""
    probe.fresh(plan=False)
    torn = _sync(probe)
    stop = probe.frame(m.STOP, m.STOP_OPERATOR)
    return same("OK", probe.exchange(torn[: len(torn) // 2] + stop, m.STOP).word)


@rule(FRAMING)
def torn_frames_do_not_join(probe: Probe) -> Finding:
    """The two halves of a frame with another frame between them are not a frame."""
    probe.fresh(plan=False)
    torn = _sync(probe)
    sequence = probe.sequence
    between = _sync(probe)
    return same(NO_REPLY, probe.provoke(torn[:9] + between + torn[9:], m.SYNC, sequence).word)


@rule(FRAMING)
def bad_crc_dropped(probe: Probe) -> Finding:
    """A frame with a wrong CRC is dropped."""
    probe.fresh(plan=False)
    wire = _sync(probe)
    return _dropped(probe, wire[:-2] + bytes([wire[-2] ^ 0x10 or 0x11]) + wire[-1:])


@rule(FRAMING)
def bad_cobs_dropped(probe: Probe) -> Finding:
    """A frame whose COBS code points past its end is dropped, and the next one is heard."""
    probe.fresh(plan=False)
    wire = _sync(probe)
    return _dropped(probe, wire[:1] + b"\xfe" + wire[2:])


@rule(FRAMING)
def short_frame_dropped(probe: Probe) -> Finding:
    """A body too short for header and CRC is dropped, though its CRC be right."""
    probe.fresh(plan=False)
    probe.next_sequence()
    known = len(probe.replies)
    probe.line.write(_wire(struct.pack("<BBBB", MAJOR, m.SYNC.id, probe.session, FLAG_REPLY_WANTED)) + _wire(b""))
    probe.settle()
    return same("1 reply, to the next frame", f"{len(probe.replies) - known} reply, to the next frame")


@rule(FRAMING)
def overlong_run_survived(probe: Probe) -> Finding:
    """A run longer than any frame does no harm to the frame after it."""
    probe.fresh(plan=False)
    return _heard(probe, OVERLONG + _sync(probe))


@rule(FRAMING)
def bad_frames_counted(probe: Probe) -> Finding:
    """STATUS counts good and bad frames: one bad CRC is one more in rx_bad."""
    probe.fresh(plan=False)
    before = probe.ask(m.STATUS_GET)
    wire = _sync(probe)
    probe.line.write(wire[:-2] + bytes([wire[-2] ^ 0x10 or 0x11]) + wire[-1:])
    after = probe.ask(m.STATUS_GET)
    if before.fields is None or after.fields is None:
        return same("STATUS_GET answered OK", f"{before.word}, {after.word}")
    good, bad = after.fields.rx_good - before.fields.rx_good, after.fields.rx_bad - before.fields.rx_bad
    return same("1 good (the request itself), 1 bad", f"{good} good (the request itself), {bad} bad")


@rule(FRAMING)
def other_major_dropped(probe: Probe) -> Finding:
    """A frame of another major version is dropped."""
    probe.fresh(plan=False)
    return _dropped(probe, _sync(probe, major=2))


@rule(FRAMING)
def other_major_stop_answered(probe: Probe) -> Finding:
    """STOP works whatever the major version in its header."""
    probe.armed()
    body = struct.pack("<BBBBHB", 2, m.STOP.id, probe.session, FLAG_REPLY_WANTED, probe.next_sequence(), m.STOP_OPERATOR)
    answer = probe.exchange(_wire(body), m.STOP)
    return same("OK, IDLE", f"{answer.word}, {probe.state()}")


@rule(FRAMING)
def critical_flag_dropped(probe: Probe) -> Finding:
    """An unknown flag of the high nibble makes the frame one to drop."""
    probe.fresh(plan=False)
    words = [_dropped(probe, _sync(probe, flags=FLAG_REPLY_WANTED | flag)).found for flag in (0x10, 0x20, 0x40, 0x80)]
    return same("no reply to 4 of 4", f"no reply to {words.count(NO_REPLY)} of 4")


@rule(FRAMING)
def low_flag_ignored(probe: Probe) -> Finding:
    """An unknown flag of the low nibble means nothing."""
    probe.fresh(plan=False)
    words = [_heard(probe, _sync(probe, flags=FLAG_REPLY_WANTED | flag)).found for flag in (0x04, 0x08)]
    return same("OK, OK", ", ".join(words))


@rule(FRAMING)
def reply_only_where_wanted(probe: Probe) -> Finding:
    """A request without the reply flag is done and not answered."""
    probe.armed()
    answer = probe.provoke(probe.frame(m.DISARM, flags=0), m.DISARM)
    return same("no reply, IDLE", f"{answer.word}, {probe.state()}")


@rule(FRAMING)
def reply_header(probe: Probe) -> Finding:
    """A reply has type | 80, the request's session and the request's sequence."""
    probe.fresh(plan=False)
    frame = probe.ask(m.SYNC, 5).frame
    expected = f"type 82, session {probe.session}, sequence {probe.sequence}"
    return same(expected, f"type {frame.kind:02x}, session {frame.session}, sequence {frame.sequence}" if frame else NO_REPLY)


@rule(FRAMING)
def unknown_request_unsupported(probe: Probe) -> Finding:
    """A request of a type the pen does not know (01-3F) is answered UNSUPPORTED."""
    probe.fresh(plan=False)
    return same("UNSUPPORTED", _request(probe, 0x2F).word)


@rule(FRAMING)
def foreign_type_dropped(probe: Probe) -> Finding:
    """A frame whose type is no request (40-FF, 00) is dropped: replies and telemetry do not come from a host."""
    probe.fresh(plan=False)
    kinds = (0x00, 0x40, 0x7F, 0x82, 0xC0, 0xFF)
    answered = [kind for kind in kinds if _request(probe, kind).frame is not None]
    return same("no reply to any", f"replies to {answered}" if answered else "no reply to any")


@rule(FRAMING)
def longer_payload_accepted(probe: Probe) -> Finding:
    """A longer payload is legal where minors may append: what is not known is not looked at."""
    probe.fresh(plan=False)
    words = [
        probe.provoke(probe.frame(m.SYNC, 9, extra=b"\1\2"), m.SYNC).word,
        probe.provoke(probe.frame(m.STREAM, 1000, 1, extra=b"\3"), m.STREAM).word,
        probe.provoke(probe.frame(m.STATUS_GET, extra=b"\4\5\6"), m.STATUS_GET).word,
    ]
    return same("OK, OK, OK", ", ".join(words))


@rule(FRAMING)
def shorter_payload_dropped(probe: Probe) -> Finding:
    """A payload shorter than its message is dropped."""
    probe.fresh(plan=False)
    sequence = probe.next_sequence()
    return _dropped(probe, encode_frame(m.SYNC.id, probe.session, FLAG_REPLY_WANTED, sequence, b"\1\2\3\4"))


@rule(FRAMING)
def longer_arm_dropped(probe: Probe) -> Finding:
    """ARM has an exact length: a longer one does not arm."""
    probe.fresh()
    wire = probe.frame(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, probe.boot_id, extra=b"\0")
    answer = probe.provoke(wire, m.ARM)
    return same("no reply, IDLE", f"{answer.word}, {probe.state()}")


@rule(FRAMING)
def longer_stop_dropped(probe: Probe) -> Finding:
    """STOP has an exact length, the same for ever: a longer one is no STOP."""
    probe.armed()
    answer = probe.provoke(probe.frame(m.STOP, m.STOP_OPERATOR, extra=b"\0"), m.STOP)
    return same("no reply, ARMED", f"{answer.word}, {probe.state()}")


@rule(FRAMING)
def frames_to_host_sound(probe: Probe) -> Finding:
    """Every frame the pen sends is whole, of this major, at most 254 bytes on the wire, and of the session."""
    probe.fresh(plan=False)
    before = probe.deframer.bad
    probe.run(0.3)
    strange = sum(frame.session != probe.session for frame in probe.unsolicited)
    return same("0 bad, 0 of another session", f"{probe.deframer.bad - before} bad, {strange} of another session")


@rule(FRAMING)
def unsolicited_sequence_counts(probe: Probe) -> Finding:
    """What the pen sends unasked is numbered one after the other, apart from what it had no room for."""
    probe.fresh(plan=False)
    probe.run(0.3)
    sent = probe.unsolicited
    if len(sent) < 50 or not probe.samples:
        return same("at least 50 frames", f"{len(sent)} frames")
    skipped = ((sent[-1].sequence - sent[0].sequence) & 0xFFFF) - (len(sent) - 1)
    dropped = (probe.samples[-1].dropped - probe.samples[0].dropped) & 0xFFFF
    return within(0, dropped, skipped, "numbers skipped")
