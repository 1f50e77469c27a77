"""The part of the C driver that comes from the table: prints every field of every message by name, and packs it again."""

import struct
from typing import Any

from firmware_protocol.generate.c_header import snake
from firmware_protocol.generate.table import Placed, entry_bytes, layouts, placed
from firmware_protocol.messages import Layout


def _print(rows: list[Placed], of: str) -> list[str]:
    lines = []
    for row in rows:
        name = row.field.name
        if row.is_text:
            lines.append(f'print_hex("{name}", {of}.{name}, {row.width});')
        elif row.field.code.islower():
            lines.append(f'printf(" {name}=%lld", (long long){of}.{name});')
        else:
            lines.append(f'printf(" {name}=%llu", (unsigned long long){of}.{name});')
    return lines


def _show(layout: "Layout[Any]", skip: int) -> list[str]:
    name, rows = snake(layout.name), placed(layout.fields)
    upper = name.upper()
    if skip:
        lines = ['if (!frame->length) { printf(" error=length"); return; }', 'printf(" result=%u", frame->payload[0]);']
        lines.append("if (frame->payload[0] != PL_RESULT_OK) return;")
    else:
        lines = []
    lines += [f"const uint8_t *from = frame->payload + {skip}; const size_t length = frame->length - {skip};", "int bad = 0;"]
    if rows:
        lines += [
            f"pl_{name}_t value; uint8_t packed[PL_{upper}_BYTES];",
            f'if (!pl_unpack_{name}(&value, from, length)) {{ printf(" error=length"); return; }}',
            *_print(rows, "value"),
            f"if (pl_pack_{name}(packed, &value) != {layout.size} || memcmp(packed, from, {layout.size}))",
            'printf(" repacked=no");',
            f'if ((bad = pl_range_{name}(&value))) printf(" bad=%d", bad);',
        ]
    if layout.entries:
        lines += [
            f"const int count = pl_entries_{name}(length);",
            'if (count < 0) { printf(" error=entries"); return; }',
            'printf(" entries=%d", count);',
            f"for (int at = 0; at < count; at++) {{ pl_{name}_entry_t entry; uint8_t again[PL_{upper}_ENTRY_BYTES];",
            f'pl_unpack_{name}_entry(&entry, from, (size_t)at); printf(" ;");',
            *_print(placed(layout.entries), "entry"),
            f"if (pl_pack_{name}_entry(again, &entry) != {entry_bytes(layout)} || "
            f'memcmp(again, from + {layout.size} + (size_t)at * {entry_bytes(layout)}, sizeof again)) printf(" repacked=no");',
            f'if (!bad && (bad = pl_range_{name}_entry(&entry))) printf(" bad_entry=%d", bad); }}',
        ]
    if not rows and not layout.entries:
        lines += ["(void)from; (void)length; (void)bad;"]
    elif not rows:
        lines += ["(void)bad;"]
    return lines


def show_header() -> str:
    """`show.h`: static void show(const pl_frame_t *)."""
    parts = ["static void show(const pl_frame_t *frame)", "{", "switch (frame->type) {"]
    for message, layout, reply in layouts():
        kind = f"PL_TYPE_{message.name} | 0x80u" if reply else f"PL_TYPE_{message.name}"
        parts += [f"case {kind}: {{", *_show(layout, 1 if reply else 0), "break; }"]
    return "\n".join([*parts, 'default: printf(" unknown");', "}", "}", ""])


def expected_line(frame: dict[str, Any]) -> str:
    """What the driver must print of a vector's frame."""
    line = f"frame {frame['type']} {frame['session']} {frame['flags']} {frame['sequence']} payload={frame['payload']}"
    if frame["message"] is None:
        return line + " unknown"
    if "result" in frame:
        line += f" result={frame['result']}"
    layout, reply = next(
        (layout, reply) for message, layout, reply in layouts() if message.name + ("_REPLY" if reply else "") == frame["message"]
    )
    if frame.get("payload_error") == "length":
        return line + " error=length"
    line += "".join(f" {name}={value}" for name, value in frame.get("fields", {}).items())
    if frame.get("payload_error") == "entries":
        # the fixed fields before the entries are whole, and the driver shows them; a vector does not
        payload = bytes.fromhex(frame["payload"])[1 if reply else 0 :]
        fixed = struct.unpack_from(layout.format, payload)
        shown = "".join(f" {field.name}={value}" for field, value in zip(layout.fields, fixed, strict=True))
        return line + shown + " error=entries"
    bad = frame.get("out_of_range")
    names = [field.name for field in layout.fields]
    if bad in names:
        line += f" bad={names.index(bad) + 1}"
    if "entries" in frame:
        line += f" entries={len(frame['entries'])}"
        for entry in frame["entries"]:
            line += " ;" + "".join(f" {name}={value}" for name, value in entry.items())
            if bad in entry:
                line += f" bad_entry={list(entry).index(bad) + 1}"
                bad = None
    return line
