"""What the link reports: one small frozen value per thing that happened, oldest first. Pure.

Every request that was taken ends in exactly one of Replied, Unanswered and Voided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from firmware_protocol.messages import Boot, Event, Message, Status, Telemetry


class Sample(NamedTuple):
    """One telemetry sample, heard in the present session, its index newer than any before.

    `index` and `t_us` (the pen's clock) are unwrapped: they do not fall back at 2^32 while the pen stays up. `age_us` is
    by the synced clock at `read_ns`, below zero where the clocks disagree, None before the first SYNC was answered.
    `telemetry` holds the fields as they were on the wire.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls
    t_us: int
    age_us: int | None
    read_ns: int
    telemetry: Telemetry


@dataclass(frozen=True, slots=True)
class Replied:
    """The pen answered. `reply` is None when `result` is not OK or the reply has no fields the host can read."""

    message: Message[Any, Any]
    result: int
    reply: Any
    payload: Any


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The last retry ran out, or the pen restarted in between: whether it was done is uncertain. The link is lost."""

    message: Message[Any, Any]
    payload: Any


@dataclass(frozen=True, slots=True)
class Voided:
    """Withdrawn by a stop, a lost link or a new HELLO: a late reply has no effect."""

    message: Message[Any, Any]
    payload: Any


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """The pen's ten-a-second STATUS."""

    status: Status


@dataclass(frozen=True, slots=True)
class PenEvent:
    """The pen's word on a change of its state."""

    event: Event


@dataclass(frozen=True, slots=True)
class PenBooted:
    """The pen started; in mid-session: it restarted, the session is gone and the link is lost until a new HELLO."""

    boot: Boot


@dataclass(frozen=True, slots=True)
class StopConfirmed:
    """Proof that the motor is off, by the pen's reply or its telemetry, `after_us` from the first STOP."""

    after_us: int


@dataclass(frozen=True, slots=True)
class StopUnconfirmed:
    """No proof for 100 ms: a person must switch the pen off by hand. Told once; the STOPs go on all the same."""


Happening = Sample | Replied | Unanswered | Voided | StatusSeen | PenEvent | PenBooted | StopConfirmed | StopUnconfirmed
