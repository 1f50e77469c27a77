"""The sound process seen from the screen: what it says, its silence, its death; and the screen's desk between the two."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pencontrol.control import commands
from pencontrol.control.snapshot import AlarmView, State
from tests.ui.conftest import Rig
from ui.touch.sound.desk import LIFE_NS, Seen, SoundDesk
from ui.touch.sound.hook import Hook
from ui.touch.sound.tones import make_sounds
from ui.touch.sound.voice import FIRST_WORD_NS, PAUSES_NS, SILENT_NS, Process

S = 1_000_000_000


class Child:
    """A process that is only two pipes."""

    def __init__(self) -> None:
        hear, write = os.pipe()
        read, self.say_end = os.pipe()
        self.heard_end = hear
        os.set_blocking(hear, False)
        self.stdin, self.stdout = os.fdopen(write, "wb", 0), os.fdopen(read, "rb", 0)
        self.killed = False

    def says(self, text: str) -> None:
        os.write(self.say_end, text.encode())

    def heard(self) -> str:
        try:
            return os.read(self.heard_end, 1 << 20).decode()
        except BlockingIOError:
            return ""

    def dies(self) -> None:
        if self.say_end >= 0:
            os.close(self.say_end)
        self.say_end = -1

    def kill(self) -> None:
        self.killed = True

    def wait(self, timeout: float) -> int:
        del timeout
        return 0


class Nursery:
    """Makes children in place of Popen."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.barren = False

    def __call__(self, command: list[str], **more: Any) -> Any:
        assert command
        assert more["stdin"] == more["stdout"] == subprocess.PIPE
        if self.barren:
            raise OSError("no memory")
        self.children.append(Child())
        return self.children[-1]

    @property
    def child(self) -> Child:
        return self.children[-1]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    for child in made.children:
        child.dies()
        os.close(child.heard_end)
        for end in (child.stdin, child.stdout):
            end.close()


@pytest.fixture
def voice(nursery: Nursery) -> Process:
    made = Process(["sound"], nursery)
    made.poll(0)
    return made


def test_nothing_is_known_until_sound_has_come_through(voice: Process, nursery: Nursery) -> None:
    voice.poll(S)
    assert voice.device is None
    nursery.child.says("DEVICE Built-in")
    voice.poll(2 * S)
    assert voice.device is None  # half a line
    nursery.child.says(" speaker\n")
    voice.poll(3 * S)
    assert voice.device == "Built-in speaker"
    voice.say("HIGH")
    assert nursery.child.heard() == "HIGH\n"


def test_no_device_is_told_with_its_reason_and_looked_for_again_less_and_less_often(voice: Process, nursery: Nursery) -> None:
    now_ns, waits = 0, []
    for _ in range(7):
        nursery.child.says("NONE no sound device is there\n")
        nursery.child.dies()
        voice.poll(now_ns)  # its last word,
        voice.poll(now_ns)  # and its end
        assert (voice.device, voice.why) == ("", "no sound device is there")
        died_ns, count = now_ns, len(nursery.children)
        while len(nursery.children) == count:
            now_ns += S // 2
            voice.poll(now_ns)
        waits.append(now_ns - died_ns)
    assert waits == [*PAUSES_NS, PAUSES_NS[-1], PAUSES_NS[-1]]
    nursery.child.says("DEVICE Speaker\n")
    voice.poll(now_ns)
    assert voice.device == "Speaker"  # it appeared later
    nursery.child.dies()
    voice.poll(now_ns)
    voice.poll(now_ns + PAUSES_NS[0])
    assert len(nursery.children) == 9  # and the patience begins anew


def test_a_process_that_hangs_is_killed_and_counts_as_no_sound(voice: Process, nursery: Nursery) -> None:
    nursery.child.says("DEVICE Speaker\n")
    voice.poll(S)
    voice.poll(S + SILENT_NS)
    assert voice.device == "Speaker"
    voice.poll(S + SILENT_NS + 1)
    assert voice.device == ""
    assert "does not answer" in voice.why
    assert nursery.child.killed


def test_one_that_never_says_a_word_is_killed_too(voice: Process, nursery: Nursery) -> None:
    voice.poll(FIRST_WORD_NS)
    assert not nursery.child.killed
    voice.poll(FIRST_WORD_NS + 1)
    assert nursery.child.killed
    assert voice.device == ""


def test_a_full_pipe_or_a_dead_process_never_holds_the_screen_up(voice: Process, nursery: Nursery) -> None:
    for _ in range(40_000):
        voice.say("HIGH")  # 200 kB into a pipe of 64 kB that nobody reads
    os.close(nursery.child.heard_end)
    voice.say("HIGH")
    nursery.child.heard_end = os.dup(0)
    voice.close()
    voice.say("HIGH")


def test_a_process_that_cannot_be_started_is_no_sound(nursery: Nursery) -> None:
    nursery.barren = True
    voice = Process(["sound"], nursery)
    voice.poll(0)
    assert voice.device == ""
    assert "no memory" in voice.why
    nursery.barren = False
    voice.poll(PAUSES_NS[0])
    assert len(nursery.children) == 1


def test_junk_from_the_process_is_ignored(voice: Process, nursery: Nursery) -> None:
    os.write(nursery.child.say_end, b"\xff\xfe\n" + b"x" * 9000)
    os.write(nursery.child.say_end, b"\nDEVICE \xff\n")
    for _ in range(4):
        voice.poll(S)
    assert voice.device == "\ufffd"


