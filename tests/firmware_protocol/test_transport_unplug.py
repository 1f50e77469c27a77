"""Unplugging in the midst of every call: a few times here, fifty times each in `./prove unplug`."""

import random
import threading
from pathlib import Path

import pytest

from proofs import unplug


@pytest.mark.parametrize("moment", list(unplug.MOMENTS))
def test_unplugged_during_each_call_it_is_link_closed_and_opens_again(moment: str, tmp_path: Path) -> None:
    socket = unplug.Socket(str(tmp_path))
    threads, files = threading.active_count(), unplug.handles()
    dice = random.Random(moment)
    slowest_ms = max(unplug.unplug_once(socket, moment, dice) for _ in range(6))
    assert slowest_ms < unplug.LIMIT_MS
    assert (threading.active_count(), unplug.handles()) == (threads, files)
