"""A desk with a clock that stands until told, and a keyring of seeded bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from sessions.events import utc_text
from sessions.people.keys import Keyring, open_keyring
from sessions.people.register import Desk
from sessions.store import Store, open_store

START_S = 1_795_253_400  # 2026-11-21T09:30:00Z
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of nobody" * 40


class Office:
    """What the tests of people work with."""

    def __init__(self, store: Store, home: Path, seed: int = 1) -> None:
        self.store, self.home, self.now_s = store, home, float(START_S)
        self.random = Random(seed).randbytes
        self.keyring: Keyring = open_keyring(store, home, self.random)
        self.desk = Desk(store, "op-1", self._utc_ns, self._utc_ns)

    def _utc_ns(self) -> int:
        return round(self.now_s * 1e9)

    @property
    def now_utc(self) -> str:
        return utc_text(self._utc_ns())


@contextmanager
def office(home: Path, seed: int = 1) -> Iterator[Office]:
    """Opened on `home`, again and again as after a restart."""
    with open_store(home) as store:
        yield Office(store, home, seed)