class Ear:
    """A voice that only remembers."""

    def __init__(self, device: str | None = "Speaker", why: str = "") -> None:
        self.device, self.why = device, why
        self.said: list[str] = []

    def say(self, word: str) -> None:
        self.said.append(word)

    def poll(self, now_ns: int) -> None:
        del now_ns

    def close(self) -> None:
        self.said.append("CLOSED")

    @property
    def sounds(self) -> list[str]:
        return [word for word in self.said if word not in ("WATCH", "REST")]


class Wire:
    """Takes the commands to control."""

    def __init__(self) -> None:
        self.sent: list[commands.Sound] = []
        self.up = True

    def __call__(self, make: Callable[[int], commands.Command]) -> bool:
        command = make(1)
        assert isinstance(command, commands.Sound)
        if self.up:
            self.sent.append(command)
        return self.up


def seen(now_ns: int, linked: bool = True, *alarms: AlarmView) -> Seen:
    return Seen(now_ns, linked, None, alarms)


def test_control_hears_of_the_device_once_known_at_every_change_and_anew_after_a_lost_link() -> None:
    ear, wire = Ear(None), Wire()
    desk = SoundDesk(ear, wire)
    desk.frame(seen(0))
    assert wire.sent == []
    ear.device, ear.why = "", "unplugged"
    desk.frame(seen(1))
    desk.frame(seen(2))
    assert [(told.device, told.detail) for told in wire.sent] == [("", "unplugged")]
    ear.device, ear.why = "Speaker", ""
    desk.frame(seen(3, False))
    assert len(wire.sent) == 1
    wire.up = False
    desk.frame(seen(4))
    wire.up = True
    desk.frame(seen(5))
    desk.frame(seen(6))
    assert [told.device for told in wire.sent] == ["", "Speaker"]
    desk.frame(seen(7, False))
    desk.frame(seen(8))  # another control perhaps: it knows nothing
    assert [told.device for told in wire.sent] == ["", "Speaker", "Speaker"]


def test_a_sign_of_life_goes_out_all_the_time_and_says_whether_it_matters() -> None:
    ear = Ear()
    desk = SoundDesk(ear, Wire())
    for frame in range(100):
        desk.frame(seen(frame * 16_000_000))
    assert ear.said.count("REST") == 1 + 99 * 16_000_000 // LIFE_NS
    loud = AlarmView(alarm="A", priority="LOW", occurrence=1, words="w")
    desk.frame(seen(1_600_000_000, True, loud))
    assert ear.said[-2:] == ["LOW", "WATCH"]


def test_the_screen_plays_what_it_shows(treating: Rig) -> None:
    rig, ear = treating, Ear()
    hook = Hook(ear, rig.touch.presenter, rig.touch.link, rig.clock)
    rig.frames(2)
    assert ear.sounds == []
    assert rig.sent("sound")[-1]["device"] == "Speaker"
    rig.control.publish(rig.clock(), state=State.RUNNING)
    rig.frames(1)
    assert ear.sounds == ["STARTED"]
    assert ear.said[-1] == "WATCH"
    rig.control.alarm(rig.clock())
    rig.frames(2)
    assert ear.sounds == ["STARTED", "HIGH"]
    silenced = rig.control.snapshot.alarms[0].model_copy(update={"silenced": True})
    rig.control.publish(rig.clock(), alarms=(silenced,))
    rig.frames(2)
    assert ear.sounds == ["STARTED", "HIGH", "SILENCE"]
    hook.close()
    assert ear.said[-1] == "CLOSED"


def test_a_silent_control_is_heard_and_can_be_silenced_from_the_panel(treating: Rig) -> None:
    rig, ear = treating, Ear()
    hook = Hook(ear, rig.touch.presenter, rig.touch.link, rig.clock)
    rig.touch.alarm_panel.acknowledge.connect(hook.acknowledged)
    rig.frames(2)
    rig.publishing = False
    rig.frames(40)
    assert ear.sounds == ["HIGH"]
    rig.touch.alarm_panel.acknowledge.emit("CONTROL_SILENT", 0)
    rig.frames(2)
    assert ear.sounds == ["HIGH", "SILENCE"]
    hook.close()


def test_the_app_makes_the_hook_when_it_is_given_a_voice() -> None:
    import inspect

    from ui.touch.app import Touch

    source = inspect.getsource(Touch)
    assert "self._sound = Hook(" in source
    assert "self.alarm_panel.acknowledge.connect(self._sound.acknowledged)" in source


# the real process


def environment(folder: Path) -> dict[str, str]:
    (folder / "run").mkdir(mode=0o700)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULSE")}
    return inherited | {"XDG_RUNTIME_DIR": str(folder / "run"), "HOME": str(folder)}


def test_without_a_sound_server_the_process_says_so_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ui.touch.sound"]
    with subprocess.Popen(
        command, env=environment(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.wait(60) == 3
        assert process.stdout is not None
        assert process.stdout.read().startswith(b"NONE ")


def test_every_word_of_the_desk_is_one_that_the_process_knows() -> None:
    line = json.dumps(commands.Sound(number=1, device="", detail="x").model_dump())
    assert commands.read_command(line.encode()).number == 1
    assert {"HIGH", "MEDIUM", "LOW"} < set(make_sounds())
