"""Control between two inputs as JSON, and back: what a session's tape begins with. Pure.

Only plain values and objects of the pure modules listed here go in or come out, field by field: nothing in an image can make
or call anything else. An image fits the version of the program that made it; one of another version is refused, field by field.
"""

import json
import sys
from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError

from firmware_protocol import clock, happenings, messages
from firmware_protocol.link import Link
from pencontrol.control import alarms, journal, outbox, pen_line, run
from pencontrol.control.snapshot import NumbingView, State
from pencontrol.control.station import Station
from sessions import feed
from sessions.events import Cartridge, PenIdentity

LAYOUT = "image/1"
WITH_TRACE = "blocks end with the trace's"
# Pure modules of which any object may go in, by the name of its class.
_MODULES = frozenset(
    f"firmware_protocol.{name}" for name in ("asking", "clock", "counting", "frame", "happenings", "link", "samples", "stopping")
) | {part.__name__ for part in (alarms, journal, outbox, pen_line, run)}
_TUPLES: dict[str, Any] = {kind.__name__: kind for kind in (clock.Round, happenings.Sample)} | {
    layout.type.__name__: layout.type
    for message in messages.MESSAGES
    for layout in (message.payload, message.reply)
    if layout is not None
}
_MODELS: dict[str, type[BaseModel]] = {kind.__name__: kind for kind in (Cartridge, NumbingView, PenIdentity)}
_MESSAGES = {message.name: message for message in messages.MESSAGES}

# Not state: clocks, ports and other parts, and what only the screen or the recorder's line looks at.
_WIRING = {
    "PenLine": {"port", "_nonce"},
    "Deframer": {"_cobs_decode", "_cobs_error"},  # which decoder this machine has: all give the same
    "Journal": {"_outbox", "_utc_ns", "on_block", "block_samples"},
    "Outbox": {"_unsent"},
    "Station": {"zones", "tape", "outbox", "journal", "line", "figures", "treatment", "run", "closed"}
    | {"mono_ns", "utc_ns", "nonce", "publish_sample", "heartbeat", "stop_count", "disk_free_bytes"},
    "Motion": {"_station", "_book", "_send", "_guard", "last_decision"},
    "Book": {"_station"},
}


class ImageError(Exception):
    """A value that no image holds, or an image that this version cannot read."""


def image_of(control: Any) -> bytes:
    """`control` (a `core.Control`) with no run and no session open. Raises ImageError."""
    station: Station = control.station
    told = {
        "layout": LAYOUT,
        "guarded": control.motion.guarded,
        "station": _fields(station),
        "motion": _fields(control.motion),
        "book": _fields(control.book),
        "line": _freeze(station.line),
        "outbox": _freeze(station.outbox),
        "journal": _freeze(station.journal),
    }
    if station.tape.with_trace:
        told["tape"] = WITH_TRACE
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def read_image(data: bytes) -> dict[str, Any]:
    """The image in `data`. Raises ImageError when it is none of this layout."""
    try:
        image = json.loads(data)
    except (ValueError, RecursionError):
        raise ImageError("the image is no JSON") from None
    if not isinstance(image, dict) or image.get("layout") != LAYOUT:
        raise ImageError(f"the image is none of layout {LAYOUT}")
    return image


def restore(image: Mapping[str, Any], control: Any, port: pen_line.Port) -> None:
    """Make `control`, newly made, what the image says; its pen is on `port`. Raises ImageError."""
    station: Station = control.station
    try:
        line = _thaw(image["line"])
        if line is not None:
            line.port, line._nonce = port, station.nonce
            fresh = Link(0)._deframer
            for name in _WIRING["Deframer"] & set(type(fresh).__slots__):
                setattr(line.link._deframer, name, getattr(fresh, name))
        station.line = line
        _set(station, image["station"])
        _set(control.motion, image["motion"])
        _set(control.book, image["book"])
        # these two are known to other parts already: they are filled, not replaced
        for part, name in ((station.outbox, "outbox"), (station.journal, "journal")):
            tag, kind, values = image[name]
            if (tag, kind) != ("object", _name_of(type(part))):
                raise ImageError(f"the image's {name} is {kind!r}")
            _set(part, values)
        if image.get("tape") != WITH_TRACE:  # of a tape whose blocks end apart from those of the trace
            station.journal.block_samples = journal.FIRST_BLOCK_SAMPLES
            station.tape.with_trace = False
        if station.outbox.connected:
            station.outbox.connect(b"")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ImageError(f"the image does not fit this version: {type(error).__name__} {error}") from None


