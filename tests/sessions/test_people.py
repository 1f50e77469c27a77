"""Clients: sealed with a key of their own, erased by destroying it, and the table of entries is nothing but the events."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from sessions.audit import verify
from sessions.people import bodies as b
from sessions.people import sealing
from sessions.people.clients import (
    change_client,
    consent_to_photos,
    enter_client,
    erase_client,
    identity,
    list_clients,
    load_client,
    note_client,
    report_adverse,
    settle,
)
from sessions.people.keys import SECRET_NAME, Erased, PeopleError, destroy
from sessions.people.names import load_names
from sessions.people.photos import add_photo, open_photo, path_of
from sessions.people.register import client_stream, differences, next_number, rebuild, record
from sessions.reading import load_events
from sessions.store import FILE_NAME, WriteRefused
from sessions.store.models import ClientKeyRow, EntryRow, MentionRow
from tests.sessions.face import face, store_face
from tests.sessions.office import PNG, Office, office

NAMED = identity("Onename  Quillword", "1980-02-03", "onename@quillword.example")
DIGEST = "5" * 64


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as found:
        yield found


def _enter(here: Office, code: str = "") -> str:
    return enter_client(here.desk, here.keyring, NAMED, code)


def _photograph(here: Office, client: str) -> b.PhotoAdded:
    consent_to_photos(here.desk, here.keyring, client, True, "photo-2", DIGEST)
    return add_photo(here.desk, here.keyring, here.home, client, PNG, "S-1", "F.CHIN", "before")


def test_what_is_entered_comes_back_and_the_old_stays_on_record(here: Office) -> None:
    code = _enter(here)
    assert code == "c-0001"
    note_client(here.desk, here.keyring, code, "allergy", "latex", "S-1")
    here.now_s += 60
    change_client(here.desk, here.keyring, code, identity("Onename Quill"), "marriage")
    report_adverse(here.desk, here.keyring, code, lambda sealed: _adverse("open", sealed), "swollen lip")
    client = load_client(here.store, here.keyring, code)
    assert client.identity is not None
    assert (client.identity.name, client.identity.born, client.status) == ("Onename Quill", "", "active")
    assert [(note.code, note.text, note.actor) for note in client.notes] == [("allergy", "latex", "op-1")]
    assert [event.effect for event in client.adverse] == ["AE01"]
    events = load_events(here.store, client_stream(code))
    assert [stored.event.kind for stored in events] == ["client_entered", "client_noted", "client_changed", "adverse_event"]
    assert verify(here.store, client_stream(code)).holds


def _adverse(status: str, sealed: str) -> b.AdverseEvent:
    return b.AdverseEvent.model_validate(
        {
            "report": "1",
            "session": "S-1",
            "effect": "AE01",
            "severity": "mild",
            "onset_utc": "2026-11-22T08:00:00.000000Z",
            "action": "observed",
            "status": status,
            "sealed": sealed,
        }
    )


def test_a_code_is_given_out_once_and_the_next_is_free(here: Office) -> None:
    assert [_enter(here), _enter(here, "c-0041"), _enter(here), _enter(here, "vip.7")] == ["c-0001", "c-0041", "c-0042", "vip.7"]
    with pytest.raises(PeopleError, match="c-0041 is on record already"):
        _enter(here, "c-0041")
    with pytest.raises(PeopleError, match="1 to 32 letters"):
        _enter(here, "Onename Quillword")
    assert len(list_clients(here.store)) == 4


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("  ",), "a name has"),
        (("x" * 201,), "a name has"),
        (("Q", "3.2.80"), "a birth date is"),
        (("Q", "", "c" * 401), "a contact has"),
    ],
)
def test_what_was_typed_is_in_no_error(told: tuple[str, ...], words: str) -> None:
    with pytest.raises(PeopleError, match=words) as caught:
        identity(*told)
    assert not any(part and part in str(caught.value) for part in told)


def test_a_sealed_text_opens_in_its_own_place_only(here: Office) -> None:
    first, second = _enter(here), _enter(here)
    with here.store.reading() as connection:
        key, other = here.keyring.load(connection, first), here.keyring.load(connection, second)
    sealed = sealing.seal_text(key, "client/c-0001|note|3", "latex", here.random)
    assert sealing.unseal_text(key, "client/c-0001|note|3", sealed) == "latex"
    for wrong_key, place in ((key, "client/c-0001|note|4"), (key, "client/c-0001|identity|3"), (other, "client/c-0001|note|3")):
        with pytest.raises(sealing.SealError):
            sealing.unseal_text(wrong_key, place, sealed)
    for broken in ("", "AA", "not base64!", sealed[:-8] + "AAAAAAA="):
        with pytest.raises(sealing.SealError):
            sealing.unseal_text(key, "client/c-0001|note|3", broken)


@given(st.text(max_size=300), st.text(max_size=300))
def test_sealed_texts_come_back_and_their_length_tells_little(one: str, other: str) -> None:
    sealed = [sealing.seal_text(b"k" * 32, "p", told, lambda size: b"n" * size) for told in (one, other)]
    assert [sealing.unseal_text(b"k" * 32, "p", text) for text in sealed] == [one, other]
    if (len(one.encode()) // 64) == (len(other.encode()) // 64):
        assert len(sealed[0]) == len(sealed[1])


def test_each_client_has_a_key_of_its_own_and_no_nonce_comes_twice(here: Office) -> None:
    for _ in range(20):
        _enter(here)
    with here.store.reading() as connection:
        keys = here.keyring.load_all(connection)
        wrapped = connection.execute(select(ClientKeyRow.wrapped)).scalars().all()
    assert len(set(keys.values())) == 20
    assert len({row[:12] for row in wrapped}) == 20
    sealed = [load_events(here.store, client_stream(code))[0].event.body["sealed"] for code in keys]
    assert len({text[:16] for text in sealed}) == 20


def test_an_erased_client_can_never_be_read_and_every_chain_holds(here: Office) -> None:
    code, other = _enter(here), _enter(here)
    note_client(here.desk, here.keyring, code, "allergy", "latex")
    photo = _photograph(here, code)
    with here.store.reading() as connection:
        key = here.keyring.load(connection, code)
        wrapped = connection.execute(select(ClientKeyRow.wrapped).where(ClientKeyRow.client == code)).scalar_one()
    before = load_events(here.store, client_stream(code))
    assert erase_client(here.desk, here.keyring, here.home, code, "asked_by_client")
    files = [path.read_bytes() for path in here.home.rglob("*") if path.is_file()]
    assert not any(wrapped in data or key in data for data in files), "neither in the file nor in its log"
    assert not path_of(here.home, photo.photo).exists()
    assert verify(here.store, client_stream(code)).holds
    after = load_events(here.store, client_stream(code))
    assert after[: len(before)] == before
    assert after[-1].event.body == {"reason": "asked_by_client", "photos": 1, "consents": 0}
    client = load_client(here.store, here.keyring, code)
    assert (client.status, client.identity, [note.text for note in client.notes]) == ("erased", None, [""])
    assert load_names(here.store, here.keyring).codes("onename") == [other]
    for attempt in (
        lambda: note_client(here.desk, here.keyring, code, "x", "y"),
        lambda: change_client(here.desk, here.keyring, code, NAMED),
        lambda: erase_client(here.desk, here.keyring, here.home, code, "asked_by_client"),
        lambda: open_photo(here.store, here.keyring, here.home, code, photo, 4),
    ):
        with pytest.raises(Erased):
            attempt()
    with pytest.raises(PeopleError, match="on record already"):
        _enter(here, code)
    load_client(here.store, here.keyring, other)


def test_no_page_keeps_a_destroyed_key_among_many(here: Office) -> None:
    """Rows move between pages as a table grows and shrinks; what they leave behind must go too."""
    with here.store.writing() as connection:
        for number in range(400):
            here.keyring.make(connection, f"c-{number * 7919 % 1000:04}")
        wrapped = dict(connection.execute(select(ClientKeyRow.client, ClientKeyRow.wrapped)).all())
    gone = sorted(wrapped)[::3]
    for client in gone:
        with here.store.writing() as connection:
            assert destroy(connection, client)
    assert settle(here.store)
    data = b"".join(path.read_bytes() for path in here.home.glob(f"{FILE_NAME}*"))
    assert [client for client in gone if wrapped[client] in data] == []
    assert all(wrapped[client] in data for client in set(wrapped) - set(gone)), "and the search would have found them"


def test_a_reader_elsewhere_is_told_of_when_the_log_cannot_be_emptied(here: Office) -> None:
    code = _enter(here)
    reader = sqlite3.connect(here.home / FILE_NAME, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    assert not erase_client(here.desk, here.keyring, here.home, code, "asked_by_client")
    with here.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000, "the short wait was for this only"
    reader.execute("COMMIT")
    reader.close()
    assert settle(here.store)


def test_the_database_without_the_key_file_reads_nothing_and_no_new_one_is_made(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        code = _enter(here)
    secret = (tmp_path / SECRET_NAME).read_bytes()
    (tmp_path / SECRET_NAME).unlink()
    with pytest.raises(PeopleError, match=r"people\.key: there is no such key file"), office(tmp_path):
        pass
    (tmp_path / SECRET_NAME).write_bytes(bytes(32))
    (tmp_path / SECRET_NAME).chmod(0o600)
    with office(tmp_path) as here, pytest.raises(PeopleError, match="wrapped by station key"):
        load_client(here.store, here.keyring, code)
    (tmp_path / SECRET_NAME).write_bytes(secret)
    with office(tmp_path) as here:
        assert load_client(here.store, here.keyring, code).identity == NAMED


def test_a_key_cannot_be_given_to_another_client(here: Office) -> None:
    first, second = _enter(here), _enter(here)
    with here.store.writing() as connection:
        wrapped = connection.execute(select(ClientKeyRow.wrapped).where(ClientKeyRow.client == first)).scalar_one()
        connection.execute(text("UPDATE client_keys SET wrapped = :w WHERE client = :c"), {"w": wrapped, "c": second})
    with pytest.raises(PeopleError, match="cannot be opened"):
        load_client(here.store, here.keyring, second)


def test_a_sealed_text_cannot_be_passed_off_as_a_later_one(here: Office) -> None:
    code = _enter(here)
    stream = client_stream(code)
    sealed = str(load_events(here.store, stream)[0].event.body["sealed"])
    record(here.desk, stream, b.ClientChanged(sealed=sealed))  # the old name, as if it were told anew
    with pytest.raises(sealing.SealError, match=r"client/c-0001\|identity\|2"):
        load_client(here.store, here.keyring, code)


def test_unknown_clients_are_named(here: Office) -> None:
    for attempt in (
        lambda: load_client(here.store, here.keyring, "c-9"),
        lambda: note_client(here.desk, here.keyring, "c-9", "x", "y"),
        lambda: erase_client(here.desk, here.keyring, here.home, "c-9", "asked_by_client"),
        lambda: add_photo(here.desk, here.keyring, here.home, "c-9", PNG, "S-1", "F.CHIN", "before"),
    ):
        with pytest.raises(PeopleError, match="no client 'c-9' is on record"):
            attempt()
    with here.store.writing() as connection:
        assert next_number(connection, client_stream("c-9")) == 1


def test_entries_are_the_fold_and_can_be_made_anew(here: Office) -> None:
    store_face(here.store, face(seconds=24.0))
    store_face(here.store, face("S-2", seconds=24.0, end=False))
    code, other = _enter(here), _enter(here)
    note_client(here.desk, here.keyring, code, "allergy", "latex")
    _photograph(here, code)
    erase_client(here.desk, here.keyring, here.home, other, "entered_by_mistake")
    assert differences(here.store) == []
    listed = list_clients(here.store)
    with here.store.writing() as connection:
        for sql in (
            "UPDATE entries SET status = 'erased' WHERE code = 'c-0001'",
            "DELETE FROM mentions WHERE subject = 'client/c-0002'",
            "DELETE FROM session_keys WHERE facet = 'zone' AND session = 'S-2'",
            "DELETE FROM key_values WHERE facet = 'zone' AND value = 'F.CHIN'",
        ):
            connection.execute(text(sql))
    assert differences(here.store) == ["S-2", "client/c-0001", "client/c-0002", "zone F.CHIN"]
    rebuild(here.store)
    assert differences(here.store) == []
    assert list_clients(here.store) == listed
    with here.store.reading() as connection:
        assert connection.execute(select(EntryRow.code).where(EntryRow.sort == "client")).scalars().all() == ["c-0001", "c-0002"]
        assert len(connection.execute(select(MentionRow.number)).all()) == 6


def test_an_event_and_its_entry_are_one_transaction(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    code = _enter(here)
    monkeypatch.setattr("sessions.people.register._put", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        note_client(here.desk, here.keyring, code, "allergy", "latex")
    monkeypatch.undo()
    assert len(load_events(here.store, client_stream(code))) == 1
    assert differences(here.store) == []


def test_a_stream_takes_its_own_kinds_only(here: Office) -> None:
    with pytest.raises(WriteRefused, match="signed_in"):
        record(here.desk, client_stream(_enter(here)), b.SignedIn(user="op-1"))
    with pytest.raises(WriteRefused, match="client_erased"):
        record(here.desk, "station", b.ClientErased(reason="asked_by_client", photos=0))
