"""The message table: sizes that pen-link.md gives, ranges, round trips, and the stub that goes with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, encode_frame
from firmware_protocol.generate.__main__ import main as generate

LAYOUTS = [layout for message in m.MESSAGES for layout in (message.payload, message.reply) if layout is not None]
DRIVE = m.Drive(1, 200, 0, 3, 1, 1200, 1000, 7000, 100, 3)


def test_sizes_of_the_specification() -> None:
    assert m.DRIVE.payload.size == 19
    assert m.TELEMETRY.payload.size == 22
    assert len(encode_frame(m.DRIVE.id, 1, 0, 1, m.DRIVE.payload.pack(DRIVE))) == 32
    telemetry = m.TELEMETRY.payload.pack(m.Telemetry(*range(1, 12)))
    assert len(encode_frame(m.TELEMETRY.id, 1, 0, 1, telemetry)) - 1 == 34  # a pen leaves the first delimiter out


def test_every_fixed_message_fits_its_direction() -> None:
    for message in m.MESSAGES:
        unsolicited = message.id >= 0xC0
        limit = TO_HOST_WIRE_BYTES if unsolicited else TO_PEN_WIRE_BYTES
        encode_frame(message.id, 1, 0, 1, b"\1" * message.payload.size, limit)
        if message.reply is not None:
            encode_frame(message.reply_id, 1, 0, 1, b"\1" * (1 + message.reply.size), TO_HOST_WIRE_BYTES)


def test_types_stand_where_the_specification_puts_them() -> None:
    assert len(m.BY_ID) == len(m.MESSAGES)
    for message in m.MESSAGES:
        assert 0 < message.id < 0x40 or 0xC0 <= message.id < 0xE0
        assert (message.reply is None) == (message.id >= 0xC0 or message is m.DRIVE)


@pytest.mark.parametrize(
    ("names", "values"),
    [(m.RESULTS, 11), (m.FAULTS, 17), (m.STATES, 6), (m.REFUSALS, 15), (m.STOP_REASONS, 8), (m.EVENT_CAUSES, 10)],
)
def test_names_are_as_many_as_numbers(names: tuple[str, ...], values: int) -> None:
    assert len(names) == values == len(set(names))


def test_numbers_are_fixed_for_ever() -> None:
    assert (m.FAULT_HOST_TIMEOUT, m.FAULT_DEPTH_OVER, m.FAULT_LINK, m.FAULT_TRANSMIT_STALL) == (1, 2, 13, 16)
    assert (m.OK, m.BAD_STATE, m.LOCKED) == (0, 6, 10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lease_ms": 201}, "lease_ms is 201, allowed is 60 to 200"),
        ({"depth_um": 1501}, "depth_um is 1501, allowed is 0 to 1500"),
        ({"speed_rpm": -1}, "speed_rpm is -1, allowed is 0 to 8000"),
        ({"seen_index": 2**32}, "seen_index is 4294967296"),
        ({"zone": 3.0}, "zone is 3.0"),
    ],
)
def test_pack_names_what_is_wrong(change: dict[str, Any], words: str) -> None:
    with pytest.raises(m.MessageError, match=words):
        m.DRIVE.payload.pack(DRIVE._replace(**change))


def test_lengths() -> None:
    wire = m.DRIVE.payload.pack(DRIVE)
    assert m.DRIVE.payload.unpack(wire) == DRIVE
    for wrong in (wire[:-1], wire + b"\0"):
        with pytest.raises(m.MessageError, match="must have 19"):
            m.DRIVE.payload.unpack(wrong)
    assert m.SYNC.payload.unpack(bytes(9)) == m.Sync(0)  # minors append
    with pytest.raises(m.MessageError, match="needs at least 8"):
        m.SYNC.payload.unpack(bytes(7))
    with pytest.raises(m.MessageError, match="no multiple of 3"):
        m.PLAN_WRITE.payload.unpack(bytes(5))


def values_of(fields: tuple[m.Field, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(
        *(
            st.binary(min_size=int(field.code[:-1]), max_size=int(field.code[:-1]))
            if field.code.endswith("s")
            else st.integers(field.low, field.high)
            for field in fields
        )
    )


@given(st.data())
def test_every_layout_round_trips(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(LAYOUTS))
    values = data.draw(values_of(layout.fields))
    if layout.entries:
        values = (*values, tuple(data.draw(st.lists(values_of(layout.entries), max_size=9))))
    value = layout.type(*values)
    assert layout.unpack(layout.pack(value)) == value


@given(st.sampled_from(LAYOUTS), st.binary(max_size=80))
def test_unpack_raises_nothing_but_its_own_error(layout: "m.Layout[Any]", payload: bytes) -> None:
    try:
        value = layout.unpack(payload)
    except m.MessageError:
        return
    assert layout.pack_unchecked(value) == payload[: len(layout.pack_unchecked(value))]


def test_plan_crc_is_over_the_wire_bytes() -> None:
    plan = ((1, 500), (200, 1500))
    wire = m.PLAN_WRITE.payload.pack(m.PlanWrite(0, plan))
    import binascii

    assert m.plan_crc(plan) == binascii.crc32(wire[1:])


def test_the_stub_is_the_table() -> None:
    assert generate(["--check"]) == 0
