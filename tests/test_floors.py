"""What import-linter cannot say in one contract."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
KNOWN = ("events", "trace_layout", "feed", "dose")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def test_of_the_record_the_treatment_knows_only_its_words() -> None:
    for path in (ROOT / "pencontrol").rglob("*.py"):
        for name in imported(path):
            assert not name.startswith("sessions.") or name.split(".")[1] in KNOWN, (path, name)


def test_pure_modules_read_no_clock_and_touch_no_file() -> None:
    for name in ("core", "motion", "book", "desk", "supervisor", "alarms", "run", "treatment", "outbox", "journal", "pen_line"):
        path = ROOT / "pencontrol" / "control" / f"{name}.py"
        found = imported(path) & {"time", "os", "socket", "pathlib", "threading", "random", "secrets", "select"}
        assert not found, (name, found)


def test_nothing_runs_what_it_reads() -> None:
    for folder in ("firmware_protocol", "pencontrol", "sessions", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not imported(path) & {"pickle", "shelve", "marshal"}, path


def test_no_module_has_grown_past_one_idea() -> None:
    for folder in ("firmware_protocol", "pencontrol", "sessions", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= (900 if path.name == "messages.py" else 400), (path, lines)
