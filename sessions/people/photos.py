"""Photographs: sealed files in the home folder, named by chance; on record are the sealed file's digest and what it shows. I/O.

The file's name, place and size tell nothing of whom or what it shows. A picture is read whole: 32 MiB at most.
"""

import contextlib
import hashlib
import json
import os
from pathlib import Path

from sqlalchemy import Connection

from sessions.events import canonical
from sessions.people import bodies as b
from sessions.people.keys import Keyring, PeopleError
from sessions.people.register import Desk, client_stream, entry_within, next_number, record_within
from sessions.people.sealing import SealError, seal, seal_text, unseal, unseal_text
from sessions.store import Store

FOLDER = "photos"
MAX_BYTES = 32 << 20
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def add_photo(
    desk: Desk, keyring: Keyring, home: Path, client: str, picture: bytes, session: str, zone: str, taken: str
) -> b.PhotoAdded:
    """Seal a JPEG or PNG and put it on record. `taken`: before, after, follow_up. Raises PeopleError, StoreError.

    Refused without the client's consent to photographs.
    """
    media = next((media for start, media in _KINDS.items() if picture.startswith(start)), "")
    if not media or len(picture) > MAX_BYTES:
        raise PeopleError(f"a photograph is a JPEG or PNG file of at most {MAX_BYTES >> 20} MiB")
    photo = keyring.random(16).hex()
    stream = client_stream(client)
    written: Path | None = None
    try:
        with desk.store.writing() as connection:
            _require_consent(connection, client)
            key = keyring.load(connection, client)
            data = seal(key, _place(client, photo), picture, keyring.random)
            about = canonical({"media": media, "bytes": len(picture), "sha256": hashlib.sha256(picture).hexdigest()}).decode()
            sealed = seal_text(key, f"{stream}|photo|{next_number(connection, stream)}", about, keyring.random)
            told = {"photo": photo, "session": session, "zone": zone, "taken": taken, "sealed": sealed}
            digest = {"file_sha256": hashlib.sha256(data).hexdigest(), "file_bytes": len(data)}
            body = b.PhotoAdded.model_validate({**told, **digest})
            written = write_sealed(home, photo, data)  # before the commit: a row never names a file that is not there
            record_within(connection, desk, stream, body)
    except BaseException:
        if written is not None:
            written.unlink(missing_ok=True)
        raise
    return body


def open_photo(store: Store, keyring: Keyring, home: Path, client: str, body: b.PhotoAdded, number: int) -> tuple[bytes, str]:
    """The picture and its media type; `number` is that of the photo_added. Raises Erased, PeopleError."""
    with store.reading() as connection:
        key = keyring.load(connection, client)
    try:
        data = path_of(home, body.photo).read_bytes()
    except OSError as error:
        raise PeopleError(f"photograph {body.photo} of client {client} cannot be read: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != body.file_sha256:
        raise PeopleError(f"photograph {body.photo} of client {client} was changed after it was put on record")
    try:
        about = json.loads(unseal_text(key, f"{client_stream(client)}|photo|{number}", body.sealed))
        return unseal(key, _place(client, body.photo), data), str(about["media"])
    except SealError as error:
        raise PeopleError(str(error)) from None


def remove_photos(home: Path, photos: list[str]) -> None:
    """Remove sealed files whose key is gone; what a disk keeps of them stays sealed."""
    for photo in photos:
        with contextlib.suppress(OSError):
            path_of(home, photo).unlink()


def path_of(home: Path, photo: str) -> Path:
    """Where the sealed file of a photograph or a consent is."""
    return home / FOLDER / f"{photo}.sealed"


def write_sealed(home: Path, name: str, data: bytes) -> Path:
    """Put sealed bytes into a file of their own, on the disk on return. Raises PeopleError."""
    target = path_of(home, name)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PeopleError(f"{target}: the sealed file cannot be written: {error.strerror}") from None
    return target


def _require_consent(connection: Connection, client: str) -> None:
    found = entry_within(connection, "client", client)
    if found is None:
        raise PeopleError(f"no client {client!r} is on record")
    if not found.state.get("photo_consent"):
        raise PeopleError(f"client {client} has not agreed to photographs")


def _place(client: str, photo: str) -> str:
    return f"{client_stream(client)}|picture|{photo}"
