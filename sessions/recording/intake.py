"""From bytes of the feed to what the store takes, and to the acknowledgements. Pure."""

import json
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from sessions import feed
from sessions.events import Event
from sessions.store.rows import Block, WireBlock
from sessions.store.writing import Item, Outcome


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


class _WireHeader(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str
    wire: int
    layout: str


@dataclass(frozen=True)
class Received:
    """What one read of the socket brought: a HELLO (only ever as the first message) and items to store."""

    hello: Hello | None
    items: list[Item]


class Intake:
    """The messages of one connection, checked for form and order."""

    def __init__(self) -> None:
        self._messages = feed.Messages()
        self._greeted = False

    def take(self, data: bytes) -> Received:
        """Whatever `data` completes. Raises feed.FeedError on anything that is no message of control's."""
        hello: Hello | None = None
        items: list[Item] = []
        for kind, body in self._messages.feed(data):
            if kind == feed.HELLO and not self._greeted:
                hello, self._greeted = read_hello(body), True
            elif not self._greeted:
                raise feed.FeedError(f"message kind {kind} before HELLO ({feed.HELLO})")
            elif kind == feed.EVENT:
                items.append(read_event(body))
            elif kind == feed.BLOCK:
                items.append(read_block(body))
            elif kind == feed.WIRE:
                items.append(read_wire(body))
            else:
                allowed = f"EVENT ({feed.EVENT}), BLOCK ({feed.BLOCK}) and WIRE ({feed.WIRE})"
                raise feed.FeedError(f"message kind {kind}, allowed now are {allowed}")
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


def read_wire(body: bytes) -> WireBlock:
    """Raises feed.FeedError."""
    header, data = feed.unpack_block(body)
    try:
        head = _WireHeader.model_validate(header)
    except ValidationError as error:
        raise feed.FeedError(f"a WIRE that does not fit: {_first(error)}") from None
    return WireBlock(head.stream, head.wire, head.layout, data)


def acknowledgements(outcomes: list[Outcome]) -> bytes:
    """One ACK for each item that is on record."""
    return b"".join(_ack(outcome.item) for outcome in outcomes if outcome.on_record)


def place(item: Item) -> tuple[str, int]:
    """Where an item stands in its stream: by which count, and its number there."""
    if isinstance(item, Event):
        return "number", item.number
    return ("block", item.block) if isinstance(item, Block) else ("wire", item.wire)


def _ack(item: Item) -> bytes:
    name, number = place(item)
    return feed.pack_json(feed.ACK, {"stream": item.stream, name: number})


def ready(recorder: str) -> bytes:
    """The READY message."""
    return feed.pack_json(feed.READY, {"recorder": recorder})


def room(free_bytes: int) -> bytes:
    """What the record's disk has left."""
    return feed.pack_json(feed.ROOM, {"free_bytes": free_bytes})


def describe(item: Item) -> str:
    """An item in a log line: stream and number, never its content."""
    if isinstance(item, Event):
        return json.dumps({"stream": item.stream, "number": item.number, "kind": item.kind})
    name, number = place(item)
    return json.dumps({"stream": item.stream, name: number})


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in found['loc']) or 'message'}: {found['msg']}"
