"""Geometry, colours, words, and what must not exist: checked over all pages and three panels."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtWidgets import QApplication, QPushButton, QWidget

from pencontrol.control.snapshot import State
from tests.ui.conftest import PANELS, Rig
from ui.touch.happenings import Panel
from ui.touch.metrics import Metrics
from ui.touch.theme import GRAPHIC_PAIRS, TEXT_PAIRS, THEMES, contrast
from ui.touch.views_around import GATES
from ui.touch.widgets.hold import Hold
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.words import CATALOGUES, load_words

SOURCE = Path(__file__).parents[2] / "ui" / "touch"
FILES = sorted(SOURCE.rglob("*.py"))


def show(rig: Rig, place: str) -> None:
    if place in ("treat", "alarms", "close"):
        rig.control.open_session(rig.clock(), state=State.FAULT if place == "alarms" else State.READY, fault="STALL")
        for number in range(8):
            rig.control.alarm(rig.clock(), "LOW", f"A{number}", "Something to see")
    if place == "closed":
        rig.control.open_session(rig.clock())
        session = rig.control.snapshot.session
        assert session is not None
        rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "CLOSED"}))
    if place == "resume":
        rig.control.open_session(rig.clock())
        session = rig.control.snapshot.session
        assert session is not None
        rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "INTERRUPTED"}))
    rig.frames(2)
    if place == "code":
        rig.touch.prepare_desk.ask_code("client")
    panels = {"alarms": Panel.ALARMS, "close": Panel.CLOSE}
    if place in panels:
        rig.touch.presenter.show_panel(panels[place])
    rig.frames(2)


PLACES = ["prepare", "resume", "code", "treat", "alarms", "close", "closed"]


def targets(shell: QWidget) -> list[QWidget]:
    kinds = (QPushButton, Hold, ZoneMap)
    return [widget for kind in kinds for widget in shell.findChildren(kind) if widget.isVisible()]


def area(widget: QWidget, shell: QWidget) -> QRect:
    """The part of it that can be touched."""
    whole = QRect(widget.mapTo(shell, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not shell:
        whole = whole.intersected(QRect(parent.mapTo(shell, QPoint(0, 0)), parent.size()))
        parent = parent.parentWidget()
    return whole


def gap(one: QRect, other: QRect) -> float:
    across = max(other.left() - one.right() - 1, one.left() - other.right() - 1, 0)
    down = max(other.top() - one.bottom() - 1, one.top() - other.bottom() - 1, 0)
    return float((across**2 + down**2) ** 0.5)


@pytest.mark.parametrize("panel", list(PANELS))
def test_promised_sizes(make_rig: Callable[..., Rig], panel: str) -> None:
    from PyQt6.QtGui import QFontMetricsF

    rig = make_rig(panel)
    show(rig, "treat")
    px, treat = PANELS[panel][1], rig.touch.treat
    for stepper in (treat.depth_step, treat.speed_step):
        for key in (stepper.minus_key, stepper.plus_key):
            assert min(key.width(), key.height()) / px >= 20
    for card in (treat.depth_card, treat.speed_card):
        assert QFontMetricsF(card.digits.font()).capHeight() / px >= 12
        widest = "8\u2009888" if card is treat.speed_card else "0.88"
        card.show_digits(widest)
        QApplication.processEvents()
        assert QFontMetricsF(card.digits.font()).horizontalAdvance(widest) <= card.digits.width()
        assert card.digits.font().family() == "Inter"
    assert rig.shell.top_bar.height() == round(16 * px)
    assert rig.shell.column.width() == round(48 * px)


@pytest.mark.parametrize("place", PLACES)
def test_every_target_has_a_name_and_every_label_its_room(rig: Rig, place: str) -> None:
    from PyQt6.QtWidgets import QLabel

    show(rig, place)
    QApplication.processEvents()
    for widget in targets(rig.shell):
        assert widget.accessibleName(), widget
    for shown in rig.shell.findChildren(QLabel):
        if not shown.isVisible() or not shown.text() or shown.wordWrap():
            continue
        need = shown.fontMetrics().horizontalAdvance(shown.text())
        assert need <= shown.width() + 1, f"{shown.text()!r} is clipped: {need} > {shown.width()}"
        high = shown.fontMetrics().capHeight() if shown.text() == "---" else shown.fontMetrics().height()
        assert high <= shown.height() + 2, shown.text()


@pytest.mark.parametrize("name", list(THEMES))
def test_contrast(name: str) -> None:
    theme = THEMES[name]
    for ink, paper in TEXT_PAIRS:
        assert contrast(getattr(theme, ink), getattr(theme, paper)) >= 7, (ink, paper)
    for ink, paper in GRAPHIC_PAIRS:
        assert contrast(getattr(theme, ink), getattr(theme, paper)) >= 3, (ink, paper)


def test_contrast_is_the_known_formula() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", list(THEMES))
def test_red_yellow_and_cyan_belong_to_stop_and_alarms(name: str) -> None:
    from PyQt6.QtGui import QColor

    theme = THEMES[name]
    for token, value in vars(theme).items():
        if not isinstance(value, str) or token.startswith(("stop", "high", "medium", "low", "on_")):
            continue
        colour = QColor(value)
        if colour.hslSaturation() > 90 and colour.value() > 90:
            assert 195 <= colour.hslHue() <= 280, f"{token} {value} has hue {colour.hslHue()}"


FORBIDDEN = {
    "QMenu", "QComboBox", "QFileDialog", "QDialog", "QMessageBox", "QInputDialog", "QErrorMessage", "QProgressDialog",
    "QColorDialog", "QFontDialog", "QToolTip", "QWizard", "QCompleter", "QLineEdit", "QTextEdit",
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_that_could_swallow_stop(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            assert name not in FORBIDDEN, f"{path}:{node.lineno}"
            assert name not in ("setModal", "setWindowModality", "grabMouse", "grabKeyboard"), f"{path}:{node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "exec":
            assert path.name == "__main__.py", f"{path}:{node.lineno} runs a loop of its own"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "sleep", f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_one_module_one_idea(path: Path) -> None:
    if path.name != "art.py":
        assert len(path.read_text().splitlines()) < 300


def test_ring_reader_and_decimation_know_numpy_only() -> None:
    for name in (
        "ring_reader",
        "decimation",
        "live",
        "telemetry",
        "state",
        "happenings",
        "views",
        "views_around",
        "pick",
        "link",
        "stop_line",
    ):
        text = (SOURCE / f"{name}.py").read_text()
        assert "PyQt6" not in text, name
        assert "pyqtgraph" not in text, name


def test_every_word_that_is_asked_for_exists() -> None:
    words = load_words()
    missing = set()
    for path in FILES:
        if path.name == "words.py":
            continue
        for key in re.findall(r'words\(\s*f?"([a-zA-Z_.]+)"', path.read_text()):
            if not words.has(key):
                missing.add(f"{path.name}: {key}")
    assert not missing
    for gate in (*GATES, "pen", "cartridge", "recorder"):
        assert words.has(f"gate.{gate}.name")
    for state in ("STOPPED", "READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "UNCERTAIN", "NO PEN", "FAULT"):
        assert words.has(f"state.{state}")
        assert words.has(f"reason.{state}")


def test_an_unknown_word_or_a_missing_place_never_raises() -> None:
    words = load_words()
    assert words("no.such.key") == "no.such.key"
    assert "{limit}" in words("trace.limit", wrong=1)


def test_the_catalogue_is_flat_text() -> None:
    for path in CATALOGUES.glob("*.json"):
        for key, text in json.loads(path.read_text()).items():
            assert isinstance(text, str), key
            assert text, key


def test_promised_sizes_are_never_rounded_down() -> None:
    assert Metrics(5.91).px_at_least(44) == 261
    assert Metrics(6.0).px_at_least(44) == 264


def test_no_tooltips_or_context_menus(rig: Rig) -> None:
    assert rig.shell.contextMenuPolicy() == Qt.ContextMenuPolicy.PreventContextMenu
