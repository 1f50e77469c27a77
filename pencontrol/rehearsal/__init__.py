"""A whole treatment without a screen, from a scenario file: its format, its player, what must come out.

The player is a screen like any other: same sockets, same heartbeat, same STOP. Hand and faults belong to the simulated pen.
"""
