"""The feed between control and recorder: any cut of the bytes gives the same messages, and junk ends in FeedError only."""

import contextlib
import itertools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import feed
from sessions.recording.intake import Intake

MESSAGE = st.tuples(st.sampled_from([feed.HELLO, feed.EVENT, feed.BLOCK, feed.READY, feed.ACK]), st.binary(max_size=300))


def _pack(kind: int, body: bytes) -> bytes:
    return struct.pack("<IB", len(body) + 1, kind) + body


@given(messages=st.lists(MESSAGE, max_size=12), cuts=st.lists(st.integers(0, 4000), max_size=30))
def test_any_cut_gives_the_same_messages(messages: list[tuple[int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(_pack(kind, body) for kind, body in messages)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    splitter = feed.Messages()
    found = [message for a, b in itertools.pairwise(edges) for message in splitter.feed(stream[a:b])]
    assert found == messages


def test_byte_by_byte() -> None:
    stream = feed.pack_json(feed.HELLO, {"control": "c", "live": ""}) + feed.pack_block("S-1", 1, 5, 0, "trace/1", b"abc")
    splitter = feed.Messages()
    found = [message for at in range(len(stream)) for message in splitter.feed(stream[at : at + 1])]
    assert [kind for kind, _ in found] == [feed.HELLO, feed.BLOCK]
    header, records = feed.unpack_block(found[1][1])
    assert header == {"stream": "S-1", "block": 1, "first_index": 5, "lost": 0, "layout": "trace/1"}
    assert records == b"abc"


@given(stream=st.text(max_size=20), numbers=st.tuples(*[st.integers(0, 2**60)] * 3), records=st.binary(max_size=2000))
def test_block_round_trip(stream: str, numbers: tuple[int, int, int], records: bytes) -> None:
    block, first, lost = numbers
    ((kind, body),) = feed.Messages().feed(feed.pack_block(stream, block, first, lost, "trace/1", records))
    header, back = feed.unpack_block(body)
    assert kind == feed.BLOCK
    assert (header["stream"], header["block"], header["first_index"], header["lost"]) == (stream, block, first, lost)
    assert back == records


@pytest.mark.parametrize("length", [0, feed.MAX_MESSAGE_BYTES + 1, 0xFFFFFFFF])
def test_length_out_of_range_is_refused(length: int) -> None:
    with pytest.raises(feed.FeedError, match=str(length)):
        list(feed.Messages().feed(struct.pack("<IB", length, 1)))


def test_too_long_a_message_is_not_packed() -> None:
    with pytest.raises(feed.FeedError):
        feed.pack_block("S-1", 1, 0, 0, "trace/1", bytes(feed.MAX_MESSAGE_BYTES))


@settings(max_examples=300)
@given(junk=st.lists(st.binary(max_size=80), max_size=10))
def test_junk_is_a_feed_error_or_nothing(junk: list[bytes]) -> None:
    intake = Intake()
    with contextlib.suppress(feed.FeedError):
        for piece in junk:
            intake.take(piece)


@settings(max_examples=300)
@given(kind=st.sampled_from([feed.EVENT, feed.BLOCK]), body=st.binary(max_size=120) | st.text(max_size=60).map(str.encode))
def test_a_framed_body_of_junk_is_a_feed_error(kind: int, body: bytes) -> None:
    intake = Intake()
    assert intake.take(feed.pack_json(feed.HELLO, {"control": "c", "live": "S-1"})).hello is not None
    with pytest.raises(feed.FeedError):
        intake.take(_pack(kind, body))


def test_block_header_of_junk_says_so() -> None:
    with pytest.raises(feed.FeedError, match="no header"):
        feed.unpack_block(b"\x01")
    with pytest.raises(feed.FeedError, match="no JSON object"):
        feed.unpack_block(b"\x02\x00[]")
    with pytest.raises(feed.FeedError, match="no JSON:"):
        feed.unpack_block(b"\x02\x00{]")
