"""The type checker's view of the message table: `messages.pyi`. Pure."""

import re
from typing import Any

from firmware_protocol import messages

_HEAD = '''"""Generated from messages.py by `python -m firmware_protocol.generate`: do not edit."""

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

class MessageError(Exception): ...

class Field:
    name: str
    code: str
    unit: str
    text: str
    low: int
    high: int
    since: int
    def __init__(
        self,
        name: str,
        code: str,
        unit: str = ...,
        text: str = ...,
        low: int | None = ...,
        high: int | None = ...,
        since: int = ...,
    ) -> None: ...

class Layout(Generic[T]):
    name: str
    fields: tuple[Field, ...]
    entries: tuple[Field, ...]
    exact: bool
    format: str
    size: int
    type: type[T]
    def __init__(self, name: str, fields: tuple[Field, ...], entries: tuple[Field, ...] = ..., exact: bool = ...) -> None: ...
    @property
    def least(self) -> int: ...
    def pack(self, value: T) -> bytes: ...
    def pack_unchecked(self, value: T) -> bytes: ...
    def unpack(self, payload: bytes) -> T: ...

class Message(Generic[T, R]):
    id: int
    name: str
    text: str
    payload: Layout[T]
    reply: Layout[R]
    def __init__(self, id: int, name: str, text: str, payload: Layout[T], reply: Layout[R] | None = ...) -> None: ...
    @property
    def reply_id(self) -> int: ...

MESSAGES: tuple[Message[Any, Any], ...]
BY_ID: dict[int, Message[Any, Any]]

class Parameter(NamedTuple):
    id: int
    name: str
    unit: str
    low: int
    high: int
    initial: int
    text: str

PARAMETERS: tuple[Parameter, ...]

def plan_crc(entries: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> int: ...
def parameters_crc(values: dict[int, int]) -> int: ...
def calibration_bytes(a_um: int, b_ppm: int, speed_ppm: int, certificate: bytes, valid_until_days: int, status: int) -> bytes: ...
'''


def _type_of(field: Any) -> str:
    return "bytes" if field.code.endswith("s") else "int"


def _named_tuple(layout: Any) -> str:
    lines = [f"class {layout.name}(NamedTuple):"]
    for field in layout.fields:
        # a field may carry the name of a tuple's method; the value wins, as it does in a namedtuple
        hides = "  # type: ignore[assignment]" if hasattr(tuple, field.name) else ""
        lines.append(f"    {field.name}: {_type_of(field)}{hides}")
    if layout.entries:
        group = ", ".join(_type_of(field) for field in layout.entries)
        lines.append(f"    entries: tuple[tuple[{group}], ...]")
    if len(lines) == 1:
        lines = [lines[0] + " ..."]
    return "\n".join(lines) + "\n"


def type_stub() -> str:
    """The whole text of `messages.pyi`: one NamedTuple a layout, one typed constant a message, every number and name."""
    parts = [_HEAD]
    for name, value in vars(messages).items():
        if name.isupper() and isinstance(value, int):
            parts.append(f"{name}: int")
        elif name.isupper() and isinstance(value, tuple) and value and isinstance(value[0], str):
            parts.append(f"{name}: tuple[str, ...]")
    parts.append("")
    for message in messages.MESSAGES:
        parts.append(_named_tuple(message.payload))
        if message.reply is not None:
            parts.append(_named_tuple(message.reply))
    parts.append(_named_tuple(messages.CALIBRATION))
    parts.append("CALIBRATION: Layout[CalibrationBlock]")
    for message in messages.MESSAGES:
        reply = message.reply.name if message.reply is not None else "None"
        parts.append(f"{message.name}: Message[{message.payload.name}, {reply}]")
    text = "\n".join(parts) + "\n"
    return re.sub(r"(\(NamedTuple\): \.\.\.\n)\n(?=class \w+\(NamedTuple\): \.\.\.\n)", r"\1", text)  # as the formatter has it
