"""Where STOP is pressed: every page and panel, every section, tab and lock, and how the bench gets there. Pure.

Which panels and pages there are comes from the screen's own lists; a test holds what is written here against the running screen.
"""

from dataclasses import dataclass

from ui.touch import happenings as h
from ui.touch.state import HOMES


@dataclass(frozen=True)
class Place:
    """`asks`: orders to the screen (`Hands`) on top of going to `page`. `running`: the pen runs, else it is connected and stands.

    `section` is the records' section or Setup's tab; `lid` the lock over everything, CLEAN or IDLE.
    """

    name: str
    page: str
    panel: str = "NONE"
    section: str = ""
    lid: str = ""
    running: bool = False
    asks: tuple[str, ...] = ()


OF_SETUP = (h.Panel.KEYPAD,)  # what it asks for is asked there
OVER_VISITS = (h.Panel.ALARMS, h.Panel.MORE)  # from the top bar, wherever a person is
FILLED = {  # panels that a person's touch opens with something in them
    h.Panel.ALARMS: "screen_error",
    h.Panel.CODE: "code",
    h.Panel.CONSENT: "consent",
    h.Panel.MEDIA: "media",
    h.Panel.NUMBING: "numbing",
    h.Panel.PINS: "pins",
    h.Panel.SIGN_IN: "sign_in",
    h.Panel.TEXT: "text",
}


def panels(home: h.Page) -> list[h.Panel]:
    """The panels that can lie over `home`: its own, and those that belong to no page."""
    return [panel for panel in h.Panel if panel is not h.Panel.NONE and HOMES.get(panel, home) is home and panel not in OF_SETUP]


def over(home: h.Page, name: str, running: bool = False) -> list[Place]:
    """A page, then each panel over it."""
    return [Place(name, home.value, running=running), *laid(home, name, panels(home), running)]


def laid(home: h.Page, name: str, over_it: list[h.Panel], running: bool = False, section: str = "") -> list[Place]:
    """Each of these panels over a page."""
    return [
        Place(
            f"{name}, {panel.value.lower().replace('_', ' ')} panel",
            home.value,
            panel.value,
            section,
            running=running,
            asks=(FILLED[panel],) if panel in FILLED else (),
        )
        for panel in over_it
    ]


TABS = ("screen", "sound", "language", "locks", "machine")
LIDS = {"clean lock": "CLEAN", "idle lock": "IDLE"}  # no dimming: it waits for alarms to end, and a bench may have no sound
SECTIONS = ("list", "search", "summary", "replay", "events", "photos", "course", "export")

TREAT = over(h.Page.TREAT, "treat", running=True)
FROZEN = Place("treat paused, traces frozen beside the last session's", "TREAT", asks=("freeze",))
PREPARE = over(h.Page.PREPARE, "prepare")
CLOSED = over(h.Page.CLOSED, "closed session")
SETUP = [
    *(Place(f"setup, {tab}", "SETUP", section=tab) for tab in TABS),
    Place("setup, keypad", "SETUP", "KEYPAD", section="screen", asks=("keypad",)),
    Place("setup, keypad for a code", "SETUP", "KEYPAD", section="locks", asks=("code_pad",)),
    *laid(h.Page.SETUP, "setup", list(OVER_VISITS), section="screen"),
]
LOCKED = [Place(name, "PREPARE", lid=lid) for name, lid in LIDS.items()]
RECORDS = [
    *(Place(f"records, {section}", "RECORDS", section=section) for section in SECTIONS),
    Place("records, follow-ups", "RECORDS", section="course", asks=("follow",)),
    Place("records, adverse event", "RECORDS", section="course", asks=("adverse",)),
    Place("records, photo from a file", "RECORDS", section="photos", asks=("photo_file",)),
    *laid(h.Page.RECORDS, "records", list(OVER_VISITS), section="summary"),
]
PLAYING = Place("records, replay playing at 16x", "RECORDS", section="replay", asks=("play_on",))
OPENING = Place("records, opening 75 minutes", "RECORDS", section="replay")

EVERY = [*PREPARE, *SETUP, *LOCKED, *RECORDS, PLAYING, OPENING, *TREAT, FROZEN, *CLOSED]
