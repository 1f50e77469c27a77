"""Counting what came and what did not: sample numbers past 2^32, lost samples, and the link's own figures. Pure."""

from dataclasses import dataclass, replace

from firmware_protocol.frame import Deframer

_U32 = 0xFFFFFFFF
_HALF = 0x80000000


@dataclass(slots=True)
class Counters:
    """Everything the link counted since it was made; nothing here is ever reset. Read it, do not write it."""

    frames: int = 0  # good ones, of any kind and session
    bad_cobs: int = 0
    bad_length: int = 0  # too short to be a frame
    bad_crc: int = 0
    bad_major: int = 0
    bad_flags: int = 0
    overrun: int = 0  # longer than any frame
    bad_payload: int = 0  # a frame that was whole, with a payload its message cannot have
    wrong_session: int = 0
    unknown_types: int = 0
    stale_replies: int = 0  # to nothing that is in flight: late, repeated or void
    repeated_samples: int = 0  # an index heard before
    retries: int = 0
    unanswered: int = 0
    voided: int = 0
    stops_sent: int = 0  # frames, repeats included
    syncs_refused: int = 0  # rounds the clock could not believe

    @property
    def bad_frames(self) -> int:
        """Frames that were damaged or malformed, whatever the cause."""
        return self.bad_cobs + self.bad_length + self.bad_crc + self.bad_major + self.bad_flags + self.overrun + self.bad_payload

    def with_frames(self, deframer: Deframer, retries: int) -> "Counters":
        """A copy that also holds what others counted."""
        return replace(
            self,
            frames=deframer.good,
            bad_cobs=deframer.bad_cobs,
            bad_length=deframer.bad_length,
            bad_crc=deframer.bad_crc,
            bad_major=deframer.bad_major,
            bad_flags=deframer.bad_flags,
            overrun=deframer.overrun,
            retries=retries,
        )


class SampleCount:
    """Unwraps u32 sample numbers and pen times, and accounts for every sample that did not come.

    Loss = gaps in the index minus what the pen says it never sent (`dropped`, u16 cumulative). It is exact as long as
    fewer than 65 536 samples in a row go missing. It is not clamped: a figure below zero is a pen that miscounts.
    """

    __slots__ = ("_dropped", "_started", "_wire_index", "_wire_us", "dropped", "gaps", "index", "samples", "t_us")

    def __init__(self) -> None:
        self.samples = 0  # taken
        self.gaps = 0  # indices skipped between taken ones
        self.dropped = 0  # of these, never sent by the pen's own word
        self.index = 0  # newest, unwrapped
        self.t_us = 0
        self._started = False
        self._wire_index = 0
        self._wire_us = 0
        self._dropped = 0

    @property
    def lost(self) -> int:
        """Samples that were sent and never arrived whole."""
        return self.gaps - self.dropped

    def new_session(self) -> None:
        """The next sample is the first of a session of the same pen run: what is missing before it is no loss."""
        self._started = False

    def new_boot(self) -> None:
        """The pen restarted: index and time begin again; the sums go on."""
        self._started = False
        self._wire_index = self._wire_us = 0
        self.index = self.t_us = 0

    def take(self, wire_index: int, wire_us: int, dropped: int) -> bool:
        """Counts one sample as the wire gave it. False for an index that is not newer: it is no sample.

        Afterwards `index` and `t_us` are this sample's, unwrapped.
        """
        step = (wire_index - self._wire_index) & _U32
        passed = (wire_us - self._wire_us) & _U32
        if self._started:
            if not 0 < step < _HALF:
                return False
            if step != 1:
                self.gaps += step - 1
            if dropped != self._dropped:
                self.dropped += (dropped - self._dropped) & 0xFFFF
            if passed >= _HALF:  # a pen's clock may waver, it does not leap 71 minutes ahead
                passed -= _U32 + 1
        else:
            self._started = True
            if step >= _HALF:  # the pen began anew without a word
                self.index = self.t_us = 0
                step, passed = wire_index, wire_us
        self.index += step
        self.t_us += passed
        self.samples += 1
        self._wire_index = wire_index
        self._wire_us = wire_us
        self._dropped = dropped
        return True

    def take_on(self, count: int, wire_us: int) -> None:
        """Counts `count` more samples, each index one more than the last taken, `dropped` unchanged; `wire_us` is the newest's.

        Right where no time among them is half a round of the pen's clock from the last taken one's, or wraps.
        """
        self.index += count
        self.t_us += wire_us - self._wire_us
        self.samples += count
        self._wire_index = (self._wire_index + count) & _U32
        self._wire_us = wire_us
