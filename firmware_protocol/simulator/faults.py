"""What can be made to go wrong with the simulated pen: a name, a number with its unit, and what it does. Pure."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One fault: its argument's unit, range and default, and where it bites (`plant`, `pen` or `cable`)."""

    name: str
    where: str
    unit: str
    default: float
    low: float
    high: float
    text: str


_KINDS = (
    FaultKind("depth_runaway", "plant", "um/s", 2000, 1, 100_000, "the actuator runs deeper, past every limit; readings follow"),
    FaultKind("depth_freeze", "plant", "", 1, 1, 1, "the depth reading stays as it is"),
    FaultKind("depth_invalid", "plant", "", 1, 1, 1, "the depth reading is marked invalid"),
    FaultKind("home_stuck", "plant", "um", 600, 50, 2000, "the spring leaves the needles out this far"),
    FaultKind("speed_drift", "plant", "rpm", -2500, -8000, 8000, "the motor runs this much off what was asked"),
    FaultKind("stall", "plant", "", 1, 1, 1, "the motor is blocked"),
    FaultKind("overcurrent", "plant", "mA", 1500, 0, 20_000, "this much more current"),
    FaultKind("overtemperature", "plant", "degC", 75, -40, 200, "the pen reads this temperature"),
    FaultKind("undervoltage", "plant", "mV", 4000, 0, 6000, "the supply reads this"),
    FaultKind("cartridge_out", "plant", "", 1, 1, 1, "the cartridge is out"),
    FaultKind("depth_offset", "plant", "um", 20, -300, 300, "the depth sensor counts this much more than the true reach"),
    FaultKind("depth_scale", "plant", "%", 3, -10, 10, "the depth sensor's slope is this much too steep"),
    FaultKind("speed_scale", "plant", "%", 2, -10, 10, "the tachometer counts this much more than the true speed"),
    FaultKind("calibration_expired", "pen", "", 1, 1, 1, "the stored calibration counts as not PASS and in date"),
    FaultKind("button", "plant", "s", 0.2, 0.001, 60, "the pen's button is pressed for so long"),
    FaultKind("no_own_trip", "pen", "", 1, 1, 1, "the pen's own depth guard is switched off"),
    FaultKind("drive_deaf", "pen", "", 1, 1, 1, "every DRIVE is ignored"),
    FaultKind("stop_deaf", "pen", "frames", 1, 1, 1_000_000, "the first so many STOP frames are ignored"),
    FaultKind("reset", "pen", "", 1, 1, 1, "the pen reboots: motor off, BOOT, another boot_id"),
    FaultKind("silence", "cable", "", 1, 1, 1, "the pen works on and sends nothing"),
    FaultKind("nonsense", "cable", "", 1, 1, 1, "random bytes go out in place of frames"),
    FaultKind("disconnect", "cable", "", 1, 1, 1, "the cable is pulled: the port closes"),
    FaultKind("cable_stall", "cable", "ms", 200, 1, 60_000, "nothing passes for so long, then all of it at once"),
    FaultKind("slow_reader", "cable", "byte/s", 10_000, 100, 1_000_000, "the host takes no more than this; the pen's box fills"),
)
_BOTH_WAYS = (
    FaultKind("drop", "cable", "of frames", 0.1, 0, 1, "a frame is gone"),
    FaultKind("flip", "cable", "of frames", 0.1, 0, 1, "one bit of a frame is turned"),
    FaultKind("duplicate", "cable", "of frames", 0.1, 0, 1, "a frame comes again, up to 50 ms later, past newer ones"),
    FaultKind("delay", "cable", "ms", 20, 0, 5000, "each frame is held up to so long; the order stays"),
    FaultKind("torn", "cable", "of frames", 0.1, 0, 1, "the end of a frame is missing"),
    FaultKind("wrong_version", "cable", "of frames", 1, 0, 1, "a frame comes as one of major version 2, its CRC right"),
)
WAYS = {"_to_pen": "only from host to pen", "_to_host": "only from pen to host"}
FAULTS = {kind.name: kind for kind in _KINDS + _BOTH_WAYS}
FAULTS.update(
    (kind.name + way, replace(kind, name=kind.name + way, text=f"{kind.text}; {only}"))
    for kind in _BOTH_WAYS
    for way, only in WAYS.items()
)
MOMENTARY = ("button", "reset")  # nothing to clear: they are over when they happened


class FaultError(ValueError):
    """A fault that does not exist, or a number it cannot have: says what was given and what is allowed."""


def check_fault(name: str, value: float | None) -> tuple[FaultKind, float]:
    """The kind and the number to use. Raises FaultError."""
    kind = FAULTS.get(name)
    if kind is None:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    if value is None:
        return kind, kind.default
    if not (kind.low <= value <= kind.high):
        unit = f" {kind.unit}" if kind.unit else ""
        raise FaultError(f"fault {name} cannot have the value {value:g}: allowed is {kind.low:g} to {kind.high:g}{unit}")
    return kind, value


def parse_fault(text: str) -> tuple[str, float]:
    """`NAME` or `NAME=NUMBER`, as on the command line. Raises FaultError."""
    name, has_value, number = text.partition("=")
    value: float | None = None
    if has_value:
        try:
            value = float(number)
        except ValueError:
            raise FaultError(f"fault {name}: {number!r} is no number") from None
    kind, checked = check_fault(name, value)
    return kind.name, checked
