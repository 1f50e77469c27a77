"""A connection that does not wait for ever: a server that has fallen silent, or whose answers no longer arrive, ends it.

The system notices a cable that is out, for then nobody acknowledges (`tcp_user_timeout`). It does not notice where something on
the way still does, such as a pool or a firewall that forgot the connection, nor a server that hangs. I/O: the driver's own.
"""

import time
from collections.abc import Callable, Generator
from typing import Any

import psycopg


class Silent(psycopg.OperationalError):
    """Nothing was heard for too long, and the connection was given up."""


def patient(silence_s: float, clock_s: Callable[[], float] = time.monotonic) -> type[psycopg.Connection[Any]]:
    """The driver's connection, ended with `Silent` when an answer is awaited and nothing moves for `silence_s`."""

    class Patient(psycopg.Connection[Any]):
        def wait(self, gen: Any, *arguments: Any, **more: Any) -> Any:
            try:
                return super().wait(_bounded(gen, silence_s, clock_s), *arguments, **more)
            except Silent:
                self.close()  # here only: nobody may wait for it again, not even to roll back
                raise

    return Patient


def _bounded(gen: Generator[Any, Any, Any], silence_s: float, clock_s: Callable[[], float]) -> Generator[Any, Any, Any]:
    """`gen`, which asks for the socket and is sent what it is ready for; nothing for each time that it was not."""
    heard_s = clock_s()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            now_s = clock_s()
            if ready:
                heard_s = now_s
            elif now_s - heard_s >= silence_s:
                gen.close()
                raise Silent(f"no answer for {silence_s:g} s")
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value
