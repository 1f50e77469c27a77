"""The event log: what was told can be read again, the oldest gives way, and a gap is seen."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, encode_frame
from firmware_protocol.pen_log import RECORD_BYTES, Log
from tests.firmware_protocol.pen_bench import Bench


def record(index: int) -> bytes:
    return m.EVENT.payload.pack(m.Event(index, index * 10, m.STATE_IDLE, 0, index, 1))


def filled(records: int, events: int) -> Log:
    log = Log(records)
    for index in range(1, events + 1):
        log.add(record(index))
    return log


def test_a_record_is_16_bytes_and_an_event() -> None:
    assert m.EVENT.payload.size == RECORD_BYTES == 16
    assert m.LOG_READ.reply.entries == m.EVENT.payload.fields


def test_an_empty_log() -> None:
    log = Log(4)
    assert (log.first, log.last) == (0, 0)
    assert log.read(0, 1) is None
    assert log.read(1, 1) is None


@pytest.mark.parametrize(("events", "first"), [(1, 1), (4, 1), (5, 2), (8, 5), (9, 6), (1000, 997)])
def test_the_oldest_gives_way(events: int, first: int) -> None:
    log = filled(4, events)
    assert (log.first, log.last) == (first, events)
    kept = log.read(first, 14)
    assert kept is not None
    assert [event.log_index for event in kept] == list(range(first, events + 1))
    assert log.read(first - 1, 1) is None
    assert log.read(events + 1, 1) is None


def test_no_record_at_all_is_not_asked_for() -> None:
    log = filled(4, 3)
    assert log.read(1, 0) is None
    assert log.read(1, -1) is None
    assert [event.log_index for event in log.read(1, 1) or ()] == [1]


def test_memory_is_bounded() -> None:
    assert len(filled(4, 1000)._ring) == 64
    log = Log()
    for index in range(1, 301):
        log.add(record(index))
    assert (log.first, log.last, len(log._ring)) == (45, 300, 4096), "a pen keeps 256"


def test_what_was_told_can_be_read_again() -> None:
    bench = Bench().running()
    bench.stop()
    bench.run(60)
    assert bench.request(m.LOG_INFO) == m.OK
    info = bench.reply(m.LOG_INFO)
    assert (info.first_index, info.last_index) == (1, bench.events[-1].log_index)
    assert bench.request(m.LOG_READ, 1, 14) == m.OK
    records = [m.Event(*entry) for entry in bench.reply(m.LOG_READ).entries]
    assert records[-len(bench.events) :] == bench.events
    assert [event.state for event in records][-3:] == [m.STATE_ARMED, m.STATE_RUNNING, m.STATE_IDLE]


def test_a_host_that_was_away_reads_what_it_missed() -> None:
    bench = Bench().running()
    heard = bench.events[-1].log_index
    bench.pen.link_lost(bench.now_us)  # the FAULT it tells finds nobody
    assert bench.hello(nonce=2) == m.OK
    assert bench.request(m.LOG_READ, heard + 1, 14) == m.OK
    missed = [m.Event(*entry) for entry in bench.reply(m.LOG_READ).entries]
    assert [(event.state, event.fault) for event in missed] == [(m.STATE_FAULT, m.FAULT_LINK)]


@pytest.mark.parametrize(("first", "count"), [(0, 1), (99, 1), (1, 0), (1, 15), (1, 255)])
def test_read_is_refused(first: int, count: int) -> None:
    assert Bench().ready().request(m.LOG_READ, first, count) == m.DENIED


def test_the_longest_reply_fits() -> None:
    bench = Bench().ready()
    for _ in range(20):
        assert bench.arm() == m.OK
        bench.stop()
    assert bench.request(m.LOG_READ, 1, m.LOG_READ_MOST) == m.OK
    assert len(bench.reply(m.LOG_READ).entries) == m.LOG_READ_MOST
    payload = b"\0" + m.LOG_READ.reply.pack(m.LogReadReply(((0xFFFFFFFF, 0xFFFFFFFF, 255, 255, 0xFFFFFFFF, 0xFFFF),) * 14))
    assert len(encode_frame(m.LOG_READ.reply_id, 1, 0, 1, payload, TO_HOST_WIRE_BYTES)) <= TO_HOST_WIRE_BYTES
