"""A backup is of one moment, whole, for its user only, and brings nobody back who was erased."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions import backup
from sessions.audit import verify
from sessions.backup import back_up
from sessions.people.clients import enter_client, erase_client, identity, load_client
from sessions.people.keys import SECRET_NAME, Erased
from sessions.people.names import load_names
from sessions.reading import load_events
from sessions.store import FILE_NAME, Damaged, StoreError, open_store
from sessions.store.writing import Writer
from tests.sessions.face import SESSION, face, store_face
from tests.sessions.office import Office, office


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "home") as found:
        enter_client(found.desk, found.keyring, identity("Onename Quillword"))
        store_face(found.store, face(seconds=24.0))
        yield found


def _restored(tmp_path: Path, file: Path, *others: Path) -> Path:
    home = tmp_path / "restored"
    home.mkdir()
    (home / FILE_NAME).write_bytes(file.read_bytes())
    for other in others:
        (home / other.name).write_bytes(other.read_bytes())
        (home / other.name).chmod(0o600)
    return home


def test_a_backup_verifies_and_names_nobody(here: Office, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = back_up(here.home, tmp_path / "b.sqlite", progress=lambda done, total: told.append((done, total)))
    assert made.rows["events"] == len(face(seconds=24.0).events) + 1
    assert (made.client_keys, made.size) == (0, (tmp_path / "b.sqlite").stat().st_size)
    assert told
    assert told[-1][0] == told[-1][1] > 0
    assert (tmp_path / "b.sqlite").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.sqlite", "home"], "nothing beside it"
    with office(_restored(tmp_path, made.file, here.home / SECRET_NAME)) as back:
        assert verify(back.store, SESSION).holds
        assert load_events(back.store, SESSION) == load_events(here.store, SESSION)
        assert load_names(back.store, back.keyring).codes("onename") == []
        assert load_client(back.store, back.keyring, "c-0001").identity is None


def test_no_byte_of_a_key_is_left_in_a_backup(here: Office, tmp_path: Path) -> None:
    with here.store.reading() as connection:
        wrapped = [bytes(row[0]) for row in connection.exec_driver_sql("SELECT wrapped FROM client_keys")]
    with_keys = back_up(here.home, tmp_path / "with.sqlite", with_keys=True).file.read_bytes()
    without = back_up(here.home, tmp_path / "without.sqlite").file.read_bytes()
    assert all(key in with_keys for key in wrapped)
    assert not any(key[12:] in without for key in wrapped)
    assert (here.home / SECRET_NAME).read_bytes() not in with_keys


def test_with_keys_the_names_come_back_also_of_who_was_erased_since(here: Office, tmp_path: Path) -> None:
    """What the documentation warns of."""
    made = back_up(here.home, tmp_path / "b.sqlite", with_keys=True)
    erase_client(here.desk, here.keyring, here.home, "c-0001", "asked_by_client")
    with office(_restored(tmp_path, made.file, here.home / SECRET_NAME)) as back:
        assert load_names(back.store, back.keyring).codes("onename") == ["c-0001"]
    later = back_up(here.home, tmp_path / "later.sqlite", with_keys=True)
    assert later.client_keys == 0
    with pytest.raises(Erased), here.store.reading() as connection:
        here.keyring.load(connection, "c-0001")


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_PAGES", 8)
    writer, steps = Writer(here.store), []

    def record_meanwhile(done: int, total: int) -> None:
        steps.append((done, total))
        told = face(f"S-{len(steps)}", seconds=24.0)
        assert all(outcome.on_record for outcome in writer.write(told.events))

    made = back_up(here.home, tmp_path / "b.sqlite", progress=record_meanwhile)
    assert len(steps) > 5
    assert len({total for _, total in steps}) == 1, "it was never begun anew"
    assert made.rows["sessions"] == 1
    with open_store(here.home) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1 + len(steps)


def test_nothing_is_replaced_and_nothing_is_left_when_it_fails(here: Office, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(StoreError, match="a backup replaces nothing"):
        back_up(here.home, tmp_path / "there")
    with pytest.raises(StoreError, match="no records to back up"):
        back_up(tmp_path / "nobody", tmp_path / "b.sqlite")
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(here.home, tmp_path / "no folder" / "b.sqlite")
    assert (tmp_path / "there").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "there"]


def test_a_copy_that_is_not_whole_is_no_backup(here: Office, tmp_path: Path) -> None:
    here.store.close()
    file = here.home / FILE_NAME
    database = sqlite3.connect(file)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sessions_by_time'").fetchone()[0]
    size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    data = bytearray(file.read_bytes())
    data[(root - 1) * size + 8 : root * size] = bytes(size - 8)  # an index page whose rows are gone
    file.write_bytes(data)
    with pytest.raises((StoreError, Damaged), match=r"not what it should be|damaged"):
        back_up(here.home, tmp_path / "b.sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
