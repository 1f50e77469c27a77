"""All samples of a long read judged at once: never calmer than the judge of single samples, and as calm as its short look."""

from random import Random

import pytest

from firmware_protocol import messages
from firmware_protocol.messages import Telemetry
from pencontrol.control.supervisor import MS, Supervisor
from tests.firmware_protocol.test_runs import run_of
from tests.pencontrol.test_supervisor import GOOD, sample

SLOTS = [slot for slot in Supervisor.__slots__ if slot != "_calm"]


def calm(depth_um: int = 750, speed_rpm: int = 7000) -> Supervisor:
    """A second and a half after the start, everything reached."""
    supervisor = Supervisor(0, depth_um, speed_rpm)
    for ms in (100, 2000, 2001):
        assert supervisor.judge(sample(depth_um, speed_rpm), ms * MS, 1500) == []
    assert supervisor._calm
    return supervisor


def noted(supervisor: Supervisor) -> list[object]:
    return [getattr(supervisor, slot) for slot in SLOTS]


def short_look(supervisor: Supervisor, samples: list[Telemetry], limit_um: int) -> bool:
    """Does the judge of single samples see that each is calm without looking at the whole of it?"""
    for each in samples:
        if not supervisor._calm:
            return False
        before = noted(supervisor)
        # the whole judgement clears this mark or sets it anew; the short look returns before it
        supervisor._calm = mark = 2  # type: ignore[assignment]
        found = supervisor.judge(each, 3000 * MS, limit_um)
        if supervisor._calm is not mark or found:
            return False
        assert noted(supervisor) == before
    return True


def agree(samples: list[Telemetry], limit_um: int, depth_um: int = 750, speed_rpm: int = 7000) -> bool:
    """Both judges on the same samples; what both say."""
    at_once = calm(depth_um, speed_rpm)
    before = [*noted(at_once), at_once._calm]
    told = at_once.is_calm(run_of(samples), limit_um)
    assert [*noted(at_once), at_once._calm] == before
    assert told is short_look(calm(depth_um, speed_rpm), samples, limit_um)
    return told


EDGES: list[tuple[str, dict[str, int], bool]] = [
    ("as asked", {}, True),
    ("150 um over what was asked", {"depth_um": 900}, True),
    ("151 um over what was asked", {"depth_um": 901}, False),
    ("no depth at all", {"depth_um": 0}, True),
    ("10 % fast, almost", {"speed_rpm": 7699}, True),
    ("10 % fast", {"speed_rpm": 7700}, False),
    ("10 % slow, almost", {"speed_rpm": 6302}, True),
    ("10 % slow", {"speed_rpm": 6301}, False),
    ("no current at all", {"current_ma": 0}, True),
    ("the highest current", {"current_ma": 1200}, True),
    ("more current", {"current_ma": 1201}, False),
    ("no cartridge", {"flags": GOOD & ~messages.FLAG_CARTRIDGE}, False),
    ("no depth", {"flags": GOOD & ~messages.FLAG_DEPTH_VALID}, False),
    ("no speed", {"flags": GOOD & ~messages.FLAG_SPEED_VALID}, False),
    ("every flag", {"flags": 0xFF}, True),
]


@pytest.mark.parametrize(("name", "changes", "told"), EDGES)
@pytest.mark.parametrize("at", [0, 17, 39])
def test_one_sample_decides_wherever_it_stands(name: str, changes: dict[str, int], told: bool, at: int) -> None:
    samples = [sample()] * 40
    samples[at] = sample(**changes)
    assert agree(samples, 1500) is told, name


@pytest.mark.parametrize("limit_um", [650, 700, 780, 924, 1000])
def test_the_limit_plus_tolerance_is_exact(limit_um: int) -> None:
    edge_um = min(limit_um + 100, 900)
    assert agree([sample(depth_um=edge_um)] * 40, limit_um)
    assert not agree([sample()] * 39 + [sample(depth_um=edge_um + 1)], limit_um)


@pytest.mark.parametrize(("depth_um", "speed_rpm"), [(500, 6000), (874, 6400), (1000, 7000), (1129, 7680), (1500, 8000)])
def test_every_setting_at_its_edges(depth_um: int, speed_rpm: int) -> None:
    dice = Random(depth_um)
    told = 0
    for _ in range(300):
        samples = []
        for _ in range(20):
            off_um, off_rpm = dice.choice((0, 0, 0, 149, 150, 151, -400)), dice.choice((0, 0, 0, -0.1, 0.1, -0.2, 0.2))
            samples.append(sample(depth_um + off_um, round(speed_rpm * (1 + off_rpm)) + dice.choice((-3, -2, -1, 0, 1, 2, 3))))
        samples = samples[: dice.choice((1, 2, 20))]
        told += agree(samples, dice.choice((depth_um + 49, depth_um + 50, depth_um + 51, 1500)), depth_um, speed_rpm)
    assert 20 < told < 280


def test_a_judge_that_waits_for_something_is_never_calm() -> None:
    run = run_of([sample()] * 30)
    assert calm().is_calm(run, 1500)
    assert not Supervisor(0, 750, 7000).is_calm(run, 1500)
    changed = calm()
    changed.accepted(3000 * MS, 700, 7000)
    assert not changed.is_calm(run, 1500)
    timed = calm()
    timed.judge(sample(speed_rpm=6000), 3000 * MS, 1500)
    assert not timed.is_calm(run, 1500)
