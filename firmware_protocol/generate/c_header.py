"""The C99 header `c/pen_link.h`: codes, sizes, structs, pack and unpack for every layout, around hand-written reference code.

Pure. `pen_link.h.in` beside this module holds what does not come from the table: COBS, CRC-32, frames, calibration.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from firmware_protocol import frame, messages
from firmware_protocol.generate.table import C_TYPES, CODE_LISTS, Placed, codes, entry_bytes, layouts, placed
from firmware_protocol.messages import Layout

TEMPLATE = Path(__file__).with_name("pen_link.h.in")
CONSTANTS = (
    "DEPTH_MIN_UM",
    "DEPTH_MAX_UM",
    "SPEED_MIN_RPM",
    "SPEED_MAX_RPM",
    "LEASE_MIN_MS",
    "LEASE_MAX_MS",
    "OVER_TOLERANCE_MIN_UM",
    "OVER_TOLERANCE_MAX_UM",
    "TRIP_MIN_MS",
    "TRIP_MAX_MS",
    "SEEN_MAX_AGE_US",
    "PLAN_MAX_ZONES",
    "LOG_READ_MOST",
    "DAYS_WITHOUT_END",
)
FLAGS = ("CARTRIDGE", "BUTTON", "CONTACT", "MOTOR_POWERED", "NEEDLES_HOME", "DEPTH_VALID", "SPEED_VALID")


def snake(name: str) -> str:
    """`HelloReply` as `hello_reply`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _defines() -> str:
    lines = [f"#define PL_MAJOR {frame.MAJOR}u", f"#define PL_MINOR {messages.MINOR}u"]
    lines.append(f"#define PL_TO_PEN_WIRE_BYTES {frame.TO_PEN_WIRE_BYTES}u")
    lines.append(f"#define PL_TO_HOST_WIRE_BYTES {frame.TO_HOST_WIRE_BYTES}u")
    lines += [f"#define PL_{name} {getattr(messages, name)}u" for name in CONSTANTS]
    for name, prefix, text in CODE_LISTS:
        lines += ["", f"/* {text} */"]
        lines += [f"#define PL_{prefix}_{code} {number}u" for number, code in enumerate(codes(name))]
    lines += ["", "/* TELEMETRY.flags */"]
    lines += [f"#define PL_SAMPLE_{name} 0x{getattr(messages, 'FLAG_' + name):02X}u" for name in FLAGS]
    lines += ["", "/* Parameters: id, then the values allowed */"]
    for parameter in messages.PARAMETERS:
        name = parameter.name.upper()
        lines.append(f"#define PL_PARAMETER_{name} {parameter.id}u /* {parameter.unit}: {parameter.text} */")
        lines.append(f"#define PL_PARAMETER_{name}_LOW {parameter.low}")
        lines.append(f"#define PL_PARAMETER_{name}_HIGH {parameter.high}")
        lines.append(f"#define PL_PARAMETER_{name}_INITIAL {parameter.initial}")
    lines += ["", "/* Message types; a reply's is the request's | 0x80 */"]
    lines += [f"#define PL_TYPE_{message.name} 0x{message.id:02X}u" for message in messages.MESSAGES]
    return "\n".join(lines)


def _member(row: Placed) -> str:
    note = " ".join(part for part in (row.field.unit, row.field.text) if part)
    name = f"{row.field.name}[{row.width}]" if row.is_text else row.field.name
    kind = "uint8_t" if row.is_text else C_TYPES[row.field.code]
    return f"    {kind} {name};" + (f" /* {note} */" if note else "")


def _put(row: Placed) -> str:
    at = f"to + {row.offset}"
    if row.is_text:
        return f"    memcpy({at}, from->{row.field.name}, {row.width});"
    if row.width == 1:
        return f"    to[{row.offset}] = from->{row.field.name};"
    unsigned = f"(uint{8 * row.width}_t)" if row.field.code.islower() else ""
    return f"    pl_put{8 * row.width}({at}, {unsigned}from->{row.field.name});"


def _get(row: Placed) -> str:
    at = f"from + {row.offset}"
    if row.is_text:
        line = f"memcpy(to->{row.field.name}, {at}, {row.width});"
        missing = f"memset(to->{row.field.name}, 0, {row.width});"
    else:
        value = f"from[{row.offset}]" if row.width == 1 else f"pl_get{8 * row.width}({at})"
        if row.field.code.islower():
            value = f"pl_signed{8 * row.width}({value})"
        line = f"to->{row.field.name} = {value};"
        missing = f"to->{row.field.name} = 0;"
    if not row.field.since:
        return f"    {line}"
    return f"    if (length >= {row.offset + row.width}u) {{ {line} }} else {{ {missing} }}"


