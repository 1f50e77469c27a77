"""The list and its search: the right sessions, page by page, and never by walking a big table from end to end."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from benchmarks.record_data import Made, fill, sessions_made
from sessions import finding
from sessions.listing import Cursor, Filters, NameIndex, day_span, page
from sessions.people.names import Names
from sessions.reading import count_sessions
from sessions.store import Store, open_store
from sessions.store.keys import opened_keys
from sessions.store.writing import Writer
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, face, store_face
from tests.sessions.face_plan import opened

SMALL, LARGE = 400, 6000
NAMES = Names([("c-00003", "Adaword Birnword"), ("c-00007", "Adamword Coleword"), ("c-00009", "Bertaword van Adaword")])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Made]]]:
    with open_store(tmp_path_factory.mktemp("small")) as store:
        yield store, fill(store, SMALL)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Made]]]:
    with open_store(tmp_path_factory.mktemp("large")) as store:
        yield store, fill(store, LARGE)


def _fits(session: Made, filters: Filters, names: NameIndex) -> bool:
    """The same in the plainest way."""
    whole = {"client": session.client, "operator": session.operator, "pen": session.pen, "state": session.state}
    whole |= {"cartridge": session.cartridge, "lot": session.lot}
    chosen = {name: getattr(filters, name) for name in whole}
    if any(value and value != whole[name] for name, value in chosen.items()):
        return False
    if filters.zone and filters.zone not in session.zones:
        return False
    if (filters.from_utc and session.opened_utc < filters.from_utc) or (
        filters.until_utc and session.opened_utc >= filters.until_utc
    ):
        return False
    return all(_has(session, word, names) for word in filters.text.split())


def _has(session: Made, word: str, names: NameIndex) -> bool:
    folded = word.lower()
    inside = (session.client, session.operator, session.pen, *session.zones)
    tail = len(folded) >= 3 and session.session.rpartition("-")[2].lower().startswith(folded)
    begins = any(whole.lower().startswith(folded) for whole in (session.cartridge, session.lot))
    own = session.session.startswith((word, word.upper()))
    return any(folded in code.lower() for code in inside) or tail or begins or own or session.client in names.codes(word)


def _all(store: Store, filters: Filters, rows: int) -> list[str]:
    """Every page, one after the other."""
    found: list[str] = []
    after: Cursor | None = None
    while True:
        one = page(store, filters, after, rows, NAMES)
        found += [row.id for row in one.rows]
        if one.next is None:
            return found
        assert len(one.rows) == rows
        after = one.next


_WORDS = ["ada", "birn", "op-1", "OP-", "c-000", "c-00017", "cheek", "f.", "pen-00002", "0", "l17", "9", "s-2019", "x%"]
_text = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join)
_one_of = {
    "client": ["c-00003", "c-00017", "c-9"],
    "operator": ["op-1", "op-2"],
    "pen": ["PEN-00001", "PEN-00002"],
    "zone": ["F.CHIN", "B.CHEEK.L"],
    "state": ["OPEN", "CLOSED", "INTERRUPTED"],
    "from_utc": ["2018-05", "2026-11-20", "2030"],
    "until_utc": ["2018-06", "2024-01-01", "2016"],
}
_whole = {name: st.sampled_from(values) for name, values in _one_of.items()}
_filters = st.one_of(
    st.fixed_dictionaries({"text": st.sampled_from(_WORDS)}),
    st.fixed_dictionaries({"text": _text}),
    st.fixed_dictionaries({"text": _text}, optional=_whole),
    st.fixed_dictionaries({}, optional=_whole),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=_filters, rows=st.sampled_from([23, 100, 500]), few=st.sampled_from([20, 2000]), many=st.sampled_from([25, 400]))
def test_pages_put_together_are_what_the_plainest_search_finds(
    made: tuple[Store, list[Made]], monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any], rows: int, few: int, many: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    store, sessions = made
    filters = Filters(**chosen)
    # beginnings of cartridges and lots that more than MANY_VALUES have are not looked up; here none of that many is asked for
    monkeypatch.setattr(finding, "MANY_VALUES", 400 if re.search(r"\b[90]\b|\bl17", filters.text) else many)
    expected = [session.session for session in reversed(sessions) if _fits(session, filters, NAMES)]
    assert _all(store, filters, rows) == expected


def test_each_word_and_filter_finds_what_it_names(made: tuple[Store, list[Made]]) -> None:
    store, sessions = made
    one = sessions[123]
    tail = one.session.rpartition("-")[2]
    for filters in (
        Filters(text=one.session),
        Filters(text=tail.lower()),
        Filters(text=one.cartridge[:6].upper()),
        Filters(cartridge=one.cartridge),
        Filters(client=one.client, operator=one.operator, zone=one.zones[0], from_utc=one.opened_utc[:10]),
    ):
        assert one.session in [row.id for row in page(store, filters, rows=500).rows], filters
    assert page(store, Filters(text="nowhere")).rows == []
    assert page(store, Filters(text="%")).rows == [], "signs of the database's own have no meaning"
    assert {row.client for row in page(store, Filters(text="birn"), names=NAMES).rows} == {"c-00003"}
    assert page(store, Filters(text="birn")).rows == [], "without names nothing is found by name"


def test_a_session_in_progress_is_found_as_open_until_it_ends(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store_face(store, face(seconds=24.0, end=False))
        assert [(row.id, row.passes > 0) for row in page(store, Filters(state="OPEN")).rows] == [(SESSION, True)]
        Writer(store).close_open("", "recorder gone", START_UTC_NS, START_MONO_NS)
        assert page(store, Filters(state="OPEN")).rows == []
        assert [row.id for row in page(store, Filters(state="INTERRUPTED", text="p-01")).rows] == [SESSION]
        assert count_sessions(store) == 1


def test_what_a_session_has_not_is_no_key() -> None:
    body = opened()
    without = body.model_copy(update={"cartridge": body.cartridge.model_copy(update={"present": False})})
    facets = [row["facet"] for row in opened_keys("S-1", "2026", without)]
    assert not {"cartridge", "lot"} & set(facets)
    assert facets.count("zone") == len(body.zones)
    nobody = body.model_copy(update={"client": ""})
    assert "client" not in [row["facet"] for row in opened_keys("S-1", "2026", nobody)]


def test_a_new_session_does_not_shift_the_next_page(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 20)
        first = page(store, rows=5)
        told = face(seconds=24.0)
        store_face(store, told)
        second = page(store, after=first.next, rows=5)
        ids = [row.id for row in (*first.rows, *second.rows)]
        assert len(set(ids)) == 10
        assert SESSION not in ids
        assert page(store, rows=1).rows[0].id == SESSION or page(store, rows=25).rows[-1].id != SESSION


def test_a_page_is_held_to_its_bounds(large: tuple[Store, list[Made]]) -> None:
    store, _ = large
    assert len(page(store, rows=0).rows) == 1
    assert len(page(store, rows=10_000).rows) == 500


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 21), 24)])
def test_a_day_is_the_clinics_own(day: date, hours: int) -> None:
    begin, end = day_span(day, ZoneInfo("Europe/Berlin"))
    assert begin.endswith((":00:00.000000Z",))
    assert (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() == hours * 3600


# What people search for; each must cost about the same in a store of six thousand sessions as in one of four hundred.
SEARCHES = [
    Filters(),
    Filters(text="c-00017"),
    Filters(text="c-000"),
    Filters(text="cheek"),
    Filters(text="op-1 f.chin"),
    Filters(text="s-2019"),
    Filters(text="3f7"),
    Filters(text="nothing"),
    Filters(text="ada chin"),
    Filters(state="OPEN"),
    Filters(state="INTERRUPTED", zone="F.CHIN"),
    Filters(client="c-00100", operator="op-1"),
    Filters(pen="PEN-00001", zone="F.CHIN", operator="op-3", until_utc="2018-01-01"),
]


@pytest.mark.parametrize("filters", SEARCHES, ids=str)
def test_no_search_walks_a_big_table(large: tuple[Store, list[Made]], filters: Filters) -> None:
    store, _ = large
    told = _statements(store, filters)
    for statement, parameters in told:
        for line in _plan(store, statement, parameters):
            scan = re.match(r"SCAN (\S+)", line)
            if scan is None or scan[1] in ("anon_1", "anon_2", "few", "found"):
                continue
            # in order of time, until the page is full
            in_time = line.endswith("USING COVERING INDEX sessions_by_time")
            assert in_time or not re.match(r"SCAN (sessions|session_keys|closures|events|key_values|own|held)", line), (
                line,
                statement,
            )


@pytest.mark.parametrize("filters", SEARCHES, ids=str)
def test_a_search_takes_no_more_steps_in_a_store_fifteen_times_as_large(
    made: tuple[Store, list[Made]], large: tuple[Store, list[Made]], filters: Filters
) -> None:
    """Steps of SQLite's own machine, in hundreds: a count, not a time."""
    small_steps, large_steps = _steps(made[0], filters), _steps(large[0], filters)
    walk = LARGE * 18 // 100  # one step for each of the keys there are
    assert large_steps < max(4 * small_steps, walk)


