"""Control speaks English; the screen says it in the chosen language. By id where there is one, else by the form of the sentence.

The record and the command line keep control's own words. What nobody has translated is shown as control said it. Pure.
"""

import errno
import os
import re
import string
from functools import lru_cache

from pencontrol.control.snapshot import AlarmView, Snapshot, ZoneView
from ui.touch.words import Words

SENTENCES = "said."
WRONG_PLANS = "wrong."  # what the plan's reader says
INNER = frozenset({"why", "range"})  # places that hold a sentence of their own
KEPT = 512  # figures differ from alarm to alarm, their forms do not
PIN = re.compile(r"(?P<zone>.+)#(?P<number>\d+)")

Form = tuple[tuple[str, str], ...]


class Interpreter:
    """`say` for a sentence, `zone` and `alarm` for names, `snapshot` for all that control shows.

    `begin` is how the keys of the sentences begin that it knows.
    """

    def __init__(self, words: Words, english: Words, begin: str = SENTENCES) -> None:
        self._words = words
        forms = [(key, _places(english(key))) for key in english.listed() if key.startswith(begin)]
        # the form that says most itself is tried first
        self._forms = sorted(forms, key=lambda form: -sum(len(literal) for literal, _ in form[1]))
        self._zones = {english(key): key for key in english.listed() if key.startswith("zone.")}
        self.say = lru_cache(KEPT)(self._say)

    def say_or_quote(self, text: str) -> str:
        """The same; a sentence that nobody translated stands in quotation marks."""
        return self._say(text) if not text or self._known(text) else self._words("quoted", text=text)

    def zone(self, zone: str, told: str = "") -> str:
        """The name of a zone or pin by its id; `told`, or the id, where there is none."""
        pin = PIN.fullmatch(zone)
        if pin is not None and self._words.has(f"zone.{pin['zone']}"):
            return self._words("said.pin", zone=self._words(f"zone.{pin['zone']}"), number=pin["number"])
        return self._words(f"zone.{zone}") if self._words.has(f"zone.{zone}") else told or zone

    def alarm(self, alarm: str, told: str) -> str:
        """What an alarm says, by its id."""
        return self._words(f"alarm.of.{alarm}") if self._words.has(f"alarm.of.{alarm}") else told

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The same with every text for people in their language."""
        return snapshot.model_copy(
            update={
                "reason": self.say(snapshot.reason),
                "cuts": tuple(self.say(cut) for cut in snapshot.cuts),
                "zones": tuple(self._zone_view(zone) for zone in snapshot.zones),
                "alarms": tuple(self._alarm_view(alarm) for alarm in snapshot.alarms),
                "scheduling": {grant: self.say(told) for grant, told in snapshot.scheduling.items()},
            }
        )

    def _zone_view(self, zone: ZoneView) -> ZoneView:
        return zone.model_copy(update={"name": self.zone(zone.zone, zone.name), "floor_note": self.say(zone.floor_note)})

    def _alarm_view(self, alarm: AlarmView) -> AlarmView:
        return alarm.model_copy(update={"words": self.alarm(alarm.alarm, alarm.words), "detail": self.say(alarm.detail)})

    def _say(self, text: str) -> str:
        if not text:
            return ""
        for key, form in self._forms:
            if (found := _fill(form, text)) is not None:
                return self._words(key, **{name: self._value(name, value) for name, value in found.items()})
        for mark in ("; ", ", "):
            if mark in text:
                return mark.join(self._part(part) for part in text.split(mark))
        return self._part(text)

    def _part(self, text: str) -> str:
        """A piece of a list: an alarm's id, a sentence, or what nobody translated."""
        said = self.alarm(text, "")
        return said or (self._say(text) if "; " not in text and ", " not in text and self._known(text) else text)

    def _known(self, text: str) -> bool:
        return any(_fill(form, text) is not None for _, form in self._forms)

    def _value(self, name: str, value: str) -> str:
        if name in INNER:
            return self._say(value)
        if name == "system":
            return system_said(value, self._words)
        if name == "told":
            return self._words("quoted", text=value)
        if name == "zone":
            key = self._zones.get(value)
            return self._words(key) if key is not None else self._inner_zone(value)
        if name in ("gate", "state"):
            key = f"gate.{value.lower()}.name" if name == "gate" else f"state.{value}"
            return self._words(key) if self._words.has(key) else value
        return value

    def _inner_zone(self, value: str) -> str:
        """A zone by its id, a pin by its name, or the words for none."""
        said = self.zone(value)
        return said if said != value else self._say(value)


def system_said(text: str, words: Words) -> str:
    """The operating system's own word (`OSError.strerror`) in the reader's language; what is unknown in quotation marks."""
    known = {os.strerror(number): f"system.{name}" for number, name in errno.errorcode.items() if words.has(f"system.{name}")}
    return words(known[text]) if text in known else words("quoted", text=text)


def _places(text: str) -> Form:
    """A sentence as pairs of fixed text and the place that follows it, "" after the last."""
    return tuple((literal, name or "") for literal, name, _, _ in string.Formatter().parse(text))


def _fill(form: Form, text: str) -> dict[str, str] | None:
    """What stands in the places of `form` if `text` has it; None if not. No place is empty."""
    found: dict[str, str] = {}
    at, name = 0, ""
    for literal, following in form:
        place = text.find(literal, at + 1) if name else (at if text.startswith(literal, at) else -1)
        if name and not literal:  # a place at the end, or two that nothing parts
            place = len(text)
        if place < 0:
            return None
        if name:
            found[name] = text[at:place]
        at, name = place + len(literal), following
    if name:
        found[name], at = text[at:], len(text)
    whole = at == len(text) and all(found.values())
    return found if whole and _is_gate(found.get("gate", "Gate")) else None


def _is_gate(name: str) -> bool:
    """Only a gate's name makes a gate of what stands before a colon."""
    return name[:1].isupper() and name.replace(" ", "").isalpha()
