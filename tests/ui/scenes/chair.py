"""People and preparation at the chair: sign-in, consent, pins, numbing, what is applied, notes, aftercare."""

from functools import partial

from PyQt6.QtCore import QPoint, Qt

from pencontrol.control.snapshot import NumbingView, State
from tests.ui.conftest import click, hand
from tests.ui.scenes.around import chosen
from tests.ui.scenes.stage import Scene, Stage
from ui.touch import happenings as h
from ui.touch.pages.consent import ConsentView
from ui.touch.people.jobs import Member

MINUTE_NS = 60_000_000_000
SINCE_UTC = "2026-11-21T14:00:00.000000Z"
MEMBERS = (Member("P-01", "", "practitioner", 1500), Member("P-02", "", "therapist", 1000), Member("P-07", "", "", 0))


def _sign_in(stage: Stage, user: str = "", wait: bool = False) -> None:
    desk = stage.touch.front.sign_in
    desk.members = MEMBERS
    desk.ask(user=user)
    stage.frames(1)
    if wait:
        desk._panel.hold_off(stage.words("lock.wait", seconds=30))
    elif user:
        for sign in "2468":
            desk._panel.keypad.type(sign)


def _nobody(stage: Stage) -> None:
    stage.touch.front.sign_in.members = ()


def _consent(stage: Stage, signed: bool) -> None:
    panel = stage.touch.front.consent_panel
    stage.panel(h.Panel.CONSENT)
    panel.show_view(ConsentView("C-0001", stage.words("consent.unknown") if not signed else "", signed, not signed))
    if not signed:
        return
    click(panel.photos)
    pad, middle = panel.pad, panel.pad.rect().center()
    hand.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle - QPoint(200, 10))
    for step in range(1, 40):
        hand.mouseMove(pad, middle + QPoint(10 * step - 200, (step * 37) % 60 - 30))
    hand.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle + QPoint(200, 10))


def _forget(stage: Stage) -> None:
    stage.touch.front.consent_panel.forget()


def _numbing(stage: Stage, minutes: int) -> None:
    since = stage.clock() - minutes * MINUTE_NS
    if minutes:
        view = NumbingView(product="ME08", since_utc=SINCE_UTC, since_ns=since, due_ns=since + 60 * MINUTE_NS, top_ups=1)
        stage.publish(numbing=view)
    stage.touch.before.numbing_desk.open()
    stage.clock.now_ns += 600_000_000
    stage.frames(1)


def _numbing_over(stage: Stage) -> None:
    since = stage.clock() - 75 * MINUTE_NS
    stage.treat(
        State.RUNNING, numbing=NumbingView(product="ME08", since_utc=SINCE_UTC, since_ns=since, due_ns=since + 60 * MINUTE_NS)
    )


def _pins(stage: Stage, step: str) -> None:
    chosen(stage)
    stage.touch.prepare.pins_touched.emit()
    stage.frames(1)
    panel = stage.touch.before.pins_panel
    if step != "none":
        panel.placed.emit("F.CHEEK.R", "face_front", QPoint(300, 700))
        stage.frames(1)
    if step == "written":
        panel.typed.emit("0.70")
        stage.frames(1)


def _unpin(stage: Stage) -> None:
    stage.touch.before.pins_panel.dropped.emit()


def _media(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    panel = stage.touch.front.media_panel
    panel.show_lots(())
    panel.choose("ME01")
    panel.take_lot("L2609-A")
    panel.show_said((stage.words("media.told", medium=stage.words("media.ME01"), amount="0.5", lot="L2609-A"),))
    stage.panel(h.Panel.MEDIA)


def _close_answered(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    stage.panel(h.Panel.CLOSE)
    stage.touch.front.close_panel.show_said(frozenset({"redness"}))


def _close_done(stage: Stage) -> None:
    stage.touch.front.close_panel.show_said(frozenset())


def _note(stage: Stage) -> None:
    stage.treat(State.CONNECTED, "")
    stage.session(state="CLOSED")
    panel = stage.touch.front.text_panel
    panel.ask(stage.words("note.title"), stage.words("note.line"), lambda _: None)
    stage.panel(h.Panel.TEXT)


def _aftercare(stage: Stage) -> None:
    stage.treat(State.CONNECTED, "")
    stage.session(state="CLOSED")
    stage.panel(h.Panel.AFTERCARE)


SCENES = (
    Scene("sign in", _sign_in, _nobody),
    Scene("sign in code", partial(_sign_in, user="P-02"), _nobody),
    Scene("sign in wait", partial(_sign_in, user="P-02", wait=True), _nobody),
    Scene("consent unknown", partial(_consent, signed=False), _forget),
    Scene("consent", partial(_consent, signed=True), _forget),
    Scene("numbing none", partial(_numbing, minutes=0)),
    Scene("numbing waiting", partial(_numbing, minutes=12)),
    Scene("numbing ready", partial(_numbing, minutes=35)),
    Scene("numbing over", partial(_numbing, minutes=75)),
    Scene("treat numbing over", _numbing_over),
    Scene("pins none", partial(_pins, step="none")),
    Scene("pins limit", partial(_pins, step="placed"), _unpin),
    Scene("pins write", partial(_pins, step="written"), _unpin),
    Scene("media", _media),
    Scene("close answered", _close_answered, _close_done),
    Scene("note", _note),
    Scene("aftercare", _aftercare),
)
