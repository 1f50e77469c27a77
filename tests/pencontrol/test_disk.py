"""The disk is asked in another thread, and rarely."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pencontrol.control.disk import ASK_AGAIN_NS, DiskWatch


def test_the_answer_comes_without_waiting_and_a_missing_folder_has_no_room(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        watch, missing = DiskWatch(tmp_path, pool), DiskWatch(tmp_path / "none", pool)
        unasked = DiskWatch(None, pool)
        for each in (watch, missing, unasked):
            each.look(0)
            assert each.free_bytes is None
    for each in (watch, missing, unasked):
        each.look(1)
    assert watch.free_bytes is not None
    assert watch.free_bytes > 0
    assert missing.free_bytes == 0
    assert unasked.free_bytes is None


def test_it_is_asked_again_only_after_five_seconds(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        watch = DiskWatch(tmp_path, pool)
        watch.look(0)
    watch.look(1)
    watch.free_bytes = None
    watch.look(ASK_AGAIN_NS - 1)
    assert watch.free_bytes is None
