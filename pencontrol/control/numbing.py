"""Numbing on the client's skin: since when, and until when it may stay. Pure.

The product's own maximum counts from the first application (clinic.md, preparation): a top-up never puts the end off, it can
only bring it nearer. The end is kept on the monotonic clock, so a jump of the wall clock moves nothing; the wall time of the
first application is kept beside it for people and for the record.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from pencontrol.control.snapshot import NumbingView
from sessions.events import GateState

GATE = "Numbing"
READY_MIN, TARGET_MIN = 30, 60  # minutes after the first application
MAXIMUM_MIN = 240  # no product on sale stays longer on intact skin
AGE_MAX_NS = 12 * 3_600_000_000_000
CLOCK_SLACK_NS = 60_000_000_000
MINUTE_NS = 60_000_000_000


class NumbingError(ValueError):
    """What was told of a numbing cannot be: one plain sentence."""


class Applied(Protocol):
    """What a person tells of one application."""

    @property
    def product(self) -> str:
        """Its name on the label."""
        ...

    @property
    def applied_utc(self) -> str:
        """When, ISO 8601; empty: now."""
        ...

    @property
    def maximum_min(self) -> int:
        """How long the label lets it stay, in minutes."""
        ...


def apply(told: Applied, before: NumbingView | None, now_ns: int, utc_ns: int) -> NumbingView:
    """What is on the skin after `told`, at monotonic `now_ns` and wall `utc_ns`. Raises NumbingError."""
    if not told.product.strip():
        raise NumbingError("product is empty, a name is needed")
    if not (1 <= told.maximum_min <= MAXIMUM_MIN):
        raise NumbingError(f"maximum_min is {told.maximum_min}, allowed is 1 to {MAXIMUM_MIN}")
    applied_ns = _wall_ns(told.applied_utc) if told.applied_utc else utc_ns
    age_ns = utc_ns - applied_ns
    if not (-CLOCK_SLACK_NS <= age_ns <= AGE_MAX_NS):
        raise NumbingError(f"applied_utc is {told.applied_utc}, allowed is from 12 hours ago to now")
    since_ns = now_ns - max(age_ns, 0)
    due_ns = since_ns + told.maximum_min * MINUTE_NS
    if before is None:
        return NumbingView(product=told.product.strip(), since_utc=_text(applied_ns), since_ns=since_ns, due_ns=due_ns, top_ups=0)
    return before.model_copy(update={"due_ns": min(before.due_ns, due_ns), "top_ups": before.top_ups + 1})


def over(numbing: NumbingView | None, now_ns: int) -> str:
    """In words, by how much the maximum is passed; empty while it is not."""
    if numbing is None or now_ns < numbing.due_ns:
        return ""
    minutes = (numbing.due_ns - numbing.since_ns) // MINUTE_NS
    return f"{numbing.product} on the skin since {numbing.since_utc[11:16]} UTC, at most {minutes} min"


def with_gate(
    gates: Iterable[GateState], numbing: NumbingView | None, numbed_s: int | None, now_ns: int
) -> tuple[GateState, ...]:
    """`gates` with what is known of the numbing now; `numbed_s` is how long one that was taken off had been on the skin."""
    now = gate(numbing, numbed_s, now_ns)
    return tuple(now if now is not None and each.gate == GATE else each for each in gates)


def gate(numbing: NumbingView | None, numbed_s: int | None, now_ns: int) -> GateState | None:
    """The gate of the numbing; None while nothing was told of any. It is ready after 30 minutes and red past its maximum."""
    if numbing is None:
        if numbed_s is None:
            return None
        minutes = numbed_s // 60
        ready = minutes >= READY_MIN
        return GateState(gate=GATE, status="GREEN" if ready else "NOT RECORDED", detail=f"taken off after {minutes} min")
    if past := over(numbing, now_ns):
        return GateState(gate=GATE, status="RED", detail=past)
    minutes = (now_ns - numbing.since_ns) // MINUTE_NS
    if minutes < READY_MIN:
        detail = f"{numbing.product} on the skin for {minutes} of {READY_MIN} min"
        return GateState(gate=GATE, status="RED", detail=detail)
    return GateState(gate=GATE, status="GREEN", detail=f"{numbing.product} on the skin for {minutes} min")


def _wall_ns(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise NumbingError(f"applied_utc is {text!r}, a time with its zone is needed, such as 2026-11-21T14:32:05Z")
        return round(moment.timestamp() * 1e6) * 1000
    except (ValueError, OverflowError) as error:
        if isinstance(error, NumbingError):
            raise
        raise NumbingError(f"applied_utc is {text!r}, allowed is ISO 8601 such as 2026-11-21T14:32:05Z") from None


def _text(utc_ns: int) -> str:
    return datetime.fromtimestamp(utc_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
