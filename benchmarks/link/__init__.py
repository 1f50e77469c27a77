"""What one telemetry frame costs, from bytes to a judged sample, beside pymavlink's parser on a payload of like size.

Both get the same number of messages in the same reads, turn about, in one run; figures are medians over the rounds, ratios
medians of each round's ratio. The stages:

* `decode_us`: bytes -> COBS, CRC, major, type, session, length -> `Telemetry`. What `parse_buffer` does for the peer: its
  message object, checked, no more. `ratio` compares these two; the verdict goes by `ratio_judged`, in long reads.
* `sample_us`: `Link.receive`, bytes -> `Sample`: the same, and index and time unwrapped, losses counted, age by the synced clock.
* `judged_us`: from bytes to the supervisor's verdict, the way of control (`Link.receive_runs`): everything that is checked and
  counted in `sample_us`, and judged; in a long read for all samples at once, and then no object is made of each.
  `ratio_judged` compares it to the peer's parsing alone, which judges nothing and makes an object of each message.
* `kept_us`: the same, and a `Sample` made of each, which control needs for the record. `ratio_kept` likewise.

The top level is the shared pure-Python codec; `accelerated` the same with the C decoder of the package `cobs`. `reads` says
how many frames came in each read: 117 fill the transport's 4096 bytes, as after a stall, in a replay of one, or where a host
drains a buffer. `backlog` is that as it is on a line: frames torn at the ends of reads, STATUS among them. `single` has one
frame a read, as at 1 kHz without a stall: there every sample goes alone, and the ratios are those of short calls.
"""

from importlib import import_module

from benchmarks.link.live import at_1_khz
from benchmarks.link.timing import (
    FRAMES,
    PEER_PAYLOAD_BYTES,
    backlog,
    peer_frames,
    stages,
    telemetry_frames,
    together,
    torn,
)
from benchmarks.registry import BenchError, Document, Options
from firmware_protocol import messages as wire

READ = 117
SECONDS = 6.0  # for the timing, and as long again for the share of a processor
LEAST_RATIO, LEAST_RATIO_ACCELERATED = 4.0, 10.0


def bench(options: Options) -> Document:
    """Time every stage, then the processor's share. Raises BenchError without pymavlink."""
    seconds = options.seconds or (2.0 if options.short else SECONDS)
    try:
        mavlink = import_module("pymavlink.dialects.v20.common")
        version = import_module("pymavlink").__version__
    except ImportError:
        raise BenchError("The peer is not installed: python -m pip install pymavlink, or take the dev extra.") from None
    frames, messages = telemetry_frames(FRAMES), peer_frames(mavlink, FRAMES)
    document: Document = {
        "peer": f"pymavlink {version}",
        "peer_payload_bytes": PEER_PAYLOAD_BYTES,
        "payload_bytes": wire.TELEMETRY.payload.size,
    }
    for name, reads, peer_reads in (
        ("", together(frames, READ), together(messages, READ)),
        ("backlog", backlog(frames), torn(b"".join(messages))),
        ("single", frames, messages),
    ):
        count = round(FRAMES / len(reads))
        options.tell(f"timing reads of {count} frames")
        figures = {"reads": count, **stages(mavlink, reads, peer_reads, seconds / 3)}
        document.update({name: figures} if name else figures)
    options.tell("a control-like loop at 1 kHz")
    document["cpu_1khz"] = at_1_khz(seconds)
    fast = document["accelerated"]
    kept = document["ratio_judged"] >= LEAST_RATIO and (fast is None or fast["ratio_judged"] >= LEAST_RATIO_ACCELERATED)
    return {**document, "verdict": "PASS" if kept else "FAIL"}


def lines(document: Document) -> list[str]:
    """For a person."""
    said = []
    for figures in (document, document["backlog"], document["single"]):
        said.append(
            f"reads of {figures['reads']:>3}: {document['peer']} {figures['peer_decode_us']:.2f} us a message of"
            f" {document['peer_payload_bytes']} bytes; encoding a DRIVE {figures['encode_us']:.2f} us"
        )
        for name, each in (("pure Python", figures), ("with C COBS", figures["accelerated"])):
            if each is None:
                said.append(f"  {name}: not measured, the package cobs is not installed with its C module")
                continue
            said.append(
                f"  {name}: decode {each['decode_us']:.2f} us ({each['ratio']:.1f} x), sample {each['sample_us']:.2f} us,"
                f" judged {each['judged_us']:.2f} us ({each['ratio_judged']:.1f} x), and kept {each['kept_us']:.2f} us"
                f" ({each['ratio_kept']:.1f} x), {each['frames_per_s']} judged frames/s"
            )
    share = document["cpu_1khz"]
    said.append(
        f"1 kHz over a pty, {share['samples']} samples, {share['lost']} lost: {share['cpu_share']:.1%} of one processor,"
        f" {share['floor_share']:.1%} for waiting and reading alone"
    )
    needed = f"judged at least {LEAST_RATIO:.0f} x, with C COBS {LEAST_RATIO_ACCELERATED:.0f} x"
    return [*said, f"{document['verdict']}: {needed}, in reads of {READ}"]
