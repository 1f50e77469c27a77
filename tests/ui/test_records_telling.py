"""Records in words: days, rows, events, verification, courses, searches, folders."""

import os
from datetime import UTC, date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.audit import Verdict
from sessions.facts import gather
from sessions.reading import SessionListing
from sessions.signing import Standing
from tests.ui.records_store import bare, whole, write
from ui.touch.records.course import Course, Visit, by_zone, load_course
from ui.touch.records.folders import list_folder, list_places, mounts_in
from ui.touch.records.librarian import Ticket
from ui.touch.records.query import Query, read_query
from ui.touch.records.record import Record, record_of
from ui.touch.records.telling import (
    DayHead,
    SessionRow,
    clock_text,
    event_lines,
    event_texts,
    fact_rows,
    head_texts,
    list_items,
    map_at,
    total_rows,
    verdict_texts,
)
from ui.touch.words import load_words

WORDS = load_words()


@pytest.fixture(scope="module")
def record() -> Record:
    told = whole(seconds=16)
    return record_of(gather(told.stream, told.events, told.events[-1].number, 16_000, 0), told.events)


def listing(number: int, utc: str, **more: object) -> SessionListing:
    values = {
        "closed_utc": "", "state": "CLOSED", "client": "C-0001", "operator": "P-01", "zones": 8, "passes": 17, "alarms": 0,
        "simulated": False, "resumed_from": "",
    } | more  # fmt: skip
    return SessionListing(id=f"S-{number}", opened_utc=utc, **values)  # type: ignore[arg-type]


def test_rows_stand_under_their_days_also_where_a_page_ends_within_a_day() -> None:
    first = [listing(3, "2026-11-21T10:00:00.000000Z"), listing(2, "2026-11-20T23:59:59.000000Z", simulated=True, alarms=2)]
    items = list_items(first, WORDS, UTC)
    assert [type(item) for item in items] == [DayHead, SessionRow, DayHead, SessionRow]
    assert items[0] == DayHead(date(2026, 11, 21), "Saturday, 21 November 2026")
    row = items[3]
    assert isinstance(row, SessionRow)
    assert (row.time, row.client, row.alarms, row.counts) == ("23:59", "C-0001", 2, "8 zones · 17 passes")
    assert "SIMULATED" in row.spoken
    assert row.simulated
    more = list_items([listing(1, "2026-11-20T08:00:00.000000Z", state="INTERRUPTED")], WORDS, UTC, date(2026, 11, 20))
    assert [type(item) for item in more] == [SessionRow], "its day has its head already"
    assert isinstance(more[0], SessionRow)
    assert more[0].line == "interrupted · P-01"


def test_a_session_in_words(record: Record) -> None:
    title, line = head_texts(record, WORDS, UTC)
    assert title == "C-0001 · Saturday, 21 November 2026, 09:30"
    assert line == "SIMULATED · S-20261121-093000-7f3a · closed · P-01"
    assert ("Over the limit", "1") in fact_rows(record, WORDS)
    assert ("Length", "0:16") in fact_rows(record, WORDS)
    rows = {row[0]: row[1:] for row in total_rows(record, WORDS)}
    assert rows["Chin"][0] == "2 of 3"
    assert rows["Chin"][3].endswith("/ 1.00")
    assert rows["Cheek, left"][3] == "1.06 > 1.00", "deeper than its limit"
    assert [clock_text(seconds) for seconds in (0, 59.9, 61, 3599, 3600, 36_001)] == [
        "0:00", "0:59", "1:01", "59:59", "1:00:00", "10:00:01",
    ]  # fmt: skip


def test_the_map_as_it_stood(record: Record) -> None:
    marks = {mark.zone: mark for mark in map_at(record, None, False, WORDS).marks}
    assert (marks["F.CHEEK.L"].passes, marks["F.CHEEK.L"].over) == (3, True), "it went over its limit"
    assert (marks["F.CHIN"].passes, marks["F.CHIN"].over) == (2, False)
    start = map_at(record, 0.0, True, WORDS)
    assert (start.selected, sum(mark.passes for mark in start.marks)) == ("", 0)
    half = map_at(record, 8.5, True, WORDS)
    assert half.selected == "F.CHEEK.L"
    assert half.title == "Cheek, left"
    counts = {mark.zone: mark.passes for mark in half.marks}
    assert (counts["F.MALAR.R"], counts["F.CHEEK.R"]) == (2, 0)
    assert [work[1:] for work in record.work[-2:]] == [("F.CHIN", 3), ("F.CHIN", 2)], "counted, then corrected"
    assert record.passes_at(record.work[-1][0])["F.CHIN"] == 2


def test_events_in_words(record: Record) -> None:
    told = {line.kind: event_texts(line, record, WORDS) for line in event_lines(record, False)}
    assert told["trip"][0] == "Trip by the control process"
    assert told["trip"][1].endswith("of 1.00 mm")
    assert told["pass_corrected"] == ("Pass corrected", "Chin · 3 counted, 2 held · wiped, not treated")
    assert told["note"] == ("end point: redness", "Cheekbone, left · even, no bleeding")
    assert "motor off after" in told["stopped"][1]
    kinds = {line.kind for line in event_lines(record, True)}
    assert kinds == {"alarm_raised", "trip", "stopped", "fault_cleared"}
    assert not {"stroke", "setting_reached"} & set(told)
    for line in record.lines:
        upper, _ = event_texts(line, record, WORDS)
        assert upper, line.kind
        assert not upper.startswith("records."), upper


