"""Clients' keys: each random, wrapped by the station's key, in a table of their own whose rows may be destroyed. I/O.

The station's key is a file of mode 0600 in the home folder; a kiosk has no keyring that is open. Who has the database without
that file reads no name, and who has both reads all but those erased.
"""

import os
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from sessions.keyfile import KeyFileError, load_or_make_secret, load_secret
from sessions.people.sealing import KEY_BYTES, Random, SealError, derive, key_id, seal, unseal
from sessions.store import Store, StoreError
from sessions.store.models import ClientKeyRow

SECRET_NAME = "people.key"


class PeopleError(StoreError):
    """Something about people cannot be done: one plain sentence that names codes only."""


class Erased(PeopleError):
    """The client's key was destroyed."""

    def __init__(self, client: str) -> None:
        super().__init__(f"client {client} was erased: what was sealed can never be read again")


class Keyring:
    """What the station's secret is good for. Holds it in memory, and never shows it."""

    def __init__(self, secret: bytes, random: Random = os.urandom) -> None:
        self._wrapping = derive(secret, "client keys")
        self.pin_pepper = derive(secret, "pins")
        self.id = key_id(self._wrapping)
        self.random = random

    def __repr__(self) -> str:
        return f"<Keyring {self.id}>"

    def make(self, connection: Connection, client: str) -> bytes:
        """A new key for `client`, on record wrapped."""
        key = self.random(KEY_BYTES)
        wrapped = seal(self._wrapping, _place(client), key, self.random)
        connection.execute(insert(ClientKeyRow), [{"client": client, "wrapped": wrapped, "wrapped_by": self.id}])
        return key

    def load(self, connection: Connection, client: str) -> bytes:
        """The key of `client`. Raises Erased, PeopleError when another station's key wrapped it."""
        row = connection.execute(select(ClientKeyRow.__table__).where(ClientKeyRow.client == client)).first()
        if row is None:
            raise Erased(client)
        if row.wrapped_by != self.id:
            raise PeopleError(f"client {client}: the key was wrapped by station key {row.wrapped_by}, here is {self.id}")
        try:
            return unseal(self._wrapping, _place(client), row.wrapped)
        except SealError as error:
            raise PeopleError(str(error)) from None

    def load_all(self, connection: Connection) -> dict[str, bytes]:
        """The keys of all clients that this station's key wrapped."""
        rows = connection.execute(select(ClientKeyRow.__table__).where(ClientKeyRow.wrapped_by == self.id)).all()
        return {row.client: unseal(self._wrapping, _place(row.client), row.wrapped) for row in rows}


def destroy(connection: Connection, client: str) -> bool:
    """Remove the key of `client`; False when there was none. Final once the transaction is committed.

    SQLite fills the row's place with zeros (`secure_delete`); older pages in its log go with `clients.settle`.
    """
    return connection.execute(delete(ClientKeyRow).where(ClientKeyRow.client == client)).rowcount > 0


def open_keyring(store: Store, home: Path, random: Random = os.urandom) -> Keyring:
    """The station's keyring; made when nothing was ever sealed here. Raises PeopleError.

    A missing file is not replaced while keys of clients wait for it: a new one could open none of them.
    """
    path = home / SECRET_NAME
    try:
        with store.reading() as connection:
            waiting = connection.execute(select(ClientKeyRow.client).limit(1)).first() is not None
        return Keyring(load_secret(path, KEY_BYTES) if waiting else load_or_make_secret(path, KEY_BYTES, random), random)
    except KeyFileError as error:
        raise PeopleError(str(error)) from None


def _place(client: str) -> str:
    return f"client key|{client}"
