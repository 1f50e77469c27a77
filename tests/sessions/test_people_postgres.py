"""People, things and the search on PostgreSQL: the same statements, the same answers."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from benchmarks.record_data import fill
from sessions.archive import clinic_url, open_clinic
from sessions.archive.address import clinic_engine
from sessions.listing import Filters, page
from sessions.people import bodies as b
from sessions.people.clients import enter_client, erase_client, identity, list_clients, load_client, note_client
from sessions.people.keys import Keyring
from sessions.people.names import load_names
from sessions.people.register import STATION, Desk, client_stream, differences, rebuild, record
from sessions.people.things import lots_in_date, put
from sessions.people.users import enter_user, load_user
from sessions.reading import load_events
from sessions.store import Store
from tests.sessions.face import SESSION, START_UTC_NS, face, store_face
from tests.sessions.postgres import Server
from tests.sessions.test_search import _fits


@pytest.fixture
def clinic(postgres: Server, clinic_database: str) -> Store:
    url = clinic_url(postgres.url(clinic_database))
    open_clinic(url).close()  # makes the schema
    return Store(clinic_engine(url), "clinic")


def test_people_are_kept_searched_and_erased_there_too(clinic: Store, tmp_path: Path) -> None:
    desk = Desk(clinic, "op-1", lambda: START_UTC_NS, lambda: 0)
    keyring = Keyring(b"s" * 32, Random(1).randbytes)
    with clinic:
        code = enter_client(desk, keyring, identity("Onename Quillword"))
        note_client(desk, keyring, code, "fear", "faints")
        assert load_names(clinic, keyring).codes("quill") == [code]
        enter_user(desk, "op-1", "User Example", ["practitioner"])
        assert load_user(clinic, "op-1", "2026-11-21T09:30:00.000000Z").name == "User Example"
        put(desk, b.MediaLot, lot="HA-1", medium="ME01", expires="2026-12-31")
        assert [lot.code for lot in lots_in_date(clinic, "2026-12-31")] == ["HA-1"]
        record(desk, STATION, b.UserLocked(user="op-1", locked=True))
        store_face(clinic, face(seconds=24.0))
        assert [row.id for row in page(clinic, Filters(text="7f3a chin", state="CLOSED")).rows] == [SESSION]
        assert erase_client(desk, keyring, tmp_path, code, "asked_by_client")
        assert load_client(clinic, keyring, code).identity is None
        assert len(load_events(clinic, client_stream(code))) == 3
        assert differences(clinic) == []
        listed = list_clients(clinic)
        rebuild(clinic)
        assert (differences(clinic), list_clients(clinic)) == ([], listed)
        with clinic.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM client_keys")).scalar() == 0


def test_the_search_finds_the_same_there(clinic: Store) -> None:
    with clinic:
        made = fill(clinic, 120)
        one = made[40]
        for filters in (
            Filters(),
            Filters(text=one.session.rpartition("-")[2].lower()),
            Filters(text="c-0001 f.ch"),
            Filters(text="OP-1 l1 s-20"),
            Filters(operator=one.operator, zone=one.zones[0], from_utc="2018", until_utc="2024"),
        ):
            found: list[str] = []
            here = page(clinic, filters, rows=7)
            while here.next:
                found += [row.id for row in here.rows]
                here = page(clinic, filters, here.next, rows=7)
            found += [row.id for row in here.rows]
            assert found == [session.session for session in reversed(made) if _fits(session, filters, _Nobody())]


class _Nobody:
    def codes(self, text: str) -> list[str]:
        return []
