"""What the practitioner says of the zones: direction, end point, reaction. Notes go to control, the sheet into a small file."""

import logging
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from PyQt6.QtCore import QObject

from pencontrol.control import commands
from ui.touch import happenings as h
from ui.touch import planning, zone_work
from ui.touch import state as s
from ui.touch.presenter import Presenter
from ui.touch.words import Words

log = logging.getLogger(__name__)
SHEET_FILE = "treatment_sheet.json"  # so that a screen that was killed comes back with what was said


class ZoneDesk(QObject):
    """Intents of the keys around the map. Every one ends as a coded note in the record, written by control."""

    def __init__(self, presenter: Presenter, words: Words, home: Path) -> None:
        super().__init__(presenter)
        self._presenter, self._words, self._home = presenter, words, home
        presenter.changed.connect(self._on_change)

    @property
    def _sheet(self) -> h.Sheet:
        return self._presenter.state.sheet

    def preset(self, depth_um: int) -> None:
        """A depth key: deeper waits for its hold, shallower is asked at once."""
        state = self._presenter.state
        snapshot = state.snapshot
        if snapshot is None:
            return
        self._presenter.dispatch(h.Preset(depth_um))
        if 0 < depth_um < snapshot.asked.depth_um:
            self._presenter.ask(depth_um, snapshot.asked.speed_rpm)

    def turn_direction(self) -> None:
        """The direction key: the next one of the plan's order, for this pass."""
        zone = s.present_zone(self._presenter.state)
        if zone is not None:
            self._keep(zone_work.turned(self._sheet, zone))

    def end_point(self, code: str) -> None:
        """What the skin of the present zone shows; excess stops the pen first."""
        zone = s.present_zone(self._presenter.state)
        if zone is None or code not in h.END_POINTS:
            return
        if code == "excess":
            self._presenter.stop()
        self._note(f"end_point.{code}", zone.zone)
        self._keep(replace(self._sheet, end_points={**self._sheet.end_points, zone.zone: code}))
        self._presenter.show_panel(h.Panel.NONE)

    def reaction(self) -> None:
        """One tap: the pen stops, the record says so, and the panel asks which."""
        self._presenter.stop()
        self._note("reaction")
        self._presenter.show_panel(h.Panel.REACTION)

    def reaction_was(self, code: str) -> None:
        """Which reaction it was."""
        if code in h.REACTIONS:
            self._note(f"reaction.{code}")
        self._presenter.show_panel(h.Panel.NONE)

    def next_zone(self) -> None:
        """One tap goes to the zone that the plan has next; it never deepens."""
        zone = zone_work.next_zone(self._presenter.state.snapshot)
        if zone is not None:
            self._presenter.select(zone.zone)

    def freeze(self) -> None:
        """The traces stand still, or go on."""
        self._presenter.dispatch(h.Froze(not self._presenter.state.frozen))

    def _note(self, code: str, text: str = "") -> None:
        self._presenter.send(lambda number: commands.AddNote(number=number, code=code, text=text))

    def _note_pass(self, zone: str, number: int, degrees: int) -> None:
        """Of the zone that was left: the pen may be in the next one already."""

        def told(at: int) -> commands.NotePass:
            return commands.NotePass.model_validate({"number": at, "zone": zone, "pass_number": number, "direction_deg": degrees})

        self._presenter.send(told)

    def _on_change(self, old: s.ScreenState, new: s.ScreenState) -> None:
        if old.snapshot is new.snapshot or new.snapshot is None:
            return
        session = new.snapshot.session
        if session is None or session.state != "OPEN":
            return
        if new.sheet.session != session.id:
            self._begin(session.id)
        elif old.snapshot is not None:
            for number in zone_work.undone_passes(old.snapshot, new.snapshot):
                self._presenter.tell(self._words("pass.undone", number=number))
            for zone, number in zone_work.ended_passes(old.snapshot, new.snapshot):
                degrees = zone_work.direction_deg(new.sheet, zone)
                self._note_pass(zone.zone, number, degrees)

    def _begin(self, session: str) -> None:
        """Another session: its sheet from the file if this is a screen that came back, else an empty one."""
        snapshot = self._presenter.state.snapshot
        assert snapshot is not None
        plan = planning.plan_to_resume(self._home, snapshot)
        orders = {zone["zone"]: tuple(zone["directions_deg"]) for zone in plan["zones"]}
        kept = read_sheet(self._home)
        sheet = kept if kept is not None and kept.session == session else h.Sheet(session=session)
        self._presenter.dispatch(h.SheetWritten(replace(sheet, orders=orders)))

    def _keep(self, sheet: h.Sheet) -> None:
        self._presenter.dispatch(h.SheetWritten(sheet))
        try:
            write_sheet(self._home, sheet)
        except OSError as error:
            log.warning("the treatment sheet could not be kept: %s", error)


class _File(BaseModel):
    """The sheet as it stands in the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    session: str
    directions: dict[str, list[int]] = {}
    end_points: dict[str, str] = {}


def read_sheet(home: Path) -> h.Sheet | None:
    """The sheet that was kept; None when there is none that can be used."""
    try:
        kept = _File.model_validate_json((home / SHEET_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    directions = {
        zone: (each[0], each[1])
        for zone, each in kept.directions.items()
        if len(each) == 2 and each[1] in zone_work.DIRECTIONS_DEG
    }
    end_points = {zone: code for zone, code in kept.end_points.items() if code in h.END_POINTS}
    return h.Sheet(session=kept.session, directions=directions, end_points=end_points)


def write_sheet(home: Path, sheet: h.Sheet) -> None:
    """Keep the sheet. Raises OSError."""
    directions = {zone: list(each) for zone, each in sheet.directions.items()}
    kept = _File(session=sheet.session, directions=directions, end_points=dict(sheet.end_points))
    fresh = home / (SHEET_FILE + ".new")
    fresh.write_text(kept.model_dump_json(), encoding="utf-8")
    fresh.replace(home / SHEET_FILE)
