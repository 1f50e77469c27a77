"""What any pen of pen link 1 must do, one named check a rule, over serial port, pty or TCP.

The checks are pure: they talk through a `Line` that is handed in. Only `runner` opens a port. Nothing of the pen's own side
may come in here, and no `link.Link`: a check must be able to misbehave.
"""
