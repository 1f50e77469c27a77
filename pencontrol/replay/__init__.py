"""Plays a recorded session through the same parser and the same decisions, and compares. Pure; loading and saving is the
command line's. What was compared, and what cannot be, is in the report's own words.
"""

from pencontrol.replay.compare import Report
from pencontrol.replay.player import replay
from pencontrol.replay.record import Record, RecordError, load, save

__all__ = ["Record", "RecordError", "Report", "load", "replay", "save"]
