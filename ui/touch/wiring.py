"""Which view goes to which widget, and which intent to whom. Signals only; nothing is decided here."""

from typing import TYPE_CHECKING

from ui.touch import happenings as h
from ui.touch.presenter import Presenter
from ui.touch.shell import Shell

if TYPE_CHECKING:  # pages are loaded later than the frame
    from ui.touch.pages.said import TilesPanel
    from ui.touch.pages.treat import TreatPage
    from ui.touch.zone_desk import ZoneDesk


def connect_frame(p: Presenter, shell: Shell) -> None:
    """What there is before any page: state word, STOP's own line, alarms."""
    p.word.connect(shell.column.show_word)
    p.word.connect(lambda view: shell.stop_button.show_line(view.word if view.key == "STOPPING" else ""))
    p.alarms.connect(shell.top_bar.show_alarms)
    p.ticked.connect(shell.top_bar.tile.flash)


def connect_column(p: Presenter, shell: Shell) -> None:
    """START, PAUSE, passes: with the pages."""
    column = shell.column
    p.start_control.connect(column.show_start)
    p.passes.connect(column.show_treating)
    column.start.connect(p.start)
    column.pause.connect(p.pause)
    column.pass_done.connect(p.pass_done)
    column.pass_undo.connect(p.pass_undo)


def connect_treat(p: Presenter, treat: "TreatPage") -> None:
    """What the treat page shows."""
    p.zones.connect(treat.show_map)
    p.depth_step.connect(treat.show_depth_step)
    p.speed_step.connect(treat.show_speed_step)
    p.limit.connect(treat.show_limit)
    p.frame.connect(treat.show_frame)
    p.work.connect(treat.show_work)
    p.band.connect(treat.show_band)
    p.frozen.connect(treat.show_frozen)
    p.ticked.connect(treat.map.zones.tick)


def connect_zone_keys(
    p: Presenter, treat: "TreatPage", desk: "ZoneDesk", end_panel: "TilesPanel", reaction_panel: "TilesPanel"
) -> None:
    """Presets, direction, end point, reaction, next zone, freeze."""
    p.work.connect(lambda view: end_panel.show_chosen(view.end_point_code))
    treat.preset.connect(desk.preset)
    treat.direction.connect(desk.turn_direction)
    treat.end_point.connect(lambda: p.show_panel(h.Panel.END_POINT))
    treat.reaction.connect(desk.reaction)
    treat.next_wanted.connect(desk.next_zone)
    treat.freeze.connect(desk.freeze)
    end_panel.chosen.connect(desk.end_point)
    reaction_panel.chosen.connect(desk.reaction_was)
