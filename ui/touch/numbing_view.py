"""What the screen says of the numbing: its timer, and what may be told of it. Pure; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass

from pencontrol.control.numbing import MAXIMUM_MIN, MINUTE_NS, READY_MIN, TARGET_MIN
from pencontrol.control.snapshot import NumbingView
from ui.touch.frame_views import Timer
from ui.touch.state import ScreenState
from ui.touch.words import Words

MAXIMA_MIN = tuple(range(15, MAXIMUM_MIN + 1, 15))  # as labels give them
NO_NAMES: Mapping[str, str] = {}
AGO_MIN = tuple(range(0, 181, 5))
AMOUNTS_G = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # 0: nobody says


@dataclass(frozen=True)
class Telling:
    """What a person is about to tell: steps of the three lists above, and the product."""

    product: str
    maximum_min: int = TARGET_MIN
    ago_min: int = 0
    amount_g: float = 0.0


def timer(state: ScreenState, words: Words, names: Mapping[str, str] = NO_NAMES) -> Timer:
    """The timer at the state's own time: the clock that control counts by as well. `names`: products by code."""
    numbing = state.snapshot.numbing if state.snapshot is not None else None
    if numbing is None:
        return Timer(title=words("numbing.none"), line=words("numbing.none_line"))
    minutes = max(0, (state.now_ns - numbing.since_ns) // MINUTE_NS)
    left = -((state.now_ns - numbing.due_ns) // MINUTE_NS)
    phase = phase_of(numbing, state.now_ns)
    most = (numbing.due_ns - numbing.since_ns) // MINUTE_NS
    line = {
        "waiting": words("numbing.waiting", minutes=READY_MIN - minutes),
        "ready": words("numbing.ready", minutes=TARGET_MIN - minutes),
        "target": words("numbing.target", minutes=max(left, 0)),
        "over": words("numbing.over", maximum=most),
    }[phase]
    return Timer(
        phase,
        words("numbing.short", minutes=minutes),
        words("numbing.on_skin", product=names.get(numbing.product, numbing.product), minutes=minutes, maximum=most),
        line,
        numbing.top_ups,
        most,
    )


def phase_of(numbing: NumbingView, now_ns: int) -> str:
    """Ready after 30 minutes, at its target after 60, over at the product's own maximum, whichever comes first."""
    minutes = (now_ns - numbing.since_ns) // MINUTE_NS
    if now_ns >= numbing.due_ns:
        return "over"
    return "target" if minutes >= TARGET_MIN else "ready" if minutes >= READY_MIN else "waiting"
