"""The record's words for one zone or pin of a frozen plan; `sessions.events` tells them on. Pure."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """What one kind of event says. Unknown keys are refused: the vocabulary is these classes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PinPlace(Body):
    """Where a pin stands: one scar inside a zone, with a limit of its own that never goes beyond the zone's."""

    zone: str  # id of the zone it lies in
    drawing: str  # name of the drawing that it was set on; ends in `_mirrored` for the client's other side
    x: int  # to the right, in that drawing's own units
    y: int  # downwards, in that drawing's own units


class ZoneLimit(Body):
    """A zone, or a pin inside one, as this session's frozen plan has it."""

    zone: str  # id in the table of zones; of a pin: its zone's id, `#` and its number
    number: int  # on the wire
    name: str  # as shown
    mode: Literal["treat", "caution"]  # a caution zone must be acknowledged
    default_um: int  # what a tap on the zone gives
    limit_um: int  # deepest that this plan allows
    speed_rpm: int  # planned
    passes: int  # planned
    area_cm2: float  # for strikes per cm2
    soft_cap_um: int  # above it a reason is needed
    hard_cap_um: int  # above it no plan is taken
    reason: str = ""  # typed when the limit is above the soft cap
    acknowledged: bool = False  # for caution zones
    floor_note: str = ""  # where charts advise less than the pen's 0.5 mm
    # a zone is told as it was before there were pins: what is on record and what a replay of it gives stay the same
    pin: PinPlace | None = Field(default=None, exclude_if=lambda pin: pin is None)  # of a pin; left out of a zone
