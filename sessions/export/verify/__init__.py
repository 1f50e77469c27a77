"""Verifies an exported folder by itself: needs neither database nor pen.

Checked: every file against manifest.json; in session.json the event chain, and that the rest of it says what the events say;
events.csv row by row against the same events; the trace chain rebuilt from trace.csv; every signature; PDF, FHIR and Parquet by
making them again. What it cannot prove is said too: files that another version made, what other chains hold, and the manifest,
which nothing holds but heads and signatures.
"""

from sessions.export.verify.folder import FolderVerdict, verify_folder

__all__ = ["FolderVerdict", "verify_folder"]
