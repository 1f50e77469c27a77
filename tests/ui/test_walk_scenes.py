"""Every scene there is, and what no scene shows: STOP is large, free and clear, and heard beside a finger on any control.

`test_walk` goes one way through the program; here each state of each page is set up by itself, alarms and locks included.
"""

import importlib
import pkgutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QRect, Qt
from PyQt6.QtGui import QEventPoint
from PyQt6.QtWidgets import QAbstractButton, QWidget

import ui.touch
from tests.ui.conftest import PANELS, Finger
from tests.ui.scenes import looking
from tests.ui.scenes.stage import Look, Scene, Stage
from tests.ui.scenes.table import CHAPTERS
from tests.ui.test_shape import area, gap
from tests.ui.test_walk import reachable
from ui.touch.happenings import Panel
from ui.touch.shell import Shell
from ui.touch.widgets.hold import Hold

P, S = QEventPoint.State.Pressed, QEventPoint.State.Stationary


@dataclass
class Walk:
    """What one walk over all scenes found."""

    wrong: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    seen: set[type] = field(default_factory=set)
    scenes: int = 0
    rested: int = 0


class QuickStage(Stage):
    """Nothing is drawn, and no scene has ten seconds of trace: only where things are counts here."""

    def __init__(self, folder: Path, look: Look) -> None:
        super().__init__(folder, look)
        self.shell.setUpdatesEnabled(False)

    def play(self, *_: Any, **__: Any) -> None:
        """Only what is on show."""
        self.frames(2)


def _over(stage: Stage, panel: Panel) -> None:
    """A panel of no page's own, over the records."""
    looking._open(stage)
    stage.panel(panel)


def _corner(stage: Stage) -> None:
    stage.shell.corner.show()


def _no_corner(stage: Stage) -> None:
    stage.shell.corner.hide()


MORE = {
    "records": (
        Scene("records alarm list", partial(_over, panel=Panel.ALARMS)),
        Scene("records more", partial(_over, panel=Panel.MORE)),
    ),
    "around": (Scene("kiosk", _corner, _no_corner),),
}


def shown(panel: str, chapters: Collection[str], folder: Path, store: Path) -> Iterator[tuple[Stage, Scene]]:
    """Every scene of these chapters, each chapter on a stage of its own."""
    for chapter in chapters:
        stage = QuickStage(folder / chapter, Look(panel, panel=panel))
        try:
            if chapter == "records":
                (store / "records.sqlite").replace(stage.home / "records.sqlite")
            for scene in (*CHAPTERS[chapter], *MORE.get(chapter, ())):
                stage.clear()
                scene.show(stage)
                stage.settle()
                yield stage, scene
                if scene.after is not None:
                    scene.after(stage)
        finally:
            stage.close()


