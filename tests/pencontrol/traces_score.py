"""What the detector finds in labelled traces, and how far that is from the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pencontrol.passes import ContactDetector
from tests.pencontrol.traces import Sample, Span

BOUNDARY_MS = 100


@dataclass
class Score:
    """Found strokes against the truth: a pair is right when both its ends are within `BOUNDARY_MS`."""

    right: int = 0
    found: int = 0
    true: int = 0
    edges_ms: list[int] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Harmonic mean of the share found right and the share right of what was found."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0

    def add(self, truth: Sequence[Span], found: Sequence[Span]) -> None:
        """Pair each true contact with the found one that overlaps it most."""
        self.true += len(truth)
        self.found += len(found)
        for one, other in _pairs(truth, found):
            edges = (other.first - one.first, other.last - one.last)
            self.edges_ms += edges
            if max(map(abs, edges)) <= BOUNDARY_MS:
                self.right += 1

    def edge_ms(self, share: float) -> int:
        """So many milliseconds off at most is this share of the edges of paired contacts."""
        ordered = sorted(map(abs, self.edges_ms))
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def _pairs(truth: Sequence[Span], found: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each used once, by the larger overlap, in time's order."""
    free = list(found)
    for one in truth:
        overlaps = [(min(one.last, other.last) - max(one.first, other.first), other) for other in free]
        best = max(overlaps, default=(-1, one), key=lambda pair: pair[0])
        if best[0] > 0:
            free.remove(best[1])
            yield one, best[1]


def found_strokes(samples: Sequence[Sample]) -> list[Span]:
    """What the detector finds in one session's runs, fed as control feeds it."""
    detector, found, run = ContactDetector(), [], 0
    for number, sample, depth_um, current_ma, speed_rpm, asked_rpm in samples:
        if number != run:
            found.append(detector.close())
            detector.restart()
            run = number
        found.append(detector.feed(sample, depth_um, current_ma, speed_rpm, asked_rpm))
    found.append(detector.close())
    return [Span(stroke.first_index, stroke.last_index) for stroke in found if stroke is not None]
