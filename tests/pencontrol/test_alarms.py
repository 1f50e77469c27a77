"""The latching alarm machine, told as stories."""

from pathlib import Path

import pytest

from pencontrol.control.alarms import NAMES, SILENCE_NS, TABLE, AlarmRow, Alarms


def test_a_condition_that_passes_leaves_the_sound_until_acknowledged() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    alarms.clear("SPEED_DRIFT")
    (view,) = alarms.views(1)
    assert not view.active
    assert not view.silenced
    assert alarms.acknowledge("SPEED_DRIFT", 1, 2)
    assert alarms.views(3) == ()


def test_a_latch_holds_until_a_person_acknowledges() -> None:
    alarms = Alarms()
    alarms.raise_alarm("DEPTH_OVER_LIMIT", "", 0)
    alarms.clear("DEPTH_OVER_LIMIT")
    assert alarms.latched
    assert alarms.stopping == {"DEPTH_OVER_LIMIT"}
    alarms.acknowledge("DEPTH_OVER_LIMIT", 1, 5)
    assert not alarms.latched
    assert alarms.views(6) == ()


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_an_alarm_forbids_what_its_action_says_and_no_more(row: AlarmRow) -> None:
    alarms = Alarms()
    alarms.raise_alarm(row.id, "", 0)
    assert (row.id in alarms.stopping) == (row.action in ("stop", "stop_latch"))
    assert (row.id in alarms.refusing) == (row.action in ("stop", "stop_latch", "refuse_start"))
    assert alarms.latched == (row.action == "stop_latch")
    assert alarms.acknowledge(row.id, 1, 0)
    alarms.clear(row.id)
    assert not alarms.standing
    assert not alarms.stopping | alarms.refusing


def test_before_anybody_acknowledged_nothing_is_silent_at_any_time_of_the_clock() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    assert [view.silenced for view in alarms.views(0)] == [False]
    for end in (alarms.end_silences, lambda: alarms.raise_alarm("DEPTH_INVALID", "", 0)):
        alarms.acknowledge("SPEED_DRIFT", 1, 0)
        assert [view.silenced for view in alarms.views(0) if view.alarm == "SPEED_DRIFT"] == [True]
        end()
        assert [view.silenced for view in alarms.views(0) if view.alarm == "SPEED_DRIFT"] == [False]


def test_acknowledging_silences_for_120_s_and_no_longer() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    alarms.acknowledge("SPEED_DRIFT", 1, 10)
    assert alarms.views(10 + SILENCE_NS - 1)[0].silenced
    assert not alarms.views(10 + SILENCE_NS)[0].silenced


def test_a_new_alarm_of_the_same_or_higher_priority_ends_silences_a_lower_one_does_not() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    alarms.acknowledge("SPEED_DRIFT", 1, 0)
    alarms.raise_alarm("PASS_OVER_PLAN", "", 1)
    assert {view.alarm: view.silenced for view in alarms.views(2)}["SPEED_DRIFT"]
    alarms.raise_alarm("DEPTH_INVALID", "", 3)
    assert not {view.alarm: view.silenced for view in alarms.views(4)}["SPEED_DRIFT"]


def test_a_blip_while_silenced_is_a_new_occurrence_and_sounds() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    alarms.acknowledge("SPEED_DRIFT", 1, 0)
    alarms.clear("SPEED_DRIFT")
    alarms.raise_alarm("SPEED_DRIFT", "", 5)
    (view,) = alarms.views(6)
    assert (view.occurrence, view.silenced) == (2, False)
    assert not alarms.acknowledge("SPEED_DRIFT", 1, 7)


def test_a_condition_that_goes_on_is_raised_once() -> None:
    alarms = Alarms()
    for now_ns in range(5):
        alarms.raise_alarm("LINK_LOST", "", now_ns)
    assert [change.what for change in alarms.changes] == ["raised"]


def test_a_screen_that_comes_back_hears_everything_again() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "", 0)
    alarms.acknowledge("SPEED_DRIFT", 1, 0)
    alarms.end_silences()
    assert not alarms.views(1)[0].silenced


def test_views_stand_highest_first() -> None:
    alarms = Alarms()
    for alarm in ("PASS_OVER_PLAN", "SPEED_DRIFT", "LINK_LOST"):
        alarms.raise_alarm(alarm, "", 0)
    assert [view.priority for view in alarms.views(1)] == ["HIGH", "MEDIUM", "LOW"]


def test_what_goes_on_after_a_latch_was_acknowledged_stands_silent_until_it_is_over() -> None:
    alarms = Alarms()
    alarms.raise_alarm("RECORD_LOST", "", 0)
    assert alarms.acknowledge("RECORD_LOST", 1, 10)
    (view,) = alarms.views(11)
    assert (view.active, view.silenced) == (True, True)
    assert not alarms.latched  # a person has seen it
    assert alarms.stopping == {"RECORD_LOST"}  # and nothing may move all the same
    alarms.raise_alarm("RECORD_LOST", "", 20)  # still the same occurrence: no noise
    assert alarms.views(21)[0].silenced
    assert not alarms.views(10 + SILENCE_NS)[0].silenced
    alarms.clear("RECORD_LOST")
    assert alarms.views(30) == ()


