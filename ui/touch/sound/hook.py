"""Joins the sound to the screen: the presenter's signals in, commands to control out."""

from ui.touch.frame_views import AlarmsView
from ui.touch.link import CommandLink
from ui.touch.presenter import Presenter
from ui.touch.sound.desk import Seen, SoundDesk
from ui.touch.sound.tones import LEVELS
from ui.touch.sound.voice import Voice
from ui.touch.widgets.hold import Clock


class Hook:
    """Lives as long as the screen. `acknowledged` belongs on the alarm panel's signal."""

    def __init__(
        self, voice: Voice, presenter: Presenter, link: CommandLink, clock: Clock, ticks: bool = True, level: int = LEVELS
    ) -> None:
        """`ticks`: a quiet one for each completed pass; `level`: the volume, 1 to 5."""
        self._desk = SoundDesk(voice, lambda make: link.send(make(link.next_number())), ticks, level)
        self._presenter, self._clock = presenter, clock
        self._alarms = AlarmsView((), "", False)
        presenter.alarms.connect(self._keep)
        presenter.ticked.connect(self._frame)

    def set_level(self, level: int) -> None:
        """A person changed the volume."""
        self._desk.set_level(level)

    def acknowledged(self, alarm: str, occurrence: int) -> None:
        """A person touched "acknowledge"."""
        del occurrence  # the screen's own alarms have no count
        self._desk.acknowledged(alarm, self._clock())

    def close(self) -> None:
        """The screen ends."""
        self._desk.close()

    def _keep(self, view: AlarmsView) -> None:
        self._alarms = view

    def _frame(self, now_ns: int) -> None:
        state = self._presenter.state
        self._desk.frame(Seen(now_ns, state.linked, state.snapshot, self._alarms.alarms))
