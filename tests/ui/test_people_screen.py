"""People at the chair, by finger: PINs, idle lock, signature, notes, follow-ups. Threads and store are real, the clock is not."""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from pencontrol.control.snapshot import State
from sessions.people.bodies import ConsentSigned, MediaLot, PhotoConsent
from sessions.people.clients import enter_client, identity, load_client
from sessions.people.consents import open_consent
from sessions.people.keys import open_keyring
from sessions.people.register import client_stream, entry, history
from sessions.people.things import put
from sessions.people.users import enter_user, lock_user, set_pin, set_role_ceiling
from sessions.reading import load_events
from sessions.store import open_store
from tests.sessions.office import Office, office
from tests.ui.conftest import Rig, click, hand
from tests.ui.records_store import bare, write
from ui.touch import happenings as h
from ui.touch.people.clerk import ClerkFailed

WAIT_S = 30.0
QUIET_FRAMES = 3
PIN, WRONG = "2580", "2581"
NAME, NOTE = "Quillfeather", "Mentions a marmalade"


def staffed(here: Office) -> None:
    for code, roles in (("op-1", ["practitioner"]), ("op-2", ["clinic_lead"]), ("op-3", ["technician"])):
        enter_user(here.desk, code, f"Person {code}", roles)
        set_pin(here.desk, here.keyring, code, PIN)
    set_role_ceiling(here.desk, "practitioner", 800)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records that know three people with PINs, a client and a lot."""
    home = tmp_path_factory.mktemp("clinic")
    with office(home) as here:
        staffed(here)
        enter_client(here.desk, here.keyring, identity(NAME), "c-0001")
        put(here.desk, MediaLot, lot="HA-22", medium="ME01", expires="2099-01-01")
    return home


@pytest.fixture
def chair(make_rig: Callable[..., Rig], clinic: Path) -> Rig:
    """A screen over a copy of them."""
    rig = make_rig()
    for file in clinic.iterdir():
        if file.is_file():
            shutil.copy2(file, rig.home / file.name)
    rig.touch.front.begin()
    rest(rig)
    return rig


def rest(rig: Rig) -> None:
    """Frames until nobody waits for the clerk any more."""
    fetcher: Any = rig.touch.front.clerk._fetcher
    deadline, quiet = time.monotonic() + WAIT_S, 0
    while quiet < QUIET_FRAMES:  # one answer may lead to the next question a frame later
        assert time.monotonic() < deadline, "the clerk never answered"
        rig.frames(1)
        quiet = 0 if fetcher.busy else quiet + 1
        if fetcher.busy:
            time.sleep(0.005)


def type_pin(rig: Rig, pin: str) -> None:
    keypad = rig.touch.front.sign_in_panel.keypad
    for digit in pin:
        keypad.type(digit)
    click(keypad.enter)


def sign_in(rig: Rig, tile: int, pin: str = PIN) -> None:
    click(rig.touch.prepare.fields["operator"])
    rig.frames(1)
    click(rig.touch.front.sign_in_panel.tiles[tile])
    type_pin(rig, pin)
    rest(rig)


def draw(rig: Rig) -> None:
    pad = rig.touch.front.consent_panel.pad
    left = Qt.MouseButton.LeftButton
    hand.mousePress(pad, left, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    for step in range(40):
        hand.mouseMove(pad, QPoint(60 + step * 8, 60 + (step % 5) * 6))
    hand.mouseRelease(pad, left, Qt.KeyboardModifier.NoModifier, QPoint(380, 60))


def close_session(rig: Rig, state: str = "CLOSED", **more: Any) -> None:
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": state, "recorded": True, **more}), zone="")
    rest(rig)


def test_without_anybody_with_a_pin_the_code_is_typed_and_the_screen_says_so(rig: Rig) -> None:
    click(rig.touch.prepare.fields["operator"])
    rig.frames(1)
    assert rig.touch.code_panel.isVisible()
    assert "pencontrol users add" in rig.state.notice
    assert rig.touch.front.clerk._fetcher._thread is None, "a home without records is not given any by looking"  # type: ignore[attr-defined]


def test_a_pin_takes_the_chair_with_role_and_ceiling(chair: Rig) -> None:
    rig = chair
    assert rig.state.staff is h.Staff.SIGNS_IN
    rig.touch.presenter.draft(plan=next(iter(rig.touch.prepare_desk._choices)).path, client="c-0001", operator="op-1")
    rest(rig)
    assert not rig.touch.prepare.plate.isEnabled(), "a code is no sign-in"
    sign_in(rig, 0)
    draft = rig.state.draft
    assert (draft.operator, draft.role, draft.ceiling_um) == ("op-1", "practitioner", 800)
    assert not rig.touch.front.sign_in_panel.isVisible()
    rig.touch.prepare.plate.completed.emit()
    rig.frames(1)
    (told,) = rig.sent("open_session")
    assert (told["operator"], told["role"], told["ceiling_um"], told["client"]) == ("op-1", "practitioner", 800, "c-0001")


def test_the_frame_never_waits_for_a_pin(chair: Rig) -> None:
    rig = chair
    click(rig.touch.prepare.fields["operator"])
    click(rig.touch.front.sign_in_panel.tiles[0])
    looked: list[str] = []
    work = rig.touch.front.clerk._work

    def watched(store: Any, actor: str, job: Any) -> Any:
        import threading

        looked.append(threading.current_thread().name)
        return work(store, actor, job)

    rig.touch.front.clerk._work = watched  # type: ignore[method-assign]
    type_pin(rig, PIN)
    assert rig.state.draft.role == "", "the tap itself decides nothing"
    assert not rig.touch.front.sign_in_panel.keypad.isEnabled()
    rest(rig)
    assert rig.state.draft.role == "practitioner"
    assert set(looked) == {"librarian"}


def test_five_wrong_pins_then_a_wait_that_is_counted_down(chair: Rig) -> None:
    rig, panel = chair, chair.touch.front.sign_in_panel
    sign_in(rig, 0, WRONG)
    assert "not the PIN" in panel.keypad.range.text()
    for _ in range(4):
        type_pin(rig, WRONG)
        rest(rig)
    assert "Wait 30 s" in panel.keypad.range.text()
    assert not panel.keypad.isEnabled()
    rig.clock.now_ns += 12_000_000_000
    rig.frames(1)
    assert "Wait 18 s" in panel.keypad.range.text()
    refused: list[str] = []
    rig.touch.front.sign_in.unlock("op-1", PIN, refused.append, lambda: refused.append("opened"))
    assert refused == ["Too many tries. Wait 18 s."], "nor at the idle lock, and no PIN is looked at"
    click(panel.tiles[1])
    assert panel.keypad.isEnabled(), "another person does not wait"
    click(panel.tiles[0])
    assert not panel.keypad.isEnabled()
    rig.clock.now_ns += 19_000_000_000
    rig.frames(1)
    assert panel.keypad.isEnabled()
    assert rig.state.draft.role == ""


def test_who_only_measures_opens_no_session(chair: Rig) -> None:
    sign_in(chair, 2)
    assert chair.state.draft.role == ""
    assert "No role" in chair.touch.front.sign_in_panel.keypad.range.text()


def test_who_is_locked_meanwhile_loses_the_chair(chair: Rig) -> None:
    sign_in(chair, 0)
    with office(chair.home) as here:
        lock_user(here.desk, "op-1", True)
    chair.clock.now_ns += 31_000_000_000
    rest(chair)
    assert (chair.state.draft.operator, chair.state.draft.role) == ("", "")


def test_the_idle_lock_asks_for_the_pin_and_stop_goes_on(chair: Rig) -> None:
    rig, curtain = chair, chair.shell.curtain
    sign_in(rig, 0)
    rig.touch.household.change({"lock_after_s": 60, "dim_after_s": 0})
    rig.clock.now_ns += 61_000_000_000
    rest(rig)
    assert curtain.isVisible()
    assert "op-1" in curtain.keypad.title.text()
    before = rig.control.stops()
    click(rig.shell.stop_button)
    assert rig.control.stops() > before
    rig.control.publish(rig.clock(), state=State.CONNECTED)
    for digits, open_again in ((WRONG, False), (PIN, True)):
        for digit in digits:
            curtain.keypad.type(digit)
        click(curtain.keypad.enter)
        assert curtain.isVisible()
        rest(rig)
        assert curtain.isHidden() is open_again


def test_somebody_else_unlocks_with_their_own_pin(chair: Rig) -> None:
    rig, curtain = chair, chair.shell.curtain
    sign_in(rig, 0)
    rig.touch.household.change({"lock_after_s": 60, "dim_after_s": 0})
    rig.clock.now_ns += 61_000_000_000
    rest(rig)
    click(curtain.other)
    assert "op-2" in curtain.keypad.title.text()
    for digit in PIN:
        curtain.keypad.type(digit)
    click(curtain.keypad.enter)
    rest(rig)
    assert curtain.isHidden()
    assert rig.state.draft.operator == "op-2"


@pytest.mark.parametrize("state", [State.READY, State.RUNNING, State.PAUSED])
def test_nothing_locks_while_the_pen_is_armed_or_paused(chair: Rig, state: State) -> None:
    chair.touch.household.change({"lock_after_s": 60})
    chair.control.open_session(chair.clock(), state=state)
    for _ in range(5):
        chair.clock.now_ns += 61_000_000_000
        chair.frames(1)
        assert chair.shell.curtain.isHidden()


def test_a_consent_is_signed_sealed_and_makes_the_gate_green(chair: Rig) -> None:
    rig, panel = chair, chair.touch.front.consent_panel
    rig.touch.presenter.draft(client="C-0001", operator="op-1")
    rest(rig)
    assert rig.state.draft.client == "c-0001", "as on record, whatever its capitals"
    assert rig.touch.prepare.gates.shown()["consent"] == ("NOT RECORDED", False)
    click(rig.touch.prepare.consent)
    rest(rig)
    assert NAME in panel.who.text()
    assert not panel.plate.isEnabled()
    click(panel.photos)
    draw(rig)
    assert panel.plate.isEnabled()
    panel.plate.completed.emit()
    rest(rig)
    assert not panel.isVisible()
    assert rig.touch.prepare.gates.shown()["consent"][1]
    assert not panel.pad.strokes, "nothing is kept on the pad"
    assert NAME not in panel.who.text()
    with open_store(rig.home) as store:
        keyring = open_keyring(store, rig.home)
        bodies = [body for _, body in history(store, "client", "c-0001")]
        (signed,) = [body for body in bodies if isinstance(body, ConsentSigned)]
        paper = open_consent(store, keyring, rig.home, "c-0001", signed)
        assert (paper.name, paper.text) == (NAME, panel.text.text())
        assert len(paper.strokes[0]) > 10
        assert [body.given for body in bodies if isinstance(body, PhotoConsent)] == [True]
    rig.touch.presenter.draft(client="C-0009")
    assert rig.state.draft.consent == "", "not for one frame"
    rest(rig)
    assert rig.state.draft.consent == "", "another client has signed nothing"


def test_a_client_who_is_not_on_record_is_entered_by_the_screens_own_keyboard(chair: Rig) -> None:
    rig, panel = chair, chair.touch.front.consent_panel
    rig.touch.presenter.draft(client="C-0002")
    rest(rig)
    click(rig.touch.prepare.consent)
    rest(rig)
    draw(rig)
    assert not panel.plate.isEnabled()
    click(panel.enter)
    rig.frames(1)
    keyboard = rig.touch.front.text_panel.keyboards["text"]
    keyboard.code = NAME
    keyboard.enter.click()
    rest(rig)
    assert panel.isVisible()
    assert NAME in panel.who.text()
    with open_store(rig.home) as store:
        assert entry(store, "client", "C-0002") is not None


def test_what_was_seen_and_applied_is_noted_in_the_session(chair: Rig) -> None:
    rig, front = chair, chair.touch.front
    rig.control.open_session(rig.clock(), state=State.PAUSED)
    rig.frames(2)
    rig.touch.presenter.show_panel(h.Panel.CLOSE)
    click(rig.touch.close_panel.tiles["redness"])
    click(rig.touch.close_panel.tiles["redness"])
    click(rig.touch.close_panel.media)
    rest(rig)
    media = front.media_panel
    click(media.tiles["ME01"])
    assert not media.plate.isEnabled(), "no medium without its lot"
    click(media.lot_keys[0])
    click(media.amount.plus)
    media.plate.completed.emit()
    rig.frames(1)
    told = [(note["code"], note["text"]) for note in rig.sent("note")]
    assert told == [("response_redness", "")]
    (applied,) = rig.sent("apply_medium")
    said = [applied[name] for name in ("medium", "name", "amount_ul", "lot")]
    assert said == ["ME01", "Hyaluronic acid", 1000, "HA-22"], "the table's own name, whatever the screen speaks"
    assert "1.0 ml applied, lot HA-22" in media.said.text()


def test_after_the_session_come_follow_ups_a_note_and_a_signature(chair: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig, closed = chair, chair.touch.closed
    face = bare(1, 0.0, "c-0001")
    write(rig.home, face)
    stream = face[0].stream
    rig.control.open_session(rig.clock(), state=State.CONNECTED)
    close_session(rig, id=stream, client="c-0001", operator="P-01")
    assert "7 follow-ups" in closed.follow_ups.text()
    click(closed.after["note"])
    rig.frames(1)
    keyboard = rig.touch.front.text_panel.keyboards["text"]
    keyboard.code = NOTE
    keyboard.enter.click()
    rest(rig)
    for _ in range(2):
        click(closed.after["aftercare"])
        rest(rig)
    rig.touch.presenter.show_panel(h.Panel.NONE)
    rig.frames(1)
    click(closed.after["sign"])
    rig.frames(1)
    click(rig.touch.front.sign_in_panel.tiles[1])
    type_pin(rig, PIN)
    rest(rig)
    assert "op-2" in closed.files.text()
    with open_store(rig.home) as store:
        client = load_client(store, open_keyring(store, rig.home), "c-0001")
        assert [(note.text, note.session) for note in client.notes] == [(NOTE, stream)]
        signed = load_events(store, stream)[-1].event
        assert (signed.kind, signed.body["person"], signed.body["meaning"]) == ("signed", "op-2", "performed")
        kinds = [stored.event.kind for stored in load_events(store, client_stream("c-0001"))]
        assert kinds.count("follow_ups_planned") == 1
        assert kinds.count("aftercare_told") == 1, "what the client saw, once"
    assert NOTE not in caplog.text
    assert NAME not in caplog.text


def type_text(rig: Rig, text: str) -> None:
    keyboard = rig.touch.front.text_panel.keyboards["text"]
    keyboard.code = text
    keyboard.enter.click()
    rest(rig)


def read_records(rig: Rig, section: str, session: str) -> Any:
    """The records' page at a section of a session; everything it asked for has come."""
    rig.touch.presenter.visit(h.Page.RECORDS)
    rig.touch.records.open(session, section)
    desk: Any = rig.touch.records.desk
    deadline = time.monotonic() + WAIT_S
    rig.frames(1)
    while not desk.settled:
        assert time.monotonic() < deadline, f"{section} of {session} has not come"
        time.sleep(0.005)
        rig.frames(1)
    return desk


