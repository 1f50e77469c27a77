"""Copies a station's record to the clinic's PostgreSQL, again and again without harm, and verifies what is there.

`run` copies, `check` compares afterwards, `copying` is one stream's way across, `clinic` the database there, `station` the
record here. docs/archive.md says what travels and what does not.
"""

from sessions.archive.address import clinic_url
from sessions.archive.check import check
from sessions.archive.clinic import Clinic, open_clinic
from sessions.archive.errors import ArchiveError
from sessions.archive.run import Report, archive, dry_run
from sessions.archive.station import station_id

__all__ = ["ArchiveError", "Clinic", "Report", "archive", "check", "clinic_url", "dry_run", "open_clinic", "station_id"]
