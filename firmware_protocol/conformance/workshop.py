"""Checks of date, parameters, calibration and event log (pen-link.md, "Messages" 09-19). Pure.

Nothing that a pen keeps is changed: a set that is stored is the one already in force.
"""

import binascii
import struct

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Answer, result_word
from firmware_protocol.conformance.check import Check, Finding, rule, same
from firmware_protocol.conformance.probe import Probe

WORKSHOP: list[Check] = []

PIECE_BYTES = 16
STORED_S = 3.0
UNKNOWN_PARAMETER = 250


def _first_parameter(probe: Probe) -> tuple[int, m.ParameterGetReply]:
    """Some parameter the pen has. Raises Unfit where it has none."""
    for parameter in m.PARAMETERS:
        answer = probe.ask(m.PARAMETER_GET, parameter.id)
        if answer.fields is not None:
            return parameter.id, answer.fields
    probe.must(m.OK, "PARAMETER_GET", answer)
    raise AssertionError


def _status(probe: Probe) -> m.StatusReply:
    answer = probe.ask(m.STATUS_GET)
    probe.must(m.OK, "STATUS_GET", answer)
    status: m.StatusReply = answer.fields
    return status


def _block(probe: Probe) -> bytes:
    """The calibration block in force, read in pieces. Raises Unfit."""
    out = b""
    while len(out) < m.CALIBRATION_BYTES:
        answer = probe.ask(m.CALIBRATION_READ, len(out), min(PIECE_BYTES, m.CALIBRATION_BYTES - len(out)))
        probe.must(m.OK, "CALIBRATION_READ", answer)
        out += bytes(entry[0] for entry in answer.fields.entries)
    return out


def _write(probe: Probe, offset: int, data: bytes) -> Answer:
    return probe.ask(m.CALIBRATION_WRITE, offset, tuple((octet,) for octet in data))


def _rest(probe: Probe) -> m.StatusReply:
    """STATUS, once the storage is at rest: what should have been refused may be under way."""
    probe.until(lambda: _status(probe).storage != m.STORAGE_WRITING, STORED_S)
    return _status(probe)


def _refused(answer: Answer) -> str:
    return answer.word if answer.result in (m.OK, m.IN_PROGRESS, -1) else "refused"


@rule(WORKSHOP)
def today_range(probe: Probe) -> Finding:
    """TODAY takes a day from 1 on; 0 is none."""
    probe.fresh(plan=False)
    words = [probe.ask(m.TODAY, day).word for day in (2500, 0)]
    return same("OK, DENIED", ", ".join(words))


@rule(WORKSHOP)
def parameter_within_its_range(probe: Probe) -> Finding:
    """PARAMETER_GET tells a value in force and an initial one, both within the range it gives."""
    probe.fresh(plan=False)
    number, got = _first_parameter(probe)
    good = got.id == number and all(got.low <= value <= got.high for value in (got.value, got.initial))
    return Finding(good, f"id {number}, {got.low} to {got.high}", f"id {got.id}, value {got.value}, initial {got.initial}")


@rule(WORKSHOP)
def parameter_unknown_refused(probe: Probe) -> Finding:
    """PARAMETER_GET and _SET of an id the pen does not have are answered UNSUPPORTED."""
    probe.fresh(plan=False)
    words = [probe.ask(m.PARAMETER_GET, UNKNOWN_PARAMETER).word, probe.ask(m.PARAMETER_SET, UNKNOWN_PARAMETER, 0).word]
    return same("UNSUPPORTED, UNSUPPORTED", ", ".join(words))


@rule(WORKSHOP)
def parameter_range_refused(probe: Probe) -> Finding:
    """PARAMETER_SET outside the range is refused, not cut."""
    probe.fresh(plan=False)
    number, got = _first_parameter(probe)
    words = [probe.ask(m.PARAMETER_SET, number, value).word for value in (got.low - 1, got.high + 1)]
    return same("DENIED, DENIED", ", ".join(words))


@rule(WORKSHOP)
def parameter_set_only_stages(probe: Probe) -> Finding:
    """PARAMETER_SET changes what is staged and nothing that is in force; a new HELLO forgets it."""
    probe.fresh(plan=False)
    number, got = _first_parameter(probe)
    other = got.low if got.value != got.low else got.high
    probe.must(m.OK, "PARAMETER_SET", probe.ask(m.PARAMETER_SET, number, other))
    then = probe.ask(m.PARAMETER_GET, number).fields
    probe.greet()
    after = probe.ask(m.PARAMETER_GET, number).fields
    if then is None or after is None:
        return same("PARAMETER_GET answered OK", "not so")
    expected = f"value {got.value}, staged {other}; after HELLO value {got.value}, staged {got.value}"
    return same(expected, f"value {then.value}, staged {then.staged}; after HELLO value {after.value}, staged {after.staged}")


