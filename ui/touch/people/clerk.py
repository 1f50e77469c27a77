"""Asks the librarian for what concerns people: each job gets desk, keyring and home, in the librarian's thread. I/O."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sessions.people.keys import Keyring
    from sessions.people.register import Desk
    from ui.touch.records.librarian import Answer

STORE_FILE = "records.sqlite"
Clock = Callable[[], int]


@dataclass(frozen=True)
class Office:
    """What a job works with. The desk's actor is who is told to have done it."""

    desk: Desk
    keyring: Keyring
    home: Path


Job = Callable[[Office], Any]
Done = Callable[["Answer"], None]


class Fetcher(Protocol):
    """What is needed of the librarian."""

    def ask(self, topic: str, job: Callable[[Any, Any], Any], done: Done) -> None:
        """Do it in the thread."""

    def poll(self) -> None:
        """Hand out what is ready."""

    def close(self) -> None:
        """Give up."""


class ClerkFailed(Exception):
    """A job failed as it should not: the kind of error and its lines, never its words, which may name somebody."""


class Clerk:
    """`ask` from the screen's thread; `poll` there once a frame. Clocks are wall and monotonic nanoseconds."""

    def __init__(self, fetcher: Fetcher, home: Path, utc_ns: Clock, mono_ns: Clock) -> None:
        self._fetcher, self._home = fetcher, home
        self.utc_ns, self._mono_ns = utc_ns, mono_ns

    def has_records(self) -> bool:
        """Whether anything was ever put on record here: what is not there names nobody, and is not made by asking."""
        return (self._home / STORE_FILE).exists()

    def ask(self, topic: str, actor: str, job: Job, done: Done) -> None:
        """Do `job` as `actor`; its answer goes to `done`. What was asked before under the same topic is dropped."""
        self._fetcher.ask(topic, lambda store, _ticket: self._work(store, actor, job), done)

    def poll(self) -> None:
        """Hand out the answers that are ready."""
        self._fetcher.poll()

    def close(self) -> None:
        """The screen ends."""
        self._fetcher.close()

    def _work(self, store: Any, actor: str, job: Job) -> Any:
        from sessions.people.keys import open_keyring
        from sessions.people.register import Desk
        from sessions.store import StoreError

        try:
            office = Office(Desk(store, actor, self.utc_ns, self._mono_ns), open_keyring(store, self._home), self._home)
            return job(office)
        except StoreError:
            raise
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
            raise ClerkFailed(f"{type(error).__name__} at {lines}") from None
