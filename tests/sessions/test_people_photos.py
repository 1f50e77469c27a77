"""Photographs: sealed files that tell nothing, on record by what they are, never without consent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.people import bodies as b
from sessions.people.clients import consent_to_photos, enter_client, identity
from sessions.people.keys import PeopleError
from sessions.people.photos import add_photo, open_photo, path_of
from sessions.people.register import client_stream
from sessions.reading import load_events
from tests.sessions.office import PNG, Office, office

DIGEST = "5" * 64


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as found:
        yield found


def _enter(here: Office) -> str:
    return enter_client(here.desk, here.keyring, identity("Onename Quillword"))


def _photograph(here: Office, client: str) -> b.PhotoAdded:
    consent_to_photos(here.desk, here.keyring, client, True, "photo-2", DIGEST)
    return add_photo(here.desk, here.keyring, here.home, client, PNG, "S-1", "F.CHIN", "before")


def test_photographs_need_consent_and_come_back_unchanged(here: Office) -> None:
    code = _enter(here)
    with pytest.raises(PeopleError, match="has not agreed"):
        add_photo(here.desk, here.keyring, here.home, code, PNG, "S-1", "F.CHIN", "before")
    photo = _photograph(here, code)
    file = path_of(here.home, photo.photo)
    number = load_events(here.store, client_stream(code))[-1].event.number
    assert open_photo(here.store, here.keyring, here.home, code, photo, number) == (PNG, "image/png")
    assert b"PNG" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert code not in file.name
    with pytest.raises(PeopleError, match="JPEG or PNG"):
        add_photo(here.desk, here.keyring, here.home, code, b"GIF89a", "S-1", "F.CHIN", "before")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(PeopleError, match="was changed after"):
        open_photo(here.store, here.keyring, here.home, code, photo, number)
    consent_to_photos(here.desk, here.keyring, code, False, "photo-2", DIGEST)
    with pytest.raises(PeopleError, match="has not agreed"):
        add_photo(here.desk, here.keyring, here.home, code, PNG, "S-1", "F.CHIN", "after")


def test_a_photograph_that_cannot_be_put_on_record_leaves_no_file(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    code = _enter(here)
    _photograph(here, code)
    before = sorted(here.home.rglob("*.sealed"))
    with pytest.raises(ValueError, match="taken"):
        add_photo(here.desk, here.keyring, here.home, code, PNG, "S-1", "F.CHIN", "whenever")
    monkeypatch.setattr("sessions.people.photos.record_within", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_photo(here.desk, here.keyring, here.home, code, PNG, "S-1", "F.CHIN", "after")
    assert sorted(here.home.rglob("*.sealed")) == before