@rule(WORKSHOP)
def parameter_wrong_crc_refused(probe: Probe) -> Finding:
    """PARAMETER_COMMIT with the CRC of another set stores nothing."""
    probe.fresh(plan=False)
    before = _status(probe).parameters_crc
    answer = probe.ask(m.PARAMETER_COMMIT, before ^ 1)
    kept = "unchanged" if _rest(probe).parameters_crc == before else "changed"
    return same("BAD_CRC, unchanged", f"{answer.word}, {kept}")


@rule(WORKSHOP)
def parameter_commit_stores(probe: Probe) -> Finding:
    """PARAMETER_COMMIT of the set in force: OK or IN_PROGRESS, then STATUS shows the storage DONE and the same CRC."""
    probe.fresh(plan=False)
    before = _status(probe).parameters_crc
    answer = probe.ask(m.PARAMETER_COMMIT, before)
    status = _rest(probe)
    begun = "begun" if answer.result in (m.OK, m.IN_PROGRESS) else result_word(answer.result)
    state = m.STORAGE_STATES[status.storage] if status.storage < len(m.STORAGE_STATES) else str(status.storage)
    return same("begun, DONE, same CRC", f"{begun}, {state}, {'same' if status.parameters_crc == before else 'other'} CRC")


@rule(WORKSHOP)
def storing_only_in_idle(probe: Probe) -> Finding:
    """Parameters and calibration cannot be staged or stored while ARMED."""
    probe.fresh(plan=False)
    number, got = _first_parameter(probe)
    probe.armed()
    words = [
        probe.ask(m.PARAMETER_SET, number, got.value).word,
        probe.ask(m.PARAMETER_COMMIT, 0).word,
        _write(probe, 0, b"\0").word,
        probe.ask(m.CALIBRATION_COMMIT, 0).word,
    ]
    return same("BAD_STATE, BAD_STATE, BAD_STATE, BAD_STATE", ", ".join(words))


@rule(WORKSHOP)
def calibration_block_whole(probe: Probe) -> Finding:
    """The calibration block reads in pieces; its CRC is right and STATUS names it; without one it is all zero."""
    probe.fresh(plan=False)
    block = _block(probe)
    crc = _status(probe).calibration_crc
    told = struct.unpack("<I", block[-4:])[0]
    right = told == binascii.crc32(block[:-4]) if any(block) else True
    return same(f"CRC right, STATUS {told:08x}", f"CRC {'right' if right else 'wrong'}, STATUS {crc:08x}")


@rule(WORKSHOP)
def calibration_read_past_end_refused(probe: Probe) -> Finding:
    """CALIBRATION_READ past the block's end is refused."""
    probe.fresh(plan=False)
    return same("DENIED", probe.ask(m.CALIBRATION_READ, m.CALIBRATION_BYTES - 1, 2).word)


@rule(WORKSHOP)
def calibration_wrong_crc_refused(probe: Probe) -> Finding:
    """CALIBRATION_COMMIT with another CRC than the block's stores nothing."""
    probe.fresh(plan=False)
    block = _block(probe)
    for offset in range(0, len(block), PIECE_BYTES):
        probe.must(m.OK, "CALIBRATION_WRITE", _write(probe, offset, block[offset : offset + PIECE_BYTES]))
    answer = probe.ask(m.CALIBRATION_COMMIT, struct.unpack("<I", block[-4:])[0] ^ 1)
    _rest(probe)
    return same("BAD_CRC, unchanged", f"{answer.word}, {'unchanged' if _block(probe) == block else 'changed'}")


@rule(WORKSHOP)
def calibration_in_part_refused(probe: Probe) -> Finding:
    """A block of which not every byte was written is not stored."""
    probe.fresh(plan=False)
    block = _block(probe)
    probe.must(m.OK, "CALIBRATION_WRITE", _write(probe, 0, block[:8]))
    answer = probe.ask(m.CALIBRATION_COMMIT, struct.unpack("<I", block[-4:])[0])
    _rest(probe)
    return same("refused, unchanged", f"{_refused(answer)}, {'unchanged' if _block(probe) == block else 'changed'}")


@rule(WORKSHOP)
def log_keeps_events(probe: Probe) -> Finding:
    """The event log holds what EVENT told: LOG_READ of the newest index gives the same record."""
    probe.armed()
    probe.ask(m.STOP, m.STOP_OPERATOR)
    probe.show()
    info = probe.ask(m.LOG_INFO).fields
    if info is None or not probe.events:
        return same("LOG_INFO answered, EVENT heard", "not so")
    read = probe.ask(m.LOG_READ, info.last_index, 1)
    records = read.fields.entries if read.fields is not None else ()
    event = probe.events[-1]
    return same(f"newest {event.log_index}, {[tuple(event)]}", f"newest {info.last_index}, {[tuple(each) for each in records]}")


@rule(WORKSHOP)
def log_outside_refused(probe: Probe) -> Finding:
    """LOG_READ of an index the log does not hold is refused."""
    probe.fresh(plan=False)
    info = probe.ask(m.LOG_INFO).fields
    if info is None:
        return same("LOG_INFO answered OK", "not so")
    return same("DENIED", probe.ask(m.LOG_READ, info.last_index + 1000, 1).word)
