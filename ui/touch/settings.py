"""This screen's own settings: one small file in the clinic's folder. A field that cannot be used falls back, and is named."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ui.touch.metrics import REFERENCE_PX_PER_MM

SETTINGS_FILE = "screen.json"
CODE_DIGITS = (4, 8)  # least and most
CHOICES = ("day", "dim", "auto")
RANGES: dict[str, tuple[float, float]] = {  # least and most
    "px_per_mm": (2, 40),
    "day_from_h": (0, 23),
    "dim_from_h": (0, 23),
    "brightness": (3, 10),
    "dim_after_s": (0, 3600),
    "lock_after_s": (0, 3600),
    "volume": (1, 5),
}
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class Settings:
    """What the setup page keeps. Times in seconds, 0 is never; brightness in tenths.

    Raises ValueError with the key, the value and what is allowed. A plain dataclass: it is read before the first picture,
    and pydantic alone takes as long as that.
    """

    px_per_mm: float = REFERENCE_PX_PER_MM
    theme: str = "day"  # "day", "dim" or "auto"
    day_from_h: int = 7
    dim_from_h: int = 19
    language: str = "en"
    brightness: int = 10
    dim_after_s: int = 300
    lock_after_s: int = 0
    pass_tick: bool = True
    volume: int = 5  # of cues and tones; alarms have floors of their own
    code: str = ""  # salt and scrypt of the code that leaves kiosk mode and the idle lock; empty: none was set

    def __post_init__(self) -> None:
        for key, (low, high) in RANGES.items():
            value = getattr(self, key)
            kinds = (int, float) if key == "px_per_mm" else (int,)
            if type(value) not in kinds or not low <= value <= high:
                raise ValueError(f"{key} is {value!r}, allowed is a number from {low} to {high}")
        object.__setattr__(self, "px_per_mm", float(self.px_per_mm))
        if self.theme not in CHOICES:
            raise ValueError(f"theme is {self.theme!r}, allowed are {', '.join(CHOICES)}")
        language = self.language
        if not (isinstance(language, str) and re.fullmatch("[a-z]{2}", language)):
            raise ValueError(f"language is {language!r}, allowed are two small letters")
        if type(self.pass_tick) is not bool:
            raise ValueError(f"pass_tick is {self.pass_tick!r}, allowed are true and false")
        if not isinstance(self.code, str):
            raise ValueError(f"code is {self.code!r}, allowed is text")


def keys() -> tuple[str, ...]:
    """What the file may hold."""
    return tuple(field.name for field in fields(Settings))


def read_settings(home: Path) -> tuple[Settings, str]:
    """The settings in `home`, and what was wrong with them: "" or the keys that fell back. No file is no fault."""
    path = home / SETTINGS_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError):
        return Settings(), SETTINGS_FILE
    if not isinstance(values, dict):
        return Settings(), SETTINGS_FILE
    good: dict[str, Any] = {}
    bad = []
    for key, value in values.items():
        try:
            good[key] = getattr(Settings(**{key: value}), key)
        except (ValueError, TypeError):
            bad.append(str(key)[:40])
    return Settings(**good), ", ".join(sorted(bad))


def write_settings(home: Path, settings: Settings) -> None:
    """Keep `settings` for the next start; the old file stays whole until the new one is. Raises OSError."""
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / (SETTINGS_FILE + ".new")
    fresh.write_text(json.dumps(asdict(settings), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(home / SETTINGS_FILE)


def theme_now(settings: Settings, hour: int) -> str:
    """ "day" or "dim" at `hour` (0 to 23): what was chosen, or by the time of day."""
    if settings.theme != "auto":
        return settings.theme
    first, last = settings.day_from_h, settings.dim_from_h
    by_day = first <= hour < last if first <= last else hour >= first or hour < last
    return "day" if by_day else "dim"


def make_code(digits: str, salt: bytes) -> str:
    """What is kept of a code. Raises ValueError when it is not 4 to 8 digits."""
    import hashlib  # OpenSSL comes with it: later than the first picture

    low, high = CODE_DIGITS
    if not (digits.isascii() and digits.isdigit() and low <= len(digits) <= high):
        raise ValueError(f"a code has {low} to {high} digits")
    return f"{salt.hex()}:{hashlib.scrypt(digits.encode(), salt=salt, **_SCRYPT).hex()}"


def is_code(kept: str, digits: str) -> bool:
    """Whether `digits` are the code that was kept. Something unreadable is opened by no code."""
    import hmac

    salt, _, _ = kept.partition(":")
    try:
        made = make_code(digits, bytes.fromhex(salt))
    except ValueError:
        return False
    return hmac.compare_digest(made, kept)


class Tries:
    """Five wrong codes, then a wait that doubles: 30 s, 60 s, up to an hour. Monotonic nanoseconds are handed in."""

    FREE = 5
    FIRST_NS, MOST_NS = 30_000_000_000, 3_600_000_000_000

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._wrong = 0
        self._until_ns = 0

    def wait_s(self) -> int:
        """Seconds until the next try is heard; 0: now."""
        return max(0, -(-(self._until_ns - self._clock()) // 1_000_000_000))

    def told(self, right: bool) -> None:
        """A code was tried."""
        if right:
            self._wrong = 0
            return
        self._wrong += 1
        if self._wrong >= self.FREE:
            wait_ns = min(self.FIRST_NS << min(self._wrong - self.FREE, 12), self.MOST_NS)
            self._until_ns = self._clock() + wait_ns
