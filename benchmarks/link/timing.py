"""Times every stage of the link beside the peer, turn about. What is timed does one round and says how many frames it did."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.link.pen import DEPTH_UM, SESSION, SPEED_RPM, answers, frame_of
from benchmarks.registry import BenchError, Document
from firmware_protocol import messages as wire
from firmware_protocol.accelerate import ACCELERATED, host_deframer
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, encode_frame
from firmware_protocol.happenings import Sample
from firmware_protocol.link import Link
from firmware_protocol.runs import SampleRun
from firmware_protocol.samples import express_fields, express_head
from firmware_protocol.transport import READ_BYTES
from pencontrol.control.supervisor import Supervisor

FRAMES = 2340
PEER_PAYLOAD_BYTES = 28
ROUND_S = 0.12  # what one round of all stages takes
NONCE = 0x5EED
LIMIT_UM = 1000
DRIVE = wire.Drive(0xA55A, 200, 5, 3, wire.MODE_TREAT, LIMIT_UM, DEPTH_UM, SPEED_RPM, 100, 3)
SPUN_UP_NS = 3_000_000_000  # every window of the supervisor is open
STAGES = ("decode", "sample", "judged", "kept")

Reads = list[bytes]


def telemetry_frames(count: int) -> Reads:
    """A pen at work: in each body about seven zeros, as there are on the wire."""
    return [frame_of(100_000 + each, each * 1000) for each in range(count)]


def peer_frames(mavlink: Any, count: int) -> Reads:
    """ATTITUDE: u32 and six floats, none of them zero, so that MAVLink 2 cuts nothing off."""
    sender = mavlink.MAVLink(None)
    out = [
        bytes(mavlink.MAVLink_attitude_message(100_000 + each, 0.1 + each * 1e-4, 0.2, 0.3, 0.4, 0.5, 0.6).pack(sender))
        for each in range(count)
    ]
    if {len(each) for each in out} != {PEER_PAYLOAD_BYTES + 12}:
        raise BenchError(f"{mavlink.__name__} does not send ATTITUDE with {PEER_PAYLOAD_BYTES} bytes of payload.")
    return out


def together(frames: Reads, count: int) -> Reads:
    """As they come, `count` in a read."""
    return [b"".join(frames[at : at + count]) for at in range(0, len(frames), count)]


def backlog(frames: Reads) -> Reads:
    """As a transport gives them after a stall: torn every 4096 bytes, one delimiter between two, a STATUS after each hundred."""
    status = wire.STATUS.payload.pack(wire.Status(*([0] * len(wire.STATUS.payload.fields))))
    told = encode_frame(wire.STATUS.id, SESSION, 0, 1, status, TO_HOST_WIRE_BYTES)
    stream = b"".join(frame[1:] + (b"" if number % 100 else told[1:]) for number, frame in enumerate(frames))
    return torn(stream)


def torn(stream: bytes) -> Reads:
    """Reads as long as a transport's longest."""
    return [stream[at : at + READ_BYTES] for at in range(0, len(stream), READ_BYTES)]


def stages(mavlink: Any, reads: Reads, peer_reads: Reads, seconds: float) -> Document:
    """Microseconds a frame of every stage, and the ratios."""
    timed: dict[str, Callable[[], int]] = {"peer": lambda: parse(mavlink, peer_reads), "encode": encode}
    kinds = {"pure": False, "accelerated": True} if ACCELERATED else {"pure": False}
    for kind, accelerated in kinds.items():
        timed[f"decode {kind}"] = lambda accelerated=accelerated: decode(reads, accelerated)  # type: ignore[misc]
        timed[f"sample {kind}"] = lambda accelerated=accelerated: sample(reads, accelerated)  # type: ignore[misc]
        timed[f"judged {kind}"] = lambda accelerated=accelerated: judged(reads, accelerated)  # type: ignore[misc]
        timed[f"kept {kind}"] = lambda accelerated=accelerated: kept(reads, accelerated)  # type: ignore[misc]
    rounds: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(max(3, round(seconds / ROUND_S)) + 1):
        for name, act in timed.items():
            took_us = clocked(act)
            if number:  # the first warms up
                rounds[name].append(took_us)

    def figures(kind: str) -> Document:
        by_stage = {stage: rounds[f"{stage} {kind}"] for stage in STAGES}
        out: Document = {f"{stage}_us": round(statistics.median(took), 3) for stage, took in by_stage.items()}
        for key, stage in (("ratio", "decode"), ("ratio_judged", "judged"), ("ratio_kept", "kept")):
            ratios = [peer / own for peer, own in zip(rounds["peer"], by_stage[stage], strict=True)]
            out[key] = round(statistics.median(ratios), 2)
        return {**out, "frames_per_s": int(1e6 / statistics.median(by_stage["judged"]))}

    return {
        "encode_us": round(statistics.median(rounds["encode"]), 3),
        "peer_decode_us": round(statistics.median(rounds["peer"]), 3),
        **figures("pure"),
        "accelerated": figures("accelerated") if ACCELERATED else None,
    }


