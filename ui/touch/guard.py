"""The last net: an exception nobody caught means STOP, an alarm on the screen, and life goes on (PyQt6 would abort)."""

import logging
import traceback
from collections.abc import Callable
from types import TracebackType

from ui.touch.stop_line import StopLine

log = logging.getLogger(__name__)


class Guard:
    """Goes into `sys.excepthook` before the first signal is connected."""

    def __init__(self, stop: StopLine) -> None:
        self._stop = stop
        self._tell: Callable[[str], None] | None = None

    def tell(self, tell: Callable[[str], None]) -> None:
        """Who shows the alarm, once there is somebody."""
        self._tell = tell

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """STOP first, then the log, then the screen."""
        self._stop.send()
        log.critical("the screen failed and sent STOP:\n%s", "".join(traceback.format_exception(kind, error, trace)))
        if self._tell is not None:
            try:
                self._tell(f"{kind.__name__}: {error}")
            except Exception:
                log.exception("the alarm could not be shown either")
