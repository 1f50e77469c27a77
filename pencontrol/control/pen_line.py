"""The pen as control knows it: greeting, set-up, plan upload, and what it last said of itself. Pure: bytes go through `Port`."""

from collections.abc import Callable
from typing import Protocol

from firmware_protocol import messages
from firmware_protocol.happenings import Replied, Unanswered
from firmware_protocol.link import Link
from firmware_protocol.pen_calibration import block_of
from pencontrol.control.identity import cartridge_from, identity_from, text_of
from sessions.events import Cartridge, PenIdentity

STREAM_PERIOD_US = 1000
ENTRIES_A_WRITE = 16  # 51 bytes of payload fit 64 on the wire: 1 + 16 * 3
GREET_AGAIN_NS = 1_000_000_000
SET_UP_AGAIN_NS = 200_000_000  # a pen that was just plugged in tests itself first


class Port(Protocol):
    """The open port, as far as pure code may know it."""

    def write(self, data: bytes) -> bool:
        """All of `data` at once, without blocking; False: the link is gone."""
        ...

    def abandon(self) -> None:
        """The pen does not confirm STOP: drop DTR and close, wherever that may hang."""
        ...


class PenLine:
    """The link and what came of it. A new one for every time the port is opened."""

    def __init__(self, url: str, port: Port, nonce: Callable[[], int], now_ns: int) -> None:
        """Greets the pen at once."""
        self.url = url
        self.port = port
        self.link = Link(nonce())
        self._nonce = nonce
        self.identity: PenIdentity | None = None
        self.cartridge: Cartridge | None = None
        self.cartridge_in = False  # by telemetry
        self.today_days = 0  # since 2020-01-01: a pen has no calendar, and needs one for its certificate
        self.calibration_status = ""  # "": the pen has not told; else PASS, LOCKED or NONE
        self.calibration_certificate = ""
        self.calibration_until_days = 0
        self.fault = messages.FAULT_NONE
        self.streaming = False
        self.plan_crc: int | None = None
        self._plan: tuple[tuple[int, int], ...] = ()
        self.refused_plan = ""
        self._set_up_again_ns: int | None = None
        self._greeted_ns = now_ns
        self.silent = False  # a greeting went unanswered
        self.uncertain = False  # a command had no answer: what the pen does is not known until it answers a greeting

    @property
    def ready(self) -> bool:
        """Greeted, streaming, cartridge read, nothing uncertain."""
        return self.identity is not None and self.streaming and self.cartridge is not None and not self.needs_greeting

    @property
    def needs_greeting(self) -> bool:
        """Only HELLO shows what the pen is now."""
        return self.silent or self.link.lost

    @property
    def rx_problem(self) -> str:
        """Why no pen answers, as far as the bytes tell."""
        counters = self.link.counters
        if counters.bad_frames:
            return f"what answers on {self.url} does not speak pen link 1 ({counters.bad_frames} frames were refused)"
        return f"nothing answers on {self.url}"

    def hold_plan(self, entries: tuple[tuple[int, int], ...], now_ns: int) -> None:
        """From now on this plan belongs on the pen; it is uploaded now and after every greeting."""
        self._plan = entries
        self.plan_crc = None
        self.refused_plan = ""
        if self.ready:
            self._upload(now_ns)

    def greet_again(self, now_ns: int) -> bool:
        """Resolve uncertainty: HELLO disarms the pen and shows its state. At most once a second; False: too early."""
        if now_ns - self._greeted_ns < GREET_AGAIN_NS:
            return False
        self.restarted(now_ns)
        return True

    def restarted(self, now_ns: int) -> None:
        """The pen began anew, or must: whatever was known of it is void; greet at once."""
        self._greeted_ns = now_ns
        self.identity = None
        self.streaming = False
        self.plan_crc = None
        self.link.hello_again(self._nonce(), now_ns)

    def set_up(self, now_ns: int) -> None:
        """After a greeting, or a cleared fault: stream, cartridge, plan."""
        self._set_up_again_ns = None
        self.link.request(messages.TODAY, messages.Today(today_days=self.today_days), now_ns)
        self.link.request(messages.STREAM, messages.Stream(period_us=STREAM_PERIOD_US, batch=1), now_ns)
        self.link.request(messages.CARTRIDGE_GET, messages.CartridgeGet(), now_ns)
        whole = messages.CalibrationRead(offset=0, count=messages.CALIBRATION_BYTES)
        self.link.request(messages.CALIBRATION_READ, whole, now_ns)
        if self._plan:
            self._upload(now_ns)

    def tick(self, now_ns: int) -> bool:
        """What the line itself has to try again: a greeting without answer, a set-up that came too early. True: it did."""
        if self.needs_greeting:
            return self.greet_again(now_ns)
        if self._set_up_again_ns is not None and now_ns >= self._set_up_again_ns and self.fault == messages.FAULT_NONE:
            self._set_up_again_ns = None
            self.set_up(now_ns)
            return True
        return False

    def read_cartridge(self, now_ns: int) -> None:
        """Ask the chip again: after a session it has been used, after a change it is another one."""
        if self.identity is not None and not self.needs_greeting:
            self.link.request(messages.CARTRIDGE_GET, messages.CartridgeGet(), now_ns)

    def on_replied(self, replied: Replied, now_ns: int) -> None:
        """Answers that belong to greeting, set-up and upload."""
        done = replied.result == messages.OK
        message = replied.message
        if message is messages.HELLO and done:
            self.silent = self.uncertain = False
            self.identity = identity_from(replied.reply, self.url)
            self.fault = replied.reply.fault
            self.set_up(now_ns)
        elif message is messages.STREAM:
            self.streaming = done
            self._set_up_again_ns = None if done else now_ns + SET_UP_AGAIN_NS
        elif message is messages.CALIBRATION_READ and done:
            self._take_calibration(bytes(entry[0] for entry in replied.reply.entries))
        elif message is messages.CARTRIDGE_GET and done:
            self.cartridge = cartridge_from(replied.reply)
        elif message is messages.PLAN_COMMIT:
            if done:
                self.plan_crc = replied.payload.plan_crc
            else:
                self.refused_plan = messages.RESULTS[replied.result] if replied.result < len(messages.RESULTS) else "?"

    def on_unanswered(self, unanswered: Unanswered) -> None:
        """No answer to a greeting means no pen; to anything else, uncertainty."""
        if unanswered.message is messages.HELLO:
            self.silent = True
            self.identity = None
        else:
            self.uncertain = True

    def _take_calibration(self, payload: bytes) -> None:
        block = block_of(payload)
        if block is None:
            self.calibration_status = messages.CALIBRATION_STATUSES[messages.CALIBRATION_NONE]
            return
        self.calibration_status = messages.CALIBRATION_STATUSES[block.status]
        self.calibration_certificate = text_of(block.certificate)
        self.calibration_until_days = block.valid_until_days

    def _upload(self, now_ns: int) -> None:
        for offset in range(0, len(self._plan), ENTRIES_A_WRITE):
            part = messages.PlanWrite(offset=offset, entries=self._plan[offset : offset + ENTRIES_A_WRITE])
            self.link.request(messages.PLAN_WRITE, part, now_ns)
        commit = messages.PlanCommit(plan_crc=messages.plan_crc(self._plan))
        self.link.request(messages.PLAN_COMMIT, commit, now_ns)
