"""What control says in English reaches the screen in its language: by id, and by the form of the sentence."""

import ast
from pathlib import Path

import pytest

from pencontrol import limits
from pencontrol.control.alarms import TABLE
from pencontrol.control.snapshot import AlarmView, Snapshot
from pencontrol.zones import shipped_zones
from tests.sessions.face import face
from tests.ui.fake_control import zone
from ui.touch.interpreter import Interpreter
from ui.touch.records.in_words import in_words
from ui.touch.records.record import record_of
from ui.touch.words import Words, load_words

ENGLISH = load_words()
OTHERS = ("de", "fr", "es")
CONTROL = Path(limits.__file__).parent / "control"


def interpreter(code: str) -> Interpreter:
    return Interpreter(load_words(code), ENGLISH)


def test_english_names_are_those_of_the_tables() -> None:
    zones = shipped_zones()
    assert {key: ENGLISH(key) for key in ENGLISH.listed() if key.startswith("zone.")} == {
        f"zone.{each.zone}": each.name for each in zones.values()
    }
    assert {key: ENGLISH(key) for key in ENGLISH.listed() if key.startswith("alarm.of.")} == {
        f"alarm.of.{row.id}": row.words for row in TABLE.values()
    }
    assert ENGLISH("said.floor") in {each.floor_note for each in zones.values()}


@pytest.mark.parametrize("code", OTHERS)
def test_no_zone_and_no_alarm_share_a_name(code: str) -> None:
    words = load_words(code)
    for begin in ("zone.", "alarm.of."):
        names = [words(key) for key in ENGLISH.listed() if key.startswith(begin)]
        assert len(set(names)) == len(names)


SAID = (
    ("cut to 0.50 mm: the plan's limit for Upper lip, skin only", "auf 0.50 mm gekürzt: Limit des Plans für Oberlippe, nur Haut"),
    ("START is refused: DISK_LOW, GATES_RED", None),
    ("no pass is counted in F.CHEEK.R", "kein Durchgang in Wange, rechts gezählt"),
    ("0.812 mm, limit 0.75 mm", "0.812 mm, Limit 0.75 mm"),
    ("the soft cap for Cheek, left (no reason recorded)", "weiche Obergrenze für Wange, links (kein Grund erfasst)"),
    ("Nobody has translated this; not even a part", "Nobody has translated this; not even a part"),
    ("", ""),
)


@pytest.mark.parametrize(("text", "german"), SAID)
def test_sentences_keep_their_figures(text: str, german: str | None) -> None:
    said = interpreter("de").say(text)
    assert said == (german if german is not None else said)
    assert interpreter("en").say(text) == text or "DISK_LOW" in text or "F.CHEEK" in text
    assert [each for each in text.split() if each[:1].isdigit()] == [each for each in said.split() if each[:1].isdigit()]


def test_ids_inside_a_sentence_become_names() -> None:
    said = interpreter("en").say("START is refused: DISK_LOW, GATES_RED")
    assert said == f"START is refused: {TABLE['DISK_LOW'].words}, {TABLE['GATES_RED'].words}"
    red = "START is refused: Cartridge: no cartridge in the pen; Calibration: the pen holds no calibration"
    assert interpreter("de").say(red).startswith("START abgelehnt: Kartusche: keine Kartusche im Pen; Kalibrierung: ")


def sentences() -> set[str]:
    """Plain sentences that control may say to a person: what it refuses with, and the details of its alarms."""
    found = set()
    for path in sorted(CONTROL.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "id", getattr(called, "attr", ""))
            if isinstance(node, ast.Call) and name in ("Refused", "Finding", "Silence", "raise_alarm"):
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return {text for text in found if " " in text}


@pytest.mark.parametrize("code", OTHERS)
def test_every_plain_sentence_of_control_is_translated(code: str) -> None:
    told = sentences()
    assert len(told) > 15
    said = interpreter(code)
    assert {text for text in told if said.say(text) == text} == set()


def test_pins_are_named_after_their_zone() -> None:
    assert interpreter("de").zone("F.CHEEK.L#2") == "Wange, links, Stelle 2"
    assert interpreter("de").zone("X.NEW", "New place") == "New place"


def test_a_snapshot_is_told_and_its_figures_stay() -> None:
    alarm = AlarmView(alarm="STALL", priority="HIGH", occurrence=3, words="Motor is blocked", detail="0 rpm at 900 mA")
    control = Snapshot(
        mono_ns=5, control="K", zones=(zone("F.CHIN", 18, "Chin", 1000, passes=2),), alarms=(alarm,), reason="No pen is connected"
    )
    shown = interpreter("de").snapshot(control)
    assert (shown.zones[0].name, shown.alarms[0].words, shown.alarms[0].detail) == (
        "Kinn",
        "Motor blockiert",
        "0 U/min bei 900 mA",
    )
    assert shown.reason == "Kein Pen angeschlossen"
    assert shown.model_copy(update={"zones": control.zones, "alarms": control.alarms, "reason": control.reason}) == control
    assert interpreter("en").snapshot(control) == control


def test_what_nobody_knows_is_not_asked_again() -> None:
    said = Interpreter(Words({}), Words({}))
    assert said.say("cut to 0.50 mm: something") == "cut to 0.50 mm: something"


def test_a_record_is_told_and_stays_as_it_was() -> None:
    from sessions.facts import gather

    told = face(seconds=16)
    facts = gather(told.stream, told.events, len(told.events), 0, 0)
    record = record_of(facts, told.events)
    before = [line.body.model_dump_json() for line in record.lines]
    german = in_words(record, interpreter("de"))
    assert german.name("F.FOREHEAD") == "Stirn"
    assert [line.body.model_dump_json() for line in record.lines] == before
    assert [line.number for line in german.lines] == [line.number for line in record.lines]
