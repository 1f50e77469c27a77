"""The latching alarm machine, told as stories."""

from pencontrol.control.alarms import SILENCE_NS, TABLE, Alarms


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


def test_the_table_is_complete_in_itself() -> None:
    assert all(row.words and row.id == key for key, row in TABLE.items())
    assert all(row.action == "none" or row.priority.name != "MEDIUM" for row in TABLE.values())
