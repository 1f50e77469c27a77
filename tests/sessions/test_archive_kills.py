"""The archiver, the clinic's server and several chairs die in mid-copy: afterwards all is there, once, verified.

proofs/archive_kills.py does the same for longer.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sessions.archive import check, clinic_url, open_clinic, station_id
from sessions.store import open_store
from tests.sessions.archiving import DONE, FAILED, die, die_and_take, difference, make_station, run_apart
from tests.sessions.postgres import Server

CHUNK_BYTES = 25_000  # a session is some seven chunks
ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def verified(home: Path, url: str) -> tuple[int, int, list[str]]:
    with open_store(home) as store, open_clinic(clinic_url(url), migrate=False) as clinic:
        found = check(store, clinic, station_id(home), lambda *_: None)
    return found.sessions_verified + found.streams_verified, found.not_archived, found.problems


def the_program_while_the_server_dies(home: Path, url: str, server: Server) -> tuple[int, str, str]:
    """`pencontrol archive` in a process of its own: exit code, stdout, stderr."""
    code = f"""
import logging, os, signal, sys
from tests.sessions.archiving import count_statements
from ui.cli import main
def act():
    os.killpg({server.group}, signal.SIGKILL)
    logging.getLogger("psycopg").warning("error ignored")  # as the driver does, but not every time
count_statements(27, act)
sys.argv = ["pencontrol", "archive", "--home", {str(home)!r}, "--to", {url!r}]
main.main()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_archiver_killed_anywhere_goes_on_where_it_was(tmp_path: Path, postgres: Server, clinic_database: str) -> None:
    home, url = make_station(tmp_path), postgres.url(clinic_database)
    ends = [run_apart(home, url, CHUNK_BYTES, 1, die)()]
    while ends[-1] == KILLED:  # one statement later each time: before the first, within the migration, chunk by chunk
        ends.append(run_apart(home, url, CHUNK_BYTES, len(ends) + 1, die)())
    assert len(ends) > 30
    assert set(ends) == {KILLED, DONE}
    assert difference([home], postgres, clinic_database) == []
    assert verified(home, url) == (3, 0, [])


def test_server_killed_in_mid_copy_is_one_plain_failure_and_then_goes_on(
    tmp_path: Path, postgres: Server, clinic_database: str
) -> None:
    home, url = make_station(tmp_path), postgres.url(clinic_database)
    assert run_apart(home, url, CHUNK_BYTES, 105, die_and_take(postgres))() == FAILED
    postgres.kill()
    postgres.start(fsync=True)
    with postgres.connect(clinic_database) as connection:  # so that it was killed in mid-copy
        begun = connection.execute("SELECT (SELECT count(*) FROM events) > 0, (SELECT count(*) FROM archive_receipts)").fetchone()
    assert begun == (True, 0)
    code, out, err = the_program_while_the_server_dies(home, url, postgres)
    assert (code, out, err.count("\n")) == (1, "", 1), err
    assert "the connection was lost while S-20261121-093000-0000 was on its way; what had arrived stays there" in err
    postgres.kill()
    postgres.start()
    assert run_apart(home, url, CHUNK_BYTES, 0, die)() == DONE
    assert difference([home], postgres, clinic_database) == []
    assert verified(home, url) == (3, 0, [])


def test_three_chairs_at_once_each_killed_again_and_again(tmp_path: Path, postgres: Server, clinic_database: str) -> None:
    homes = [make_station(tmp_path / str(chair), chair=chair) for chair in range(3)]
    url, dice = postgres.url(clinic_database), random.Random(5)
    kills, left = 0, list(homes)
    for turn in range(40):
        running = [(home, run_apart(home, url, CHUNK_BYTES, dice.randint(4, 80) if turn < 5 else 0, die)) for home in left]
        ends = {home: wait() for home, wait in running}
        assert set(ends.values()) <= {DONE, KILLED}, ends
        kills += list(ends.values()).count(KILLED)
        left = [home for home in left if ends[home] != DONE]
        if not left:
            break
    assert kills >= 9
    assert difference(homes, postgres, clinic_database) == []
    assert [verified(home, url) for home in homes] == [(3, 0, [])] * 3
