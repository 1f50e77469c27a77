"""What `pencontrol doctor` says of the sound and of control's last run."""

from pathlib import Path
from typing import Any

import pytest

from sessions.events import Enforcement
from sessions.store import open_store
from tests.sessions.face import face, store_face
from ui.cli.doctor_loop import _judge, last_loop, sound_way
from ui.touch.sound import voice


class Mute:
    """A voice that knows at once."""

    device: str | None = ""
    why = "no sound device is there"
    closed = 0

    def poll(self, now_ns: int) -> None:
        del now_ns

    def close(self) -> None:
        type(self).closed += 1


class Heard(Mute):
    device = "Built-in"
    why = ""


@pytest.mark.parametrize(("kind", "verdict", "found"), [(Mute, "fair", "no sound device"), (Heard, "good", "Built-in")])
def test_doctor_listens_for_the_way_to_the_loudspeaker(
    kind: type[Mute], verdict: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "Process", kind)
    kind.closed = 0
    told = sound_way()
    assert told[0] == verdict
    assert found in told[1]
    assert bool(told[2]) is (verdict == "fair")
    assert kind.closed == 1


def test_doctor_tells_the_loop_of_the_last_session(tmp_path: Path) -> None:
    assert last_loop(tmp_path)[1] == "no session yet"
    told = face(seconds=20.0)
    with open_store(tmp_path) as store:
        store_face(store, told)
    verdict, found, _ = last_loop(tmp_path)
    assert verdict == "good"
    assert f"{told.stream}: 0 deadlines missed, longest 20.5 of 20 ms" in found
    assert "fifo refused: no privilege" in found


def test_missed_deadlines_are_no_good_verdict_and_say_how_to_mend_them() -> None:
    values: dict[str, Any] = {"samples": 1, "samples_lost": 0, "judged": 1, "over_limit": 0, "worst_age_us": None}
    values |= {"slowest_answer_us": None, "deadlines_missed": 3, "worst_period_us": 61_000, "period_p99_us": 22_300, "guards": []}
    verdict, found, mend = _judge(Enforcement(**values, scheduling={"priority": "normal"}), "S-1")
    assert verdict == "fair"
    assert found == "S-1: 3 deadlines missed, p99 22.3 ms, longest 61.0 of 20 ms; granted: priority normal"
    assert "core of its own" in mend
