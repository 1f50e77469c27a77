"""The simulated pen: plant, hand and faults around the very `pen.py` that boards run, at the other end of a pty or TCP.

Nothing of the host may come in here. `plant`, `hand`, `faults`, `scenario` and `device` are pure; `server` and `side` do I/O.
"""
