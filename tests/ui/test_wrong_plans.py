"""What is wrong with a plan file, and what the operating system refuses, is said in the reader's language."""

import ast
import errno
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pencontrol import pins, plan, plan_words
from pencontrol.plan import PlanError, load_plan
from pencontrol.zones import shipped_zones
from tests.ui.conftest import Rig
from ui.touch import household
from ui.touch.interpreter import WRONG_PLANS, Interpreter, system_said
from ui.touch.metrics import Metrics
from ui.touch.records.folder_panel import FolderPanel
from ui.touch.records.folders import list_folder
from ui.touch.records.kit import Kit
from ui.touch.theme import DAY
from ui.touch.words import load_words

ENGLISH = load_words()
OTHERS = ("de", "fr", "es")
HEAD = "name = 'x'\n"
BROKEN = (  # a file, and its reason in German
    ("name = 'x'\n[[zones]]\nzone = 'F.CHIN'\n", "zone fehlt"),
    (HEAD + "colour = 1\n[[zone]]\nid = 'F.CHIN'\n", "colour ist ein unbekannter Schlüssel (Wert: 1)"),
    (HEAD + "[[zone]]\nid = 'F.CHINN'\n", "zone[0].id ist 'F.CHINN', keine Zone der Tabelle; ähnlich: F.CHIN"),
    (HEAD + "[[zone]]\nid = 'QQQQ'\n", "zone[0].id ist 'QQQQ', keine Zone der Tabelle"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\ndepth_mm = 3.0\n", "zone[0].depth_mm ist 3.0, erlaubt ist 0.5 bis 1.5 mm"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\ndepth_mm = 0.501\n", "zone[0].depth_mm ist 0.501, erlaubt sind Schritte von 0.01 mm"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\ndirections_deg = [17]\n", "zone[0].directions_deg[0] ist 17: „"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\npasses = 0\n", "zone[0].passes ist 0, erlaubt ist 1 bis 8"),
    (HEAD + "note = scars\n", "kein TOML: „"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\n[[zone]]\nid = 'F.CHIN'\n", "zone[1] F.CHIN: steht zweimal im Plan"),
    (HEAD + "[[zone]]\nid = 'F.CHIN'\ndepth_mm = 0.9\nlimit_mm = 0.6\n", "zone[0] F.CHIN: Tiefe ist 0.90 mm, erlaubt"),
)  # fmt: skip


def reader(code: str) -> Interpreter:
    return Interpreter(load_words(code), ENGLISH, WRONG_PLANS)


def reason(path: Path) -> str:
    with pytest.raises(PlanError) as caught:
        load_plan(path, shipped_zones())
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(("text", "german"), BROKEN, ids=[german for _, german in BROKEN])
def test_a_broken_file_is_told_in_every_language(tmp_path: Path, text: str, german: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    told = reason(path)
    assert reader("de").say_or_quote(told).startswith(german)
    assert reader("en").say_or_quote(told).replace("“", "").replace("”", "") == told
    assert len({reader(code).say_or_quote(told) for code in ("en", *OTHERS)}) == 4


def _part(part: ast.expr) -> str:
    """Fixed text as it is; a sign for a place, none for the file's name and the hint, which may be empty."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    return {"{where}": "", "{path}": "", "{hint}": "", "{limit}": "7 mm", "{most}": "7 mm"}.get(ast.unparse(part), "7")


def sentences() -> set[str]:
    """Every sentence that a plan's reader can raise, with a sign in each place."""
    found = set()
    for module in (plan, pins, plan_words):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            raised = node.exc if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) else None
            if raised is not None and getattr(raised.func, "id", "") == "PlanError":
                parts = raised.args[0].values if isinstance(raised.args[0], ast.JoinedStr) else []
                found.add("".join(_part(part) for part in parts).removeprefix(": "))
    return found - {"", "7"}  # those are pydantic's, and told above


def test_every_sentence_of_the_reader_is_known() -> None:
    told, known = sentences(), reader("de")
    assert len(told) > 20
    assert {text for text in told if known.say(text) == text} == set()


def test_what_nobody_has_translated_stands_in_quotation_marks() -> None:
    assert reader("de").say_or_quote("Something new, and odd") == "„Something new, and odd“"
    assert reader("de").say_or_quote("") == ""
    assert system_said("Level 3 reset", load_words("fr")) == "« Level 3 reset »"


@pytest.mark.parametrize("code", OTHERS)
def test_common_words_of_the_system_are_translated(code: str, tmp_path: Path) -> None:
    words = load_words(code)
    for number in (errno.ENOSPC, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EROFS, errno.EIO):
        told = system_said(os.strerror(number), words)
        name = errno.errorcode[number]
        assert told == words(f"system.{name}") != ENGLISH(f"system.{name}")
    missing = reason(tmp_path / "none.toml")
    assert reader(code).say_or_quote(missing) == words("wrong.unreadable", system=words("system.ENOENT"))


def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path, qtbot: QtBot) -> None:
    panel = FolderPanel(Kit(DAY, Metrics(5.9), load_words("de"), lambda: 0))
    qtbot.addWidget(panel)
    panel.show_listing(list_folder(tmp_path / "none", False))
    assert panel.free.text() == "nicht lesbar: nicht vorhanden"


def test_settings_that_cannot_be_kept_say_why(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(home: Path, settings: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    told = list[str]()
    monkeypatch.setattr(household, "write_settings", full)
    monkeypatch.setattr(rig.touch.setup, "show_problem", told.append)
    rig.touch.household.change({"theme": "dim"})
    assert told == [ENGLISH("setup.not_kept", error=ENGLISH("system.ENOSPC"))]


def test_prepare_says_it_on_the_screen(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    german = load_words("de")
    rig.home.joinpath("plans", "scars.toml").write_text("name = 'x'\n", encoding="utf-8")
    desk, shown = rig.touch.prepare_desk, list[str]()
    monkeypatch.setattr(desk, "_said", Interpreter(german, ENGLISH, WRONG_PLANS))
    monkeypatch.setattr(desk._page, "show_plans", lambda choices, names: shown.extend(each.error for each in choices))
    desk.reload_plans()
    assert "zone fehlt" in shown
