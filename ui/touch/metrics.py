"""Millimetres on this panel: what Qt reports about a screen is not to be trusted, so px/mm is a stored, measured number."""

from dataclasses import dataclass

REFERENCE_PX_PER_MM = 1280 / 216.6  # the 10.1 inch panel with 1280 x 800


@dataclass(frozen=True)
class Metrics:
    """Turns millimetres into device pixels."""

    px_per_mm: float = REFERENCE_PX_PER_MM

    def px(self, mm: float) -> int:
        """Whole pixels for `mm`, never less than one."""
        return max(1, round(mm * self.px_per_mm))

    def px_at_least(self, mm: float) -> int:
        """Whole pixels that are not shorter than `mm`: for sizes that are promised."""
        return max(1, -int(-mm * self.px_per_mm // 1))
