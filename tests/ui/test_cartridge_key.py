"""The key "new cartridge": control reads the chip again; the simulated pen gets a new one by its side channel."""

import threading
import time
from pathlib import Path

import pytest

from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.side import SideChannel
from pencontrol.control.snapshot import State
from tests.ui.conftest import Rig, click
from tests.ui.fake_control import CARTRIDGE, PEN
from ui.cli.common import home_of, write_crash
from ui.touch.simulated import change_cartridge

WAIT_S = 30.0


def serving(path: Path, device: Device) -> threading.Thread:
    channel = SideChannel(path)

    def serve() -> None:
        import select

        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and device.plant._changes == 0:
            for ready in select.select(channel.readers(), [], [], 0.1)[0]:
                channel.serve(ready, device, 0, "")
        channel.close()

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_a_simulated_pen_gets_a_new_cartridge(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.touch.simulated.WAIT_S", WAIT_S)
    device = Device(1, 1)
    thread = serving(rig.control.runtime.side, device)
    click(rig.touch.prepare.gates.cartridge)
    thread.join(2 * WAIT_S)
    assert not thread.is_alive()
    assert device.plant._changes == 1
    assert rig.sent("read_cartridge") == [], "the pen says by itself that it was out"


def test_of_a_real_pen_the_chip_is_read_again(rig: Rig) -> None:
    rig.control.publish(rig.clock(), pen=PEN.model_copy(update={"simulated": False}))
    rig.frames(1)
    click(rig.touch.prepare.gates.cartridge)
    assert len(rig.sent("read_cartridge")) == 1
    assert not rig.touch.prepare.gates.search.isVisible()
    rig.control.publish(rig.clock(), state=State.NO_PEN, pen=None)
    rig.frames(1)
    assert not rig.touch.prepare.gates.cartridge.isVisible()


def test_where_no_side_channel_answers_nothing_breaks(tmp_path: Path, rig: Rig) -> None:
    assert not change_cartridge(tmp_path / "none")
    SideChannel(tmp_path / "dead")._listener.close()
    assert not change_cartridge(tmp_path / "dead")
    click(rig.touch.prepare.gates.cartridge)
    assert len(rig.sent("read_cartridge")) == 1


def test_a_used_cartridge_is_red_until_another_one_is_in(rig: Rig) -> None:
    rig.control.publish(rig.clock(), cartridge=CARTRIDGE.model_copy(update={"used_ms": 900}))
    rig.frames(1)
    assert rig.touch.prepare.gates.shown()["cartridge"] == ("used: take a new one", False)
    rig.control.publish(rig.clock(), cartridge=CARTRIDGE)
    rig.frames(1)
    assert rig.touch.prepare.gates.shown()["cartridge"] == ("NOT RECORDED", False)


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--home", "/a/b", "sessions"], "/a/b"), (["sessions", "--home=/c"], "/c"), (["--home"], "/std"), (["sessions"], "/std")],
)
def test_a_crash_is_told_in_the_home_that_was_named(words: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCONTROL_HOME", "/std")
    assert home_of(words) == Path(told)


def test_the_program_writes_its_crash_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli import main

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(main, "app", broken)
    monkeypatch.setenv("PENCONTROL_HOME", str(tmp_path / "standard"))
    monkeypatch.setattr("sys.argv", ["pencontrol", "--home", str(tmp_path / "named"), "sessions"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit):
        main.main()
    assert (tmp_path / "named" / "logs" / "crash.txt").exists()
    assert not (tmp_path / "standard").exists()
    assert write_crash(ValueError(), tmp_path).name == "crash.txt"
