"""events.csv: one line per event. Pure."""

import csv
import io
import re

from sessions.events import canonical
from sessions.export.material import Material
from sessions.reading import StoredEvent

HEADER = ("number", "utc", "since_opening_s", "mono_ns", "kind", "actor", "body_json", "hash_sha256")
# Also the full-width forms, and after blanks, which some spreadsheets strip.
_STARTS_FORMULA = re.compile(r"[\s\x00-\x1f\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
# A spreadsheet told to split at semicolons or tabs ignores our quotes: what follows one is the start of a cell too.
_STARTS_INNER = re.compile(r"([;|]\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")


def safe(text: str) -> str:
    """`text` for a cell: an apostrophe goes before what a spreadsheet would run as a formula."""
    plain = "".join(" " if ord(letter) < 32 else letter for letter in text)  # some readers end a line at a bare CR
    inner = _STARTS_INNER.sub(r"\1'\2", plain)
    return "'" + inner if _STARTS_FORMULA.match(text) else inner


def safe_json(text: str) -> str:
    """`text`, a JSON object, for a cell: the same value, with an escape for what could start a formula within it."""
    return _STARTS_INNER.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)


def row_of(stored: StoredEvent, begin_mono_ns: int, pseudonymous: bool = False) -> tuple[str, ...]:
    """The cells of one event, in the order of HEADER; `begin_mono_ns` is the opening's. No hash when codes were replaced."""
    event = stored.event
    since = event.mono_ns - begin_mono_ns
    sign, micros = ("-" if since < 0 else ""), abs(since) // 1000
    return (
        str(event.number),
        safe(event.utc),
        f"{sign}{micros // 1_000_000}.{micros % 1_000_000:06d}",
        str(event.mono_ns),
        safe(event.kind),
        safe(event.actor),
        safe_json(canonical(event.body).decode()),
        "" if pseudonymous else stored.hash,
    )


def events_csv(material: Material) -> bytes:
    """UTF-8, comma, line feed; quotes only where needed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    begin_ns = material.facts.opened_mono_ns
    writer.writerows(row_of(stored, begin_ns, material.pseudonymous) for stored in material.events)
    return out.getvalue().encode()
