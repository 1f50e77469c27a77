"""Makes the pictures of the README and the guide from a real treatment under Xvfb, so that they never age.

Run from the checkout: .venv/bin/python -m scripts.screenshots [FOLDER]   (needs Xvfb, xdotool and ImageMagick's import)
"""

import sys
import tempfile
import time
from pathlib import Path

from pencontrol.control.snapshot import Snapshot, State
from tests.end_to_end import glove
from tests.end_to_end.glove import Glove

PASSES = (("F.FOREHEAD", 2), ("F.MALAR.R", 1), ("F.JAW.R", 2), ("F.CHIN", 1), ("F.CHEEK.L", 2), ("F.CHEEK.R", 2))


def main(folder: Path) -> None:
    """Treat six zones and take the picture in the second pass of the last one, with a deeper value pending."""
    with tempfile.TemporaryDirectory() as home, Glove(Path(home)) as finger:
        finger.picture(folder / "prepare.png")
        finger.tap(glove.MORE)
        finger.picture(folder / "more.png")
        finger.tap(glove.MORE_SETUP)
        finger.picture(folder / "setup.png")
        finger.tap(glove.SETUP_BACK)
        finger.open_session()
        for number, (zone, passes) in enumerate(PASSES):
            finger.choose(zone)
            if number == 0:
                finger.wait(lambda now: now.state is State.READY)
                finger.hold(glove.START)
            for done in range(passes):
                if done:
                    finger.tap(glove.PASS_DONE)  # the zone's last pass ends with the change of zone
                strokes = _strokes(finger.now) + 2
                finger.wait(lambda now, strokes=strokes: _strokes(now) >= strokes, 15)  # type: ignore[misc]
        for _ in range(5):
            finger.tap(glove.DEEPER)
        finger.hold(glove.DEPTH_HOLD)
        time.sleep(5)
        for _ in range(2):
            finger.tap(glove.DEEPER)
        finger.wait(lambda now: now.state is State.RUNNING)
        time.sleep(0.5)
        finger.picture(folder / "treat.png")
        finger.tap(glove.STOP)
        finger.wait(lambda now: now.state is State.PAUSED)
        _look_at_records(finger, folder)


def _look_at_records(finger: Glove, folder: Path) -> None:
    """The list, and the replay of the session that was just treated, in its third zone."""
    finger.tap(glove.MORE)
    finger.tap(glove.MORE_RECORDS)
    time.sleep(1.5)
    finger.picture(folder / "records.png")
    finger.tap(glove.RECORDS_FIRST)
    time.sleep(2)
    finger.tap(glove.RECORDS_REPLAY)
    for _ in range(3):
        finger.tap(glove.REPLAY_ZONE)
    time.sleep(0.5)
    finger.picture(folder / "replay.png")


def _strokes(now: Snapshot) -> int:
    return sum(view.strokes for view in now.zones)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
