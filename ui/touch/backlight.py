"""The panel's own brightness, where the system lets us set it (Linux backlight class). Everywhere else: not offered."""

import logging
from pathlib import Path

log = logging.getLogger(__name__)
FOLDER = Path("/sys/class/backlight")


class Backlight:
    """The first panel that can be written. Brightness in tenths of what the panel can give, never under 3."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._panel: Path | None = None
        self._most = 0
        for panel in sorted(folder.glob("*")):
            try:
                most = int((panel / "max_brightness").read_text(encoding="ascii"))
                with (panel / "brightness").open("r+", encoding="ascii"):
                    self._panel, self._most = panel, most
                    return
            except (OSError, ValueError):
                continue

    @property
    def offered(self) -> bool:
        """Whether there is one."""
        return self._panel is not None

    def set(self, tenths: int) -> bool:
        """Whether the panel took it."""
        if self._panel is None:
            return False
        value = max(1, self._most * min(max(tenths, 3), 10) // 10)
        try:
            (self._panel / "brightness").write_text(str(value), encoding="ascii")
        except OSError as error:
            log.warning("brightness: %s cannot be written: %s", self._panel, error)
            return False
        return True
