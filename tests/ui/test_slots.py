"""An exception in any slot: STOP goes out, the alarm is shown, the log has it, and the screen lives on."""

import ast
import functools
import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QObject

from pencontrol.control.snapshot import State
from tests.ui.conftest import Rig
from ui.touch import app, household, last_time, prepare_desk, presenter, shell, wiring, zone_desk
from ui.touch import happenings as h
from ui.touch.pages import closed, code, keypad_panel, more, panels, prepare, said, setup, treat
from ui.touch.widgets import column, hold, map_card, ring_control, top_bar, work_row, zone_map

WIRED: tuple[Any, ...] = (app, wiring, household, zone_desk, last_time, prepare_desk)
OTHERS = (presenter, shell, closed, code, keypad_panel, more, panels, prepare, said, setup, treat)
MODULES: tuple[Any, ...] = (*WIRED, *OTHERS, column, hold, map_card, ring_control, top_bar, work_row, zone_map)
SPARED = {"failed", "stop", "dispatch", "cancel"}  # the guard and STOP need them; they have tests of their own
VALUES = {"bool": False, "int": 0, "QString": "", "PyQt_PyObject": None, "double": 0.0}


class Armed:
    """Raises once, in the method of that name."""

    name = ""

    def wrap(self, method: Callable[..., Any]) -> Callable[..., Any]:
        takes = [
            each
            for each in inspect.signature(method).parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]

        @functools.wraps(method)
        def call(*values: Any, **named: Any) -> Any:
            if self.name == method.__name__:
                self.name = ""
                raise RuntimeError(f"armed in {method.__name__}")
            return method(*values[: len(takes)], **named)

        del call.__wrapped__  # PyQt asks how many values a slot takes: as many as come
        return call


@dataclass(frozen=True)
class Connection:
    """signal.connect(target) as it stands in the source."""

    module: Any
    line: int
    signal: str
    target: str


def connections() -> Iterator[Connection]:
    for module in WIRED:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect"):
                continue
            target = node.args[0]
            if isinstance(target, ast.Lambda):
                calls = [each.func for each in ast.walk(target.body) if isinstance(each, ast.Call)]
                target = next((each for each in calls if isinstance(each, ast.Attribute)), target)
            if isinstance(target, ast.Attribute):
                yield Connection(module, node.lineno, ast.unparse(node.func.value), target.attr)


def test_an_exception_in_any_slot(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    armed, names = Armed(), set()
    for module in MODULES:
        for made in vars(module).values():
            if inspect.isclass(made) and issubclass(made, QObject) and made.__module__ == module.__name__:
                for name, method in list(vars(made).items()):
                    if inspect.isfunction(method) and not name.startswith("__") and name not in SPARED:
                        monkeypatch.setattr(made, name, armed.wrap(method))
                        names.add(name)
    rig = make_rig()
    monkeypatch.setattr(sys, "excepthook", rig.guard)
    touch = rig.touch
    places: dict[str, Any] = {
        "p": touch.presenter, "presenter": touch.presenter, "shell": touch.shell, "treat": touch.treat, "page": touch.setup,
        "column": touch.shell.column, "desk": touch.zone_desk, "more": touch.more_panel, "end_panel": touch.end_panel,
        "reaction_panel": touch.reaction_panel,
    }  # fmt: skip
    owners = {
        app: touch, household: touch.household, zone_desk: touch.zone_desk, last_time: touch.last_time,
        prepare_desk: touch.prepare_desk, wiring: None,
    }  # fmt: skip
    rig.control.open_session(rig.clock(), state=State.PAUSED)
    rig.frames(2)
    tried = []
    for found in connections():
        if found.target not in names:
            continue
        here = places | {"self": owners[found.module]}
        if found.module is prepare_desk:
            here |= {"page": touch.prepare, "panel": touch.code_panel}
        try:
            signal = eval(found.signal, {}, here)
        except (NameError, AttributeError):
            continue  # of a loop over several
        if not hasattr(signal, "emit"):
            continue
        where = f"{Path(found.module.__file__).name}:{found.line} {found.signal} -> {found.target}"
        before = rig.control.stops()
        armed.name = found.target
        kinds = signal.signal[signal.signal.index("(") + 1 : -1]
        with caplog.at_level(logging.CRITICAL):
            caplog.clear()
            values = [VALUES[kind] for kind in kinds.split(",") if kind]
            try:
                signal.emit(*values)
            except TypeError:  # a signal of dictionaries takes no None
                signal.emit({})
        if armed.name:  # a page that is not on show, a question that was not asked
            armed.name = ""
            continue
        assert rig.control.stops() > before, where
        assert any(f"armed in {found.target}" in record.getMessage() for record in caplog.records), where
        assert f"RuntimeError: armed in {found.target}" in rig.state.faults, where
        _, beats, _ = rig.control.ring.heartbeat()
        rig.frames(2)
        assert "error" in rig.shell.top_bar.tile.accessibleName(), where
        assert rig.control.ring.heartbeat()[1] == beats + 2, where
        assert rig.shell.isVisible()
        touch.presenter.dispatch(h.FaultsSeen())
        tried.append(where)
    assert len(tried) >= 45, tried
