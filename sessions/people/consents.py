"""Consents to a treatment: signed with a finger, against the exact text that was shown. I/O through the store.

The sealed file holds the text, the client's name, the time and the strokes; on record are the digests of text and file. Without
the client's key nothing of the signature can be read, and what was signed cannot be changed unnoticed.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from sessions.events import canonical, utc_text
from sessions.people import bodies as b
from sessions.people.keys import Keyring, PeopleError
from sessions.people.photos import path_of, write_sealed
from sessions.people.register import Desk, client_stream, entry, next_number, record_within
from sessions.people.sealing import SealError, seal, unseal
from sessions.store import Store

Strokes = Sequence[Sequence[tuple[int, int]]]  # points of each stroke, in thousandths of the pad's width from its upper left

MOST_POINTS = 20_000
LEAST_LENGTH = 150  # thousandths of the pad's width: a dot is no signature


@dataclass(frozen=True, repr=False)
class Paper:
    """A signed consent, opened. Shows nothing of itself, so that no log can."""

    name: str
    text: str
    version: str
    utc: str
    strokes: tuple[tuple[tuple[int, int], ...], ...]


def text_sha256(text: str) -> str:
    """The digest of a consent's text as shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_signature(strokes: Strokes) -> bool:
    """Whether enough was drawn to be one. Pure."""
    return _length(strokes) >= LEAST_LENGTH and sum(map(len, strokes)) <= MOST_POINTS


def sign_consent(
    desk: Desk, keyring: Keyring, home: Path, client: str, name: str, text: str, version: str, language: str, strokes: Strokes
) -> b.ConsentSigned:
    """Seal what was signed and put its digests on record. Raises PeopleError, StoreError.

    `name` is the name as the client signs it. Refused when nothing was drawn, or the client is not on record.
    """
    if not is_signature(strokes):
        raise PeopleError("this is no signature: draw it with a finger, longer than a dot")
    stream = client_stream(client)
    paper = keyring.random(16).hex()
    written: Path | None = None
    try:
        with desk.store.writing() as connection:
            if next_number(connection, stream) == 1:
                raise PeopleError(f"no client {client!r} is on record")
            key = keyring.load(connection, client)
            utc = utc_text(desk.utc_ns())
            drawn = [[list(point) for point in stroke] for stroke in strokes]
            plain = canonical({"name": name, "text": text, "version": version, "utc": utc, "strokes": drawn})
            data = seal(key, _place(client, paper), plain, keyring.random)
            told = {"version": version, "language": language, "text_sha256": text_sha256(text), "paper": paper}
            body = b.ConsentSigned.model_validate(
                {**told, "file_sha256": hashlib.sha256(data).hexdigest(), "file_bytes": len(data)}
            )
            written = write_sealed(home, paper, data)  # before the commit: a row never names a file that is not there
            record_within(connection, desk, stream, body)
    except ValidationError:
        raise PeopleError(
            f"client {client}: version {version!r} and language {language!r} are not as the record allows"
        ) from None
    except BaseException:
        if written is not None:
            written.unlink(missing_ok=True)
        raise
    return body


def open_consent(store: Store, keyring: Keyring, home: Path, client: str, body: b.ConsentSigned) -> Paper:
    """What was signed. Raises Erased, PeopleError: the file is gone or was changed."""
    with store.reading() as connection:
        key = keyring.load(connection, client)
    try:
        data = path_of(home, body.paper).read_bytes()
    except OSError as error:
        raise PeopleError(f"consent {body.paper} of client {client} cannot be read: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != body.file_sha256:
        raise PeopleError(f"consent {body.paper} of client {client} was changed after it was put on record")
    try:
        told = json.loads(unseal(key, _place(client, body.paper), data))
    except SealError as error:
        raise PeopleError(str(error)) from None
    if text_sha256(told["text"]) != body.text_sha256:
        raise PeopleError(f"consent {body.paper} of client {client}: the text is not the one whose digest is on record")
    strokes = tuple(tuple((int(x), int(y)) for x, y in stroke) for stroke in told["strokes"])
    return Paper(told["name"], told["text"], told["version"], told["utc"], strokes)


def consent_of_today(store: Store, client: str, version: str, now_ns: int) -> str:
    """What a gate rests on: the client's newest consent, when it is to `version` and of today by this station's calendar.

    "" when there is none. Raises StoreError.
    """
    found = entry(store, "client", client)
    told = found.state.get("consent") if found is not None else None
    if not told or told["version"] != version:
        return ""
    today = datetime.fromtimestamp(now_ns / 1e9).astimezone().date()
    if datetime.fromisoformat(told["utc"]).astimezone().date() != today:
        return ""
    return f"{version} signed {told['utc'][:16]}Z, event {told['number']}, text {told['text_sha256'][:16]}"


def _length(strokes: Strokes) -> float:
    return sum(math.dist(before, after) for stroke in strokes for before, after in pairwise(stroke))


def _place(client: str, paper: str) -> str:
    return f"{client_stream(client)}|consent|{paper}"
