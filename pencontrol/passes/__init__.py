"""From motor current and speed to contact, strokes and passes. Pure: no clock, no I/O, and nothing of the wire or the record.

`contact` finds strokes at a steady speed, `changing` while the motor changes, `counter` makes passes of strokes.
"""

from pencontrol.passes.contact import ContactDetector, StrokeSeen
from pencontrol.passes.counter import Pace, PassCounter, PassEnd, PassSeen

__all__ = ["ContactDetector", "Pace", "PassCounter", "PassEnd", "PassSeen", "StrokeSeen"]
