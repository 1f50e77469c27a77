"""What `pencontrol doctor` finds by listening and by reading the record: the way to the loudspeaker, control's last run. I/O."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a quick command loads no more than it needs
    from sessions.events import Enforcement

SOUND_S = 8.0
PERIOD_MS = 20
LOOKED_AT = 5  # sessions back, for one that control could close itself

Verdict = Literal["good", "fair", "bad"]


def sound_way() -> tuple[Verdict, str, str]:
    """Verdict, what was found, how to mend it: silence is played, and must come through."""
    from ui.touch.sound.voice import Process

    voice = Process()
    end_s = time.monotonic() + SOUND_S
    try:
        while voice.device is None and time.monotonic() < end_s:
            voice.poll(time.monotonic_ns())
            time.sleep(0.02)
    finally:
        voice.close()
    if voice.device:
        return "good", f"silence came through {voice.device}; whether it is loud enough only an ear can say", ""
    mend = "connect a loudspeaker and start the sound server (PulseAudio or PipeWire); without it alarms are only seen"
    return "fair", voice.why or f"no word from the sound process within {SOUND_S:.0f} s", mend


def last_loop(home: Path) -> tuple[Verdict, str, str]:
    """How control's loop ran in the last session that control itself closed: period, deadlines, what the system granted."""
    from sessions.events import SessionClosed
    from sessions.reading import list_sessions, load_bodies
    from sessions.store import FILE_NAME, StoreError, open_store

    if not (home / FILE_NAME).exists():
        return "good", "no session yet", ""
    try:
        with open_store(home) as store:
            for listing in list_sessions(store, LOOKED_AT):
                closed = [body for body in load_bodies(store, listing.id) if isinstance(body, SessionClosed)]
                told = next((body.enforcement for body in closed if body.enforcement is not None), None)
                if told is not None:
                    return _judge(told, listing.id)
    except StoreError as error:
        return "bad", str(error), ""
    return "fair", "no session that control closed by itself", ""


def _judge(told: "Enforcement", session: str) -> tuple[Verdict, str, str]:
    p99 = f"p99 {told.period_p99_us / 1000:.1f} ms, " if told.period_p99_us is not None else ""
    granted = ", ".join(f"{name} {word}" for name, word in told.scheduling.items()) or "nothing on record"
    found = (
        f"{session}: {told.deadlines_missed} deadlines missed, {p99}longest {told.worst_period_us / 1000:.1f} of {PERIOD_MS} ms"
    )
    found += f"; granted: {granted}"
    if told.deadlines_missed:
        return "fair", found, "give control a core of its own and real-time priority (see the lines above), end other work"
    return "good", found, ""
