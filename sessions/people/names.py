"""Finds clients by name: the names opened once and held in memory, by the words they begin with. Nothing is written."""

from bisect import bisect_left
from collections.abc import Iterable

from sqlalchemy import select

from sessions.people.clients import Identity, place
from sessions.people.entries import ACTIVE
from sessions.people.keys import Keyring
from sessions.people.register import client_stream, state_of
from sessions.people.sealing import SealError, unseal_text
from sessions.store import Store
from sessions.store.models import EntryRow

MOST = 800  # codes that one search may give


class Names:
    """An index over names; fits `sessions.listing.NameIndex`. Make it anew after a client was entered, changed or erased."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._words = sorted({(word.casefold(), code) for code, name in named for word in [*name.split(), name]})

    def __repr__(self) -> str:
        return f"<Names {len(self._words)} words>"

    def codes(self, text: str) -> list[str]:
        """Codes of clients of whose name a word, or the whole name, begins with `text`; at most 800, none for no text."""
        wanted = " ".join(text.split()).casefold()
        found: dict[str, None] = {}
        at = bisect_left(self._words, (wanted, ""))
        while wanted and at < len(self._words) and self._words[at][0].startswith(wanted) and len(found) < MOST:
            found[self._words[at][1]] = None
            at += 1
        return list(found)


def load_names(store: Store, keyring: Keyring) -> Names:
    """The names of all clients that are not erased. A name that cannot be opened is left out. Raises StoreError."""
    query = select(EntryRow.code, EntryRow.state).where(EntryRow.sort == "client", EntryRow.status == ACTIVE)
    with store.reading() as connection:
        keys = keyring.load_all(connection)
        rows = connection.execute(query).all()
    named: list[tuple[str, str]] = []
    for code, state in rows:
        told = state_of(state)
        try:
            text = unseal_text(keys[code], place(client_stream(code), "identity", told["at"]), told["sealed"])
        except (KeyError, SealError):
            continue
        named.append((code, Identity.model_validate_json(text).name))
    return Names(named)
