"""Millimetres on this panel: what Qt reports about a screen is not to be trusted, so px/mm is a stored, measured number."""

import json
from dataclasses import dataclass
from pathlib import Path

REFERENCE_PX_PER_MM = 1280 / 216.6  # the 10.1 inch panel with 1280 x 800
SETTINGS_FILE = "screen.json"
_PX_PER_MM_RANGE = (2.0, 40.0)


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


def read_metrics(home: Path) -> Metrics:
    """What the ruler on the setup page stored in `home`; the reference panel when there is nothing usable."""
    low, high = _PX_PER_MM_RANGE
    try:
        value = json.loads((home / SETTINGS_FILE).read_text(encoding="utf-8"))["px_per_mm"]
    except (OSError, ValueError, KeyError, TypeError):
        return Metrics()
    if not (isinstance(value, int | float) and low <= value <= high):
        return Metrics()
    return Metrics(float(value))


def write_metrics(home: Path, metrics: Metrics) -> None:
    """Store px/mm for the next start. Raises OSError when `home` cannot be written."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / SETTINGS_FILE
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"px_per_mm": metrics.px_per_mm}), encoding="utf-8")
    fresh.replace(path)
