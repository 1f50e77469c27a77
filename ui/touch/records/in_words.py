"""A record as the screen tells it, in the screen's language: what control said in English is put in words. Pure.

The record itself, its exports and its verification keep every byte; only what is drawn is translated.
"""

from dataclasses import replace
from typing import Any

from sessions.events import AlarmRaised, Trip
from ui.touch.interpreter import Interpreter
from ui.touch.records.course import Course
from ui.touch.records.record import Line, Record

SENTENCES = ("reason", "detail")  # of any event, where control says why


def in_words(record: Record, said: Interpreter) -> Record:
    """The same record with names of zones, alarms and sentences for the reader."""
    zones = [zone.model_copy(update={"name": said.zone(zone.zone, zone.name)}) for zone in record.opened.zones]
    alarms = {line.body.words: line.body.alarm for line in record.lines if isinstance(line.body, AlarmRaised)}
    marks = tuple(
        replace(mark, words=said.alarm(alarms.get(mark.words, mark.words), mark.words)) if mark.words else mark
        for mark in record.marks
    )
    opened = record.opened.model_copy(update={"zones": zones})
    return replace(record, opened=opened, marks=marks, lines=tuple(_line(line, said) for line in record.lines))


def course_in_words(course: Course, said: Interpreter) -> Course:
    """The same course with names of zones for the reader."""
    return replace(course, visits=tuple(replace(visit, name=said.zone(visit.zone, visit.name)) for visit in course.visits))


def _line(line: Line, said: Interpreter) -> Line:
    body: Any = line.body
    held = vars(body)
    told: dict[str, str] = {name: said.say(held[name]) for name in SENTENCES if isinstance(held.get(name), str)}
    if isinstance(body, AlarmRaised):
        told["words"] = said.alarm(body.alarm, body.words)
    elif isinstance(body, Trip):
        told["alarm"] = said.alarm(body.alarm, body.alarm)
    return replace(line, body=body.model_copy(update=told)) if told else line
