"""A treatment by real presses under Xvfb, from choosing the plan to the closed record."""

from pathlib import Path

import pytest

from pencontrol.control.snapshot import State
from sessions.reading import list_sessions, summary
from sessions.store import open_store
from tests.end_to_end import glove
from tests.end_to_end.glove import Glove

pytestmark = pytest.mark.skipif(bool(glove.missing()), reason=f"NOT TESTED: no {', '.join(glove.missing())} on this machine")


def test_a_treatment_by_real_presses(tmp_path: Path) -> None:
    with Glove(tmp_path / "home") as finger:
        finger.open_session()
        session = finger.now.session
        assert session is not None
        assert (session.client, session.operator) == ("C-0001", "P-01")
        finger.tap(glove.START)  # a tap is no hold
        assert finger.now.state is not State.RUNNING
        finger.choose("F.CHEEK.R")
        finger.wait(lambda now: now.zone == "F.CHEEK.R" and now.state is State.READY)
        finger.hold(glove.START, lambda now: now.state in (State.ARMING, State.RUNNING))
        finger.wait(lambda now: now.state is State.RUNNING and now.reached)
        finger.tap(glove.DEEPER)
        finger.tap(glove.DEEPER)
        assert finger.now.asked.depth_um == 750  # pending only
        finger.hold(glove.DEPTH_HOLD, lambda now: now.asked.depth_um == 850)
        finger.wait(lambda now: now.asked.depth_um == 850 and now.reached)
        finger.wait(lambda now: any(zone.strokes >= 2 for zone in now.zones))
        finger.tap(glove.PASS_DONE)
        finger.wait(lambda now: any(zone.passes == 1 for zone in now.zones))
        finger.choose("F.CHIN")
        finger.wait(lambda now: now.zone == "F.CHIN")
        assert finger.now.asked.depth_um == 750  # never deeper than the new zone's default
        finger.tap(glove.STOP)
        finger.wait(lambda now: now.state is State.PAUSED)
        finger.tap(glove.CLOSE)
        finger.hold(glove.CLOSE_HOLD, lambda now: now.session is not None and now.session.state == "CLOSED")
        finger.wait(lambda now: now.session is not None and now.session.state == "CLOSED" and now.session.recorded)
    with open_store(tmp_path / "home") as store:
        (row,) = list_sessions(store)
        assert row.state == "CLOSED"
        told = summary(store, row.id)
    assert told["zones"]["F.CHEEK.R"]["passes"] in (1, 2)  # the hand may land once more before the next zone
    assert told["zones"]["F.CHEEK.R"]["strokes"] >= 2
    assert told["alarms"] == []