def clocked(act: Callable[[], int]) -> float:
    """Microseconds of this process a frame; what others take meanwhile does not count.

    Raises BenchError when not every frame came through.
    """
    gc.collect()
    gc.disable()
    try:
        start_ns = time.process_time_ns()
        done = act()
        took_ns = time.process_time_ns() - start_ns
    finally:
        gc.enable()
    if done != FRAMES:
        raise BenchError(f"{done} of {FRAMES} frames came through: the figures would be worth nothing.")
    return took_ns / 1000 / FRAMES


def parse(mavlink: Any, reads: Reads) -> int:
    """The peer."""
    parser = mavlink.MAVLink(None)
    return sum(len(parser.parse_buffer(data) or ()) for data in reads)


def decode(reads: Reads, accelerated: bool) -> int:
    """Bytes to Telemetry, as `Link.receive` does it."""
    deframer = host_deframer(TO_HOST_WIRE_BYTES, accelerated)
    head, make, telemetry = express_head(SESSION), tuple.__new__, wire.Telemetry
    done = 0
    for data in reads:
        bodies = deframer.bodies(data)
        done += len(bodies)
        for body in bodies:
            if body.startswith(head):
                make(telemetry, express_fields(body))
            else:
                done -= 1
    return done


def sample(reads: Reads, accelerated: bool) -> int:
    """Bytes to samples, one by one."""
    link = connected(accelerated)
    done = 0
    for data in reads:
        for each in link.receive(data, SPUN_UP_NS):
            if type(each) is Sample:
                done += 1
    return done


def judged(reads: Reads, accelerated: bool) -> int:
    """Bytes to samples that the supervisor has found in order, as control has them judged."""
    link = connected(accelerated)
    supervisor = Supervisor(0, DEPTH_UM, SPEED_RPM)
    done = 0
    for data in reads:
        for each in link.receive_runs(data, SPUN_UP_NS):
            if type(each) is Sample:
                done += not supervisor.judge(each.telemetry, each.read_ns, LIMIT_UM)
            elif type(each) is SampleRun:
                done += len(each) if supervisor.is_calm(each, LIMIT_UM) else in_order(each, supervisor)
    return done


def kept(reads: Reads, accelerated: bool) -> int:
    """The same, and each sample made on its own, as control needs it for the record."""
    link = connected(accelerated)
    supervisor = Supervisor(0, DEPTH_UM, SPEED_RPM)
    done = 0
    for data in reads:
        for each in link.receive_runs(data, SPUN_UP_NS):
            if type(each) is Sample:
                done += not supervisor.judge(each.telemetry, each.read_ns, LIMIT_UM)
            elif type(each) is SampleRun:
                done += len(each.samples()) if supervisor.is_calm(each, LIMIT_UM) else in_order(each, supervisor)
    return done


def in_order(run: SampleRun, supervisor: Supervisor) -> int:
    """One by one, where a run is not calm as a whole."""
    return sum(not supervisor.judge(each.telemetry, each.read_ns, LIMIT_UM) for each in run.samples())


def encode() -> int:
    """DRIVEs, ranges checked, as the host sends them."""
    link = connected(True)
    for _ in range(FRAMES):
        link.drive(DRIVE)
    return FRAMES


def connected(accelerated: bool) -> Link:
    """A link past HELLO and its first SYNC."""
    link = Link(NONCE, accelerated)
    pen = Deframer(TO_PEN_WIRE_BYTES)
    for now_ns in (1, 2, 3):
        link.receive(answers(pen, link.poll(now_ns), 500), now_ns)
    return link
