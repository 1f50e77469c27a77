"""A client's photographs: what is on record, one of them as a picture, and a new one from a file. I/O, in the librarian's thread.

Pictures are decrypted in memory only, and shrunk to what a panel can show before they leave the thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PyQt6.QtGui import QImage, QImageReader

if TYPE_CHECKING:
    from sessions.store import Store
    from ui.touch.records.librarian import Ticket

LONGEST_PX = 1600
MOST_BYTES = 32 << 20
Taken = Literal["before", "after", "follow_up"]
TAKEN: tuple[Taken, ...] = ("before", "after", "follow_up")


@dataclass(frozen=True)
class Photo:
    """One photograph on record: `number` is that of its event in the client's stream."""

    photo: str
    number: int
    session: str
    zone: str
    taken: str
    utc: str
    removed: bool = False


@dataclass(frozen=True)
class Album:
    """All of a client's photographs, oldest first, and whether new ones are allowed."""

    client: str
    photos: tuple[Photo, ...]
    consent: bool


@dataclass(frozen=True)
class Picture:
    """One photograph to look at; `error` says why there is none."""

    photo: str
    image: QImage | None
    error: str = ""


def load_album(client: str) -> Callable[[Store, Ticket], Album]:
    """What is on record of the client's photographs."""

    def job(store: Store, _ticket: Ticket) -> Album:
        from sessions.people.bodies import ClientErased, PhotoAdded
        from sessions.people.register import entry, history

        found = entry(store, "client", client)
        if found is None:
            return Album(client, (), False)
        photos: list[Photo] = []
        for event, body in history(store, "client", client):
            if isinstance(body, PhotoAdded):
                photos.append(Photo(body.photo, event.number, body.session, body.zone, body.taken, event.utc))
            elif isinstance(body, ClientErased):
                photos = []
        return Album(client, tuple(photos), bool(found.state.get("photo_consent")))

    return job


def load_picture(home: Path, client: str, wanted: Photo) -> Callable[[Store, Ticket], Picture]:
    """Decrypt and decode one photograph. What cannot be had is told, not raised: the other one is still worth seeing."""

    def job(store: Store, _ticket: Ticket) -> Picture:
        from sessions.people.bodies import PhotoAdded
        from sessions.people.keys import PeopleError, open_keyring
        from sessions.people.photos import open_photo
        from sessions.people.register import history

        for event, body in history(store, "client", client):
            if isinstance(body, PhotoAdded) and event.number == wanted.number:
                try:
                    data, _ = open_photo(store, open_keyring(store, home), home, client, body, event.number)
                except PeopleError as error:
                    return Picture(wanted.photo, None, str(error))
                image = decode(data)
                return Picture(wanted.photo, image, "" if image is not None else "this file is no picture")
        return Picture(wanted.photo, None, "it is not on record")

    return job


def import_photo(
    home: Path, client: str, session: str, taken: Taken, path: Path, clocks: tuple[Callable[[], int], Callable[[], int]]
) -> Callable[[Store, Ticket], Album]:
    """Seal the file and put it on record; `clocks` are wall and monotonic ns. The file itself stays where it is.

    Raises PeopleError (a StoreError): no consent, no JPEG or PNG, too large, cannot be read.
    """

    def job(store: Store, ticket: Ticket) -> Album:
        from sessions.people.keys import PeopleError, open_keyring
        from sessions.people.photos import add_photo
        from sessions.people.register import Desk

        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise PeopleError(f"{path.name} cannot be read: {error.strerror}") from None
        if decode(data) is None:
            raise PeopleError(f"{path.name} is no picture that can be shown; allowed are JPEG and PNG")
        desk = Desk(store, "screen", *clocks)
        add_photo(desk, open_keyring(store, home), home, client, data, session, "", taken)
        return load_album(client)(store, ticket)

    return job


def decode(data: bytes) -> QImage | None:
    """The picture, upright, its longer side at most 1600 pixels; None when it is none. It is shrunk while it is decoded."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if max(size.width(), size.height()) > LONGEST_PX:
        reader.setScaledSize(size.scaled(QSize(LONGEST_PX, LONGEST_PX), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


def pair_of(album: Album, session: str) -> tuple[int | None, int | None]:
    """Which two to show first: the session's first "before" beside its last "after", else what comes next to that."""
    numbers = range(len(album.photos))
    own = [at for at in numbers if album.photos[at].session == session]
    before = [at for at in own if album.photos[at].taken == "before"] or [
        at for at in numbers if album.photos[at].taken == "before"
    ]
    after = [at for at in own if album.photos[at].taken != "before"] or [
        at for at in numbers if album.photos[at].taken != "before"
    ]
    return (before[0] if before else None), (after[-1] if after else None)
