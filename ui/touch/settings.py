"""This screen's own settings: one small file in the clinic's folder. A field that cannot be used falls back, and is named."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ui.touch.metrics import REFERENCE_PX_PER_MM

SETTINGS_FILE = "screen.json"
CODE_DIGITS = (4, 8)  # least and most
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}

Hour = Annotated[int, Field(ge=0, le=23)]


class Settings(BaseModel):
    """What the setup page keeps. Times in seconds, 0 is never; brightness in tenths."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    px_per_mm: Annotated[float, Field(ge=2.0, le=40.0, allow_inf_nan=False)] = REFERENCE_PX_PER_MM
    theme: Literal["day", "dim", "auto"] = "day"
    day_from_h: Hour = 7
    dim_from_h: Hour = 19
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    brightness: Annotated[int, Field(ge=3, le=10)] = 10
    dim_after_s: Annotated[int, Field(ge=0, le=3600)] = 300
    lock_after_s: Annotated[int, Field(ge=0, le=3600)] = 0
    pass_tick: bool = True
    volume: Annotated[int, Field(ge=1, le=5)] = 5  # of cues and tones; alarms have floors of their own
    code: str = ""  # salt and scrypt of the code that leaves kiosk mode and the idle lock; empty: none was set


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
            good[key] = getattr(Settings.model_validate({key: value}), key)
        except (ValidationError, AttributeError):
            bad.append(str(key)[:40])
    return Settings(**good), ", ".join(sorted(bad))


def write_settings(home: Path, settings: Settings) -> None:
    """Keep `settings` for the next start; the old file stays whole until the new one is. Raises OSError."""
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / (SETTINGS_FILE + ".new")
    fresh.write_text(json.dumps(settings.model_dump(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
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
    low, high = CODE_DIGITS
    if not (digits.isascii() and digits.isdigit() and low <= len(digits) <= high):
        raise ValueError(f"a code has {low} to {high} digits")
    return f"{salt.hex()}:{hashlib.scrypt(digits.encode(), salt=salt, **_SCRYPT).hex()}"


def is_code(kept: str, digits: str) -> bool:
    """Whether `digits` are the code that was kept. Something unreadable is opened by no code."""
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
