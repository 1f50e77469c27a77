"""What the frame around every page shows, as frozen values: the column, the top bar. Pure; knows no Qt.

Part of the first picture, so that nothing may be imported here that takes time: no model, no numpy.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.touch.words import Words

if TYPE_CHECKING:
    from pencontrol.control.snapshot import AlarmView

STOP_CONFIRM_NS = 250_000_000  # STOP without control's word for so long is told as not confirmed


@dataclass(frozen=True)
class WordView:
    """The state word above STOP and the line below it."""

    key: str  # the English word: also the dynamic property for the style
    word: str
    reason: str
    stop_message: str  # beside STOP; loud when not empty
    loud: bool = False


@dataclass(frozen=True)
class StartView:
    """The ring control: START (hold) or PAUSE (tap)."""

    pause: bool
    enabled: bool
    reason: str


@dataclass(frozen=True)
class TopView:
    """The top bar, without ages and clock."""

    pen: str
    pen_line: str
    pen_there: bool
    simulated: bool
    mode: str
    client: str
    opened_mono_ns: int  # 0: no open session


@dataclass(frozen=True)
class AlarmsView:
    """The alarm bar and its panel; highest first."""

    alarms: "tuple[AlarmView, ...]"
    fault: str  # "" or the pen's latched fault
    may_clear: bool


@dataclass(frozen=True)
class Timer:
    """The numbing's. `phase`: "" (none on the skin), "waiting", "ready", "target" or "over"."""

    phase: str = ""
    short: str = ""  # for the chip in the top bar
    title: str = ""
    line: str = ""
    top_ups: int = 0
    maximum: int = 0  # minutes, by the product's label


def first_word(words: Words, now_ns: int, stop_ns: int | None, failed: bool) -> WordView:
    """What can be said before control's word can be read. `stop_ns`: when STOP was first pressed. `failed`: this screen did."""
    if failed:
        return WordView("UNCERTAIN", words("state.UNCERTAIN"), words("reason.UNCERTAIN"), words("alarm.screen"), True)
    if stop_ns is None:
        return WordView("UNCERTAIN", words("state.UNCERTAIN"), words("reason.starting"), "")
    if now_ns - stop_ns <= STOP_CONFIRM_NS:
        return stop_sent(words)
    return WordView("UNCERTAIN", words("state.UNCERTAIN"), words("reason.stop_unconfirmed"), words("stop.unconfirmed"), True)


def stop_sent(words: Words) -> WordView:
    """From the contact to control's word."""
    return WordView("STOPPING", words("state.STOPPING"), words("reason.stop_sent"), words("stop.sent"))
