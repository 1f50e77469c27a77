"""Inside the screen: opens panels and locks as a person's touch does, for `benchmarks.screen.places`. Never while timing.

What is measured carries nothing of the bench: what only an order needs is imported by it.
"""

from collections.abc import Callable
from typing import Any

from ui.touch import happenings as h
from ui.touch.app import Touch
from ui.touch.records.replay import RATES
from ui.touch.rest import Lock
from ui.touch.settings import make_code

CODE = "1234"
IDLE_S = 60
CLIENT, OPERATOR, CEILING_UM = "C-0001", "P-01", 1500


class Tour:
    """`orders` by name; each is carried out at once."""

    def __init__(self, touch: Touch) -> None:
        self._touch = touch
        self.orders: dict[str, Callable[[], object]] = {
            "screen_error": self._screen_error,
            "code": lambda: touch.prepare_desk.ask_code("client"),
            "consent": self._consent,
            "media": lambda: touch.close_panel.media_touched.emit(),
            "numbing": lambda: touch.before.numbing_desk.open(),
            "pins": self._pins,
            "sign_in": self._sign_in,
            "text": self._text,
            "keypad": lambda: touch.setup.measure.emit(),
            "code_pad": lambda: touch.setup.code.emit(),
            "follow": lambda: self._follow(False),
            "adverse": lambda: self._follow(True),
            "photo_file": lambda: self.records.photos.ask_file("before"),
            "play_on": self._play_on,
            "freeze": lambda: touch.presenter.dispatch(h.Froze(True)),
            "CLEAN": lambda: touch.household.lock_for_cleaning(),
            "IDLE": self._idle,
            "calm": self._calm,
            "free": self._free,
        }

    @property
    def records(self) -> Any:
        """The records' page. It is there once it was visited."""
        page = self._touch.records.page
        assert page is not None, "the records have not been visited yet"
        return page

    def lid(self) -> str:
        """The lock over everything."""
        curtain = self._touch.shell.curtain
        return "" if curtain.isHidden() else "IDLE" if curtain.keypad.isVisible() else "CLEAN"

    def section(self, page: h.Page) -> str:
        """The records' section or Setup's tab on show."""
        if page is h.Page.SETUP:
            return next(name for name, key in self._touch.setup.keys.items() if key.isChecked())
        if page is h.Page.RECORDS and self._touch.records.page is not None:
            return str(self.records.shown)
        return ""

    def _screen_error(self) -> None:
        presenter = self._touch.presenter
        if not presenter.state.faults:
            presenter.dispatch(h.ScreenFailed("made by the bench"))
        presenter.show_panel(h.Panel.ALARMS)

    def _consent(self) -> None:
        if not self._touch.presenter.state.draft.client:
            self._touch.presenter.draft(client=CLIENT)
        self._touch.front.consent.ask()

    def _pins(self) -> None:
        from ui.touch.planning import SHIPPED

        if not self._touch.presenter.state.draft.plan:
            self._touch.presenter.draft(plan=str(SHIPPED / "full_face.toml"))
        self._touch.prepare.pins_touched.emit()

    def _sign_in(self) -> None:
        from ui.touch.people.jobs import Member

        self._touch.front.sign_in.members = (Member(OPERATOR, "", "practitioner", CEILING_UM),)
        self._touch.front.sign_in.ask(user=OPERATOR)

    def _text(self) -> None:
        self._touch.front.text_panel.ask("note", "", lambda _: None)
        self._touch.presenter.show_panel(h.Panel.TEXT)

    def _follow(self, form: bool) -> None:
        course = self.records.course
        course.asks.click()
        course.follow._show_form(form)

    def _play_on(self) -> None:
        """At the highest rate, from the beginning when the end was reached."""
        replay = self.records.replay
        while replay.player.rate < max(RATES):
            replay.faster()
        if not replay.player.playing:
            replay.toggle()

    def _idle(self) -> None:
        household = self._touch.household
        self._touch.front.sign_in.members = ()
        if not household.settings.code:
            household.change({"code": make_code(CODE, b"salt"), "lock_after_s": IDLE_S})
        household._rest._lock = Lock.IDLE
        household._look()

    def _calm(self) -> None:
        """After an EMERGENCY: clear the pen's fault, see the alarms. Both take control's word, so it is asked again."""
        presenter = self._touch.presenter
        presenter.clear_fault()
        snapshot = presenter.state.snapshot
        for alarm in snapshot.alarms if snapshot is not None else ():
            if not alarm.silenced:
                presenter.acknowledge(alarm.alarm, alarm.occurrence)

    def _free(self) -> None:
        """As if nobody had opened anything: no lid, no code, nothing frozen, no fault, no panel."""
        touch = self._touch
        household, presenter = touch.household, touch.presenter
        if household.settings.code or household.settings.dim_after_s or household.settings.lock_after_s:
            household.change({"code": "", "dim_after_s": 0, "lock_after_s": 0})
        touch.shell.curtain.unlocked.emit()
        touch.front.sign_in.members = ()
        presenter.dispatch(h.FaultsSeen())
        presenter.dispatch(h.Froze(False))
        presenter.show_panel(h.Panel.NONE)
        if touch.records.page is not None:
            self.records.course.follow.left.emit()
