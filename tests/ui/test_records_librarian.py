"""The librarian: jobs in a thread, answers in the screen's, errors as answers, and nothing left behind."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sessions.store import CannotOpen
from ui.touch.records.librarian import Answer, Librarian, Ticket

WAIT_S = 20.0


class Shelf:
    """A store that only knows whether it is open."""

    def __init__(self) -> None:
        self.open = True

    def close(self) -> None:
        self.open = False


def until(library: Librarian, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        library.poll()
        time.sleep(0.001)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "librarian"]


@pytest.fixture
def library(tmp_path: Path) -> Any:
    made = Librarian(tmp_path, lambda _: Shelf())
    yield made
    made.close()
    assert threads() == [], "the thread ends with the screen"


def test_a_job_runs_in_another_thread_and_its_answer_comes_in_ours(library: Librarian) -> None:
    told: list[tuple[Answer, int]] = []
    here = threading.get_ident()
    library.ask(
        "one", lambda store, _: (store.open, threading.get_ident()), lambda answer: told.append((answer, threading.get_ident()))
    )
    assert library.waits("one")
    until(library, lambda: bool(told))
    (answer, where), *_ = told
    assert answer.value[0] is True
    assert answer.value[1] != here
    assert where == here
    assert not library.busy


def test_what_is_said_on_the_way_comes_before_the_end(library: Librarian) -> None:
    told: list[tuple[Any, bool]] = []

    def job(_store: Any, ticket: Ticket) -> int:
        ticket.tell(1)
        ticket.breathe()
        return 2

    library.ask("one", job, lambda answer: told.append((answer.value, answer.whole)))
    until(library, lambda: len(told) == 2)
    assert told == [(1, False), (2, True)]


def test_only_the_last_question_of_a_topic_is_answered_and_the_first_is_given_up(library: Librarian) -> None:
    told: list[Any] = []
    started, given_up = threading.Event(), threading.Event()

    def endless(_store: Any, ticket: Ticket) -> None:
        started.set()
        try:
            while True:
                ticket.breathe()
                time.sleep(0.001)
        finally:
            given_up.set()

    library.ask("list", endless, lambda answer: told.append("old"))
    assert started.wait(WAIT_S)
    library.ask("list", lambda *_: "new", lambda answer: told.append(answer.value))
    until(library, lambda: bool(told))
    assert told == ["new"]
    assert given_up.is_set()


def test_an_answer_that_lies_ready_is_not_handed_out_once_something_else_was_asked(library: Librarian) -> None:
    told: list[Any] = []
    done = threading.Event()
    library.ask("list", lambda *_: "old", lambda answer: told.append(answer.value))
    library.ask("other", lambda *_: done.set(), lambda answer: None)
    assert done.wait(WAIT_S), "one at a time: the first answer lies ready"
    library.ask("list", lambda *_: "new", lambda answer: told.append(answer.value))
    until(library, lambda: bool(told))
    until(library, lambda: not library.busy)
    assert told == ["new"]


def test_an_error_of_the_store_is_an_answer_and_the_next_question_tries_again(tmp_path: Path) -> None:
    tries: list[int] = []

    def open_store(_: Path) -> Shelf:
        tries.append(1)
        if len(tries) == 1:
            raise CannotOpen("records.sqlite: cannot be opened")
        return Shelf()

    library = Librarian(tmp_path, open_store)
    told: list[Answer] = []
    for _ in range(2):
        library.ask("list", lambda store, _: store.open, told.append)
        until(library, lambda: not library.busy)
    assert (told[0].kind, told[0].why) == ("CannotOpen", "records.sqlite: cannot be opened")
    assert (told[1].kind, told[1].value) == ("", True)
    library.close()


def test_any_other_error_is_raised_where_the_guard_sees_it(library: Librarian) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a mistake of ours")

    told: list[Answer] = []
    library.ask("list", broken, told.append)
    with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
        until(library, lambda: False)
    assert told == []
    library.ask("list", lambda *_: 3, told.append)
    until(library, lambda: bool(told))
    assert told[0].value == 3, "it lives on"


def test_the_store_is_closed_and_turns_are_usual_again(tmp_path: Path) -> None:
    shelf, usual, meanwhile = Shelf(), sys.getswitchinterval(), []
    library = Librarian(tmp_path, lambda _: shelf)
    told: list[Answer] = []
    library.ask("list", lambda *_: meanwhile.append(sys.getswitchinterval()), told.append)
    until(library, lambda: bool(told))
    library.close()
    assert not shelf.open
    assert meanwhile[0] < usual == sys.getswitchinterval()
    assert threads() == []