def _fields(part: object) -> dict[str, Any]:
    """Every attribute of `part` but its wiring."""
    names = {name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ())} | set(getattr(part, "__dict__", ()))
    names -= _WIRING.get(type(part).__name__, set())
    return {name: _freeze(getattr(part, name)) for name in sorted(names) if hasattr(part, name)}


def _freeze(value: Any) -> Any:
    """Plain values as they are; everything else as a list that begins with what it is."""
    if isinstance(value, Enum):
        if isinstance(value, State):
            return ["state", value.value]
    elif value is None or isinstance(value, (bool, int, float, str)):
        return value
    elif isinstance(value, (bytes, bytearray)):
        return [type(value).__name__, value.hex()]
    elif isinstance(value, tuple):
        name = type(value).__name__
        if name == "tuple" or _TUPLES.get(name) is type(value):
            return [name, *map(_freeze, value)]
    elif isinstance(value, list):
        return ["list", *map(_freeze, value)]
    elif isinstance(value, deque):
        return ["deque", value.maxlen, *map(_freeze, value)]
    elif isinstance(value, dict):
        return ["dict", *([_freeze(key), _freeze(each)] for key, each in value.items())]
    elif isinstance(value, messages.Message):
        return ["message", value.name]
    elif isinstance(value, alarms.AlarmRow):
        return ["alarm", value.id]
    elif isinstance(value, outbox._Held):  # only its size counts here; what it said belongs to another stream
        return ["held", value.stream, value.event, value.block, value.queued_ns, len(value.data), value.wire]
    elif _MODELS.get(type(value).__name__) is type(value):
        return ["model", type(value).__name__, value.model_dump(mode="json")]
    elif type(value).__module__ in _MODULES:
        return ["object", _name_of(type(value)), _fields(value)]
    raise ImageError(f"no image holds a {type(value).__name__}")


def _thaw(value: Any) -> Any:
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise ImageError("a bare object in the image")
        return value
    tag, *rest = value
    match tag:
        case "state":
            return State(rest[0])
        case "bytes":
            return bytes.fromhex(rest[0])
        case "bytearray":
            return bytearray.fromhex(rest[0])
        case "tuple":
            return tuple(map(_thaw, rest))
        case "list":
            return list(map(_thaw, rest))
        case "deque":
            return deque(map(_thaw, rest[1:]), maxlen=rest[0])
        case "dict":
            return {_thaw(key): _thaw(each) for key, each in rest}
        case "message":
            return _MESSAGES[rest[0]]
        case "alarm":
            return alarms.TABLE[rest[0]]
        case "held":
            stream, event, block, queued_ns, size, wire = rest
            return outbox._Held(stream, event, block, queued_ns, feed.filler(size), wire)
        case "model":
            return _model(rest[0], rest[1])
        case "object":
            made: object = object.__new__(_class_of(rest[0]))
            _set(made, rest[1])
            return made
    return _TUPLES[tag]._make(map(_thaw, rest))


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _class_of(name: str) -> type:
    module, _, own = name.rpartition(".")
    kind = vars(sys.modules[module]).get(own) if module in _MODULES and module in sys.modules else None
    if not isinstance(kind, type) or kind.__module__ != module:
        raise ImageError(f"no image holds a {name}")
    return kind


def _model(name: str, values: Any) -> BaseModel:
    try:
        return _MODELS[name].model_validate(values)
    except ValidationError as error:
        raise ImageError(f"{name} in the image does not fit: {error.error_count()} fields") from None


def _set(part: object, values: Mapping[str, Any]) -> None:
    wiring = _WIRING.get(type(part).__name__, set())
    for name, value in values.items():
        if name in wiring or name.startswith("__") or callable(getattr(type(part), name, None)):
            raise ImageError(f"{type(part).__name__}.{name} does not belong into an image")
        object.__setattr__(part, name, _thaw(value))
