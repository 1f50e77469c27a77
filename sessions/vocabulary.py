"""Which kinds of event there are in which sort of stream, all in one place. Pure, and light: control reads through it too.

A stream's sort is its name up to the first slash: `client/c-0001` is of sort `client`. A name of no sort listed here is a
session's id, or `J-...` for what control saw outside a session.
"""

from collections.abc import Mapping

from sessions.afterwards import AFTERWARDS
from sessions.events import BODIES, Body, Event
from sessions.people.bodies import CLIENT_KINDS, STATION_KINDS

Kinds = Mapping[str, type[Body]]

SESSION_KINDS: Kinds = {**BODIES, **AFTERWARDS}
# A new sort of stream, or a new kind in one, is added here; no sort may be named as a session is.
SORTS: Mapping[str, Kinds] = {"client": CLIENT_KINDS, "station": STATION_KINDS}


def is_session_stream(stream: str) -> bool:
    """Whether `stream` belongs to a session or to control's journal."""
    return stream.partition("/")[0] not in SORTS


def kinds_in(stream: str) -> Kinds:
    """The kinds that `stream` may hold."""
    return SORTS.get(stream.partition("/")[0], SESSION_KINDS)


def read_body(event: Event) -> Body:
    """The typed body of `event`.

    Raises KeyError for a kind that its stream may not hold, pydantic.ValidationError for a bad body.
    """
    return kinds_in(event.stream)[event.kind].model_validate(event.body)
