"""A finger and an eye on an X display, by XTEST and single pixels: real events, with the time taken just before each.

Xlib and its test extension by ctypes: one call a press, no process of its own in the way.
"""

import ctypes
import ctypes.util
import time

from benchmarks.registry import BenchError

LEFT, DOWN, UP, NOW = 1, 1, 0, 0
ALL_PLANES, Z_PIXMAP = ctypes.c_ulong(-1).value, 2


class Finger:
    """One connection to the display."""

    def __init__(self, display: str) -> None:
        """Raises BenchError without Xlib, its test extension or the display."""
        names = [ctypes.util.find_library(name) for name in ("X11", "Xtst")]
        if None in names:
            raise BenchError("bench screen presses by XTEST and needs libX11 and libXtst (Debian: libxtst6)")
        self._x, self._test = (ctypes.CDLL(name) for name in names)
        x, pointer = self._x, ctypes.c_void_p
        x.XOpenDisplay.restype = x.XGetImage.restype = pointer
        x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        x.XDefaultRootWindow.restype = x.XGetPixel.restype = ctypes.c_ulong
        for name in ("XDefaultRootWindow", "XFlush", "XCloseDisplay", "XDestroyImage"):
            getattr(x, name).argtypes = [pointer]
        x.XSync.argtypes = [pointer, ctypes.c_int]
        x.XGetImage.argtypes = [
            pointer,
            ctypes.c_ulong,
            *[ctypes.c_int] * 2,
            *[ctypes.c_uint] * 2,
            ctypes.c_ulong,
            ctypes.c_int,
        ]
        x.XGetPixel.argtypes = [pointer, ctypes.c_int, ctypes.c_int]
        self._test.XTestFakeMotionEvent.argtypes = [pointer, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_ulong]
        self._test.XTestFakeButtonEvent.argtypes = [pointer, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self._display = x.XOpenDisplay(display.encode())
        if not self._display:
            raise BenchError(f"the display {display} cannot be opened")
        self._root = x.XDefaultRootWindow(self._display)

    def move(self, x: int, y: int) -> int:
        """To a place; the monotonic time just before."""
        at_ns = time.monotonic_ns()
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, NOW)
        self._x.XFlush(self._display)
        return at_ns

    def press(self) -> int:
        """Down, where it is; the monotonic time just before."""
        at_ns = time.monotonic_ns()
        self._test.XTestFakeButtonEvent(self._display, LEFT, DOWN, NOW)
        self._x.XFlush(self._display)
        return at_ns

    def lift(self) -> None:
        """Up; returns when the server has taken it."""
        self._test.XTestFakeButtonEvent(self._display, LEFT, UP, NOW)
        self._x.XSync(self._display, 0)

    def sees(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour on show at a place: red, green, blue."""
        image = self._x.XGetImage(self._display, self._root, x, y, 1, 1, ALL_PLANES, Z_PIXMAP)
        if not image:
            raise BenchError("the display gave no picture")
        pixel = int(self._x.XGetPixel(image, 0, 0))
        self._x.XDestroyImage(image)
        return pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255

    def close(self) -> None:
        """Let go of the display."""
        self._x.XCloseDisplay(self._display)


def is_stop_red(colour: tuple[int, int, int]) -> bool:
    """STOP's plate, pressed or not, in any theme: nothing else on the screen is so red."""
    red, green, blue = colour
    return red > 100 and max(green, blue) < red // 2