def put_session(rig: Rig, client: str) -> str:
    """A closed session of `client`, on record and on the page after it."""
    told = bare(1, 0.0, client)
    write(rig.home, told)
    rig.control.open_session(rig.clock(), state=State.CONNECTED)
    close_session(rig, id=told[0].stream, client=client, operator="P-01")
    return told[0].stream


def test_a_follow_up_is_answered_and_an_adverse_event_reported(chair: Rig) -> None:
    session = put_session(chair, "c-0001")
    desk = read_records(chair, "course", session)
    page = desk._page.course.follow
    assert page.counts() == (7, 0)
    click(desk._page.course.asks)
    chair.frames(1)
    assert page.isVisible()
    click(page.outcomes["settling"])
    read_records(chair, "course", session)
    click(page.adverse)
    assert not page.keep.isEnabled(), "no report without its effect"
    page._choose_effect("AE05")
    for choice in (("severity", "moderate"), ("action", "observed"), ("status", "open")):
        assert not page.keep.isEnabled(), "nothing is chosen beforehand"
        click(page.choices[choice])
    click(page.keep)
    read_records(chair, "course", session)
    assert page.counts() == (6, 1)
    with open_store(chair.home) as store:
        bodies = [body.model_dump() for _, body in history(store, "client", "c-0001")]
    (done,) = [body for body in bodies if body["kind"] == "follow_up_done"]
    assert (done["code"], done["outcome"]) == ("FU01", "settling")
    (told,) = [body for body in bodies if body["kind"] == "adverse_event"]
    assert (told["report"], told["effect"], told["severity"], told["follow_up"]) == ("AR-001", "AE05", "moderate", "FU02")