def test_a_watched_latch_whose_condition_ended_first_waits_for_a_person() -> None:
    alarms = Alarms()
    alarms.raise_alarm("LINK_LOST", "", 0)
    alarms.clear("LINK_LOST")
    assert alarms.views(1)[0].active
    assert alarms.latched
    alarms.acknowledge("LINK_LOST", 1, 5)
    assert alarms.views(6) == ()


def test_every_silence_of_every_priority_ends_after_120_s() -> None:
    for row in TABLE.values():
        alarms = Alarms()
        alarms.raise_alarm(row.id, "", 0)
        alarms.acknowledge(row.id, 1, 0)
        assert all(not view.silenced for view in alarms.views(SILENCE_NS))


@pytest.mark.parametrize(("new", "ends"), [("PASS_OVER_PLAN", {1}), ("NO_SOUND", {1, 2}), ("STALL", {1, 2, 3})])
def test_a_new_alarm_ends_the_silences_of_its_priority_and_below(new: str, ends: set[int]) -> None:
    alarms = Alarms()
    for alarm in ("DOSE_OVER", "SPEED_DRIFT", "RECORD_LOST"):
        alarms.raise_alarm(alarm, "", 0)
    for alarm in ("DOSE_OVER", "SPEED_DRIFT", "RECORD_LOST"):
        alarms.acknowledge(alarm, 1, 0)
    assert all(view.silenced for view in alarms.views(1))
    alarms.raise_alarm(new, "", 2)
    heard = {TABLE[view.alarm].priority for view in alarms.views(3) if not view.silenced and view.alarm != new}
    assert heard == ends


def test_what_refuses_a_start_does_not_stop_a_run() -> None:
    alarms = Alarms()
    alarms.raise_alarm("DISK_LOW", "", 0)
    assert alarms.stopping == frozenset()
    assert alarms.refusing == {"DISK_LOW"}


def test_a_run_and_a_session_take_their_own_conditions_with_them() -> None:
    alarms = Alarms()
    for alarm in ("SPEED_DRIFT", "DOSE_OVER", "NO_SOUND"):
        alarms.raise_alarm(alarm, "", 0)
    alarms.clear_with("run")
    assert {view.alarm for view in alarms.views(1) if view.active} == {"DOSE_OVER", "NO_SOUND"}
    alarms.clear_with("session")
    assert {view.alarm for view in alarms.views(1) if view.active} == {"NO_SOUND"}
    assert len(alarms.views(1)) == 3  # nobody has acknowledged any


def test_the_table_is_complete_in_itself() -> None:
    assert all(row.words and row.condition and row.id == key for key, row in TABLE.items())
    assert all(row.action == "none" or row.priority.name != "MEDIUM" for row in TABLE.values())
    assert all((row.priority.name == "HIGH") == (row.action in ("stop", "stop_latch")) for row in TABLE.values())
    assert all((row.lasts == "run") == (row.action == "stop") or row.id == "SPEED_DRIFT" for row in TABLE.values())


def test_the_manual_shows_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| alarm |")]
    assert rows == [
        f"| {row.id} | {row.condition} | {NAMES[row.priority]} | {row.action} | {row.words} |" for row in TABLE.values()
    ]


def test_every_change_tells_what_happened_with_the_detail_it_was_raised_with() -> None:
    alarms = Alarms()
    alarms.raise_alarm("SPEED_DRIFT", "6100 rpm", 5)
    assert alarms.acknowledge("SPEED_DRIFT", 1, 6)
    assert alarms.clear("SPEED_DRIFT") is True
    assert alarms.clear("SPEED_DRIFT") is False
    told = [(change.what, change.row.id, change.occurrence, change.detail) for change in alarms.changes]
    assert told == [(what, "SPEED_DRIFT", 1, "6100 rpm") for what in ("raised", "acknowledged", "cleared")]


def test_a_latched_alarm_whose_condition_is_gone_is_no_news_until_a_person_has_seen_it() -> None:
    alarms = Alarms()
    alarms.raise_alarm("STALL", "0 rpm", 5)
    assert alarms.clear("STALL") is False
    assert alarms.acknowledge("STALL", 1, 6)
    assert [change.what for change in alarms.changes] == ["raised", "acknowledged", "cleared"]


def test_among_equals_the_newest_comes_first() -> None:
    alarms = Alarms()
    for now_ns, name in ((1, "STALL"), (3, "LINK_LOST"), (2, "OVERCURRENT")):
        alarms.raise_alarm(name, "", now_ns)
    assert [view.alarm for view in alarms.views(4)] == ["LINK_LOST", "OVERCURRENT", "STALL"]
