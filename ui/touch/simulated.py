"""The key "new cartridge": a real chip is read again; the simulated pen has no hand to change it, so this is its hand. I/O."""

import logging
import socket
from pathlib import Path

from PyQt6.QtCore import QObject

from pencontrol.control import commands
from ui.touch.pages.prepare import PreparePage
from ui.touch.presenter import Presenter

log = logging.getLogger(__name__)
WAIT_S = 0.2


class CartridgeKey(QObject):
    """`side` is where the simulated pen's side channel listens, if one runs here."""

    def __init__(self, presenter: Presenter, page: PreparePage, side: Path) -> None:
        super().__init__(presenter)
        self._presenter, self._side = presenter, side
        page.cartridge_touched.connect(self._changed)

    def _changed(self) -> None:
        snapshot = self._presenter.state.snapshot
        if snapshot is not None and snapshot.pen is not None and snapshot.pen.simulated and change_cartridge(self._side):
            return  # the pen says that it was out, and control reads the chip by itself
        self._presenter.send(lambda number: commands.ReadCartridge(number=number))


def change_cartridge(side: Path) -> bool:
    """Put a new cartridge into the simulated pen; False where none listens at `side`."""
    if not side.is_socket():
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(WAIT_S)
            line.connect(str(side))
            line.sendall(b'{"do": "cartridge"}\n')
            return b'"ok": true' in line.recv(4096)
    except OSError as error:
        log.warning("the simulated pen's side channel: %s", error)
        return False
