"""From bytes of the feed to what the store takes, and to the acknowledgements. Pure."""

import json
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from sessions import feed
from sessions.events import Event
from sessions.store.rows import Block
from sessions.store.writing import Outcome


class Hello(BaseModel):
    """Control's first message: who it is, and the session that is open in it ("" for none)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    control: str | int
    live: str = ""


class _BlockHeader(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str
    block: int
    first_index: int
    lost: int
    layout: str


@dataclass(frozen=True)
class Received:
    """What one read of the socket brought: a HELLO (only ever as the first message) and items to store."""

    hello: Hello | None
    items: list[Event | Block]


class Intake:
    """The messages of one connection, checked for form and order."""

    def __init__(self) -> None:
        self._messages = feed.Messages()
        self._greeted = False

    def take(self, data: bytes) -> Received:
        """Whatever `data` completes. Raises feed.FeedError on anything that is no message of control's."""
        hello: Hello | None = None
        items: list[Event | Block] = []
        for kind, body in self._messages.feed(data):
            if kind == feed.HELLO and not self._greeted:
                hello, self._greeted = read_hello(body), True
            elif not self._greeted:
                raise feed.FeedError(f"message kind {kind} before HELLO ({feed.HELLO})")
            elif kind == feed.EVENT:
                items.append(read_event(body))
            elif kind == feed.BLOCK:
                items.append(read_block(body))
            else:
                raise feed.FeedError(f"message kind {kind}, allowed now are EVENT ({feed.EVENT}) and BLOCK ({feed.BLOCK})")
        return Received(hello, items)


def read_hello(body: bytes) -> Hello:
    """Raises feed.FeedError."""
    try:
        return Hello.model_validate_json(body)
    except ValidationError as error:
        raise feed.FeedError(f"a HELLO that does not fit: {_first(error)}") from None


def read_event(body: bytes) -> Event:
    """Raises feed.FeedError. The event's own body is checked when it is stored."""
    try:
        return Event.model_validate_json(body)
    except ValidationError as error:
        raise feed.FeedError(f"an EVENT that does not fit: {_first(error)}") from None


def read_block(body: bytes) -> Block:
    """Raises feed.FeedError. Layout and length are checked when it is stored."""
    header, records = feed.unpack_block(body)
    try:
        head = _BlockHeader.model_validate(header)
    except ValidationError as error:
        raise feed.FeedError(f"a BLOCK that does not fit: {_first(error)}") from None
    return Block(head.stream, head.block, head.first_index, head.lost, head.layout, records)


def acknowledgements(outcomes: list[Outcome]) -> bytes:
    """One ACK for each item that is on record."""
    return b"".join(_ack(outcome.item) for outcome in outcomes if outcome.on_record)


def _ack(item: Event | Block) -> bytes:
    name, number = ("number", item.number) if isinstance(item, Event) else ("block", item.block)
    return feed.pack_json(feed.ACK, {"stream": item.stream, name: number})


def ready(recorder: str) -> bytes:
    """The READY message."""
    return feed.pack_json(feed.READY, {"recorder": recorder})


def describe(item: Event | Block) -> str:
    """An item in a log line: stream and number, never its content."""
    if isinstance(item, Event):
        return json.dumps({"stream": item.stream, "number": item.number, "kind": item.kind})
    return json.dumps({"stream": item.stream, "block": item.block})


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in found['loc']) or 'message'}: {found['msg']}"
