"""Reads the record in a thread of its own, so that the frame tick never waits for a disk. I/O.

The interpreter is shared with the thread: while it works it asks for the interpreter's turn to change every half
millisecond instead of every five, so that a frame is not held up by the few steps that numpy and SQLite do not free.
"""

import gc
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TURN_S = 0.0005
USUAL_S = sys.getswitchinterval()
Job = Callable[[Any, "Ticket"], Any]  # (store, ticket) -> value
Done = Callable[["Answer"], None]


class Dropped(Exception):
    """Nobody waits for this job any more."""


@dataclass(frozen=True)
class Answer:
    """What a job gave, or why it could not: `kind` is the error's class name, "" when there is none.

    `whole` is False while the job goes on and has more to say.
    """

    value: Any = None
    kind: str = ""
    why: str = ""
    whole: bool = True


class Ticket:
    """A job's side of being asked. Any may be used without anybody waiting: in a test, a command."""

    def __init__(self, wanted: Callable[[], bool] = lambda: True, tell: Callable[[Any], None] = lambda _: None) -> None:
        self._wanted = wanted
        self.tell = tell  # say something before the end

    def breathe(self) -> None:
        """Between two steps. Raises Dropped when nobody waits any more."""
        if not self._wanted():
            raise Dropped


@dataclass
class _Task:
    topic: str
    job: Job
    done: Done
    wanted: bool = True


class Librarian:
    """`ask` from the screen's thread; `poll` there, once a frame, hands out what is ready. One job at a time, in order.

    The store is opened by the first job and stays open until `close`. An error of the store is an answer, never an exception
    in the screen; any other exception is raised again by `poll`, where the guard sees it.
    """

    def __init__(self, home: Path, open_store: Callable[[Path], Any] | None = None) -> None:
        self._home, self._open = home, open_store or _open_store
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[tuple[_Task, Answer]] = queue.SimpleQueue()
        self._waiting: dict[str, _Task] = {}
        self._thread: threading.Thread | None = None

    def ask(self, topic: str, job: Job, done: Done) -> None:
        """Do `job` and call `done` with its answer from `poll`. What was asked before under the same `topic` is dropped."""
        self.drop(topic)
        task = _Task(topic, job, done)
        self._waiting[topic] = task
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="librarian", daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def drop(self, topic: str) -> None:
        """Nobody waits for `topic` any more."""
        task = self._waiting.pop(topic, None)
        if task is not None:
            task.wanted = False

    def waits(self, topic: str) -> bool:
        """Whether an answer to `topic` is still to come."""
        return topic in self._waiting

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._waiting)

    def poll(self) -> None:
        """Hand out the answers that are ready."""
        while True:
            try:
                task, answer = self._ready.get_nowait()
            except queue.Empty:
                return
            if self._waiting.get(task.topic) is not task:
                continue
            if answer.whole:
                del self._waiting[task.topic]
            if isinstance(answer.value, _Failure):
                raise answer.value.error
            task.done(answer)

    def close(self, wait_s: float = 5.0) -> None:
        """Give up what is under way and close the store."""
        for topic in list(self._waiting):
            self.drop(topic)
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join(wait_s)
            self._thread = None

    def _work(self) -> None:
        store: Any = None
        try:
            while (task := self._tasks.get()) is not None:
                if not task.wanted:
                    continue
                sys.setswitchinterval(TURN_S)
                try:
                    if store is None:
                        store = self._open(self._home)
                        gc.freeze()  # what the libraries brought is here to stay: looking through it is a frame of 80 ms
                    self._ready.put((task, Answer(task.job(store, self._ticket(task)))))
                except Dropped:
                    continue
                except Exception as error:
                    told = Answer(None, type(error).__name__, str(error)) if _of_store(error) else Answer(_Failure(error))
                    self._ready.put((task, told))
                finally:
                    sys.setswitchinterval(USUAL_S)
        finally:
            if store is not None:
                store.close()

    def _ticket(self, task: _Task) -> Ticket:
        return Ticket(lambda: task.wanted, lambda value: self._ready.put((task, Answer(value, whole=False))))


class NoStore:
    """For a thread that reads folders, drawings or modules only."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class _Failure:
    error: Exception


def _of_store(error: Exception) -> bool:
    """Asked without loading the store's library: where none has been loaded, none of its errors was raised."""
    errors = sys.modules.get("sessions.store.errors")
    return errors is not None and isinstance(error, errors.StoreError)


def _open_store(home: Path) -> Any:
    from sessions.store import open_store

    return open_store(home)
