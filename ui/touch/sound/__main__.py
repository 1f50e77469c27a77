"""`python -m ui.touch.sound`: the process that owns the sound device. Started by the screen; a hung sound server hangs only it.

Lines in: a sound's name plays it, `VOLUME 3` turns what comes next down to 3 of 5, `SILENCE` ends what sounds,
`WATCH` and `REST` are signs of life. After a WATCH that is not followed by any line for 1.5 s the screen hangs while it
matters: HIGH sounds until it is back. The end of the input ends the process. Lines out: `DEVICE name` when sound has come
through, again and again; `NONE why`, and then the process ends, because Qt does not find a sound server again that it has
lost: the screen starts another one.
"""

import os
import sys
import time

from PyQt6.QtCore import QCoreApplication, QIODevice, QLoggingCategory, QObject, QSocketNotifier, QTimer
from PyQt6.QtMultimedia import QAudio, QAudioFormat, QAudioSink, QMediaDevices
from PyQt6.sip import voidptr

from ui.touch.sound.mixer import Mixer
from ui.touch.sound.tones import BURSTS, RATE_HZ, make_sounds

STEP_MS = 20
PROBE_S = 5.0
STUCK_S = 4.0  # a sink that slept may take a second; sound that nobody takes for so long is not heard
WATCH_S = 1.5
BUFFER_BYTES = RATE_HZ * 2 * 4 // 10  # a busy machine may hold this process up for 0.4 s
READY_BYTES = RATE_HZ * 2 // 10  # of silence: what a sound has to wait for
PROBE_SAMPLES = RATE_HZ // 2  # of silence: a server begins only when its buffer is full, and it flushes what sounded
CHEERLESS = "the sound server does not take any sound"


class Player(QObject):
    """Feeds one sink while there is something to play; probes the way with silence in between."""

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__()
        self._application = application
        self._mixer = Mixer(make_sounds())
        self._sink: QAudioSink | None = None
        self._way: QIODevice | None = None
        self._name = ""
        self._held = b""
        self._moved_s = self._heard_s = time.monotonic()
        self._silent = 0  # samples of silence still to be fed
        self._processed_us = 0
        self._watched = False
        self._probe_s = 0.0
        self._alarm_s = 0.0
        self._devices = QMediaDevices()
        self._devices.audioOutputsChanged.connect(self._probe_now)
        os.set_blocking(0, False)
        self._input = QSocketNotifier(voidptr(0), QSocketNotifier.Type.Read)
        self._input.activated.connect(self._read)
        self._timer = QTimer()
        self._timer.timeout.connect(self._step)
        self._timer.start(STEP_MS)

    def _read(self) -> None:
        try:
            data = os.read(0, 4096)
        except BlockingIOError:
            return
        if not data:
            self._application.quit()
            return
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            self._obey(line.decode("ascii", "replace"))

    def _obey(self, word: str) -> None:
        self._heard_s = time.monotonic()
        if word in ("WATCH", "REST"):
            self._watched = word == "WATCH"
        elif word == "SILENCE":
            self._mixer.silence()
            self._let_go()
        elif word.startswith("VOLUME "):
            self._mixer.take_level(word.removeprefix("VOLUME "))
        elif word in BURSTS:
            self._let_go()  # nothing that was on its way comes before an alarm
            self._mixer.play(word)
        else:
            self._mixer.play(word)

    def _probe_now(self) -> None:
        self._probe_s = 0.0

    def _step(self) -> None:
        now_s = time.monotonic()
        if self._watched and now_s - self._heard_s > WATCH_S and now_s >= self._alarm_s:
            self._alarm_s = now_s + 6.0
            self._mixer.play("HIGH")
        if self._sink is None:
            if self._mixer.left or now_s >= self._probe_s:
                self._open(now_s)
            return
        self._feed(now_s)

    def _open(self, now_s: float) -> None:
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            self._fail("no sound device is there")
            return
        shape = QAudioFormat()
        shape.setSampleRate(RATE_HZ)
        shape.setChannelCount(1)
        shape.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._name = device.description()
        self._sink = QAudioSink(device, shape)
        self._sink.setBufferSize(BUFFER_BYTES)
        self._way = self._sink.start()
        self._silent = PROBE_SAMPLES
        self._moved_s = now_s
        self._processed_us = 0
        if self._way is None:
            self._fail(f"{self._name} cannot be opened")

    def _feed(self, now_s: float) -> None:
        sink, way = self._sink, self._way
        if sink is None or way is None:
            return
        if sink.error() not in (QAudio.Error.NoError, QAudio.Error.UnderrunError):
            self._fail(f"{self._name}: {sink.error().name}")
            return
        if self._watched and not self._silent and sink.bufferSize() - sink.bytesFree() < READY_BYTES:
            self._silent = READY_BYTES // 2  # the way is kept open: a sleeping device would cut an alarm's beginning
        self._fill(sink, way)
        processed_us = sink.processedUSecs()
        if processed_us > self._processed_us:
            self._processed_us, self._moved_s = processed_us, now_s
            if now_s >= self._probe_s:
                self._probe_s = now_s + PROBE_S
                _say(f"DEVICE {self._name}")
        waits = self._mixer.left or self._silent or sink.bytesFree() < sink.bufferSize()
        if now_s - self._moved_s > (STUCK_S if waits or not processed_us else 0.25):
            if waits or not processed_us:
                self._fail(f"{self._name}: {CHEERLESS}")
            else:
                self._let_go()
                self._probe_s = now_s + PROBE_S

    def _fill(self, sink: QAudioSink, way: QIODevice) -> None:
        room = sink.bytesFree() // 2
        if room > 0 and self._mixer.left:
            way.write(self._mixer.take(room))
            self._silent = PROBE_SAMPLES
        elif room > 0 and self._silent:
            count = min(room, self._silent)
            self._silent -= count
            way.write(bytes(2 * count))

    def _let_go(self) -> None:
        sink, self._sink, self._way = self._sink, None, None
        if sink is not None:
            sink.reset()
            sink.stop()
            sink.deleteLater()

    def _fail(self, why: str) -> None:
        self._timer.stop()
        _say(f"NONE {why}")
        self._application.exit(3)


def _say(line: str) -> None:
    try:
        os.write(1, line.replace("\n", " ").encode() + b"\n")
    except OSError:
        sys.exit(0)  # nobody listens any more


def main() -> int:
    """Until the input ends (0) or there is no sound (3)."""
    QLoggingCategory.setFilterRules("qt.multimedia*=false")
    application = QCoreApplication(sys.argv[:1])
    player = Player(application)
    code = application.exec()
    del player
    return code


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a sound server that hangs must not hold the end of this process
