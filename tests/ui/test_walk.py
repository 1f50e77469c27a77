"""One walk over every page, panel and lid: STOP large, uncovered and clear of all targets, and heard beside any other finger."""

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import QEvent, QPoint, QRect, Qt
from PyQt6.QtGui import QEventPoint
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from pencontrol.control.snapshot import State
from tests.ui.conftest import PANELS, Finger, Rig, click, hand
from tests.ui.test_shape import area, gap, targets
from ui.touch import happenings as h
from ui.touch.pages.consent import ConsentView
from ui.touch.people.jobs import Lot, Member
from ui.touch.planning import SHIPPED
from ui.touch.settings import make_code

P, S = QEventPoint.State.Pressed, QEventPoint.State.Stationary
TABS = ("screen", "sound", "language", "locks", "machine")


def places(rig: Rig) -> Iterator[str]:
    """Show every place in turn; the name of the one on show."""
    touch, presenter = rig.touch, rig.touch.presenter
    rig.frames(2)
    yield "prepare"
    touch.prepare_desk.ask_code("client")
    rig.frames(1)
    yield "code"
    touch.before.numbing_desk.open()
    rig.frames(1)
    yield "numbing"
    presenter.draft(plan=str(sorted(SHIPPED.glob("*.toml"))[0]))
    touch.prepare.pins_touched.emit()
    rig.frames(1)
    yield "pins"
    touch.before.pins_panel.placed.emit("F.CHEEK.R", "face_front", QPoint(300, 700))
    rig.frames(1)
    yield "pins keypad"
    touch.before.pins_panel.typed.emit("0.70")
    rig.frames(1)
    yield "pins hold"
    presenter.draft(plan="")
    yield from people(rig)
    presenter.show_panel(h.Panel.MORE)
    rig.frames(1)
    yield "more"
    presenter.visit(h.Page.SETUP)
    touch.household.change({"theme": "dim"})
    for tab in TABS:
        click(touch.setup.keys[tab])
        rig.frames(70)
        yield f"setup {tab}"
    click(touch.setup.keys["screen"])
    click(touch.setup.screen_tab.type_key)
    rig.frames(1)
    yield "keypad"
    presenter.show_panel(h.Panel.NONE)
    presenter.visit(h.Page.RECORDS)
    rig.frames(2)
    yield "records"
    presenter.visit(None)
    touch.household.lock_for_cleaning()
    yield "clean lock"
    touch.household.change({"code": make_code("1234", b"salt"), "lock_after_s": 60, "dim_after_s": 0})
    touch.household._unlock()
    rig.clock.now_ns += 61_000_000_000
    rig.frames(2)
    assert touch.shell.curtain.keypad.isVisible()
    yield "idle lock"
    touch.shell.curtain.ask_pin(touch._words("sign_in.pin", user="op-1"))
    assert touch.shell.curtain.other.isVisible()
    yield "idle lock with a PIN"
    touch.shell.curtain.ask_pin("")
    touch.household._unlock()
    touch.household.change({"lock_after_s": 0})
    rig.control.open_session(rig.clock(), state=State.PAUSED)
    rig.frames(2)
    yield "treat with its band"
    rig.frames(140)
    yield "treat"
    for view in ("side", "body", "back", "face"):
        click(touch.treat.map.keys[view])
        yield f"treat {view}"
    zones = touch.treat.map.zones
    spot = next(at for zone in ("F.UPLIP", "F.JAW.R") if (at := label_of(rig, zone)))
    hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    yield "treat near"
    for panel in (h.Panel.REACTION, h.Panel.END_POINT, h.Panel.CLOSE, h.Panel.ALARMS, h.Panel.MORE):
        presenter.show_panel(panel)
        rig.frames(1)
        yield panel.value
    yield from applied(rig)
    presenter.show_panel(h.Panel.NONE)
    session = rig.control.snapshot.session
    assert session is not None
    for state in ("CLOSED", "INTERRUPTED"):
        rig.control.publish(rig.clock(), session=session.model_copy(update={"state": state}), zone="")
        rig.frames(2)
        touch.closed.show_follow_ups(touch._words("closed.follow_ups", count=7, first="22.11. 02:30"))
        touch.closed.show_said(touch._words("closed.signing"))
        yield state
        if state == "CLOSED":
            presenter.show_panel(h.Panel.AFTERCARE)
            rig.frames(1)
            yield "aftercare"
            presenter.show_panel(h.Panel.NONE)


