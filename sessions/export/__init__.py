"""Files for people outside: PDF, CSV, JSON, FHIR, and a manifest of their hashes. Reads the store, never writes to it.

No wall clock, host name or locale may come in here: the same record gives the same bytes, today and years later.
"""

from sessions.export.art import View, ZoneArt
from sessions.export.run import FORMATS, ExportCancelled, ExportError, Progress, Within, export_sessions

__all__ = ["FORMATS", "ExportCancelled", "ExportError", "Progress", "View", "Within", "ZoneArt", "export_sessions"]
