#!/usr/bin/env python3
"""Archiver, PostgreSQL and three chairs at once killed in mid-copy: nothing missing, nothing twice, all verified there."""

import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from sessions.archive import check, clinic_url, open_clinic, station_id
from sessions.store import open_store
from tests.sessions.archiving import DONE, FAILED, die, die_and_take, difference, make_station, run_apart
from tests.sessions.postgres import Server, binaries

CHUNK_BYTES = 30_000
SESSIONS = 8
SERVER_KILLS = 12
ROUNDS = 25
KILLED = -signal.SIGKILL
SETTLED_S = 120.0


def wrong(homes: list[pathlib.Path], server: Server, database: str) -> list[str]:
    """Whatever is not as on the stations: by their rows, and by `pencontrol archive --verify`."""
    found = difference(homes, server, database)
    for home in homes:
        with open_store(home) as store, open_clinic(clinic_url(server.url(database)), migrate=False) as clinic:
            told = check(store, clinic, station_id(home), lambda *_: None)
        found += told.problems
        if (told.sessions_verified, told.streams_verified, told.not_archived) != (SESSIONS, 1, 0):
            found.append(f"{told.sessions_verified} sessions verified of {SESSIONS}, {told.not_archived} not archived")
    return found


def at_every_statement(home: pathlib.Path, server: Server, database: str) -> int:
    """Killed before its first statement, its second, and so on until a run comes through; the number of kills."""
    kills = 0
    while run_apart(home, server.url(database), CHUNK_BYTES, kills + 1, die)() == KILLED:
        kills += 1
    return kills


def by_the_clock(home: pathlib.Path, server: Server, database: str, dice: random.Random) -> tuple[int, int]:
    """The program itself, killed after a random time; kills, and runs that had come through by then."""
    command = [sys.executable, "-m", "ui.cli.main", "archive", "--home", str(home), "--to", server.url(database)]
    kills = through = 0
    for _ in range(ROUNDS):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            through += running.wait(dice.uniform(0.4, 2.5)) == 0
        except subprocess.TimeoutExpired:
            running.kill()
            kills += 1
            running.wait()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return kills, through


def server_dies(home: pathlib.Path, server: Server, database: str, dice: random.Random) -> int:
    """PostgreSQL killed under a running archiver, which must end with a plain failure; the number of kills."""
    kills = 0
    for _ in range(SERVER_KILLS):
        end = run_apart(home, server.url(database), CHUNK_BYTES, dice.randint(20, 60), die_and_take(server))()
        if end != FAILED:
            break
        kills += 1
        server.kill()
        server.start(fsync=True)
    assert run_apart(home, server.url(database), CHUNK_BYTES, 0, die)() == DONE
    return kills


def chairs(homes: list[pathlib.Path], server: Server, database: str, dice: random.Random) -> tuple[int, int]:
    """Three archivers side by side, each killed again and again, the server now and then; kills of either."""
    url, left, kills, server_kills = server.url(database), list(homes), 0, 0
    end_s = time.monotonic() + SETTLED_S
    for turn in range(10**6):
        assert time.monotonic() < end_s, "they never came through"
        act = die_and_take(server) if turn % 5 == 4 and turn < ROUNDS else die
        running = {
            home: run_apart(home, url, CHUNK_BYTES, dice.randint(4, 60) if turn < ROUNDS else 0, die if n else act)
            for n, home in enumerate(left)
        }
        ends = {home: wait() for home, wait in running.items()}
        assert set(ends.values()) <= {DONE, KILLED, FAILED}, ends
        kills += sum(end == KILLED for end in ends.values())
        if FAILED in ends.values():
            server_kills += 1
            server.kill()
            server.start(fsync=True)
        left = [home for home in left if ends[home] != DONE]
        if not left:
            return kills, server_kills
    raise AssertionError("they never came through")


def main() -> int:
    """All four, each into a database of its own."""
    programs = binaries()
    if programs is None:
        print("PostgreSQL is not installed: apt-get install postgresql")
        return 1
    dice = random.Random(7)
    found: list[str] = []
    server = Server(programs)
    with tempfile.TemporaryDirectory() as folder:
        homes = [make_station(pathlib.Path(folder, str(chair)), SESSIONS, chair) for chair in range(3)]
        try:
            server.start(fsync=True)
            told = []
            for name in ("statement", "clock", "server", "chairs"):
                database = server.new_database()
                if name == "statement":
                    told.append(
                        f"archiver killed before each of its first {at_every_statement(homes[0], server, database)} statements"
                    )
                elif name == "clock":
                    kills, through = by_the_clock(homes[0], server, database, dice)
                    told.append(f"the program killed {kills} times by the clock ({through} runs were done by then)")
                elif name == "server":
                    told.append(f"PostgreSQL killed {server_dies(homes[0], server, database, dice)} times in mid-copy, fsync on")
                else:
                    kills, server_kills = chairs(homes, server, database, dice)
                    told.append(f"three chairs at once killed {kills} times, the server under them {server_kills} times")
                found += [f"{name}: {words}" for words in wrong(homes if name == "chairs" else homes[:1], server, database)]
        finally:
            server.close()
    for words in found:
        print(words)
    rows = "every row compared with the stations', every chain recomputed"
    print(f"{'; '.join(told)}: {rows}: {'nothing missing, nothing twice: kept' if not found else 'BROKEN'}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
