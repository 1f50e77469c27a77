"""PINs on the command line: who has to say theirs, where it may come from, and what is refused. Runs the program's own app."""

import contextlib
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sessions.people.users import enter_user, list_users, role_ceiling_um, set_pin
from tests.sessions.office import office
from ui.cli.common import PlainError
from ui.cli.main import app

PIN = "2580"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lead and a practitioner with PINs, and somebody without."""
    folder = tmp_path_factory.mktemp("clinic")
    with office(folder) as here:
        for code, role in (("op-1", "clinic_lead"), ("op-2", "practitioner"), ("op-3", "practitioner")):
            enter_user(here.desk, code, f"Person {code}", [role])
        for code in ("op-1", "op-2"):
            set_pin(here.desk, here.keyring, code, PIN)
    return folder


@pytest.fixture
def home(clinic: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(clinic, tmp_path / "home"))


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n")
    path.chmod(0o600)
    return path


def run(home: Path, *words: str, typed: str = "") -> str:
    """What it prints; the PlainError of a refusal is raised."""
    result = CliRunner().invoke(app, [*words, "--home", str(home)], input=typed)
    if isinstance(result.exception, PlainError):
        raise result.exception
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


RISKY = [
    ("users", "add", "op-9", "--role", "practitioner"),
    ("users", "lock", "op-2"),
    ("users", "ceiling", "practitioner", "1.5"),
    ("users", "pin", "op-3"),
    ("clients", "add"),
    ("clients", "note", "c-0001"),
    ("clients", "find"),
    ("clients", "show", "c-0001", "--names"),
    ("clients", "erase", "c-0001", "--reason", "asked_by_client"),
]


@pytest.mark.parametrize("words", RISKY, ids=" ".join)
def test_what_names_or_binds_somebody_takes_a_pin(home: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(PlainError, match="people have PINs here: say who you are with --by"):
        run(home, *words, typed="1470\n" * 3)
    with pytest.raises(PlainError, match="use a terminal, where it is asked for unseen, or --pin-file"):
        run(home, *words, "--by", "op-1", typed=f"{PIN}\n" * 3)


def test_without_anybody_with_a_pin_nothing_is_asked(tmp_path: Path) -> None:
    run(tmp_path, "users", "add", "op-1", "--role", "practitioner", typed="A Person\n")
    assert run(tmp_path, "clients", "add", typed="Quill\n\n\n") == "c-0001\n"
    run(tmp_path, "users", "pin", "op-1", typed=f"{PIN}\n")
    with pytest.raises(PlainError, match="say who you are"):
        run(tmp_path, "clients", "add", typed="Quill\n\n\n")


def test_a_file_with_the_pin_opens(home: Path, pin_file: Path) -> None:
    run(home, "users", "ceiling", "practitioner", "0.8", "--by", "op-1", "--pin-file", str(pin_file))
    run(home, "users", "pin", "op-3", "--by", "op-1", "--pin-file", str(pin_file), typed="1470\n")
    assert run(home, "clients", "add", "--by", "op-2", "--pin-file", str(pin_file), typed="Quill\n\n\n") == "c-0001\n"
    with office(home) as here:
        assert role_ceiling_um(here.store, "practitioner") == 800
        assert all(user.has_pin for user in list_users(here.store))


def test_nobody_raises_their_own_ceiling(home: Path, pin_file: Path) -> None:
    with pytest.raises(PlainError, match="this is for a clinic lead: op-1"):
        run(home, "users", "ceiling", "practitioner", "1.5", "--by", "op-2", "--pin-file", str(pin_file))


def test_who_has_no_pin_is_told_who_has(home: Path, pin_file: Path) -> None:
    with pytest.raises(PlainError, match="'op-3', who has no PIN here; allowed are op-1, op-2"):
        run(home, "clients", "find", "--by", "op-3", "--pin-file", str(pin_file))


def test_a_wrong_pin_counts_and_five_make_a_wait(home: Path, pin_file: Path) -> None:
    pin_file.write_text("2581\n")
    for tried in range(5):
        with pytest.raises(PlainError, match="op-2: wrong PIN: wait 30 s" if tried == 4 else "op-2: wrong PIN; nothing was done"):
            run(home, "clients", "find", "--by", "op-2", "--pin-file", str(pin_file))
    pin_file.write_text(f"{PIN}\n")
    with pytest.raises(PlainError, match="too many wrong PINs: wait"):
        run(home, "clients", "find", "--by", "op-2", "--pin-file", str(pin_file))


@pytest.mark.skipif(sys.platform == "win32", reason="LOUD: modes of files are a matter of POSIX; Windows has none to look at")
def test_a_file_that_others_may_read_is_refused(home: Path, pin_file: Path) -> None:
    for mode in (0o640, 0o604, 0o660):
        pin_file.chmod(mode)
        with pytest.raises(PlainError, match="others may read this file"):
            run(home, "clients", "find", "--by", "op-1", "--pin-file", str(pin_file))
    with pytest.raises(PlainError, match="the PIN cannot be read: No such file"):
        run(home, "clients", "find", "--by", "op-1", "--pin-file", str(pin_file) + "x")


def test_a_signature_takes_the_persons_pin(home: Path, pin_file: Path) -> None:
    from tests.ui.records_store import bare, write

    told = bare(1, 0.0, "C-0001")
    write(home, told)
    words = ("sign", told[0].stream, "--as", "op-2", "--meaning", "performed", "--role", "practitioner")
    with pytest.raises(PlainError, match="op-2 has a PIN"):
        run(home, *words)
    assert "performed by op-2" in run(home, *words, "--pin-file", str(pin_file))


def test_a_pin_is_in_no_output(home: Path, pin_file: Path) -> None:
    out = io.StringIO()
    with contextlib.redirect_stderr(out), contextlib.suppress(PlainError):
        out.write(run(home, "clients", "find", "--by", "op-1", "--pin-file", str(pin_file), typed="Qu\n"))
    assert PIN not in out.getvalue()
