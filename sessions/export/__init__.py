"""Files for people outside: PDF, CSV, JSON, and a manifest of their hashes. Reads the store, never writes to it.

No wall clock, host name or locale may come in here: the same record gives the same bytes, today and years later.
"""

from sessions.export.art import View, ZoneArt
from sessions.export.run import FORMATS, ExportError, Progress, export_sessions

__all__ = ["FORMATS", "ExportError", "Progress", "View", "ZoneArt", "export_sessions"]
