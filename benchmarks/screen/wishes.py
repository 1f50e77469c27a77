"""What the bench's own entries of screen and control are told, in the environment. Knows neither Qt nor control."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

ENVIRONMENT = "PENCONTROL_BENCH_SCREEN"


@dataclass(frozen=True)
class Wishes:
    """Where to stamp, how many rows, and what to break (negative controls, milliseconds)."""

    folder: str
    rows: int
    slow_tick_ms: float = 0.0  # once a second a frame tick sleeps so long
    slow_stop_ms: float = 0.0  # STOP's handler sleeps so long before it acts

    def environment(self) -> dict[str, str]:
        """For the children."""
        return {ENVIRONMENT: json.dumps(asdict(self))}

    @classmethod
    def read(cls) -> "Wishes":
        """In a child. Raises KeyError when it was not started by the bench."""
        return cls(**json.loads(os.environ[ENVIRONMENT]))

    @property
    def screen_log(self) -> Path:
        """The screen's stamps."""
        return Path(self.folder) / "screen.stamps"

    @property
    def wire_log(self) -> Path:
        """Control's stamps."""
        return Path(self.folder) / "wire.stamps"

    @property
    def line(self) -> Path:
        """Unix socket on which the screen takes the bench's orders."""
        return Path(self.folder) / "hands"
