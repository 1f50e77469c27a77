"""What a screen reader is to the program: it walks the accessible tree over AT-SPI and calls its actions. Run by the system's own
Python, whose distribution brings the bindings; one JSON line asked, one answered.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PROGRAM = "pencontrol"
WAIT_S = 20.0


def showing(node: Any) -> bool:
    return bool(node.get_state_set().contains(Atspi.StateType.SHOWING))


def walk(node: Any) -> Iterator[Any]:
    """What is on show, parents before their children, and what lies over the rest first."""
    yield node
    for index in reversed(range(node.get_child_count())):
        child = node.get_child_at_index(index)
        if child is not None and showing(child):
            yield from walk(child)


def actions(node: Any) -> list[str]:
    return [Atspi.Action.get_action_name(node, index) for index in range(Atspi.Action.get_n_actions(node))]


def describe(node: Any) -> dict[str, Any]:
    extents = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
    names = node.get_interfaces()
    return {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "description": node.get_description(),
        "states": sorted(state.value_nick for state in node.get_state_set().get_states()),
        "actions": actions(node) if "Action" in names else [],
        "room": [extents.x, extents.y, extents.width, extents.height],
    }


class Reader:
    """The program's window, and what was heard from it."""

    def __init__(self) -> None:
        self.heard: Counter[tuple[str, str]] = Counter()
        self._window: Any = None
        self._aim: Any = None

    def window(self) -> Any:
        """Waits for the program to appear on the bus; one that was started again appears again."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            desktop = Atspi.get_desktop(0)
            desktop.set_cache_mask(Atspi.Cache.NONE)
            for index in reversed(range(desktop.get_child_count())):
                program = desktop.get_child_at_index(index)
                if program is None:
                    continue
                try:
                    program.set_cache_mask(Atspi.Cache.NONE)
                    for number in range(program.get_child_count()):
                        window = program.get_child_at_index(number)
                        if window is not None and window.get_name() == PROGRAM:
                            return window
                except GLib.Error:  # a program that was killed is on the list for a moment
                    continue
            time.sleep(0.05)
        raise LookupError(f"no window of {PROGRAM} in the accessible tree within {WAIT_S:g} s")

    def find(self, name: str, role: str) -> Iterator[Any]:
        """By name; a name that ends in * is the beginning of one."""
        if self._window is None:
            self._window = self.window()
        for node in walk(self._window):
            if role and node.get_role_name() != role:
                continue
            found = node.get_name()
            if found == name or (name.endswith("*") and found.startswith(name[:-1])):
                yield node

    def one(self, name: str, role: str, usable: bool) -> Any:
        """The uppermost of that name; `usable`: as soon as it can be pressed."""
        deadline = time.monotonic() + WAIT_S
        seen = False
        while time.monotonic() < deadline:
            try:
                node = next(self.find(name, role), None)
                seen = seen or node is not None
                if node is not None and (not usable or node.get_state_set().contains(Atspi.StateType.SENSITIVE)):
                    return node
            except GLib.Error:  # went away under the walk
                node = None
            if node is None:
                self._window = None  # perhaps the program was started again
            time.sleep(0.05)
        raise LookupError(f"{name!r} is {'greyed' if seen else 'not on show'}")

    def press(self, node: Any) -> bool:
        """A whole press: the program ends it by a timer of its own, and another before that end would be the same one."""
        done = bool(Atspi.Action.do_action(node, 0))
        deadline = time.monotonic() + WAIT_S
        try:
            while node.get_state_set().contains(Atspi.StateType.PRESSED):
                if time.monotonic() > deadline:
                    raise LookupError(f"{node.get_name()!r} stays pressed")
                time.sleep(0.01)
        except GLib.Error:  # it went away with what it did
            pass
        return done

    def answer(self, asked: dict[str, Any]) -> Any:
        do, name, role = asked["do"], asked.get("name", ""), asked.get("role", "")
        if do == "tree":
            self._window = self.window()
            return [describe(node) for node in walk(self._window)]
        if do == "look":
            return describe(self.one(name, role, asked.get("usable", False)))
        if do == "aim":  # found now, pressed by "fire" without a walk
            self._aim = self.one(name, role, True)
            return True
        if do == "fire":
            return Atspi.Action.do_action(self._aim, 0)
        if do == "press":
            return self.press(self.one(name, role, True))
        if do == "listen":
            return self.listen(asked["seconds"])
        raise ValueError(do)

    def listen(self, seconds: float) -> dict[str, int]:
        """How many events of each kind and source came in so many seconds."""
        self.heard.clear()
        listener = Atspi.EventListener.new(self._on_event)
        for kind in ("object", "window", "focus"):
            listener.register(kind)
        context, end = GLib.MainContext.default(), time.monotonic() + seconds
        while time.monotonic() < end:
            if not context.iteration(False):
                time.sleep(0.002)
        for kind in ("object", "window", "focus"):
            listener.deregister(kind)
        return {f"{kind} | {name}": count for (kind, name), count in self.heard.items()}

    def _on_event(self, event: Any) -> None:
        self.heard[(event.type, event.source.get_role_name())] += 1


def main() -> None:
    Atspi.init()
    reader = Reader()
    for line in sys.stdin:
        try:
            told = {"ok": True, "found": reader.answer(json.loads(line))}
        except (LookupError, ValueError, GLib.Error) as error:
            told = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
