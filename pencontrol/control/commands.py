"""What a screen (or a rehearsal) may say to control: one JSON line each over the Unix socket in the runtime folder. Pure.

STOP is not here: it has a counter in the ring file and a wake pipe of its own. Control answers each line with one line:
{"number": n, "ok": true} or {"number": n, "ok": false, "error": "plain sentence"}.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MAX_LINE_BYTES = 64 * 1024


class Command(BaseModel):
    """One thing a person did. `number` comes back in the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    number: int


class Hello(Command):
    """The first line of a screen: who it is. Its heartbeat in the ring file carries the same instance."""

    do: Literal["hello"] = "hello"
    instance: int


class OpenSession(Command):
    """Freezes the plan and opens the record. `plan` is what `Plan.model_dump(mode="json")` gives."""

    do: Literal["open_session"] = "open_session"
    plan: dict[str, Any]
    client: str
    operator: str
    role: str = "practitioner"
    ceiling_um: int = 0  # how deep this clinic lets the role go; 0: the role's own ceiling
    consent: str = ""  # what the gate Consent rests on, told by who asked the client; "" when nobody did
    resumed_from: str = ""
    carried: list[dict[str, Any]] = []  # ZoneTotals of the session that is resumed


class SelectZone(Command):
    """One tap on a zone; never deepens."""

    do: Literal["select_zone"] = "select_zone"
    zone: str


class Ask(Command):
    """A setting the person wants; control grants what `decide()` allows."""

    do: Literal["ask"] = "ask"
    depth_um: int
    speed_rpm: int


class Start(Command):
    """The hold was completed. An old heartbeat is refused, and so is a START made before the newest STOP.

    `heartbeat` is the screen's newest count, `stops` the STOP counter as it stood when the hold was completed: a START
    that waited in the socket while STOP went past it must not run the pen.
    """

    do: Literal["start"] = "start"
    instance: int
    heartbeat: int
    stops: int


class Pause(Command):
    """A tap: stop now, keep everything."""

    do: Literal["pause"] = "pause"


class PassDone(Command):
    """The person says: this pass of the present zone is complete."""

    do: Literal["pass_done"] = "pass_done"


class PassUndo(Command):
    """The person says: the last pass counted in the present zone was none."""

    do: Literal["pass_undo"] = "pass_undo"


class Numbing(Command):
    """Numbing was put on the client's skin, or topped up. Without `applied_utc` (ISO 8601) it was now; else `reason` says why
    it is told later."""

    do: Literal["numbing"] = "numbing"
    product: str
    maximum_min: int
    applied_utc: str = ""
    amount_g: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    reason: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=120)] = ""  # of the product, by the table of media


class NumbingOff(Command):
    """The numbing was taken off."""

    do: Literal["numbing_off"] = "numbing_off"


class Sound(Command):
    """Whether this screen can be heard: told once it is known, and whenever it changes."""

    do: Literal["sound"] = "sound"
    device: str  # its name; empty: there is none
    detail: str = ""  # why there is none


class Acknowledge(Command):
    """Silences one occurrence of one alarm."""

    do: Literal["acknowledge"] = "acknowledge"
    alarm: str
    occurrence: int


class ClearFault(Command):
    """A person has looked and clears the pen's latched fault, by name."""

    do: Literal["clear_fault"] = "clear_fault"
    fault: str


class AddNote(Command):
    """A coded remark, e.g. a reaction."""

    do: Literal["note"] = "note"
    code: str
    text: str = ""


class ApplyMedium(Command):
    """A medium was applied to skin: a row of the table of media by code and name."""

    do: Literal["apply_medium"] = "apply_medium"
    medium: Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{2}$")]
    name: Annotated[str, Field(max_length=120)] = ""
    amount_ul: Annotated[int, Field(ge=1, le=100_000)] | None = None
    lot: Annotated[str, Field(max_length=64)] = ""


class NotePass(Command):
    """What the person says of a pass that was counted."""

    do: Literal["note_pass"] = "note_pass"
    zone: str
    pass_number: Annotated[int, Field(ge=1)]
    direction_deg: Literal[0, 45, 90, 135]


class CloseSession(Command):
    """The treatment is over."""

    do: Literal["close_session"] = "close_session"


class ReadCartridge(Command):
    """A person says that another cartridge is in the pen: its chip is read again."""

    do: Literal["read_cartridge"] = "read_cartridge"


class SearchPen(Command):
    """Look for the pen again."""

    do: Literal["search_pen"] = "search_pen"


AnyCommand = Annotated[
    Hello
    | OpenSession
    | SelectZone
    | Ask
    | Start
    | Pause
    | PassDone
    | PassUndo
    | Numbing
    | NumbingOff
    | Sound
    | Acknowledge
    | ClearFault
    | AddNote
    | ApplyMedium
    | NotePass
    | CloseSession
    | ReadCartridge
    | SearchPen,
    Field(discriminator="do"),
]
_ADAPTER: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def read_command(line: bytes) -> AnyCommand:
    """The command in one JSON line. Raises pydantic.ValidationError when it is none."""
    return _ADAPTER.validate_json(line)