def test_nothing_that_names_a_client_is_found_in_clear_anywhere(
    chair: Rig, tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    rig, front = chair, chair.touch.front
    name, note, crash, photo = "Zwyndalaquist", "Yttramonde", "Xerophistle", "Wexelbrand"
    rig.touch.presenter.draft(client="C-0044", operator="op-1")
    rest(rig)
    click(rig.touch.prepare.consent)
    rest(rig)
    click(front.consent_panel.enter)
    type_text(rig, name)
    click(front.consent_panel.photos)
    draw(rig)
    front.consent_panel.plate.completed.emit()
    rest(rig)
    assert rig.state.draft.consent
    session = put_session(rig, "C-0044")
    click(rig.touch.closed.after["note"])
    type_text(rig, note)
    stick = tmp_path / photo
    stick.mkdir()
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    assert picture.save(str(stick / f"{photo}.png"))
    desk = read_records(rig, "photos", session)
    desk._on_import("after", stick / f"{photo}.png")
    read_records(rig, "photos", session)

    def fails(_office: Any) -> None:
        raise ValueError(f"{name} {crash}")

    front.clerk.ask("crash", "screen", fails, lambda _: None)
    with qtbot.captureExceptions() as raised:
        rest(rig)
    ((kind, error, trace),) = raised
    assert kind is ClerkFailed
    rig.guard(kind, error, trace)
    rig.frames(2)
    with open_store(rig.home) as store:
        client = load_client(store, open_keyring(store, rig.home), "C-0044")
        assert client.identity is not None
        assert (client.identity.name, [each.text for each in client.notes], len(client.photos)) == (name, [note], 1)
        assert len(client.consents) == 1
    said = caplog.text + "".join(capfd.readouterr()) + "".join(rig.state.faults)
    assert "ClerkFailed" in said, "the crash was told, with what it may say"
    assert "ValueError at test_people_screen.py" in said
    kept = [path for folder in (rig.home, rig.control.runtime.folder) for path in folder.rglob("*")]
    assert any(path.name == "records.sqlite" for path in kept)
    sealed = [path for path in kept if path.suffix == ".sealed"]
    assert len(sealed) == 2
    assert not (sealed[0].stat().st_mode & 0o077)
    for secret in (name, note, crash, photo):
        assert secret not in said, secret
        for path in kept:
            assert secret not in str(path.relative_to(rig.home.parent)), secret
            if path.is_file():
                data = path.read_bytes().lower()
                for coded in (secret.lower().encode(), secret.lower().encode("utf-16-le")):
                    assert coded not in data, (secret, path.name)
