"""Every model of the vocabulary with the words its source says about each field. Reads the source, once."""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from sessions.events import Event
from sessions.vocabulary import SESSION_KINDS, SORTS, Kinds

_CLASS = re.compile(r"class (\w+)")
_FIELD = re.compile(r"    (\w+): .*?(?:  # (.*))?$")


@dataclass(frozen=True)
class Sort:
    """One sort of stream: how its streams are named, as words and as a pattern, and what they may hold."""

    name: str
    streams: str
    pattern: str
    kinds: Kinds


def sorts() -> list[Sort]:
    """Every sort, sessions first."""
    others = "|".join(sorted(SORTS))
    named = [Sort(name, f"`{name}` or `{name}/...`", f"^{name}(/|$)", kinds) for name, kinds in sorted(SORTS.items())]
    of_sessions = rf"^(?!({others})(/|$))" if others else "^"
    return [
        Sort("session", "a session's id, or `J-...` for what control saw outside a session", of_sessions, SESSION_KINDS),
        *named,
    ]


def summary(model: type[BaseModel]) -> str:
    """The model's docstring on one line."""
    return " ".join((inspect.getdoc(model) or "").split())


def words(model: type[BaseModel]) -> dict[str, str]:
    """What the comment beside each field says, by name."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, BaseModel) and parent is not BaseModel:
            found |= _comments(parent.__module__).get(parent.__name__, {})
    return {name: text for name, text in found.items() if name in model.model_fields}


@lru_cache
def _comments(module: str) -> dict[str, dict[str, str]]:
    """By class and field."""
    found: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in inspect.getsource(sys.modules[module]).splitlines():
        if match := _CLASS.match(line):
            fields = found.setdefault(match[1], {})
        elif match := _FIELD.match(line):
            fields[match[1]] = (match[2] or "").split("noqa")[0].strip()
    return found


def parts(kinds: Kinds) -> list[type[BaseModel]]:
    """The models that bodies are made of, in the order in which they come up."""
    seen: dict[type[BaseModel], None] = {}
    for body in kinds.values():
        for part in _within(body):
            seen.setdefault(part)
    return [part for part in seen if part not in kinds.values()]


def all_models() -> list[type[BaseModel]]:
    """The event itself, every body and every part of one."""
    found: dict[type[BaseModel], None] = {Event: None}
    for sort in sorts():
        found |= dict.fromkeys([*sort.kinds.values(), *parts(sort.kinds)])
    return list(found)


def _within(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            yield part
            yield from _within(part)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
