"""Everything around the treatment that the shell does by itself: settings, dimming and locks, kiosk, the technician's corner."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from pencontrol.control.snapshot import State
from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.awake import Awake
from ui.touch.backlight import Backlight
from ui.touch.interpreter import system_said
from ui.touch.pages.keypad_panel import KeypadPanel
from ui.touch.pages.setup import SetupPage
from ui.touch.presenter import Presenter
from ui.touch.rest import Lock, Rest
from ui.touch.settings import Settings, Tries, is_code, make_code, theme_now, write_settings
from ui.touch.shell import Shell
from ui.touch.views_around import machine_view
from ui.touch.widgets.hold import Clock
from ui.touch.words import Words

log = logging.getLogger(__name__)
ARMED = s.ARMED | {State.PAUSED}  # the panel stays lit
BAR_RANGE_MM = (20.0, 120.0)  # what a ruler may say of the 50 mm bar
SLOW_NS = 1_000_000_000


@dataclass(frozen=True)
class Means:
    """What comes from outside: clocks, randomness, the machine."""

    clock: Clock
    now: Callable[[], datetime]
    salt: Callable[[], bytes]
    backlight: Backlight
    awake: Awake
    versions: tuple[tuple[str, str], ...] = ()


class Keeper(Protocol):
    """Who knows the PINs, where people have some."""

    def lock_user(self) -> str:
        """Whose PIN opens the idle lock; "" while nobody has one."""

    def next_user(self, user: str) -> str:
        """The one after `user`."""

    def unlock(self, user: str, pin: str, refuse: Callable[[str], None], opened: Callable[[], None]) -> None:
        """Look at a PIN without holding up a frame; then one of the two is called."""


class Household(QObject):
    """Signals: `anew` (draw the screen again with the settings as kept), `leave` (out of the kiosk)."""

    anew = pyqtSignal()
    leave = pyqtSignal()

    def __init__(
        self,
        shell: Shell,
        presenter: Presenter,
        page: SetupPage,
        keypad: KeypadPanel,
        words: Words,
        settings: Settings,
        problem: str,
        home: Path,
        means: Means,
    ) -> None:
        super().__init__(shell)
        self._shell, self._presenter, self._page, self._keypad = shell, presenter, page, keypad
        self._words, self._home, self._means = words, home, means
        self.settings = self._drawn = settings
        self._theme = theme_now(settings, means.now().hour)
        self._rest = Rest(settings.dim_after_s, settings.lock_after_s, means.clock())
        self._tries = Tries(means.clock)
        self._slow_ns = 0
        self.keeper: Keeper | None = None
        self._user = ""  # whose PIN the idle lock asks; "" while it is open
        means.backlight.set(settings.brightness)
        page.show_settings(settings, settings)
        page.show_problem(words("setup.problem", keys=problem) if problem else "")
        self._connect()
        if problem:
            presenter.tell(words("setup.problem", keys=problem))

    def _connect(self) -> None:
        shell, page, clock = self._shell, self._page, self._means.clock
        shell.used.connect(lambda: self._rest.touched(clock()))
        shell.stop.connect(lambda: self._rest.touched(clock()))
        shell.veil.woken.connect(lambda: self._rest.touched(clock()))
        shell.curtain.unlocked.connect(self._unlock)
        shell.curtain.code_typed.connect(self._try_code)
        shell.curtain.other_touched.connect(self._ask_other)
        shell.corner.completed.connect(self._leave)
        page.changed.connect(self.change)
        page.anew.connect(self.anew)
        page.left.connect(lambda: self._presenter.visit(None))
        page.measure.connect(self._ask_measure)
        page.code.connect(self._ask_code)
        self._keypad.done.connect(self._answered)
        self._presenter.ticked.connect(self._tick)

    def lock_for_cleaning(self) -> None:
        """A person is going to wipe the screen."""
        self._presenter.show_panel(h.Panel.NONE)
        self._rest.clean()
        self._look()

    def change(self, values: dict[str, object]) -> None:
        """Take and keep some settings; what the file refuses is said on the page and holds until the program ends."""
        try:
            self.settings = Settings(**asdict(self.settings) | values)
        except (ValueError, TypeError):
            log.warning("settings refused: %s", sorted(values))
            return
        problem = ""
        try:
            write_settings(self._home, self.settings)
        except OSError as error:
            problem = self._words("setup.not_kept", error=system_said(error.strerror or type(error).__name__, self._words))
        self._page.show_problem(problem)
        self._rest.set_times(self.settings.dim_after_s, self.settings.lock_after_s)
        if "brightness" in values:
            self._means.backlight.set(self.settings.brightness)
        self._page.show_settings(self.settings, self._drawn)

    def _tick(self, now_ns: int) -> None:
        self._look()
        snapshot = self._presenter.state.snapshot
        self._means.awake.look(snapshot is not None and self._presenter.state.alive and snapshot.state in ARMED)
        if now_ns - self._slow_ns < SLOW_NS:
            return
        self._slow_ns = now_ns
        state = self._presenter.state
        if s.page(state) is h.Page.SETUP:
            about = ((self._words("machine.blanking"), self._means.awake.words() or self._words("missing")),)
            self._page.show_machine(machine_view(state, self._words, self._means.versions, about))
        by_time = theme_now(self.settings, self._means.now().hour)
        if self.settings.theme == "auto" == self._drawn.theme and by_time != self._theme and self._calm(state):
            self.anew.emit()

    @staticmethod
    def _calm(state: s.ScreenState) -> bool:
        """Whether drawing everything again disturbs nobody."""
        session = state.snapshot.session if state.snapshot is not None else None
        return s.idle(state) and state.panel is h.Panel.NONE and (session is None or session.state != "OPEN")

    def _look(self) -> None:
        state = self._presenter.state
        runs = state.snapshot is not None and state.snapshot.state in (State.ARMING, State.RUNNING)  # STOP opens no lock
        resting = self._rest.look(self._means.clock(), s.idle(state), runs)
        asks = self.keeper.lock_user() if self.keeper is not None else ""
        self._user = (self._user or asks) if resting.lock is Lock.IDLE and asks else ""
        self._shell.curtain.ask_pin(self._words("sign_in.pin", user=self._user) if self._user else "")
        self._shell.show_resting(resting, bool(self.settings.code or self._user))

    def _ask_other(self) -> None:
        if self.keeper is not None and self._user:
            self._user = self.keeper.next_user(self._user)
            self._look()

    def _unlock(self) -> None:
        self._rest.unlock(self._means.clock())
        self._look()

    def _try_code(self, digits: str) -> None:
        """The idle lock's code, or the PIN of who is at the chair."""
        curtain = self._shell.curtain
        if self._user and self.keeper is not None:
            curtain.hold_off(self._words("sign_in.looking"))
            self.keeper.unlock(self._user, digits, curtain.refuse, self._unlock)
            return
        if wrong := self._wrong(digits):
            self._shell.curtain.refuse(wrong)
        else:
            self._unlock()

    def _wrong(self, digits: str) -> str:
        """Why this code opens nothing; "" when it is right."""
        if wait_s := self._tries.wait_s():
            return self._words("lock.wait", seconds=wait_s)
        right = is_code(self.settings.code, digits)
        self._tries.told(right)
        return "" if right else self._words("lock.wrong")

    def _leave(self) -> None:
        """The corner was held."""
        if not s.may_visit(self._presenter.state):
            self._presenter.tell(self._words("more.armed"))
        elif self.settings.code:
            self._ask("leave", self._words("kiosk.code"))
        else:
            self.leave.emit()

    def _ask(self, question: str, title: str) -> None:
        self._keypad.ask_code(question, title)
        self._presenter.show_panel(h.Panel.KEYPAD)

    def _ask_code(self) -> None:
        if self.settings.code:
            self._ask("old_code", self._words("setup.old_code"))
        else:
            self._ask("new_code", self._words("setup.new_code"))

    def _ask_measure(self) -> None:
        low, high = BAR_RANGE_MM
        self._keypad.ask_number("measure", self._words("setup.measure_ask"), low, high, self._words("unit.mm"), 1)
        self._presenter.show_panel(h.Panel.KEYPAD)

    def _answered(self, question: str, text: str) -> None:
        if question in ("old_code", "leave") and (wrong := self._wrong(text)):
            self._keypad.refuse(wrong)
            return
        if question == "old_code":
            self._ask("new_code", self._words("setup.new_code"))
            return
        self._presenter.show_panel(h.Panel.NONE)
        if question == "measure":
            self._page.screen_tab.measured(float(text))
        elif question == "new_code":
            self.change({"code": make_code(text, self._means.salt())})
        elif question == "leave":
            self.leave.emit()