def look_at_stop(stage: Stage, name: str, px: float) -> Iterator[str]:
    """What is wrong with STOP in this scene."""
    shell, stop = stage.shell, stage.shell.stop_button
    room = QRect(stop.pos(), stop.size())
    if not (stop.isVisible() and stop.isEnabled() and shell.rect().contains(room)):
        yield f"{name}: STOP is not there"
    if min(stop.width(), stop.height()) / px < 44:
        yield f"{name}: STOP is {stop.width() / px:.1f} mm"
    for x in (3, stop.width() // 2, stop.width() - 4):
        for y in (3, stop.height() // 2, stop.height() - 4):
            if shell.childAt(stop.pos() + QPoint(x, y)) is not stop:
                yield f"{name}: STOP is covered at {x}, {y}"
    for widget, touched in reachable(shell):
        if gap(touched, room) / px < 15:
            yield f"{name}: {widget.accessibleName()} is {gap(touched, room) / px:.1f} mm from STOP"


def hears_touch(widget: QWidget) -> bool:
    """Does anything happen here when a finger comes down?"""
    if widget.testAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents) or isinstance(widget, QAbstractButton):
        return True
    own = (each for each in type(widget).__mro__ if each.__module__.startswith("ui.touch"))
    return any("mousePressEvent" in vars(each) for each in own)


def touchable(shell: Shell) -> list[tuple[QWidget, QPoint]]:
    """Everything on show that a finger can rest on, and where."""
    found: list[tuple[QWidget, QPoint]] = []
    for widget in shell.findChildren(QWidget):
        if not widget.isVisible() or widget is shell.stop_button or not hears_touch(widget):
            continue
        at = area(widget, shell).center()
        met = shell.childAt(at)
        if met is not None and (met is widget or widget.isAncestorOf(met)) and met is not shell.stop_button:
            found.append((widget, at))
    return found


def rest_on_everything(stage: Stage, name: str, finger: Finger, walk: Walk) -> None:
    """The first finger rests on one control after the other, the second one presses STOP each time."""
    shell, stops = stage.shell, stage.control.stops
    at = shell.stop_button.mapTo(shell, QPoint(40, 40))
    reaction = stage.touch.treat.zone_keys.reaction_key  # it stops by itself and opens its panel: last
    for widget, begin in sorted(touchable(shell), key=lambda each: each[0] is reaction):
        about = f"{name}: {type(widget).__name__} {widget.accessibleName()!r}"
        before = stops()
        finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, begin))
        if isinstance(widget, Hold):
            stage.frames(3)
        pressed = stops()
        if pressed != before and widget is not reaction:
            walk.unheard.append(f"{about} sends STOP by itself")
        finger.through_window(shell, QEvent.Type.TouchUpdate, (1, S, begin), (2, P, at))
        if stops() <= pressed:
            walk.unheard.append(f"{about} keeps STOP from being heard")
        finger.through_window(shell, QEvent.Type.TouchCancel)
        walk.rested += 1


def classes() -> set[type]:
    """Every widget class of this program."""
    for module in pkgutil.walk_packages(ui.touch.__path__, "ui.touch."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type] = set()
    left: list[type] = [QWidget]
    while left:
        subclasses: list[type] = type.__subclasses__(left.pop())
        for each in subclasses:
            left.append(each)
            if each.__module__.startswith("ui.touch"):
                found.add(each)
    return found


def name_of(kind: type) -> str:
    return f"{kind.__module__.removeprefix('ui.touch.')}.{kind.__name__}"


def take_walk(panel: str, chapters: Collection[str], folder: Path, touched: bool) -> Walk:
    walk, finger, px = Walk(), Finger(), PANELS[panel][1]
    store = folder / "store"
    store.mkdir(parents=True)
    looking.fill(store)
    for stage, scene in shown(panel, chapters, folder, store):
        walk.scenes += 1
        walk.wrong += look_at_stop(stage, scene.name, px)
        walk.seen |= {type(each) for each in stage.shell.findChildren(QWidget) if each.isVisible()}
        if touched:
            rest_on_everything(stage, scene.name, finger, walk)
    return walk


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return take_walk("10.1", list(CHAPTERS), tmp_path_factory.mktemp("walk"), True)


def test_stop_is_free_in_every_scene(walk: Walk) -> None:
    assert not walk.wrong, "\n".join(walk.wrong)
    assert walk.scenes == sum(map(len, (*CHAPTERS.values(), *MORE.values())))


@pytest.mark.parametrize("panel", list(PANELS)[1:])
def test_stop_is_free_on_the_larger_panels(panel: str, tmp_path: Path) -> None:
    """Treat's scenes are left to `test_walk`, which goes through it at every size."""
    chapters = [chapter for chapter in CHAPTERS if chapter != "treat"]
    wrong = take_walk(panel, chapters, tmp_path, False).wrong
    assert not wrong, "\n".join(wrong)


def test_a_second_finger_on_stop_is_heard_whatever_the_first_rests_on_in_every_scene(walk: Walk) -> None:
    assert not walk.unheard, "\n".join(walk.unheard)
    assert walk.rested > 18 * walk.scenes, "every control, and not a few"


def test_the_walk_meets_every_widget_of_the_program(walk: Walk) -> None:
    """A page, panel or control that somebody adds is walked over, or this fails."""
    shown_by_itself = {type_ for type_ in walk.seen if type_.__module__.startswith("ui.touch")}
    shown_by_itself.add(Shell)  # the window itself
    bases = {base for kind in classes() for base in kind.__mro__[1:]}
    missed = {name_of(kind) for kind in classes() - shown_by_itself - bases}
    assert not missed
