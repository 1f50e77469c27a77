"""Secrets in files: made whole and private, refused when others may read them, never shown."""

import os
import stat
import threading
from pathlib import Path

import pytest

from sessions.keyfile import KeyFileError, load_or_make_secret, load_secret, make_secret

SECRET = bytes(range(32))
as_posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


@as_posix
def test_made_once_for_this_user_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        assert load_or_make_secret(tmp_path / "home" / "key", 32, lambda size: SECRET[:size]) == SECRET
    finally:
        os.umask(old)
    path = tmp_path / "home" / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_or_make_secret(path, 32, lambda size: bytes(size)) == SECRET, "the first one stays"
    assert not make_secret(path, bytes(32))
    assert load_secret(path, 32) == SECRET
    assert [each.name for each in path.parent.iterdir()] == ["key"]


@as_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_one_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    make_secret(tmp_path / "key", SECRET)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(KeyFileError, match=f"mode {mode:04o}, others may use it; allowed is 0600"):
        load_secret(tmp_path / "key", 32)


@as_posix
def test_links_folders_and_wrong_sizes_are_refused_in_plain_words(tmp_path: Path) -> None:
    make_secret(tmp_path / "key", SECRET)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, words in (("link", "cannot be read"), ("folder", "no plain file"), ("pipe", "no plain file"), ("none", "no such")):
        with pytest.raises(KeyFileError, match=words):
            load_secret(tmp_path / name, 32)
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_or_make_secret(tmp_path / "nowhere", 32)
    for size, words in ((31, "more than 31 bytes, it must have 31"), (33, "32 bytes, it must have 33")):
        with pytest.raises(KeyFileError, match=words):
            load_secret(tmp_path / "key", size)
    assert not (tmp_path / "none").exists()


def test_no_error_shows_the_secret(tmp_path: Path) -> None:
    make_secret(tmp_path / "key", b"a secret of some length, thirty2")
    with pytest.raises(KeyFileError) as told:
        load_secret(tmp_path / "key", 16)
    assert "secret of" not in str(told.value) + repr(told.value.__cause__) + repr(told.value.__context__)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="cannot be made"):
        make_secret(tmp_path / "file" / "key", SECRET)
    with pytest.raises(KeyFileError, match="cannot be made"):
        load_or_make_secret(tmp_path / "file" / "key", 32)


def test_many_at_once_agree_on_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", threading.get_ident)  # a draft is named by process: here each is a thread
    gate, found = threading.Barrier(8), []

    def one(number: int) -> None:
        gate.wait()
        found.append(load_or_make_secret(tmp_path / "key", 32, lambda size: bytes([number]) * size))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
