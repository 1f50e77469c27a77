"""By what the bytes of an export are made: the same record gives the same bytes only with the same of these. I/O: asks Python.

The manifest names them, so that whoever makes a file again years later knows whether a difference means anything.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from sessions.events import canonical
from sessions.export.art import ZoneArt

# By file, what its bytes depend on beside the record. The files that are not here are held by chains.
MADE_WITH: Mapping[str, tuple[str, ...]] = {
    "session.pdf": ("pencontrol", "pdf_form", "reportlab", "zlib", "zone_art"),
    "trace.parquet": ("pencontrol", "pyarrow"),
    "session.fhir.json": ("pencontrol", "fhir_form"),  # last: it holds the digests of the others
}

# Raised with every change of what is made from the same record, so that what an older form made is not taken for changed.
FORMS: Mapping[str, str] = {"pdf_form": "2", "fhir_form": "2"}


def makers(zone_art: ZoneArt | None) -> dict[str, str]:
    """Versions by name, "" for what is not installed; of the drawing the start of its SHA-256, "" for none."""
    drawing = hashlib.sha256(canonical(asdict(zone_art))).hexdigest()[:16] if zone_art else ""
    packages = {name: _version(name) for name in ("pencontrol", "pyarrow", "reportlab")}
    return {**packages, **FORMS, "zlib": zlib.ZLIB_RUNTIME_VERSION, "zone_art": drawing}


def in_words(made_by: Mapping[str, str], name: str) -> str:
    """What made the file `name`, e.g. "pencontrol 0.1.0 with reportlab 4.4.0, zlib 1.3"."""
    first, *more = (f"{part} {made_by.get(part) or '(none)'}" for part in MADE_WITH[name])
    return f"{first} with {', '.join(more)}" if more else first


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
