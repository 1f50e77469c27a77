"""The wire, both ends: frames, messages, the pen's own state machine, the host's link, the simulated pen.

Nothing of the treatment, the record or the screen may come in here. `frame.py`, `messages.py` and `pen.py` also run
unchanged on MicroPython: no I/O, no clock, no dataclasses, no enum, no typing in those three.
"""
