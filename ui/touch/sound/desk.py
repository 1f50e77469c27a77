"""Between the screen's state and its voice: bursts, cues, signs of life, and the word to control whether it can be heard."""

from collections.abc import Callable
from dataclasses import dataclass

from pencontrol.control.commands import Command, Sound
from pencontrol.control.snapshot import AlarmView, Snapshot, State
from ui.touch.sound.plan import Bursts, Cues, OwnSilences, wanted
from ui.touch.sound.tones import LEVELS
from ui.touch.sound.voice import Voice

MOVING = frozenset({State.ARMING, State.RUNNING, State.STOPPING})
LIFE_NS = 400_000_000

Send = Callable[[Callable[[int], Command]], bool]


@dataclass(frozen=True)
class Seen:
    """What one frame knows."""

    now_ns: int
    linked: bool  # to control
    snapshot: Snapshot | None
    alarms: tuple[AlarmView, ...]  # as shown: control's and the screen's own


class SoundDesk:
    """Call `frame` at every frame of the screen; it is over in microseconds."""

    def __init__(self, voice: Voice, send: Send, ticks: bool = True, level: int = LEVELS) -> None:
        """`send` gives a command to control; `ticks`: a quiet one for each completed pass; `level`: the volume, 1 to 5."""
        self._voice, self._send = voice, send
        self._bursts, self._cues, self._own = Bursts(), Cues(ticks), OwnSilences()
        self._level = level
        self._snapshot: Snapshot | None = None
        self._linked = False
        self._told: str | None = None  # the device control knows of
        self._life_ns = 0
        self._watched = False

    def frame(self, seen: Seen) -> None:
        """Play what is due and tell control what has changed."""
        now_ns, voice = seen.now_ns, self._voice
        voice.poll(now_ns)
        self._report(seen)
        alarms = self._own.over(seen.alarms, now_ns)
        word = self._bursts.due(alarms, now_ns)
        if word is not None:
            voice.say(word or "SILENCE")
        loud = wanted(alarms)
        if seen.snapshot is not None and seen.snapshot is not self._snapshot:
            self._snapshot = seen.snapshot
            for cue in self._cues.next(seen.snapshot):
                if not loud or cue.startswith("LIMIT"):
                    voice.say(cue)
        watched = bool(loud) or (seen.snapshot is not None and seen.snapshot.state in MOVING)
        if watched != self._watched or now_ns >= self._life_ns:
            self._watched = watched
            self._life_ns = now_ns + LIFE_NS
            if self._level != LEVELS:
                voice.say(f"VOLUME {self._level}")  # again and again: a sound process that was started anew begins at full
            voice.say("WATCH" if watched else "REST")

    def set_level(self, level: int) -> None:
        """A person changed the volume: it holds from now on, and one tone lets it be heard."""
        self._level = level
        self._voice.say(f"VOLUME {level}")
        self._voice.say("LIMIT_SAME")

    def acknowledged(self, alarm: str, now_ns: int) -> None:
        """A person acknowledged an alarm of the screen's own; control's are silenced by control."""
        self._own.acknowledge(alarm, now_ns)

    def close(self) -> None:
        """The screen ends: so does its voice."""
        self._voice.close()

    def _report(self, seen: Seen) -> None:
        """To every new control, and at every change. What is not known yet is not told."""
        if seen.linked and not self._linked:
            self._told = None
        self._linked = seen.linked
        device = self._voice.device
        if not seen.linked or device is None or device == self._told:
            return
        why = self._voice.why
        if self._send(lambda number: Sound(number=number, device=device, detail=why)):
            self._told = device
