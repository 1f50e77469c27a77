"""One judged telemetry sample, as control saw it: little endian, 48 bytes; the ring and the record share it. Pure.

Apart from `events`, so that a screen's STOP line, which needs the ring, does not wait for the vocabulary's models.
"""

import struct

TRACE_LAYOUT = "trace/1"
TRACE_FORMAT = "<QQqiHHHHHHBBBBBBxx"
TRACE_FIELDS = (
    "index",  # sample number, unwrapped
    "t_pen_us",  # pen clock, unwrapped
    "mono_ns",  # when control read it
    "age_us",  # by synced clocks; NO_AGE when unknown
    "depth_um",
    "speed_rpm",
    "current_ma",
    "asked_depth_um",
    "asked_speed_rpm",
    "limit_um",
    "zone",  # wire number, 0: none
    "state",  # the pen's
    "fault",
    "refusal",
    "flags",  # TELEMETRY.flags
    "contact",  # 1 while the host's detector sees contact
)
TRACE_BYTES = struct.calcsize(TRACE_FORMAT)
NO_AGE = -(2**31)
