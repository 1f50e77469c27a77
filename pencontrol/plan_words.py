"""How a plan's errors are said, and how its depths are read: what zones and pins of a plan share. Pure."""

from pydantic import ValidationError

from firmware_protocol import messages

MOST_MM = 1000.0  # a number of this size is none
STEP_UM = 10  # finer than any actuator; a file with more digits is a slip of the pen


class PlanError(Exception):
    """One plain sentence: which file and key, the value found, what is allowed."""


def explain(error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence with key, value and what is allowed."""
    first = error.errors()[0]
    key = ""
    for part in first["loc"]:
        key += f"[{part}]" if isinstance(part, int) else ("." if key else "") + str(part)
    found = first["input"]
    shown = repr(found) if isinstance(found, str | int | float | bool | type(None)) else type(found).__name__
    if first["type"] == "extra_forbidden":
        return f"{key} is an unknown key (its value is {shown}); allowed keys are in docs/scenarios.md"
    if first["type"] == "missing":
        return f"{key} is missing"
    limits = first.get("ctx", {})
    low, high = limits.get("ge"), limits.get("le")
    if low is not None or high is not None:
        return f"{key} is {shown}, allowed is {range_words(key, low, high)}"
    return f"{key} is {shown}: {first['msg'].lower()}"


def range_words(key: str, low: object = None, high: object = None) -> str:
    """What the value at `key` may be; `low` and `high` serve a key without words of its own."""
    if key.endswith("_mm"):
        return "0.5 to 1.5 mm"
    if key.endswith("speed_rpm"):
        return f"{messages.SPEED_MIN_RPM} to {messages.SPEED_MAX_RPM} rpm"
    if key.endswith("passes"):
        return "1 to 8"
    if "directions_deg" in key:
        return "0, 45, 90 or 135 degrees"
    return (
        f"{low} to {high}" if low is not None and high is not None else f"at least {low}" if high is None else f"at most {high}"
    )


def um(depth_mm: float, key: str) -> int:
    """Micrometres. Raises PlanError for a depth finer than the step."""
    if not (abs(depth_mm) <= MOST_MM):
        raise PlanError(f"{key} is {depth_mm}, allowed are steps of {STEP_UM / 1000} mm")
    depth_um = round(depth_mm * 1000)
    if abs(depth_um - depth_mm * 1000) > 1e-6 or depth_um % STEP_UM:
        raise PlanError(f"{key} is {depth_mm}, allowed are steps of {STEP_UM / 1000} mm")
    return depth_um
