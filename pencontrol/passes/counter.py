"""Strokes of one zone to passes: the person's word ends one, a long lift only proposes. Pure."""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Literal

from pencontrol.passes.contact import StrokeSeen

LONG_LIFT_MS = 2500  # wiping, more serum
PASS_SHARE = 0.6  # of the expected contact, before a long lift may close a pass; clinic.md
GLIDE_CM_PER_S = 2.0
PACE_PASSES = 5  # so many of this person's last passes tell how fast they work
PACE_PIECES = 9  # contact between two long lifts, where nobody says what a pass was
PIECES_LEAST = 3
PIECE_LEAST = 0.3  # of the nominal contact; less tells nothing
PIECE_RANK = 0.75  # wiping cuts passes into shorter pieces and never into longer ones: the whole ones are the longer ones
PACE_LEAST, PACE_MOST = 0.4, 2.0
UNDO_MOST = 16

PassEnd = Literal["zone_change", "button", "tap", "lift", "close"]


class Pace:
    """How much contact this person gives one coverage, against area / (tip width * 2 cm/s). Shared by a session's zones."""

    def __init__(self) -> None:
        self._told: deque[float] = deque(maxlen=PACE_PASSES)
        self._pieces: deque[float] = deque(maxlen=PACE_PIECES)

    @property
    def ratio(self) -> float:
        """1 until something is known; then the middle one of the passes the person ended, or an upper one of the pieces."""
        if self._told:
            seen = median(self._told)
        elif len(self._pieces) >= PIECES_LEAST:
            seen = sorted(self._pieces)[int(PIECE_RANK * len(self._pieces))]
        else:
            return 1.0
        return min(max(seen, PACE_LEAST), PACE_MOST)

    def told(self, ratio: float) -> None:
        """One pass without a long lift inside, ended by the person."""
        self._told.append(ratio)

    def piece(self, ratio: float) -> None:
        """Contact between two long lifts: a whole pass more often than not."""
        if ratio > PIECE_LEAST:
            self._pieces.append(ratio)


@dataclass(frozen=True, slots=True)
class PassSeen:
    """One pass that has ended. `rejoined`: the last count was taken back for it, the long lift behind that was inside a pass."""

    number: int
    strokes: int
    contact_ms: int
    how: PassEnd
    rejoined: bool = False


class PassCounter:
    """Strokes of one zone to passes. A long lift proposes an end only after 60 % of the contact one coverage takes."""

    def __init__(
        self,
        area_cm2: float,
        tip_width_um: int,
        passes: int = 0,
        strokes: int = 0,
        contact_ms: int = 0,
        pace: Pace | None = None,
    ) -> None:
        """`passes`, `strokes` and `contact_ms` are carried over when a session is resumed; `pace` is the person's."""
        tip_width_cm = max(tip_width_um, 1) / 10_000
        self.nominal_ms = round(area_cm2 / (tip_width_cm * GLIDE_CM_PER_S) * 1000)
        self.passes = passes
        self.strokes = strokes
        self.contact_ms = contact_ms
        self.max_depth_um = 0
        self._pace = pace or Pace()
        self._pass_strokes = 0
        self._pass_ms = 0
        self._fresh_strokes = 0  # of the pass in progress, that may make a pass without a person's word
        self._lifts_inside = 0
        self._piece_ms = 0
        self._last_index: int | None = None
        self._ended: deque[PassSeen] = deque(maxlen=UNDO_MOST)

    @property
    def expected_ms(self) -> int:
        """The contact of one coverage, at this person's pace."""
        return round(self.nominal_ms * self._pace.ratio)

    @property
    def open_strokes(self) -> int:
        """Strokes since the last pass ended."""
        return self._pass_strokes

    def add(self, stroke: StrokeSeen) -> None:
        """One stroke ended."""
        if self._pass_strokes and self._lift_ms(stroke.first_index) >= LONG_LIFT_MS:
            self._lifts_inside += 1
            self._end_piece()
        self.strokes += 1
        self.contact_ms += stroke.contact_ms
        self.max_depth_um = max(self.max_depth_um, stroke.max_depth_um)
        self._pass_strokes += 1
        self._pass_ms += stroke.contact_ms
        self._piece_ms += stroke.contact_ms
        if not (self._pass_strokes == 1 and self.passes and stroke.first_index - 1 == self._last_index):
            self._fresh_strokes += 1  # what goes on of a contact in which the last pass was ended is no new pass
        self._last_index = stroke.last_index

    def lifted(self, index: int) -> bool:
        """No contact at sample `index`: True when the lift has become so long that it ends a pass."""
        if not self._fresh_strokes or self._last_index is None:
            return False
        return self._lift_ms(index) >= LONG_LIFT_MS and self._is_whole()

    def end_pass(self, how: PassEnd) -> PassSeen | None:
        """Count the pass in progress; None when there is no stroke that may make one.

        A person's word (`tap`, `button`) counts whatever there is. Where a long lift closed the last pass and less than a
        pass has followed until a person or a zone change ended it, that lift was inside: both are counted as one.
        """
        by_hand = how in ("tap", "button")
        if self._pass_strokes == 0 or not (by_hand or self._fresh_strokes):
            return None
        rejoined = bool(self._ended) and self._ended[-1].how == "lift" and not self._is_whole()
        if rejoined:
            self._lifts_inside += 1
            self.undo()
        if by_hand and not self._lifts_inside and self._pass_ms > PIECE_LEAST * self.nominal_ms:
            self._pace.told(self._pass_ms / max(self.nominal_ms, 1))
        self._end_piece()
        self.passes += 1
        ended = PassSeen(self.passes, self._pass_strokes, self._pass_ms, how, rejoined)
        self._ended.append(ended)
        self._pass_strokes = self._pass_ms = self._fresh_strokes = self._lifts_inside = 0
        return ended

    def undo(self) -> bool:
        """Take the last pass back; its strokes belong to the pass in progress again. False: there is none.

        Unless more strokes follow, or the person ends it by hand, it is not counted again.
        """
        if self.passes == 0:
            return False
        self.passes -= 1
        if self._ended:
            ended = self._ended.pop()
            self._pass_strokes += ended.strokes
            self._pass_ms += ended.contact_ms
        return True

    def merge(self) -> bool:
        """The last two passes were one. False: there are not two that this counter has ended."""
        if len(self._ended) < 2:
            return False
        last, before = self._ended.pop(), self._ended.pop()
        self.passes -= 1
        self._ended.append(
            PassSeen(self.passes, before.strokes + last.strokes, before.contact_ms + last.contact_ms, last.how, rejoined=True)
        )
        return True

    def _end_piece(self) -> None:
        self._pace.piece(self._piece_ms / max(self.nominal_ms, 1))
        self._piece_ms = 0

    def _is_whole(self) -> bool:
        return self._pass_ms >= PASS_SHARE * self.expected_ms

    def _lift_ms(self, index: int) -> int:
        """Since the last stroke. A pen that restarted counts its samples anew: from there on, then."""
        if self._last_index is None or index < self._last_index:
            self._last_index = index
        return index - self._last_index
