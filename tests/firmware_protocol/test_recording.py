"""Recordings: what goes in comes out, a torn tail is said, junk never raises anything else; the transport that records."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.recorded_transport import FLUSH_NS, RecordedTransport, RecordingFile
from firmware_protocol.recording import (
    FROM_PEN,
    MAX_ENTRY_BYTES,
    TO_PEN,
    VERSION,
    Damaged,
    Encoder,
    Entry,
    RecordingError,
    decode,
    header,
    read_recording,
)
from firmware_protocol.transport import LinkClosed, Transport, open_transport

ENTRIES = st.lists(st.builds(Entry, st.integers(0, 255), st.integers(-(2**62), 2**62), st.binary(max_size=300)), max_size=30)


def encoded(entries: list[Entry]) -> bytes:
    encoder = Encoder()
    for entry in entries:
        encoder.put(*entry)
    return encoder.take()


def test_the_bytes_are_what_the_documentation_says() -> None:
    assert encoded([Entry(1, 0, b"ab"), Entry(2, -1, b""), Entry(1, 1_000_000, b"c" * 200)]) == (
        b"\x01\x00\x02ab" + b"\x02\x01\x00" + b"\x01\x82\x89\x7a\xc8\x01" + b"c" * 200
    )
    assert header({"url": "x"}) == b"PENREC\x1a\n\x01\x00\x0c\x00" + b'{"url": "x"}'


@given(ENTRIES)
def test_entries_come_back(entries: list[Entry]) -> None:
    assert list(decode(encoded(entries))) == entries
    assert read_recording(header({}) + encoded(entries)).entries == entries


def test_what_is_taken_can_be_read_by_itself() -> None:
    encoder = Encoder()
    for at_ns in (10**15, 10**15 + 5, 10**15 + 9):
        encoder.put(1, at_ns, b"x")
        assert [entry.at_ns for entry in decode(encoder.take())] == [at_ns]


@given(ENTRIES, st.data())
def test_a_torn_tail_is_said_and_what_is_whole_counts(entries: list[Entry], data: st.DataObject) -> None:
    whole = encoded(entries)
    cut = data.draw(st.integers(0, len(whole)))
    told = read_recording(header({"a": 1}) + whole[:cut])
    assert told.entries == entries[: len(told.entries)]
    ends = {len(encoded(entries[:count])) for count in range(len(entries) + 1)}
    assert ("cut off" in told.problem) == (cut not in ends)


@given(st.binary(max_size=400))
def test_junk_is_damage_and_nothing_else(junk: bytes) -> None:
    try:
        for entry in decode(junk):
            assert len(entry.data) <= len(junk)
    except Damaged as damage:
        assert 0 <= damage.offset < len(junk)
    for file in (junk, header({}) + junk, header({})[:8] + junk):
        try:
            read_recording(file)
        except RecordingError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "no recording"),
        (b"x" * 20, "begins with"),
        (header({}).replace(b"\x01\x00\x02", b"\x07\x00\x02"), "version 7"),
        (header({})[:-1], "no JSON"),
        (header({}).replace(b"{}", b"[]"), "no JSON object"),
    ],
)
def test_what_is_no_recording_is_refused(file: bytes, words: str) -> None:
    with pytest.raises(RecordingError, match=words):
        read_recording(file)
    assert VERSION == 1


@pytest.mark.parametrize(
    ("block", "words", "torn"),
    [
        (b"\x01" + b"\xff" * 12, "number longer", False),
        (b"\x01\x00\xff\xff\xff\x7f", f"at most {MAX_ENTRY_BYTES}", False),
        (b"\x01" + b"\xfe" * 9 + b"\x7f\x00", "no clock", False),
        (b"\x01", "cut off", True),
        (b"\x01\x00\x05abcd", "cut off", True),
    ],
)
def test_damage_is_told_from_a_torn_tail(block: bytes, words: str, torn: bool) -> None:
    with pytest.raises(Damaged, match=words) as found:
        list(decode(b"\x02\x00\x00" + block))
    assert found.value.torn is torn
    assert found.value.offset == 3


@pytest.fixture
def line() -> Any:
    outer, inner = os.openpty()
    transport = open_transport(os.ttyname(inner))
    yield outer, transport
    transport.close()
    os.close(outer)
    os.close(inner)


def test_both_directions_are_on_file_with_their_times(tmp_path: Path, line: tuple[int, Transport]) -> None:
    outer, transport = line
    clock = iter(range(1000, 100_000, 1000))
    file = tmp_path / "pen.rec"
    recorded = RecordedTransport(transport, RecordingFile(file, {"url": transport.url}), lambda: next(clock))
    assert recorded.url == transport.url
    assert recorded.fileno() == transport.fileno()
    assert recorded.read() == b""
    recorded.write(b"\0to the pen\0")
    assert os.read(outer, 100) == b"\0to the pen\0"
    os.write(outer, b"\0from it\0")
    while not (data := recorded.read()):
        pass
    assert data == b"\0from it\0"
    recorded.drop_dtr()
    recorded.close()
    recorded.close()
    with pytest.raises(LinkClosed):
        recorded.write(b"x")
    told = read_recording(file.read_bytes())
    assert told.about == {"url": transport.url}
    assert told.entries == [Entry(TO_PEN, 1000, b"\0to the pen\0"), Entry(FROM_PEN, 2000, b"\0from it\0")]
    assert not told.problem


def test_a_link_that_ends_ends_the_recorded_one_in_the_same_words(tmp_path: Path, line: tuple[int, Transport]) -> None:
    _, transport = line
    recorded = RecordedTransport(transport, RecordingFile(tmp_path / "pen.rec", {}), lambda: 0)
    transport.close()
    with pytest.raises(LinkClosed, match="closed by this program"):
        recorded.read()
    recorded.close()


def test_a_second_is_on_disk_before_the_end(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "pen.rec", {})
    for at_ns in (0, FLUSH_NS // 2, FLUSH_NS):
        file.put(FROM_PEN, at_ns, b"x")
    assert len(read_recording((tmp_path / "pen.rec").read_bytes()).entries) == 3
    file.put(FROM_PEN, FLUSH_NS + 1, b"y")
    file.close()
    assert [entry.at_ns for entry in read_recording((tmp_path / "pen.rec").read_bytes()).entries] == [
        *(0, FLUSH_NS // 2, FLUSH_NS),
        FLUSH_NS + 1,
    ]


def test_a_full_disk_ends_the_recording_and_not_the_work(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "pen.rec", {})
    file.put(FROM_PEN, 0, b"x")

    class Full:
        closed = False

        def write(self, data: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            self.closed = True

    real, file._file = file._file, Full()  # type: ignore[assignment]
    real.close()
    file.put(FROM_PEN, 2 * FLUSH_NS, b"y")
    assert "No space left" in file.failed
    file.put(FROM_PEN, 4 * FLUSH_NS, b"z")
    file.close()


def test_a_file_that_cannot_be_made_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        RecordingFile(tmp_path / "nowhere" / "pen.rec", {})
