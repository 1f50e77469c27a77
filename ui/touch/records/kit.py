"""What every part of the records' pages is made with, handed in once."""

from dataclasses import dataclass
from datetime import tzinfo

from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import Clock
from ui.touch.words import Words


@dataclass(frozen=True)
class Kit:
    """Colours, millimetres, words, the monotonic clock, and the clinic's time zone (None: this station's)."""

    theme: Theme
    metrics: Metrics
    words: Words
    clock: Clock
    zone: tzinfo | None = None
