"""events.csv: one line per event. Pure."""

import csv
import io

from sessions.events import canonical
from sessions.export.material import Material

HEADER = ("number", "utc", "since_opening_s", "mono_ns", "kind", "actor", "body_json", "hash_sha256")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """`text` for a cell: an apostrophe goes before what a spreadsheet would run as a formula."""
    plain = "".join(" " if ord(letter) < 32 else letter for letter in text)  # some readers end a line at a bare CR
    return "'" + plain if text.startswith(_STARTS_FORMULA) else plain


def events_csv(material: Material) -> bytes:
    """UTF-8, comma, line feed; quotes only where needed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    begin_ns = material.facts.opened_mono_ns
    for stored in material.events:
        event = stored.event
        since = event.mono_ns - begin_ns
        sign, micros = ("-" if since < 0 else ""), abs(since) // 1000
        writer.writerow(
            (
                event.number,
                safe(event.utc),
                f"{sign}{micros // 1_000_000}.{micros % 1_000_000:06d}",
                event.mono_ns,
                safe(event.kind),
                safe(event.actor),
                safe(canonical(event.body).decode()),
                stored.hash,
            )
        )
    return out.getvalue().encode()