def people(rig: Rig) -> Iterator[str]:
    """Who signs in, and what a client signs."""
    front, presenter = rig.touch.front, rig.touch.presenter
    front.sign_in.members = tuple(Member(f"op-{number}", "", "practitioner", 1000) for number in range(1, 12))
    front.sign_in.ask()
    rig.frames(1)
    yield "sign in"
    front.sign_in_panel.hold_off(rig.touch._words("lock.wait", seconds=3600))
    yield "sign in waits"
    front.sign_in.members = ()
    front.sign_in.ask()
    rig.frames(1)
    yield "nobody signs in"
    presenter.draft(client="C-0001")
    front.consent.ask()
    rig.frames(1)
    yield "consent"
    words = rig.touch._words
    for line, may in (("consent.unknown", False), ("consent.standing", True), ("consent.writing", True)):
        front.consent_panel.show_view(ConsentView("C-0001", words(line), may, not may))
        rig.frames(1)
        yield line
    presenter.draft(client="")
    for kind in ("text", "lot"):
        front.text_panel.ask(words("note.title"), words("consent.name", client="C-0001"), lambda _: None, kind)
        presenter.show_panel(h.Panel.TEXT)
        rig.frames(1)
        yield f"typing {kind}"
    presenter.show_panel(h.Panel.NONE)


def applied(rig: Rig) -> Iterator[str]:
    """The media, with lots on record and what was logged."""
    media = rig.touch.front.media_panel
    media.show_lots([Lot(f"LOT-{number}2345", "ME02", "", "2027-01-31") for number in range(2)])
    media.choose("ME02")
    rig.touch.presenter.show_panel(h.Panel.MEDIA)
    rig.frames(1)
    yield "media"
    media.take_lot("LOT-12345")
    told = rig.touch._words("media.told", medium=rig.touch._words("media.ME02"), amount="20.0", lot="LOT-12345")
    media.show_said([told] * 4)
    rig.frames(1)
    yield "media said"
    rig.touch.presenter.show_panel(h.Panel.NONE)


def label_of(rig: Rig, zone: str) -> QPoint:
    zones = rig.touch.treat.map.zones
    assert zones._figure is not None
    return zones.to_screen(zones._figure.zones[zone].label).toPoint()


def reachable(shell: QWidget) -> list[tuple[QWidget, QRect]]:
    """Targets that a finger meets now, with the part of each that it can meet."""
    found = []
    for widget in targets(shell):
        touched = area(widget, shell)
        if touched.isEmpty() or (covering := shell.childAt(touched.center())) is None:
            continue
        if covering is widget or widget.isAncestorOf(covering):
            found.append((widget, touched))
    return found


@pytest.mark.parametrize("panel", list(PANELS))
def test_stop_everywhere(make_rig: Callable[..., Rig], panel: str) -> None:
    rig = make_rig(panel)
    shell, px = rig.shell, PANELS[panel][1]
    stop = shell.stop_button
    room = QRect(stop.pos(), stop.size())
    for place in places(rig):
        QApplication.processEvents()
        assert stop.isVisible()
        assert stop.isEnabled()
        assert min(stop.width(), stop.height()) / px >= 44
        assert shell.rect().contains(room)
        for x in (3, stop.width() // 2, stop.width() - 4):
            for y in (3, stop.height() // 2, stop.height() - 4):
                assert shell.childAt(stop.pos() + QPoint(x, y)) is stop, f"{place}: covered"
        found = reachable(shell)
        assert found, place
        for widget, touched in found:
            assert widget.accessibleName(), (place, widget)
            assert gap(touched, room) / px >= 15, f"{place}: {widget.accessibleName()} is {gap(touched, room) / px:.1f} mm away"
        for shown in shell.findChildren(QLabel):
            if shown.isVisible() and shown.text() and not shown.wordWrap():
                need = shown.fontMetrics().horizontalAdvance(shown.text())
                assert need <= shown.width() + 1, f"{place}: {shown.text()!r} is clipped: {need} > {shown.width()}"


def test_stop_by_a_second_finger_whatever_the_first_rests_on(rig: Rig, finger: Finger) -> None:
    shell = rig.shell
    at = shell.stop_button.mapTo(shell, QPoint(40, 40))
    rested = 0
    for place in places(rig):
        QApplication.processEvents()
        later = {rig.touch.treat.zone_keys.reaction_key}  # it stops by itself and opens its panel
        for widget, touched in sorted(reachable(shell), key=lambda each: each[0] in later):
            before = rig.control.stops()
            begin = touched.center()
            finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, begin))
            pressed = rig.control.stops()
            assert pressed == before or widget in later, (place, widget.accessibleName())
            finger.through_window(shell, QEvent.Type.TouchUpdate, (1, S, begin), (2, P, at))
            assert rig.control.stops() > pressed, (place, widget.accessibleName())
            finger.through_window(shell, QEvent.Type.TouchCancel)
            rested += 1
    assert rested > 150
    assert rig.control.woken() > 0


def test_the_walk_goes_over_every_panel_and_page(rig: Rig) -> None:
    pages, panels = set(), set()
    for _ in places(rig):
        pages.add(rig.shell.stack.currentWidget())
        panels |= {panel for panel in rig.shell.panels if panel.isVisible()}
    known = {rig.touch.prepare, rig.touch.treat, rig.touch.closed, rig.touch.setup, rig.touch.records}
    assert pages == known
    assert panels == set(rig.touch._panels.values())