def _struct(name: str, rows: list[Placed]) -> list[str]:
    return ["typedef struct {", *[_member(row) for row in rows], f"}} pl_{name}_t;"]


def _pack(name: str, rows: list[Placed], size: int) -> list[str]:
    return [
        f"static inline size_t pl_pack_{name}(uint8_t *to, const pl_{name}_t *from)",
        "{",
        *[_put(row) for row in rows],
        f"    return {size}u;",
        "}",
    ]


def _range(name: str, rows: list[Placed]) -> list[str]:
    lines = [f"static inline int pl_range_{name}(const pl_{name}_t *value)", "{"]
    narrow = [(number, row) for number, row in enumerate(rows, start=1) if row.is_narrow]
    if not narrow:
        lines.append("    (void)value;")
    for number, row in narrow:
        tests = []
        low, high = C_LIMITS[row.field.code]
        if row.field.low != low:
            tests.append(f"value->{row.field.name} < {row.field.low}")
        if row.field.high != high:
            tests.append(f"value->{row.field.name} > {row.field.high}")
        lines.append(f"    if ({' || '.join(tests)}) return {number};")
    return [*lines, "    return 0;", "}"]


C_LIMITS = {code: (messages.Field("", code).low, messages.Field("", code).high) for code in C_TYPES}


def _length_test(layout: Layout[Any]) -> str:
    """C condition under which a payload of `length` bytes is refused."""
    size = layout.size
    earlier = sorted({sum(r.width for r in placed(layout.fields) if r.field.since <= m) for m in _minors(layout)} - {size})
    base = f"length != {size}u" if layout.exact else f"length < {size}u"
    if size == 0 and not layout.exact:
        base = "0"
    return " && ".join([base, *[f"length != {each}u" for each in earlier]])


def _minors(layout: Layout[Any]) -> set[int]:
    return {field.since for field in layout.fields} | {0}


def _layout(layout: Layout[Any], title: str) -> str:
    name = snake(layout.name)
    rows = placed(layout.fields)
    upper = name.upper()
    lines = ["", f"/* {title} */", f"#define PL_{upper}_BYTES {layout.size}u"]
    if rows:
        lines += _struct(name, rows)
        lines += _pack(name, rows, layout.size)
        lines += [
            f"/* false: {'another' if layout.exact else 'too short a'} length */",
            f"static inline bool pl_unpack_{name}(pl_{name}_t *to, const uint8_t *from, size_t length)",
            "{",
            f"    if ({_length_test(layout)}) return false;",
            *[_get(row) for row in rows],
            "    return true;",
            "}",
            "/* 0: every field is in its range; else the number, from 1, of the first that is not */",
            *_range(name, rows),
        ]
    if layout.entries:
        group = placed(layout.entries)
        size = entry_bytes(layout)
        lines += [f"#define PL_{upper}_ENTRY_BYTES {size}u", *_struct(name + "_entry", group)]
        lines += _pack(name + "_entry", group, size)
        lines += [
            f"/* entry number `at` of a payload that pl_entries_{name} accepted */",
            f"static inline void pl_unpack_{name}_entry(pl_{name}_entry_t *to, const uint8_t *from, size_t at)",
            "{",
            f"    from += PL_{upper}_BYTES + at * PL_{upper}_ENTRY_BYTES;",
            *[_get(row) for row in group],
            "}",
            "/* entries in a payload of this length, -1 where it is no whole number */",
            f"static inline int pl_entries_{name}(size_t length)",
            "{",
            f"    if ({_no_entries(layout)}(length - {layout.size}u) % {size}u) return -1;",
            f"    return (int)((length - {layout.size}u) / {size}u);",
            "}",
            *_range(name + "_entry", group),
        ]
    return "\n".join(lines)


def _no_entries(layout: Layout[Any]) -> str:
    return f"length < {layout.size}u || " if layout.size else ""


def c_header() -> str:
    """The whole text of `pen_link.h`."""
    parts = []
    for message, layout, is_reply in layouts():
        title = f"{message.name}{' reply, after its result byte' if is_reply else f': {message.text}'}"
        parts.append(_layout(layout, title))
    parts.append(_layout(messages.CALIBRATION, "The calibration block, as CALIBRATION_READ and _WRITE address it"))
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace("@DEFINES@", _defines()).replace("@LAYOUTS@", "\n".join(parts).strip("\n"))