@pytest.mark.parametrize("far", [100, 3000, 5900])
def test_a_page_far_back_costs_what_the_first_costs(large: tuple[Store, list[Made]], far: int) -> None:
    store, sessions = large
    last = sessions[-far]
    there = Cursor(last.opened_utc, last.session)
    assert _steps(store, Filters(), there) <= 1.2 * _steps(store, Filters()) + 5


def _statements(store: Store, filters: Filters) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        told.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", hear)
    try:
        page(store, filters, names=NAMES)
    finally:
        event.remove(store.engine, "before_cursor_execute", hear)
    return [(statement, parameters) for statement, parameters in told if statement.startswith("SELECT")]


def _plan(store: Store, statement: str, parameters: Sequence[Any]) -> list[str]:
    with store.reading() as connection:
        return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def _steps(store: Store, filters: Filters, after: Cursor | None = None) -> int:
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    def on_checkout(driver: sqlite3.Connection, _record: Any, _proxy: Any) -> None:
        driver.set_progress_handler(tick, 100)

    event.listen(store.engine, "checkout", on_checkout)
    try:
        page(store, filters, after, names=NAMES)
    finally:
        event.remove(store.engine, "checkout", on_checkout)
        with store.reading() as connection:
            assert connection.connection.driver_connection is not None
            connection.connection.driver_connection.set_progress_handler(None, 0)
    return count


def test_names_are_found_by_the_beginning_of_any_word() -> None:
    assert set(NAMES.codes("ada")) == {"c-00003", "c-00007", "c-00009"}
    assert NAMES.codes("BERTAWORD van") == ["c-00009"]
    assert NAMES.codes("birnword") == ["c-00003"]
    assert NAMES.codes("") == NAMES.codes("irn") == []
    assert "Ada" not in repr(NAMES)


def test_made_sessions_are_the_same_every_time() -> None:
    first, second = list(sessions_made(50)), list(sessions_made(50))
    assert first == second
    assert all(a.opened_utc < b.opened_utc for a, b in pairwise(first))
    assert replace(first[0], state="CLOSED") == replace(second[0], state="CLOSED")
