"""The cable to the clinic's server is cut in mid-copy, or swallows everything: it is said, and the next run completes it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.archive import ArchiveError, archive, clinic_url, open_clinic, station_id
from sessions.archive.address import SILENCE_S, clinic_engine
from sessions.archive.run import Report
from sessions.store import open_store
from tests.sessions.archiving import difference, make_station
from tests.sessions.face import START_UTC_NS
from tests.sessions.postgres import Server
from tests.sessions.wire import How, Wire

CHUNK_BYTES = 25_000  # a session is some seven chunks
SHORT_S = 0.5


@pytest.fixture
def wire(postgres: Server) -> Iterator[Wire]:
    wire = Wire(postgres)
    yield wire
    wire.close()


def run(home: Path, url: str, silence_s: float = SILENCE_S) -> Report:
    with open_store(home) as store, open_clinic(clinic_url(url), silence_s=silence_s) as clinic:
        return archive(store, clinic, station_id(home), lambda: START_UTC_NS, lambda *_: None, CHUNK_BYTES)


@pytest.mark.parametrize("how", ["reset", "silence"])
def test_cut_anywhere_it_fails_plainly_and_the_next_run_completes_it(
    tmp_path: Path, postgres: Server, clinic_database: str, wire: Wire, how: How
) -> None:
    home, url = make_station(tmp_path), postgres.url_by(wire.port, clinic_database)
    silence_s = SILENCE_S if how == "reset" else SHORT_S
    said: list[str] = []
    # each silence is waited for, and longer (`connect_timeout`) where not even the connection came about
    after, step = (200, 12_000) if how == "reset" else (30_000, 50_000)
    while True:  # each run is cut later than the one before it, until one comes through
        cut_before = wire.cuts
        wire.cut_after(after, how)
        try:
            report = run(home, url, silence_s)
        except ArchiveError as error:
            said.append(str(error))
            if wire.cuts > cut_before:  # else the server itself was too slow just then: the same place once more
                after += step
            continue
        break
    assert not report.problems
    assert len(said) >= wire.cuts >= (8 if how == "reset" else 3)
    in_copy = [words for words in said if "was on its way" in words]
    assert len(in_copy) >= 2, said
    why = "the connection was lost" if how == "reset" else f"no answer for {SHORT_S:g} s"
    assert all(why in words and "the next run goes on from it" in words for words in in_copy), in_copy
    wire.cut_after(None)
    run(home, url)
    assert difference([home], postgres, clinic_database) == []


def test_a_server_that_is_silent_from_the_start_is_given_up(postgres: Server, clinic_database: str, wire: Wire) -> None:
    wire.cut_after(0, "silence")
    url = postgres.url_by(wire.port, clinic_database) + "&connect_timeout=2"
    begin_s = time.monotonic()
    with pytest.raises(ArchiveError, match="cannot be reached: no answer in time"):
        open_clinic(clinic_url(url))
    assert time.monotonic() - begin_s < 60.0


def test_a_statement_that_takes_its_time_is_no_silence_and_a_hanging_one_is(postgres: Server, clinic_database: str) -> None:
    engine = clinic_engine(clinic_url(postgres.url(clinic_database)), silence_s=3.0)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.3)")
        connection.exec_driver_sql("SELECT pg_sleep(0.3)")
        with pytest.raises(Exception, match=r"no answer for 3 s"):
            connection.exec_driver_sql("SELECT pg_sleep(60)")
    engine.dispose()


def test_both_sides_give_up_and_the_server_first(postgres: Server, clinic_database: str) -> None:
    """A lock that a vanished chair holds must be free before that chair's next run asks for it."""
    engine = clinic_engine(clinic_url(postgres.url(clinic_database)))
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with engine.connect() as connection:
        milliseconds = [
            connection.exec_driver_sql(f"SELECT setting::int FROM pg_settings WHERE name = '{name}'").scalar_one()
            for name in names
        ]
    engine.dispose()
    assert all(0 < each < SILENCE_S * 1000 for each in milliseconds), milliseconds
    assert milliseconds[0] < milliseconds[1], "waiting for a lock ends by its own name"
