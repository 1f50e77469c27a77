"""Plays every tape named in /tapes, one after the other. Prints for each [name, steps, bytes in, bytes out, difference]."""

import json

from tests.micropython.on_pen.tape import Differs, Player

names = open("/tapes").read().split()  # noqa: PTH123, SIM115 # MicroPython has no pathlib and counts no open files
player = None


def again() -> bool:
    """Some more of the present tape, or the next one; False when all are played."""
    global player
    if player is None:
        if not names:
            return False
        player = Player(open("/" + names[0]))  # noqa: PTH123, SIM115
    said = ""
    try:
        if player.play(200):
            return True
    except Differs as differs:
        said = str(differs)
    print(json.dumps([names.pop(0), player.steps, player.bytes_in, player.bytes_out, said]))
    player = None
    return True