def standing(stands: str, voided_by: int | None = None) -> Standing:
    return Standing(9, "P-01", "", "practitioner", "performed", "", 8, "", "", "", stands, voided_by)  # type: ignore[arg-type]


def test_verification_and_signatures() -> None:
    verdict = Verdict("S-1", 143, "", 16, 16_000, "", [], signatures=[standing("VALID"), standing("VOIDED", 12)])
    found = verdict_texts(verdict, WORDS)
    assert [good for good, *_ in found] == [True, True, False]
    assert found[0][1:] == ("The record verifies", "143 events, 16\u2009000 samples")
    assert found[2][2] == "void: event 12 was added after it"
    broken = verdict_texts(Verdict("S-1", 1, "", 0, 0, "", ["event 3 was changed after it was written"]), WORDS)
    assert broken[0] == (False, "The record does not verify", "event 3 was changed after it was written")
    assert broken[1][1] == "Not signed"


def test_every_word_of_the_records_exists() -> None:
    for kind in ("VALID", "VOIDED", "BROKEN", "UNKNOWN_KEY"):
        assert WORDS.has(f"records.standing.{kind}")
    for how in ("zone_change", "button", "tap", "lift", "close"):
        assert WORDS.has(f"records.how.{how}")
    for number in range(1, 13):
        assert WORDS.has(f"records.month.{number}")
        assert WORDS.has(f"records.month_short.{number}")
    for error in ("CannotOpen", "NotADatabase", "Damaged", "NewerSchema", "StoreBusy", "NoSuchSession", "other"):
        assert WORDS.has(f"records.error.{error}")


def test_a_course_marks_what_came_too_early_and_when_the_next_is_due(tmp_path: Path) -> None:
    from sessions.store import open_store

    write(
        tmp_path, *(bare(number, days, "C-0001") for number, days in enumerate((50, 32, 3, 2.9), start=1)), bare(9, 1, "C-0002")
    )
    with open_store(tmp_path) as store:
        course = load_course(store, "C-0001", Ticket())
    assert (course.sessions, course.more) == (4, False)
    zones = by_zone(course, UTC)
    assert [zone.zone for zone in zones] == ["F.CHEEK.R", "F.CHEEK.L"]
    assert zones[0].days == (None, 18, 29, None), "resumed on the same day is no visit of its own"
    assert zones[0].short == (False, True, False, False)
    last = date(2026, 11, 18)
    assert ((zones[0].due_from - last).days, (zones[0].due_until - last).days) == (28, 42)


def test_counts_that_were_carried_over_are_told_once() -> None:
    visit = Visit("S-1", "2026-11-20T23:30:00.000000Z", "F.CHIN", "Chin", 2, 900, 1000)
    (zone,) = by_zone(Course("C-0001", (visit,), 1, False), UTC)
    assert zone.days == (None,)
    assert by_zone(Course("C-0001", (), 0, False), UTC) == []


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("  C-0001   p-02 ", Query("C-0001 p-02")),
        ("cheek 2026-11-21", Query("cheek", date(2026, 11, 21))),
        ("21.11.2026 cheek", Query("cheek", date(2026, 11, 21))),
        ("1/2/2026", Query("", date(2026, 2, 1))),
        ("2026-13-45", Query("2026-13-45")),
        ("2026-11", Query("2026-11")),
    ],
)
def test_a_day_in_a_search(typed: str, query: Query) -> None:
    assert read_query(typed) == query


@given(st.text(max_size=40))
def test_no_search_is_too_strange(typed: str) -> None:
    assert read_query(typed).text.split() == [word for word in typed.split() if word in read_query(typed).text.split()]


def test_sticks_and_folders(tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    stick = tmp_path / "media" / "MY STICK"
    stick.mkdir(parents=True)
    spaced = str(stick).replace(" ", "\\040")
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {spaced} vfat rw 0 0\n/dev/sdb1 {spaced} vfat rw 0 0\nnonsense\n")
    below = (str(tmp_path / "media"),)
    assert mounts_in(table.read_text(), below) == [stick]
    home, found = list_places(tmp_path / "home" / "exports", table, below)
    assert (home.kind, home.writable, found.kind, found.path) == ("home", True, "stick", stick)
    assert home.free_bytes, "told before the folder exists"
    assert [place.kind for place in list_places(tmp_path, tmp_path / "none")] == ["home"]
    for name in ("b.JPG", "a.png", "film.mov", ".hidden.jpg"):
        (stick / name).write_bytes(b"123")
    (stick / "Zoo").mkdir()
    (stick / ".trash").mkdir()
    assert [entry.path.name for entry in list_folder(stick, True).entries] == ["Zoo", "a.png", "b.JPG"]
    assert [entry.path.name for entry in list_folder(stick, False).entries] == ["Zoo"]
    assert list_folder(tmp_path / "gone", True).error == os.strerror(2)
