"""What a screen is made with: values and makers that are handed in, so that a test can hand in others."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ui.touch.metrics import Metrics
from ui.touch.settings import Settings
from ui.touch.theme import Theme
from ui.touch.words import Words

if TYPE_CHECKING:  # later than the first picture
    from ui.touch.household import Means
    from ui.touch.sound.voice import Voice


@dataclass(frozen=True)
class Outfit:
    """`clock` is monotonic, in ns. Without `means` they are this machine's; without `make_voice` the screen is silent."""

    home: Path  # the clinic's folder
    theme: Theme
    metrics: Metrics
    words: Words
    clock: Callable[[], int] = time.monotonic_ns
    settings: Settings = field(default_factory=Settings)
    problem: str = ""  # keys of the settings that fell back
    means: "Means | None" = None
    make_voice: "Callable[[], Voice] | None" = None
    pass_ticks: bool = True
    art_folder: Path | None = None  # another one than the shipped
