"""The judge's figures themselves: each window to the nanosecond, each threshold to the last unit on either side."""

import pytest

from pencontrol.control.supervisor import MS
from tests.pencontrol.test_supervisor import judge, running

EARLIER_MS = 1 / MS  # one nanosecond
WINDOWS: list[tuple[str, dict[str, int], float, set[str]]] = [
    ("off by more than a fifth", {"speed_rpm": 5000}, 200, {"SPEED_OFF"}),
    ("off by more than a tenth", {"speed_rpm": 6000}, 1000, {"SPEED_DRIFT"}),
    ("too much current", {"current_ma": 1201}, 20, {"OVERCURRENT"}),
    ("still, at 600 mA", {"speed_rpm": 0, "current_ma": 600}, 200, {"SPEED_OFF", "STALL"}),
    ("still, at less", {"speed_rpm": 0, "current_ma": 599}, 200, {"SPEED_OFF"}),
]


@pytest.mark.parametrize(("name", "changes", "holds_ms", "alarms"), WINDOWS, ids=[row[0] for row in WINDOWS])
def test_what_must_hold_holds_to_the_nanosecond(name: str, changes: dict[str, int], holds_ms: float, alarms: set[str]) -> None:
    supervisor = running()
    for ms in (3000, 3000 + holds_ms - EARLIER_MS):
        assert judge(supervisor, ms, **changes) == set(), name
    assert judge(supervisor, 3000 + holds_ms, **changes) == alarms


def test_the_start_has_1500_ms() -> None:
    supervisor = running()
    for ms in (1000, 1500 - EARLIER_MS):
        assert judge(supervisor, ms, speed_rpm=5000) == set()
    assert judge(supervisor, 1500, speed_rpm=5000) == {"SPEED_OFF"}


def test_another_speed_has_500_ms() -> None:
    supervisor = running()
    supervisor.accepted(3000 * MS, 750, 8000)
    assert judge(supervisor, 3500 - EARLIER_MS) == set()
    assert judge(supervisor, 3500) == {"NOT_REACHED"}


def test_another_depth_has_300_ms() -> None:
    supervisor = running()
    supervisor.accepted(3000 * MS, 600, 7000)
    assert judge(supervisor, 3300 - EARLIER_MS, depth_um=751) == set()
    assert "DEPTH_OVER_ASKED" in judge(supervisor, 3300, depth_um=751)


@pytest.mark.parametrize(
    ("asked_um", "alarm"), [(650, "DEPTH_FROZEN"), (651, "NOT_REACHED"), (850, "DEPTH_FROZEN"), (849, "NOT_REACHED")]
)
def test_a_change_of_100_um_must_show(asked_um: int, alarm: str) -> None:
    supervisor = running()
    supervisor.accepted(3000 * MS, asked_um, 7000)
    assert judge(supervisor, 3100) == set()
    assert judge(supervisor, 3300) == {alarm}


@pytest.mark.parametrize(("depth_um", "reached"), [(549, False), (550, True), (650, True), (651, False)])
def test_50_um_off_is_reached(depth_um: int, reached: bool) -> None:
    supervisor = running()
    supervisor.accepted(3000 * MS, 600, 7000)
    judge(supervisor, 3100, depth_um=depth_um)
    assert supervisor.reached is reached
