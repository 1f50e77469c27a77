"""The right column: a long reason is never clipped."""

from pencontrol.control.snapshot import State
from tests.ui.conftest import Rig
from ui.touch.words import load_words

LONG = "/dev/ttyACM0: there is no such port; plug the pen in, or choose another port"


def test_a_long_reason_takes_the_band_above_stop_and_a_short_one_stands_under_the_word(rig: Rig) -> None:
    column = rig.shell.column
    rig.control.publish(rig.clock(), state=State.NO_PEN, reason=LONG, pen=None)
    rig.frames(3)
    assert column.reason.text() == load_words()("reason.NO PEN"), "the plain line stays under the word"
    assert column.message.text() == LONG
    assert column.message.heightForWidth(column.message.width()) <= column.message.height()
    rig.control.publish(rig.clock(), state=State.NO_PEN, reason="plug the pen in", pen=None)
    rig.frames(3)
    assert column.reason.text() == "plug the pen in"
    assert column.message.text() == ""
