"""Which runs there are, and what each is for. Pure."""

from dataclasses import dataclass
from typing import Literal

Transport = Literal["pty", "socket"]
Role = Literal["judged", "no privilege", "negative control", "told"]

ANSWERS_P9999 = 240_000  # 24 answers lie beyond p99.99
ANSWERS_P999 = 60_000  # 60 beyond p99.9
ANSWERS_A_SECOND = 500  # half of the samples, at 1 kHz
SHORT_S = 20.0
PRIVILEGED = ("idle states", "priority", "memory")  # an own core needs no privilege


@dataclass(frozen=True)
class Plan:
    """One run as it is meant. What the system granted is told by the run itself."""

    name: str
    transport: Transport
    role: Role
    answers: int = ANSWERS_P999
    withheld: tuple[str, ...] = ()
    hogs: int = 0
    screen: bool = True
    in_screen: bool = False  # negative control: control is a thread of the screen's process
    commit_s: float = 0.0  # negative control: a commit in control's thread


def plans(short: bool) -> list[Plan]:
    """The runs, those that decide first. `short` leaves out those that only tell what each grant is worth."""
    judged: list[Plan] = [
        Plan("as granted", "pty", "judged", ANSWERS_P9999),
        Plan("as granted", "socket", "judged", ANSWERS_P9999),
        Plan("own core only", "pty", "no privilege", withheld=PRIVILEGED),
        Plan("own core only", "socket", "no privilege", withheld=PRIVILEGED),
        Plan("control in the screen's process", "pty", "negative control", in_screen=True),
        Plan("commit of 50 ms in control's thread", "pty", "negative control", commit_s=0.05),
    ]
    if short:
        return judged
    told: list[Plan] = []
    for transport in ("pty", "socket"):
        kind: Transport = "pty" if transport == "pty" else "socket"
        told.append(Plan("two CPU hogs", kind, "told", hogs=2))
        for grant, words in (("core", "own core"), ("idle states", "idle states"), ("priority", "FIFO")):
            told.append(Plan(f"{words} withheld", kind, "told", withheld=(grant,)))
    return judged + told
