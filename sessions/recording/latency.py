"""How long commits took: a histogram that never grows. Pure."""

_STEPS_PER_DOUBLING = 8  # 9 % wide


class Latency:
    """Durations in nanoseconds; percentiles are the upper edge of a step, at most 9 % above the true value."""

    def __init__(self) -> None:
        self.count = 0
        self.worst_ns = 0
        self._steps: dict[int, int] = {}

    def add(self, duration_ns: int) -> None:
        """Count one duration."""
        self.count += 1
        self.worst_ns = max(self.worst_ns, duration_ns)
        step = _step(max(1, duration_ns))
        self._steps[step] = self._steps.get(step, 0) + 1

    def percentile_ns(self, share: float) -> int:
        """The duration that `share` (0 to 1) of all stayed under; 0 when nothing was counted."""
        seen = 0
        for step in sorted(self._steps):
            seen += self._steps[step]
            if seen >= share * self.count:
                return min(self.worst_ns, _edge(step))
        return 0

    def told(self) -> dict[str, float | int]:
        """For a log line or a bench: commits, and milliseconds."""
        return {
            "commits": self.count,
            "p50_ms": round(self.percentile_ns(0.5) / 1e6, 3),
            "p99_ms": round(self.percentile_ns(0.99) / 1e6, 3),
            "max_ms": round(self.worst_ns / 1e6, 3),
        }


def _step(duration_ns: int) -> int:
    octave = duration_ns.bit_length() - 1
    return octave * _STEPS_PER_DOUBLING + ((duration_ns - (1 << octave)) * _STEPS_PER_DOUBLING >> octave)


def _edge(step: int) -> int:
    octave, part = divmod(step, _STEPS_PER_DOUBLING)
    return (1 << octave) + ((part + 1) << octave) // _STEPS_PER_DOUBLING
