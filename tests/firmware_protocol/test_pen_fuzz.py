"""Whatever comes down the cable: no exception, bounded memory, the motor never without an ARM, never past the limit."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol import messages as m
from firmware_protocol.frame import encode_frame
from firmware_protocol.pen_output import ROOM_BYTES
from tests.firmware_protocol.pen_bench import BOOT_ID, PLAN, PLAN_CRC, Bench

KINDS = [message.id for message in m.MESSAGES if message.id < 0x40]
some_frames = st.builds(
    lambda kind, session, flags, sequence, payload: encode_frame(kind, session, flags, sequence, payload),
    st.sampled_from([*KINDS, 0x2F, 0x81, 0xC0]),
    st.integers(0, 4),
    st.integers(0, 3),
    st.integers(0, 0xFFFF),
    st.binary(max_size=40),
)


@given(st.lists(st.one_of(st.binary(max_size=300), some_frames), max_size=30))
def test_any_bytes_never_run_the_motor(chunks: list[bytes]) -> None:
    bench = Bench().ready()
    for chunk in chunks:
        bench.pen.receive(chunk, bench.now_us)
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
        assert len(bench.pen.output._bytes) <= ROOM_BYTES
        assert len(bench.pen.requests._cache) <= 4
        assert not bench.hardware.powered
        assert bench.pen.state != m.STATE_RUNNING


def small(low: int, high: int) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(low, high), st.sampled_from([low, high, low + 1, high - 1]))


drives = st.fixed_dictionaries(
    {},
    optional={
        "depth_um": st.one_of(st.just(0), small(400, 1700)),
        "speed_rpm": st.one_of(st.just(0), small(5900, 8100)),
        "depth_limit_um": small(400, 1700),
        "zone": st.sampled_from([0, 3, 7, 9]),
        "lease_ms": small(0, 300),
        "mode": st.integers(0, 3),
        "trip_ms": small(0, 30),
        "over_tolerance_um": small(0, 300),
    },
)
acts = st.one_of(
    st.tuples(st.just("drive"), drives),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("stop"), st.integers(0, 255)),
    st.tuples(st.just("arm"), st.sampled_from([m.MODE_TREAT, m.MODE_CALIBRATE])),
    st.tuples(st.just("run"), st.integers(1, 40)),
    st.tuples(st.just("junk"), st.binary(max_size=80)),
    st.tuples(st.just("hello"), st.integers(1, 3)),
    st.tuples(st.just("clear"), st.integers(0, 16)),
    st.tuples(st.just("lost"), st.just(0)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(acts, max_size=60))
def test_any_story_keeps_the_promises(story: list[tuple[str, Any]]) -> None:
    bench = Bench().armed()
    sent: list[bytes] = []
    for act, value in story:
        armed_before = bench.pen.state in (m.STATE_ARMED, m.STATE_RUNNING)
        if act == "drive":
            before = bench.pen.motion.refused
            bench.drive(**value)
            if bench.pen.motion.refused == before:
                assert armed_before
                assert value.get("depth_um", 1000) <= value.get("depth_limit_um", 1200)
            sent.append(bench.drive_wire(bench.drive_sequence, bench.session, **value))
        elif act == "again" and sent:
            asked = bench.pen.motion.run.depth_um
            bench.send(sent[-1 - value % len(sent)])
            assert bench.pen.motion.run.depth_um == asked
        elif act == "stop":
            bench.stop(value)
            assert not bench.hardware.powered
            assert bench.pen.motion.token == 0
        elif act == "arm":
            bench.arm(mode=value, crc=PLAN_CRC)
        elif act == "run":
            bench.run(value)
        elif act == "junk":
            bench.send(value + b"\0")
        elif act == "hello":
            bench.hello(nonce=value)
        elif act == "clear":
            bench.request(m.CLEAR_FAULT, value, BOOT_ID)
        elif act == "lost":
            bench.pen.link_lost(bench.now_us)
        promises(bench)


def promises(bench: Bench) -> None:
    motion = bench.pen.motion
    if bench.hardware.powered:
        assert bench.pen.state == m.STATE_RUNNING
        assert motion.token != 0
        assert motion.lease_left_ms(bench.now_us) > 0
        assert bench.hardware.asked[1] <= motion.run.ceiling_um
    if motion.run.mode == m.MODE_TREAT and motion.run.depth_um:
        assert motion.run.depth_um <= dict(PLAN)[motion.run.zone]
    assert (bench.pen.state == m.STATE_FAULT) == (bench.pen.fault != m.FAULT_NONE)
    assert motion.token == 0 or bench.pen.state in (m.STATE_ARMED, m.STATE_RUNNING)
